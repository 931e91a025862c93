"""Mail, handed to a server or to a provider's API: one connection for a batch, failures by name."""

from __future__ import annotations

import smtplib
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from email.mime.base import MIMEBase
from email.utils import parseaddr
from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailNotSupportedWarning, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import SafeMIMEText

from holdfast.calendars.rules import FILE_NAME
from holdfast.notifications.rules.letters import (
    Letter,
    UnusableAddress,
    is_one_address,
    mailbox,
    message_id_header,
    one_address,
)
from holdfast.notifications.rules.states import is_address_dead

# By what a provider's news names the message it is about.
MESSAGE_KEY = "holdfast_message"
_REFUSED_FOR_GOOD = frozenset({400, 413, 422})


class ServerUnreachable(Exception):
    """The mail server does not answer or does not let us in; ``cause`` names why."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(failure_name(cause))


def _connection() -> Any:
    with warnings.catch_warnings():
        # django-anymail no longer tests its SendGrid part against the real thing; ours has a test of its own.
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)
        return get_connection()


@dataclass(slots=True)
class Line:
    """The connection to the mail server, opened when the first mail needs it and again after it broke."""

    backend: Any = field(default_factory=_connection)
    is_open: bool = False

    def send(self, mail: EmailMultiAlternatives) -> None:
        """Hand one mail over. Whatever goes wrong, the next mail gets a fresh connection."""
        if not self.is_open:
            try:
                self.backend.open()
            except (OSError, smtplib.SMTPException) as error:
                self.close()
                raise ServerUnreachable(error) from error
            self.is_open = True
        try:
            self.backend.send_messages([mail])
        except AnymailAPIError as error:
            self.close()
            if error.status_code in _REFUSED_FOR_GOOD:
                raise
            raise ServerUnreachable(error) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.is_open = False
        with suppress(OSError, smtplib.SMTPException, requests.RequestException):
            self.backend.close()


def build_mail(letter: Letter) -> EmailMultiAlternatives:
    """The letter as a MIME message: text, HTML, and the calendar file, if it has one, as attachment."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=mailbox(letter.from_name, sender),
        to=[one_address(letter.to)],
        reply_to=[letter.reply_to] if is_one_address(letter.reply_to) else None,
        headers={
            "Message-ID": message_id_header(letter.message_id, sender),
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.metadata = {MESSAGE_KEY: str(letter.message_id)}  # type: ignore[attr-defined]  # for a provider's news
    mail.attach_alternative(letter.html, "text/html")
    if letter.calendar:
        mail.attach(_calendar_part(letter))
    return mail


def failure_name(error: BaseException) -> str:
    """What went wrong, without the server's sentence: it may repeat the recipient's address."""
    code = getattr(error, "smtp_code", None) or getattr(error, "status_code", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((answer[0] for answer in error.recipients.values()), None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def is_permanent(error: BaseException) -> bool:
    """Whether no retry can help: the recipient or the mail was refused for good (5xx), or the address is none at all."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= answer[0] < 600 for answer in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return 500 <= error.smtp_code < 600
    if isinstance(error, AnymailAPIError):
        return error.status_code in _REFUSED_FOR_GOOD
    return isinstance(error, UnusableAddress | AnymailRecipientsRefused)


def is_dead_address(error: BaseException) -> bool:
    """Whether the server says that there is no such address, so that nothing more should go there."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(
        is_address_dead(code, said.decode(errors="replace")) for code, said in error.recipients.values()
    )


def _calendar_part(letter: Letter) -> MIMEBase:
    part = SafeMIMEText(letter.calendar.decode(), "calendar", "utf-8")
    part.set_param("method", letter.calendar_method)
    part.add_header("Content-Disposition", "attachment", filename=FILE_NAME)
    return part

"""Sending: takes due messages, speaks to the mail server outside any transaction, hands its answers back as commands."""

from __future__ import annotations

import random
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.mime.base import MIMEBase
from email.utils import parseaddr
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import SafeMIMEText

from holdfast.calendars.rules import FILE_NAME
from holdfast.core import clock
from holdfast.core.metrics import counter, gauge
from holdfast.lib.refusals import Busy, Missing
from holdfast.notifications import commands
from holdfast.notifications.commands import TakenMessage
from holdfast.notifications.queries import failed_count, letter_of, queue_size, something_is_due
from holdfast.notifications.rules.delivery import Drop, Wait
from holdfast.notifications.rules.letters import (
    Letter,
    UnusableAddress,
    is_one_address,
    mailbox,
    message_id_header,
    one_address,
)

log = structlog.get_logger("holdfast.messages")

BATCH = 20
LEASE_MINUTES = 10
RECORDING_TRIES = 4
# One mail may take this long when a server answers slowly; nobody begins one that might outlive the lease.
LONGEST_SENDING = timedelta(minutes=2)

_messages = counter("holdfast_messages_total", "Messages by what became of the attempt", ("outcome",))


def _waiting() -> Iterator[tuple[tuple[str, ...], float]]:
    yield ("overdue",), queue_size(now=clock.now())
    yield ("failed",), failed_count()


gauge("holdfast_message_queue", "Messages that should be gone and are not, by state", ("state",), _waiting)


class ServerUnreachable(Exception):
    """The mail server does not answer or does not let us in; ``cause`` names why."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(failure_name(cause))


@dataclass(slots=True)
class Line:
    """The connection to the mail server, opened when the first mail needs it and again after it broke."""

    backend: Any = field(default_factory=get_connection)
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
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.is_open = False
        with suppress(OSError, smtplib.SMTPException):
            self.backend.close()


def send_due_messages(limit: int = BATCH) -> int:
    """Send up to ``limit`` due messages; how many were taken. The worker calls it until it returns 0."""
    now = clock.now()
    if not something_is_due(now=now):
        return 0  # a look does not need SQLite's only write lock
    taken = commands.take_due_messages(now=now, limit=limit, lease_minutes=LEASE_MINUTES)
    unreachable: ServerUnreachable | None = None
    with _line() as line:
        for message in taken:
            if unreachable is not None:
                _failed(message, unreachable)
            elif clock.now() > message.leased_until - LONGEST_SENDING:
                _postpone(message)
            else:
                unreachable = _deliver(line, message)
    return len(taken)


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
    mail.attach_alternative(letter.html, "text/html")
    if letter.calendar:
        mail.attach(_calendar_part(letter))
    return mail


def failure_name(error: BaseException) -> str:
    """What went wrong, without the server's sentence: it may repeat the recipient's address."""
    code = getattr(error, "smtp_code", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((answer[0] for answer in error.recipients.values()), None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def is_permanent(error: BaseException) -> bool:
    """Whether no retry can help: the server refused the recipient for good (5xx), or the address is none at all."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= answer[0] < 600 for answer in error.recipients.values())
    return isinstance(error, UnusableAddress)


def _calendar_part(letter: Letter) -> MIMEBase:
    part = SafeMIMEText(letter.calendar.decode(), "calendar", "utf-8")
    part.set_param("method", letter.calendar_method)
    part.add_header("Content-Disposition", "attachment", filename=FILE_NAME)
    return part


@contextmanager
def _line() -> Iterator[Line]:
    line = Line()
    try:
        yield line
    finally:
        line.close()


def _deliver(line: Line, message: TakenMessage) -> ServerUnreachable | None:
    """Send one message and record what became of it; the reason, when the server cannot be reached at all."""
    try:
        letter = letter_of(business_id=message.business_id, message_id=message.id, now=clock.now())
        if isinstance(letter, Drop):
            _drop(message, letter.reason)
            return None
        if isinstance(letter, Wait):
            commands.postpone_message(
                business_id=message.business_id,
                message_id=message.id,
                attempt=message.attempt,
                until=letter.until,
            )
            return None
        mail = build_mail(letter)
        line.send(mail)
    except ServerUnreachable as error:
        _failed(message, error)
        return error
    except Missing:
        _drop(message, "gone")
    except Exception as error:  # noqa: BLE001 - one bad message must not hold up the others; it is tried again
        _failed(message, error)
    else:
        _sent(message, mail.extra_headers["Message-ID"])
    return None


def _sent(message: TakenMessage, message_id: str) -> None:
    """Record it with patience: what is not recorded is sent a second time."""
    for remaining in reversed(range(RECORDING_TRIES)):
        try:
            commands.record_sent(
                business_id=message.business_id,
                message_id=message.id,
                provider_message_id=message_id,
                now=clock.now(),
            )
            break
        except Busy:
            if not remaining:
                raise
    _messages.labels("sent").inc()


def _drop(message: TakenMessage, reason: str) -> None:
    commands.drop_message(
        business_id=message.business_id, message_id=message.id, attempt=message.attempt, reason=reason
    )
    _messages.labels("dropped").inc()


def _postpone(message: TakenMessage) -> None:
    commands.postpone_message(
        business_id=message.business_id, message_id=message.id, attempt=message.attempt, until=clock.now()
    )


def _failed(message: TakenMessage, error: BaseException) -> None:
    name = str(error) if isinstance(error, ServerUnreachable) else failure_name(error)
    commands.record_failure(
        business_id=message.business_id,
        message_id=message.id,
        attempt=message.attempt,
        error=name,
        is_permanent=is_permanent(error),
        now=clock.now(),
        chance=random.random(),  # noqa: S311 - spreads retries, guards nothing
    )
    log.warning("message_not_sent", message_id=str(message.id), attempt=message.attempt, error=name)
    _messages.labels("failed").inc()

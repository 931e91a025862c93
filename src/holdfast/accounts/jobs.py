"""Sending the mail about accounts: confirmations of addresses, links to choose a new password."""

from __future__ import annotations

import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from holdfast.accounts.commands import forget_mail, postpone_mail, take_due_mail
from holdfast.accounts.models import AccountMail
from holdfast.accounts.queries import mail_is_due
from holdfast.accounts.rules import next_mail_attempt
from holdfast.core import clock

log = structlog.get_logger("holdfast.accounts")

# Longer than the slowest mail server can take over one mail, which it answers piece by piece.
LEASE_MINUTES = 5


def send_due_mail() -> int:
    """Send the mail that has been due longest; how many were taken. The worker calls it until it returns 0."""
    now = clock.now()
    if not mail_is_due(now=now):
        return 0  # a look does not need SQLite's only write lock
    mail = take_due_mail(now=now, lease_minutes=LEASE_MINUTES)
    if mail is None:
        return 0
    try:
        _message(mail).send()
    except Exception as error:  # noqa: BLE001 - whatever it was, the next mail gets its chance and this one another
        _failed(mail, error)
    else:
        forget_mail(mail_id=mail.id, attempt=mail.attempts)
    return 1


def _message(mail: AccountMail) -> EmailMultiAlternatives:
    content = mail.content
    message = EmailMultiAlternatives(
        content["subject"],
        content["text"],
        settings.DEFAULT_FROM_EMAIL,
        [content["to"]],
        headers={"Auto-Submitted": "auto-generated"},
    )
    if content["html"]:
        message.attach_alternative(content["html"], "text/html")
    return message


def _failed(mail: AccountMail, error: Exception) -> None:
    """Only the error's class is kept: the server's sentence may repeat the address."""
    until = None if _is_permanent(error) else next_mail_attempt(mail.attempts, clock.now())
    log.warning(
        "account_mail_not_sent",
        mail_id=str(mail.id),
        attempt=mail.attempts,
        error=type(error).__name__,
        given_up=until is None,
    )
    if until is None:
        forget_mail(mail_id=mail.id, attempt=mail.attempts)
    else:
        postpone_mail(mail_id=mail.id, attempt=mail.attempts, until=until)


def _is_permanent(error: Exception) -> bool:
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(500 <= code < 600 for code, _ in error.recipients.values())

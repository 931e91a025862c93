"""Texts, handed to a provider: a small interface, Twilio by HTTP, and a console that prints them (SPEC H5)."""

from __future__ import annotations

import base64
import hmac
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

import requests
from django.conf import settings

from holdfast.notifications.rules.states import News

_TIMEOUT = (5, 10)
# Twilio's codes: the number cannot be texted at all; its holder answered STOP to our number.
_NO_NUMBER = frozenset({21211, 21214, 21217, 21407, 21421, 21612, 21614})
_STOPPED = 21610
_STATES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "opened",
    "undelivered": "failed",
    "failed": "failed",
}


class TextFailed(Exception):
    """A text did not go. ``name`` says why without the number; ``is_permanent``: no retry can help; ``is_stopped``: the
    person wants none; ``is_our_fault``: the next one would not go either.
    """

    def __init__(
        self, name: str, *, is_permanent: bool = False, is_stopped: bool = False, is_our_fault: bool = False
    ) -> None:
        super().__init__(name)
        self.is_permanent, self.is_stopped, self.is_our_fault = is_permanent, is_stopped, is_our_fault


class Texts(Protocol):
    """What a provider of texts does for us."""

    name: str

    def send(self, *, to: str, text: str, message_id: UUID) -> str:
        """Hand one text over; the provider's id for it. Raises :class:`TextFailed`."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class ConsoleTexts:
    """Prints texts instead of sending them: for the demo and for development."""

    name = "console"

    def send(self, *, to: str, text: str, message_id: UUID) -> str:
        """Print it."""
        sys.stdout.write(f"\n--- text to {to} ---\n{text}\n---\n")
        sys.stdout.flush()
        return f"console-{message_id}"

    def close(self) -> None:
        """Nothing to let go of."""


class TwilioTexts:
    """Twilio's Programmable Messaging over one HTTP connection."""

    name = "twilio"

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.auth = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)

    def send(self, *, to: str, text: str, message_id: UUID) -> str:
        """One request; Twilio knows no idempotency key, so an answer that was lost means a second text at worst."""
        sender = "MessagingServiceSid" if settings.TWILIO_FROM.startswith("MG") else "From"
        fields = {
            "To": to,
            sender: settings.TWILIO_FROM,
            "Body": text,
            "StatusCallback": news_url(message_id),
        }
        address = f"{settings.TWILIO_API_URL}/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}/Messages.json"
        try:
            answer = self._session.post(address, data=fields, timeout=_TIMEOUT)
        except requests.RequestException as error:
            raise TextFailed(type(error).__name__, is_our_fault=True) from None
        try:
            body = answer.json()
        except requests.JSONDecodeError:
            body = {}
        if answer.status_code in (200, 201):
            return str(body.get("sid", ""))
        code = body.get("code")
        raise TextFailed(
            f"Twilio {code or answer.status_code}",
            is_permanent=code in _NO_NUMBER or code == _STOPPED,
            is_stopped=code == _STOPPED,
            is_our_fault=answer.status_code in (401, 403) or answer.status_code >= 500,
        )

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def open_texts() -> Texts | None:
    """The provider of the installation's settings; None where there is none."""
    if settings.SMS_PROVIDER == "twilio":
        return TwilioTexts()
    return ConsoleTexts() if settings.SMS_PROVIDER == "console" else None


def news_url(message_id: UUID | None = None) -> str:
    """Where Twilio tells what became of a text, and where answers go."""
    address = f"{settings.BASE_URL}/webhooks/sms/twilio"
    return f"{address}?message={message_id}" if message_id else address


def is_twilios(*, url: str, fields: Iterable[tuple[str, str]], signature: str) -> bool:
    """Whether Twilio made this call: HMAC-SHA1 of the address and the sorted fields under the account's token."""
    if not settings.TWILIO_AUTH_TOKEN or not signature:
        return False
    said = url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    digest = hmac.digest(settings.TWILIO_AUTH_TOKEN.encode(), said.encode(), "sha1")
    return hmac.compare_digest(base64.b64encode(digest), signature.encode())


def twilio_news(*, message_id: UUID, fields: Mapping[str, str], now: datetime) -> News | None:
    """What a status call of Twilio says about a text of ours; None for what says nothing yet."""
    status = fields.get("MessageStatus", "")
    if status not in _STATES:
        return None
    return News(
        message_id=message_id,
        event_id=f"{fields.get('MessageSid', '')[:40]} {status}",
        what=_STATES[status],
        happened_at=now,
        detail=f"Twilio {fields['ErrorCode'][:10]}" if fields.get("ErrorCode", "").isdecimal() else "",
    )

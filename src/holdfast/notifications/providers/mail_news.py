"""What providers of mail tell afterwards: checked to be theirs, and read (SPEC H4)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from holdfast.notifications.providers.mail import MESSAGE_KEY
from holdfast.notifications.rules.states import News, is_fresh

_SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
_TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SENDGRID = {
    "delivered": "delivered",
    "open": "opened",
    "click": "opened",
    "bounce": "bounced",
    "dropped": "failed",
    "spamreport": "complained",
    "deferred": "deferred",
}
_ANYMAIL = {
    "sent": "sent",
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "opened",
    "bounced": "bounced",
    "rejected": "failed",
    "failed": "failed",
    "complained": "complained",
    "deferred": "deferred",
}
# Why a provider does not even try: it knows the address from before.
_KNOWN_DEAD = frozenset({"bounced address", "invalid", "spam reporting address", "bounced"})


class NotTheirs(Exception):
    """The call is not signed, signed by somebody else, too old, or about nothing that can be read."""


def mail_news(*, provider: str, request: HttpRequest, now: datetime) -> list[News]:
    """What a provider tells about our messages. Raises :class:`NotTheirs`; nothing of the body is believed before."""
    if provider == "sendgrid":
        return _sendgrid_news(request.body, request.headers, now)
    if provider in ("", "smtp") or provider != settings.MAIL_PROVIDER:
        raise NotTheirs("not configured")
    if not settings.EMAIL_WEBHOOK_SECRET:
        raise NotTheirs("no secret")
    return _anymail_news(provider, request)


def _sendgrid_news(body: bytes, headers: Mapping[str, str], now: datetime) -> list[News]:
    signature, timestamp = headers.get(_SIGNATURE, ""), headers.get(_TIMESTAMP, "")
    if not settings.SENDGRID_WEBHOOK_VERIFICATION_KEY or not signature or not timestamp.isdecimal():
        raise NotTheirs("unsigned")
    try:
        key = load_der_public_key(base64.b64decode(settings.SENDGRID_WEBHOOK_VERIFICATION_KEY))
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(base64.b64decode(signature, validate=True), timestamp.encode() + body, ec.ECDSA(SHA256()))
        signed_at = datetime.fromtimestamp(int(timestamp[:12]), UTC)
    except (InvalidSignature, binascii.Error, ValueError, OverflowError, AssertionError) as error:
        raise NotTheirs("wrong signature") from error
    if not is_fresh(signed_at, now):
        raise NotTheirs("too old")
    try:
        events = json.loads(body)
    except ValueError as error:
        raise NotTheirs("not JSON") from error
    if not isinstance(events, list):
        raise NotTheirs("not a list")
    return [news for event in events if isinstance(event, dict) and (news := _sendgrid_event(event, now))]


def _sendgrid_event(event: Mapping[str, Any], now: datetime) -> News | None:
    name = str(event.get("event", ""))
    message_id = _message_id(event.get(MESSAGE_KEY), event.get("smtp-id"))
    if name not in _SENDGRID or message_id is None:
        return None
    kind, reason = str(event.get("type", "")).lower(), str(event.get("reason", ""))
    what, is_final = _SENDGRID[name], name == "bounce" and kind != "blocked"
    if name == "dropped" and reason.lower() in _KNOWN_DEAD:
        what, is_final = "bounced", True
    try:
        happened_at = datetime.fromtimestamp(float(event["timestamp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        happened_at = now
    return News(
        message_id=message_id,
        event_id=_event_id(event.get("sg_event_id"), message_id, what, happened_at),
        what=what,
        happened_at=happened_at,
        detail=_status(event.get("status"), reason) or (kind if kind in ("bounce", "blocked") else ""),
        is_final=is_final,
    )


def _anymail_news(provider: str, request: HttpRequest) -> list[News]:
    """What django-anymail makes of the call, by its own checks of who it comes from."""
    module = import_module(f"anymail.webhooks.{provider}")
    view_class = next(
        value
        for name, value in vars(module).items()
        if name.lower() == f"{provider}trackingwebhookview" and value.__module__ == module.__name__
    )
    try:
        view = view_class()
        view.run_validators(request)
        events = view.parse_events(request)
    except (AnymailError, ImproperlyConfigured, ValueError, KeyError, TypeError) as error:
        raise NotTheirs("refused") from error
    return list(_known(events))


def _known(events: Iterable[Any]) -> Iterable[News]:
    for event in events:
        message_id = _message_id((event.metadata or {}).get(MESSAGE_KEY), event.message_id)
        what = _ANYMAIL.get(str(event.event_type))
        if what is None or message_id is None:
            continue
        is_final = what in ("bounced", "failed") and event.reject_reason in ("bounced", "invalid")
        what = "bounced" if is_final else what
        happened_at = event.timestamp or datetime.fromtimestamp(0, UTC)
        yield News(
            message_id=message_id,
            event_id=_event_id(event.event_id, message_id, what, happened_at),
            what=what,
            happened_at=happened_at,
            detail=_status(None, str(event.mta_response or "")),
            is_final=is_final,
        )


def _message_id(*candidates: Any) -> UUID | None:
    """The message a provider speaks of: named by us, or by its Message-ID."""
    for candidate in candidates:
        found = _UUID.search(str(candidate or "").lower())
        if found:
            return UUID(found[0])
    return None


def _event_id(given: Any, message_id: UUID, what: str, happened_at: datetime) -> str:
    """The provider's name for a piece of news, or one made of what it says."""
    if given:
        return str(given)[:120]
    said = f"{message_id} {what} {happened_at.isoformat()}"
    return hashlib.sha256(said.encode()).hexdigest()


def _status(given: Any, said: str) -> str:
    """The status code of a mail server (``5.1.1``), without its sentence."""
    found = _STATUS.search(str(given or "")) or _STATUS.search(said)
    return found[0] if found else ""

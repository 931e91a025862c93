"""What can be sent, where to, and when again. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from holdfast.lib import text
from holdfast.lib.refusals import Invalid
from holdfast.lib.text import Mistakes

# Every type of event that an endpoint can want, in the order in which a business thinks of them.
EVENTS: tuple[str, ...] = (
    "booking.requested",
    "booking.countered",
    "booking.declined",
    "booking.withdrawn",
    "booking.expired",
    "booking.confirmed",
    "booking.moved",
    "booking.cancelled",
    "booking.checked_in",
    "booking.completed",
    "booking.no_show",
    "payment.received",
    "payment.refunded",
    "waitlist.joined",
    "waitlist.called",
    "waitlist.left",
    "waitlist.offer_made",
    "waitlist.offer_accepted",
    "waitlist.offer_ended",
)
TEST_EVENT = "webhook.test"
MOST_ENDPOINTS = 20
LONGEST_URL, LONGEST_DESCRIPTION = 500, 80
SECRET_BYTES = 32
OVERLAP = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)

MOST_LOGGED = 10
# A receiver may ask to be left alone for a while, not for good.
LONGEST_RETRY_AFTER = timedelta(hours=6)
GONE = 410


def cleaned_endpoint(
    *, url: str, description: str, events: Iterable[str], plain_allowed: bool
) -> dict[str, Any]:
    """The columns of an endpoint as typed. ``plain_allowed``: the address lies in a network that the operator trusts, so
    it may go without TLS.

    Refusals: :class:`Invalid` on ``url`` (``required``, ``too_long``, ``invalid_url``, ``needs_https``),
    ``description``, ``events`` (``required``, ``unknown_choice``).
    """
    mistakes: Mistakes = {}
    address = text.line(url, field="url", mistakes=mistakes, limit=LONGEST_URL)
    about = text.line(
        description, field="description", mistakes=mistakes, limit=LONGEST_DESCRIPTION, required=False
    )
    wanted = [event for event in EVENTS if event in set(events)]
    if any(event not in EVENTS for event in events):
        mistakes["events"] = [("unknown_choice", {"choices": list(EVENTS)})]
    elif not wanted:
        mistakes["events"] = [("required", {})]
    if "url" not in mistakes:
        problem = problem_of_url(address, plain_allowed=plain_allowed)
        if problem:
            mistakes["url"] = [(problem, {})]
    text.refuse(mistakes)
    return {"url": address, "description": about, "events": wanted}


def problem_of_url(url: str, *, plain_allowed: bool) -> str:
    """The code of what is wrong with an address, whatever it leads to; empty if nothing is."""
    place = place_of(url)
    if place is None:
        return "invalid_url"
    scheme = urlsplit(url).scheme.lower()
    return "needs_https" if scheme == "http" and not plain_allowed else ""


def place_of(url: str) -> tuple[str, int] | None:
    """Host and port of an address that can be sent to: http or https, no name and password, no fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    if usual is None or not parts.hostname or parts.username is not None or parts.password is not None:
        return None
    if parts.fragment or any(letter.isspace() for letter in url) or port == 0:
        return None
    return parts.hostname, port or usual


def refuse_address(reason: str) -> None:
    """Refusals: :class:`Invalid` on ``url`` where ``reason`` is not empty: ``private_address``, ``no_such_host``."""
    if reason:
        raise Invalid.field("url", reason)


def secret_from(random_bytes: bytes) -> str:
    """A secret as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(random_bytes).decode()


def got_through(status: int) -> bool:
    """Whether an answer says that the event was taken."""
    return 200 <= status < 300


def wait_asked(retry_after: str) -> timedelta | None:
    """What a ``Retry-After`` in seconds asks for, within reason; dates are left out, the usual waiting times do."""
    if not retry_after.isdecimal() or len(retry_after) >= 8:
        return None
    return min(timedelta(seconds=int(retry_after)), LONGEST_RETRY_AFTER)


def with_try(log: list[Mapping[str, Any]], entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The log with one more try; the oldest give way."""
    return [*log, entry][-MOST_LOGGED:]

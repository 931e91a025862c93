"""How money to be given back is spread over the payments it came by, and when to try again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.lib.refusals import Invalid

#: The shortest and longest life of a hosted checkout, as Stripe allows it; a little beyond for clocks that differ.
LEAST_LIFE = timedelta(minutes=31)
MOST_LIFE = timedelta(hours=23)
POLL_EVERY = timedelta(minutes=5)
_PAUSES = (2, 10, 30, 120, 600, 1800)  # seconds


@dataclass(frozen=True, slots=True)
class Source:
    """A payment, and what of it is left to give back."""

    payment_id: UUID
    left_minor: int


def spread(amount_minor: int, sources: Iterable[Source]) -> list[tuple[UUID, int]]:
    """``(payment, amount)`` parts of a refund, taken from the sources in their order (the newest first).

    Refusals: :class:`Invalid` on ``amount_minor``: ``not_positive``, ``more_than_paid``.
    """
    if amount_minor <= 0:
        raise Invalid.field("amount_minor", "not_positive")
    parts: list[tuple[UUID, int]] = []
    rest, all_left = amount_minor, 0
    for source in sources:
        all_left += source.left_minor
        part = min(rest, source.left_minor)
        if part > 0:
            parts.append((source.payment_id, part))
            rest -= part
    if rest:
        raise Invalid.field("amount_minor", "more_than_paid", most=all_left)
    return parts


def again_at(attempts: int, now: datetime) -> datetime:
    """When to ask a provider again that could not be asked ``attempts`` times."""
    return now + timedelta(seconds=_PAUSES[min(max(attempts, 1), len(_PAUSES)) - 1])


def checkout_ends_at(expires_at: datetime | None, now: datetime) -> datetime:
    """When a hosted checkout ends by itself: with what it pays for, but no sooner and no later than allowed."""
    least, most = now + LEAST_LIFE, now + MOST_LIFE
    return least if expires_at is None else min(max(expires_at, least), most)


def is_long_enough(ends_at: datetime, now: datetime) -> bool:
    """Whether a checkout that is to end then may still be opened now."""
    return ends_at - now > timedelta(minutes=30, seconds=10)


def look_again_at(expires_at: datetime | None, now: datetime) -> datetime:
    """When a worker looks after an open checkout next: to end it in time, or to ask what became of it."""
    poll = now + POLL_EVERY
    return poll if expires_at is None else max(now, min(expires_at, poll))

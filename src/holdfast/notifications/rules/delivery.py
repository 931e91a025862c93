"""When a message goes, whether it still should, and when it is tried again. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# States in which a booking is, or was, an agreement; anything else makes "you are booked" untrue.
STANDING = frozenset({"confirmed", "checked_in", "completed", "no_show"})


@dataclass(frozen=True, slots=True)
class Send:
    """The message is still true."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The message is not true any more; ``reason`` is a short code for staff's eyes."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It is not decided yet: ask again then."""

    until: datetime


Fate = Send | Drop | Wait


def may_stand(booking_state: str, undo_until: datetime | None, now: datetime) -> bool:
    """Whether the booking is an agreement, or a cancellation that may yet be undone."""
    if booking_state == "cancelled":
        return undo_until is not None and now < undo_until
    return booking_state in STANDING


def fate_of(
    kind: str,
    *,
    booking_state: str,
    undo_until: datetime | None,
    starts_at: datetime,
    told_at: datetime | None,
    now: datetime,
    quiet_until: datetime | None = None,
) -> Fate:
    """Whether a message about a booking in this state should go now.

    ``told_at`` is the start the message is about. A cancellation that can still be undone decides nothing: the message
    waits for the end of the undo window. ``quiet_until`` is the end of the quiet hours that ``now`` lies in: reminders
    wait for it; what answers an action goes at any hour.
    """
    if booking_state == "cancelled" and undo_until is not None and now < undo_until:
        return Wait(undo_until)
    if kind == "cancelled":
        return Send() if booking_state == "cancelled" else Drop("not_cancelled")
    if booking_state not in STANDING:
        return Drop("cancelled" if booking_state == "cancelled" else "not_booked")
    if kind == "reminder":
        return _fate_of_reminder(booking_state, starts_at, told_at, now, quiet_until)
    if kind in ("changed", "proposed") and told_at != starts_at:
        return Drop("moved_again")
    return Send()


def _fate_of_reminder(
    booking_state: str,
    starts_at: datetime,
    told_at: datetime | None,
    now: datetime,
    quiet_until: datetime | None,
) -> Fate:
    if told_at != starts_at:
        return Drop("moved")
    if booking_state != "confirmed":
        return Drop("arrived")
    if now >= starts_at:
        return Drop("started")
    if quiet_until is None:
        return Send()
    return Wait(quiet_until) if quiet_until < starts_at else Drop("quiet_hours")


def reminder_times(
    starts_at: datetime, reminder_minutes: Iterable[int], now: datetime
) -> list[tuple[int, datetime]]:
    """``(minutes before, when to send)`` of the reminders that still lie ahead, the earliest first."""
    times = (
        (minutes, starts_at - timedelta(minutes=minutes))
        for minutes in sorted(set(reminder_minutes), reverse=True)
    )
    return [(minutes, send_after) for minutes, send_after in times if send_after > now]


def distinct_addresses(addresses: Sequence[str]) -> list[str]:
    """The addresses without empty ones and repetitions, whatever their case."""
    seen: dict[str, str] = {}
    for address in addresses:
        if address.strip():
            seen.setdefault(address.strip().casefold(), address.strip())
    return list(seen.values())


def dedupe_key(*parts: object) -> str:
    """One key for one fact told to one person."""
    return hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()

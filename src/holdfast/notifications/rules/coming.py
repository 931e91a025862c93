"""Whether a message around a visit, or about money, is still true when it goes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from holdfast.notifications.rules.delivery import STANDING, Drop, Fate, Send, Wait

# Asked to confirm coming, thanked afterwards, and what became of the money.
MONEY_KINDS = frozenset({"payment_due", "paid", "refunded", "fee"})
VISIT_KINDS = MONEY_KINDS | {"come", "thanks"}
# After so long thanks only puzzle: a worker that stood still does not catch up with them.
THANKS_WITHIN = timedelta(days=30)
# Where a customer who should have come, or is to come, is asked for a word beforehand and the business says no other time.
USUAL_CONFIRM_MINUTES = 24 * 60


def confirm_minutes(wanted: int, demand: str) -> int:
    """How long before the start somebody is asked whether they come: as the business wishes, and at the latest a day before
    where the terms of the booking ask for it (the no-show ladder)."""
    return wanted or (USUAL_CONFIRM_MINUTES if demand == "confirm" else 0)


def come_time(starts_at: datetime, confirm_minutes: int, now: datetime) -> datetime | None:
    """When to ask whether somebody comes; None where nobody is asked (0 minutes) or it is too late to ask."""
    at = starts_at - timedelta(minutes=confirm_minutes)
    return at if confirm_minutes and at > now else None


def fate_of_visit(
    kind: str,
    *,
    state: str,
    starts_at: datetime,
    told_at: datetime | None,
    is_coming: bool,
    now: datetime,
    quiet_until: datetime | None = None,
) -> Fate:
    """Whether the message should go now. ``state`` is the booking's by the clock, ``told_at`` the start the message is
    about, ``quiet_until`` the end of the quiet hours that now lies in.

    What was paid or paid back is told whatever became of the booking; that something is to pay only while it waits for
    that, and of a fee only while the visit counts as missed.
    """
    if kind == "payment_due":
        return Send() if state == "awaiting_payment" else Drop("not_needed")
    if kind == "fee":
        return Send() if state == "no_show" else Drop("not_needed")
    if kind in MONEY_KINDS:
        return Send()
    if kind == "thanks":
        if state != "completed":
            return Drop("not_completed")
        if now > starts_at + THANKS_WITHIN:
            return Drop("too_late")
        return Wait(quiet_until) if quiet_until is not None else Send()
    return _fate_of_question(state, starts_at, told_at, is_coming, now, quiet_until)


def _fate_of_question(
    state: str,
    starts_at: datetime,
    told_at: datetime | None,
    is_coming: bool,
    now: datetime,
    quiet_until: datetime | None,
) -> Fate:
    if state != "confirmed":
        return Drop("cancelled" if state == "cancelled" else "arrived" if state in STANDING else "not_booked")
    if told_at != starts_at:
        return Drop("moved")
    if is_coming:
        return Drop("coming")
    if now >= starts_at:
        return Drop("started")
    if quiet_until is None:
        return Send()
    return Wait(quiet_until) if quiet_until < starts_at else Drop("quiet_hours")


MOST_REMINDERS = 5
SOONEST_MINUTES, EARLIEST_MINUTES = 15, 60 * 24 * 30


def clean_reminders(minutes: Sequence[object]) -> tuple[int, ...] | None:
    """Minutes before the start, each once, the largest first; None if they are too many, too near or too far."""
    found: set[int] = set()
    for one in minutes:
        if (
            isinstance(one, bool)
            or not isinstance(one, int)
            or not SOONEST_MINUTES <= one <= EARLIEST_MINUTES
        ):
            return None
        found.add(one)
    return tuple(sorted(found, reverse=True)) if len(found) <= MOST_REMINDERS else None

"""What staff can do with a request: each form of the inbox read and turned into one command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from holdfast.bookings.commands import (
    accept_request,
    challenge_option,
    check_line,
    counter_request,
    decline_request,
    give_option,
    withdraw_option,
)
from holdfast.bookings.queries import BookingFacts
from holdfast.lib.money import parse_minor
from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import minute_at
from holdfast.web.desk.access import Desk
from holdfast.web.desk.fields import Mistakes, identity


def _commanded(desk: Desk, booking: BookingFacts) -> dict[str, Any]:
    given = desk.request.POST.get("sequence", "")
    known = given.isascii() and given.isdigit() and len(given) < 10
    return {
        "actor": desk.actor,
        "timetable": desk.timetable,
        "booking_id": booking.id,
        "now": desk.now,
        "sequence": int(given) if known else None,
    }


def _counter(desk: Desk, booking: BookingFacts) -> None:
    """A counter-offer as typed: a fee, or a date with its times, which are the requested ones where left out."""
    given = desk.request.POST
    mistakes: Mistakes = {}
    fee_minor = None
    if given.get("fee", "").strip():
        try:
            fee_minor = parse_minor(given["fee"], booking.currency)
        except ValueError:
            mistakes["fee_minor"] = [("not_an_amount", {})]
    starts_at, ends_at = _typed_times(desk, booking, given, mistakes)
    if mistakes:
        raise Invalid(mistakes)
    counter_request(
        **_commanded(desk, booking),
        fee_minor=fee_minor,
        starts_at=starts_at,
        ends_at=ends_at,
        message=given.get("message", ""),
    )


def _typed_times(
    desk: Desk, booking: BookingFacts, given: Mapping[str, str], mistakes: Mistakes
) -> tuple[datetime | None, datetime | None]:
    if not any(given.get(name, "").strip() for name in ("date", "from", "until")):
        return None, None
    tz = desk.timetable.tz
    old_start, old_end = booking.starts_at.astimezone(tz), booking.ends_at.astimezone(tz)
    try:
        on = date.fromisoformat(given.get("date") or old_start.date().isoformat())
        begins = time.fromisoformat(given.get("from") or f"{old_start:%H:%M}")
        ends = time.fromisoformat(given.get("until") or f"{old_end:%H:%M}")
        if not 1971 <= on.year <= 8999:
            raise ValueError(on)
    except ValueError:
        mistakes["starts_at"] = [("wrong_date", {})]
        return None, None
    last = on + timedelta(days=int(ends <= begins))
    return _instant(desk, on, begins), _instant(desk, last, ends)


def _instant(desk: Desk, on: date, at: time) -> datetime:
    return instant_of(minute_at(on, at.hour * 60 + at.minute, desk.timetable.tz)).astimezone(UTC)


def _challenge(desk: Desk, booking: BookingFacts) -> None:
    hours = desk.request.POST.get("hours", "").strip()
    if hours and not (hours.isascii() and hours.isdigit() and len(hours) < 6):
        raise Invalid.field("hours", "wrong_type")
    challenge_option(**_commanded(desk, booking), hours=int(hours) if hours else None)


def _check(desk: Desk, booking: BookingFacts) -> None:
    line = identity(desk.request.POST.get("line", ""))
    if line is None:
        raise Invalid.field("line", "unknown")
    check_line(
        actor=desk.actor,
        business_id=desk.business.id,
        booking_id=booking.id,
        line_id=line,
        now=desk.now,
        is_checked=desk.request.POST.get("do") != "uncheck",
    )


ACTS: Mapping[str, Callable[[Desk, BookingFacts], Any]] = {
    "accept": lambda desk, booking: accept_request(**_commanded(desk, booking)),
    "decline": lambda desk, booking: decline_request(
        **_commanded(desk, booking), reason=desk.request.POST.get("reason", "")
    ),
    "counter": _counter,
    "option": lambda desk, booking: give_option(**_commanded(desk, booking)),
    "no-option": lambda desk, booking: withdraw_option(**_commanded(desk, booking)),
    "challenge": _challenge,
    "check": _check,
}

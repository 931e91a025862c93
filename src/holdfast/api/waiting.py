"""Those who wait, as the API shows them: to themselves and to the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.api.auth import Caller
from holdfast.api.schemas.waitlist import show_rank, show_waiting
from holdfast.bookings.queries import BookingFacts, bookings_by_ids, manage_url
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.queries import EntryFacts, Ranked, booking_led_to, offer_of_entry, place_in_line
from holdfast.waitlist.queries.estimating import estimate_for


def shown_entry(caller: Caller, entry: EntryFacts) -> dict[str, Any]:
    """One entry with its place in line, its open offer, and the booking that came of it."""
    business_id, now = caller.business_id, caller.now
    offer = offer_of_entry(business_id=business_id, entry_id=entry.id, now=now) if entry.is_live else None
    waits = entry.is_live and entry.ends_at > now
    bookings = _bookings(caller, [entry.earlier_than_id, entry.booking_id])
    made = _own_booking(caller, entry, bookings)
    return {
        **show_waiting(
            entry, now=now, offer=offer, earlier_than=_reference(bookings.get(entry.earlier_than_id))
        ),
        "position": place_in_line(timetable=caller.timetable, entry=entry, now=now) if waits else None,
        "estimate": _estimate(caller.timetable, entry, now) if waits else None,
        "booking": _reference(made),
        "manage_url": manage_url(booking_id=made.id) if made else None,
    }


def shown_ranks(caller: Caller, ranked: Sequence[Ranked]) -> list[dict[str, Any]]:
    """Those who wait, as the desk sees them."""
    bookings = _bookings(caller, [one.entry.earlier_than_id for one in ranked])
    return [
        {
            **show_waiting(
                one.entry,
                now=caller.now,
                offer=one.offer,
                earlier_than=_reference(bookings.get(one.entry.earlier_than_id)),
            ),
            **show_rank(one),
        }
        for one in ranked
    ]


def _bookings(caller: Caller, ids: Sequence[UUID | None]) -> dict[UUID | None, BookingFacts]:
    named = [id for id in ids if id is not None]
    if not named:
        return {}
    return {one.id: one for one in bookings_by_ids(business_id=caller.business_id, booking_ids=named)}


def _own_booking(
    caller: Caller, entry: EntryFacts, bookings: Mapping[UUID | None, BookingFacts]
) -> BookingFacts | None:
    """The booking that came of an entry: the desk sees it whatever led there."""
    id = entry.booking_id if caller.actor.is_staff else booking_led_to(entry=entry)
    return bookings.get(id)


def _reference(booking: BookingFacts | None) -> str | None:
    return booking.shown_reference if booking else None


def _estimate(timetable: Timetable, entry: EntryFacts, now: datetime) -> dict[str, Any] | None:
    """Worked out from today's line; else what was said on joining, less what has passed of it since."""
    found = estimate_for(timetable=timetable, entry=entry, now=now)
    if found is not None:
        return {"low_minutes": found.low, "high_minutes": found.high, "basis": "line"}
    if entry.quoted_low is None:
        return None
    gone = int((now - entry.joined_at).total_seconds()) // 60
    high = entry.quoted_low if entry.quoted_high is None else entry.quoted_high
    return {
        "low_minutes": max(0, entry.quoted_low - gone),
        "high_minutes": max(0, high - gone),
        "basis": "quoted",
    }

"""What an explanation tells to whom: staff learn who and what is in the way, everybody else that something is."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from holdfast.bookings.queries import booking_by_id
from holdfast.lib.actors import Actor
from holdfast.lib.timeline import iso_of, minute_of
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import Check


def unclaimed(*, timetable: Timetable, actor: Actor, booking_ids: Sequence[UUID]) -> Check:
    """Whether nobody has the time; staff are told the bookings that do."""
    if not booking_ids:
        return Check("unclaimed", True)
    if not actor.is_staff:
        return Check("unclaimed", False)
    blocking = [
        booking_by_id(business_id=timetable.business.id, booking_id=booking_id) for booking_id in booking_ids
    ]
    facts = [
        {
            "reference": booking.shown_reference,
            "state": booking.state,
            "starts_at": iso_of(minute_of(booking.starts_at)),
            "ends_at": iso_of(minute_of(booking.ends_at)),
        }
        for booking in blocking
    ]
    return Check("unclaimed", False, {}, {"bookings": facts})


def told_to(*, actor: Actor, check: Check) -> Check:
    """A check with the facts this actor may see."""
    if not actor.is_staff:
        return Check(check.rule, check.passed, check.facts)
    return Check(check.rule, check.passed, {**check.facts, **check.staff_facts})

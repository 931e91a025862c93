"""What a floor can seat, whoever is there."""

from __future__ import annotations

from uuid import UUID

from holdfast.bookings.commands.placing import seating_of
from holdfast.bookings.rules import largest_party
from holdfast.schedule.queries import Timetable


def party_bounds(*, timetable: Timetable, service_id: UUID) -> tuple[int, int]:
    """The smallest and the largest party that a service's tables seat; ``(0, 0)`` without tables. No statement."""
    known = seating_of(timetable, service_id)
    return min((one.seats_min for one in known), default=0), largest_party(known)

"""What a booking costs, worked out once when its time is held or booked, and kept with it (SPEC D11, G1)."""

from __future__ import annotations

from holdfast.bookings.commands.placing import Place
from holdfast.schedule.queries import Timetable


def agreed_price(*, timetable: Timetable, place: Place, party_size: int) -> int:  # noqa: ARG001
    """Minor units of the business's currency."""
    service = place.service
    return service.price_minor * (party_size if service.price_per_person else 1)

"""Bookings as the API shows them, with what was asked for where one is on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from holdfast.api.auth import Caller
from holdfast.api.schemas.bookings import show_booking
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.requests import requests_of


def shown_bookings(caller: Caller, bookings: Sequence[BookingFacts]) -> list[dict[str, Any]]:
    """Several bookings; no further statement where none of them is on request."""
    services = caller.timetable.services
    asked = [
        booking
        for booking in bookings
        if booking.state in ("requested", "declined") or services[booking.service_id].mode == "request"
    ]
    found = requests_of(business_id=caller.business_id, bookings=asked, now=caller.now)
    return [show_booking(booking, caller.now, found.get(booking.id)) for booking in bookings]


def shown_booking(caller: Caller, booking: BookingFacts) -> dict[str, Any]:
    """One booking."""
    return shown_bookings(caller, [booking])[0]

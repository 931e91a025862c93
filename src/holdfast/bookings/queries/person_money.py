"""What payments hold about a person, by their bookings (SPEC K2): payments know no customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.bookings.models import Booking
from holdfast.payments.queries.people import about_bookings


def about_money(*, business_id: UUID, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """A customer's payments, refunds and cards on file."""
    rows = Booking.objects.filter(business_id=business_id, customer_id=customer_id)
    return about_bookings(business_id=business_id, booking_ids=list(rows.values_list("id", flat=True)))

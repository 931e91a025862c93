"""Forgetting a person in their payments, which know bookings only (SPEC K2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.bookings.models import Booking
from holdfast.core.people import Fate
from holdfast.core.transactions import command
from holdfast.payments.commands.forgetting import forget_bookings


@command
def forget_money(*, business_id: UUID, customer_id: UUID, now: datetime) -> list[Fate]:  # noqa: ARG001
    """Take the person out of the payments of their bookings; the money stays in the accounts."""
    rows = Booking.objects.filter(business_id=business_id, customer_id=customer_id)
    return forget_bookings(business_id=business_id, booking_ids=list(rows.values_list("id", flat=True)))

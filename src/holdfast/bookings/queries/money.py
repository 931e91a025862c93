"""Reads of what a customer's bookings say about them, and of what a booking's money is taken for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from holdfast.bookings.models import Booking, BookingChange
from holdfast.bookings.rules.money import Record


def record_of(*, business_id: UUID, customer_id: UUID, since: datetime) -> Record:
    """The visits of a customer that were kept and missed since then; one statement."""
    rows = Booking.objects.filter(business_id=business_id, customer_id=customer_id, starts_at__gte=since)
    found = rows.aggregate(
        kept=Count("id", filter=Q(state__in=("checked_in", "completed"))),
        missed=Count("id", filter=Q(state="no_show")),
    )
    return Record(found["kept"], found["missed"])


def business_of_booking(*, booking_id: UUID) -> UUID | None:
    """Whose booking this is; None if there is none any more."""
    found: UUID | None = Booking.objects.filter(id=booking_id).values_list("business_id", flat=True).first()
    return found


def payments_noted(*, booking_id: UUID) -> set[str]:
    """The ids of the payments that this booking's history has taken note of."""
    lines = BookingChange.objects.filter(booking_id=booking_id, action__in=("pay", "repay"))
    return {details.get("payment", "") for details in lines.values_list("details", flat=True)}

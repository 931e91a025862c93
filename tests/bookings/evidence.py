"""What commands leave behind: events in the outbox and lines of history."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.models import Booking, BookingChange, Claim
from holdfast.core.models import OutboxEvent
from holdfast.customers.models import Customer

ABOUT_BOOKINGS = ("BookingConfirmed", "BookingMoved", "BookingCancelled", "BookingCheckedIn", "BookingCompleted", "BookingNotKept")  # fmt: skip


def events(booking_id: UUID) -> dict[str, tuple[dict[str, Any], datetime]]:
    """Payload and due time of each event about a booking, by kind."""
    rows = OutboxEvent.objects.filter(subject_id=booking_id).order_by("id")
    found: dict[str, tuple[dict[str, Any], datetime]] = {}
    for row in rows:
        assert row.kind not in found, f"{row.kind} twice"
        found[row.kind] = (json.loads(row.payload), row.due_at)
    return found


def history(booking_id: UUID) -> list[str]:
    return list(
        BookingChange.objects.filter(booking_id=booking_id).order_by("id").values_list("action", flat=True)
    )


def rows() -> dict[str, int]:
    """How many rows there are of all that a booking writes."""
    return {
        "bookings": Booking.objects.count(),
        "claims": Claim.objects.count(),
        "changes": BookingChange.objects.count(),
        "customers": Customer.objects.count(),
        "events": OutboxEvent.objects.filter(kind__in=ABOUT_BOOKINGS).count(),
    }


NOTHING = {"bookings": 0, "claims": 0, "changes": 0, "customers": 0, "events": 0}

"""What people were told to expect and how long it took (SPEC F7), for the report of a simulation."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.models import BookingChange
from holdfast.waitlist.models import Entry
from holdfast.waitlist.rules.estimates import Quoted


def quoted(*, business_id: UUID, since: datetime, until: datetime) -> list[Quoted]:
    """The ranges told to those who joined from ``since`` to before ``until``, with the whole minutes they waited: until they
    were called, else until they checked in, else until their booking began. Who got no place is left out; two statements.
    """
    told = Entry.objects.filter(
        business_id=business_id,
        joined_at__gte=since,
        joined_at__lt=until,
        quoted_low__isnull=False,
        quoted_high__isnull=False,
    ).order_by("joined_at", "id")
    rows: list[tuple[Any, ...]] = list(
        told.values_list(
            "quoted_low", "quoted_high", "joined_at", "called_at", "booking_id", "booking__starts_at"
        )
    )
    checked_in = dict(
        BookingChange.objects.filter(
            business_id=business_id,
            action="check_in",
            booking_id__in=[row[4] for row in rows if row[4] is not None],
        )
        .order_by("id")
        .values_list("booking_id", "at")
    )
    found = []
    for low, high, joined_at, called_at, booking_id, starts_at in rows:
        served_at = called_at or checked_in.get(booking_id) or starts_at
        if served_at is not None and served_at >= joined_at:
            found.append(Quoted(low, high, int((served_at - joined_at).total_seconds()) // 60))
    return found

"""How things stand at this moment, without anybody's name."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import Max, Q

from holdfast.bookings.models import Booking, Claim


def busy_until(*, business_id: UUID, now: datetime) -> dict[UUID, datetime]:
    """Until when each resource that is taken at this moment is taken; the others are missing. One statement."""
    alive = Q(booking__releases_at__isnull=True) | Q(booking__releases_at__gt=now)
    rows = Claim.objects.filter(alive, business_id=business_id, starts_at__lte=now, ends_at__gt=now)
    return dict(rows.values_list("resource_id").annotate(until=Max("ends_at")))


def expected_on(*, business_id: UUID, on: date, now: datetime) -> int:
    """How many bookings of that date are still to begin. One statement."""
    return Booking.objects.filter(
        business_id=business_id, local_on=on, state="confirmed", starts_at__gt=now
    ).count()

"""Taking the resources of a place: lock them in order, read their claims in a statement of its own, end the dead."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.placing.wishes import Place
from holdfast.bookings.commands.writing import end_dead
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.queries import BookingFacts
from holdfast.schedule.queries import Timetable


def take(
    timetable: Timetable,
    place: Place,
    now: datetime,
    moving: BookingFacts | None,
    *,
    keep_lock: bool,
) -> bool:
    """Lock what the place takes and look again: whether it is free. A lock in vain is given back unless it is kept."""
    if keep_lock:
        return is_free(timetable, place, now, moving)
    try:
        with transaction.atomic():
            if not is_free(timetable, place, now, moving):
                raise TimeTaken
    except TimeTaken:
        return False
    return True


def is_free(timetable: Timetable, place: Place, now: datetime, moving: BookingFacts | None) -> bool:
    """Whether nobody alive has any of the place's resources then, all of them locked, the dead ended."""
    hot.lock_resources([*place.resource_ids, *(moving.resource_ids if moving else ())])
    starts_at, ends_at = place.claimed
    in_the_way = hot.bookings_in_the_way(
        business_id=timetable.business.id,
        resource_ids=place.resource_ids,
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
    )
    own = moving.id if moving else None
    others = [(booking_id, dead) for _, booking_id, dead in in_the_way if booking_id != own]
    if any(not dead for _, dead in others):
        return False
    end_dead(booking_ids=sorted({booking_id for booking_id, _ in others}), now=now)
    return True

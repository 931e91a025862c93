"""Taking the resources of a place: lock them in order, read their claims in a statement of its own, end the dead."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.placing.wishes import Place, StaleTimetable, Terms
from holdfast.bookings.commands.writing import end_dead
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.queries import BookingFacts
from holdfast.schedule.queries import Timetable, load_timetable
from holdfast.schedule.sql import version_now


def take(
    timetable: Timetable,
    place: Place,
    terms: Terms,
    moving: BookingFacts | None,
    *,
    keep_lock: bool,
) -> Place | None:
    """Lock what the place takes and look again: the place if it is free, with the visitor if they were met.

    A lock in vain is given back unless it is kept. Raises :class:`StaleTimetable`.
    """
    if keep_lock:
        return _free(timetable, place, terms, moving)
    try:
        with transaction.atomic():
            found = _free(timetable, place, terms, moving)
            if found is None:
                raise TimeTaken
    except TimeTaken:
        return None
    return found


def is_free(timetable: Timetable, place: Place, now: datetime, moving: BookingFacts | None) -> bool:
    """Whether nobody alive has any of the place's resources then, all of them locked, the dead ended."""
    return _cleared(_look(timetable, place, now, moving), now, moving)


def looked(timetable: Timetable, look: hot.Look) -> hot.Look:
    """What was seen under the locks, if it may be judged by this timetable. Raises :class:`StaleTimetable`.

    Whoever changes what is offered locks every resource before looking whom the change strands: who has a lock now
    either was seen by them or sees their change.
    """
    if look.version != timetable.business.version:
        raise StaleTimetable
    return look


def as_of_now(timetable: Timetable) -> Timetable:
    """What is offered now; the caller has locks that every change of it needs, so it stays so."""
    business = timetable.business
    if version_now(business_id=business.id) == business.version:
        return timetable
    return load_timetable(business_id=business.id)


def _free(timetable: Timetable, place: Place, terms: Terms, moving: BookingFacts | None) -> Place | None:
    look = looked(timetable, _look(timetable, place, terms.now, moving, terms.visitor))
    if not _cleared(look, terms.now, moving):
        return None
    return place if look.customer is None else replace(place, customer=look.customer)


def _look(
    timetable: Timetable,
    place: Place,
    now: datetime,
    moving: BookingFacts | None,
    visitor: hot.Visitor | None = None,
) -> hot.Look:
    starts_at, ends_at = place.claimed
    return hot.look_under_locks(
        business_id=timetable.business.id,
        locks=[*place.resource_ids, *(moving.resource_ids if moving else ())],
        resource_ids=place.resource_ids,
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
        visitor=visitor,
    )


def _cleared(look: hot.Look, now: datetime, moving: BookingFacts | None) -> bool:
    """Whether only the dead are in the way, who are ended."""
    if not look.in_the_way:
        return True
    own: UUID | None = moving.id if moving else None
    others = [(booking_id, dead) for _, booking_id, dead in look.in_the_way if booking_id != own]
    if any(not dead for _, dead in others):
        return False
    end_dead(booking_ids=sorted({booking_id for booking_id, _ in others}), now=now)
    return True

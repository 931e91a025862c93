"""Which bookings a change of what a business offers would strand (SPEC C7).

A booking is stranded when it fitted what was offered before the change and no longer fits after it: the rules are the
ones it was booked under, except those that look at the clock. The customer's agreement (its length) stays as it is.
Nobody was promised what is only held or asked for: such holds end with the change, and a request is judged when it is
accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from holdfast.bookings.commands.placing import shape_of
from holdfast.bookings.commands.placing.requests import requestable_hours
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, bookings_by_ids
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.timeline import minute_of
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import absences_of, check_start

# What keeps a time by the clock alone, and would be a promise again once it is confirmed or its end is undone.
_KEPT_BY_CLOCK = ("held", "cancelled")
# What was promised: those who are here already, and what is over, no change can strand.
_PROMISED = ("confirmed", "awaiting_payment")
_AT_LEAST = ("open", "fits_hours")


@dataclass(frozen=True, slots=True)
class Stranded:
    """A booking that no longer fits. ``why`` is the rule that fails: ``open``, ``fits_hours``, ``not_absent``,
    ``resource_retired``, ``not_given``, ``too_small`` or ``service_retired``.
    """

    booking: BookingFacts
    why: str


@dataclass(frozen=True, slots=True)
class _Promise:
    """What must fit of a booking, without the personal data."""

    id: UUID
    service_id: UUID
    resource_ids: tuple[UUID, ...]
    is_slot: bool
    starts_at: datetime
    ends_at: datetime
    party_size: int


def stranded_between(
    *,
    before: Timetable,
    after: Timetable,
    now: datetime,
    between: tuple[date, date] | None = None,
) -> list[Stranded]:
    """The upcoming bookings that fit ``before`` and not ``after``, by start.

    ``between`` narrows the search to local dates (inclusive) that the change can touch. Two statements.
    """
    found: dict[UUID, str] = {}
    for promise in _promises(_upcoming(after.business.id, now, between).filter(state__in=_PROMISED)):
        why = _lost(before, after, promise)
        if why is not None:
            found[promise.id] = why
    bookings = bookings_by_ids(business_id=after.business.id, booking_ids=list(found))
    return [Stranded(booking, found[booking.id]) for booking in bookings]


def lapsing_between(
    *,
    before: Timetable,
    after: Timetable,
    now: datetime,
    between: tuple[date, date] | None = None,
) -> list[UUID]:
    """Live holds, and cancellations that can be undone, whose time fits ``before`` and not ``after``.

    All that might be are locked: whoever is confirming one now has finished before this answers, and is then found among
    the promises; whoever comes later finds it ended. One statement.
    """
    rows = _upcoming(after.business.id, now, between).filter(state__in=_KEPT_BY_CLOCK, releases_at__gt=now)
    locked = _promises(rows.select_for_update(no_key=True), order=("id",))
    return [promise.id for promise in locked if _lost(before, after, promise) is not None]


def _lost(before: Timetable, after: Timetable, promise: _Promise) -> str | None:
    why = misfit(timetable=after, promise=promise)
    if why is None or misfit(timetable=before, promise=promise) is not None:
        return None
    return why


def misfit(*, timetable: Timetable, promise: _Promise) -> str | None:
    """The rule by which a promised time does not fit what is offered; None if it fits."""
    service = timetable.services.get(promise.service_id)
    if service is None or not service.is_active:
        return "service_retired"
    resources = [timetable.resources.get(id) for id in promise.resource_ids]
    if any(resource is None or not resource.is_active for resource in resources):
        return "resource_retired"
    if not promise.is_slot:
        if any(id not in service.resource_ids for id in promise.resource_ids):
            return "not_given"
        if resources and promise.party_size > sum(resource.seats_max for resource in resources if resource):
            return "too_small"
    return _not_in_time(timetable, service, promise)


def _not_in_time(timetable: Timetable, service: ServiceFacts, promise: _Promise) -> str | None:
    """A slot is published whatever the hours are, so only an absence of who gives it strands its bookings."""
    start, end = minute_of(promise.starts_at), minute_of(promise.ends_at)
    if service.mode == "request":
        timetable = requestable_hours(timetable=timetable)
    agreed = shape_of(replace(service, duration_minutes=end - start))
    for resource_id in promise.resource_ids:
        footprint = (start, end) if promise.is_slot else agreed.claim(start)
        if absences_of(timetable.hours, resource_id, *footprint):
            return "not_absent"
        if promise.is_slot:
            continue
        checks = check_start(
            timetable.hours,
            resource_id,
            start,
            agreed,
            now=promise.starts_at - timedelta(minutes=1),
            earliest_notice_minutes=0,
            furthest_ahead_days=1,
        )
        failed = [check.rule for check in checks if check.rule in _AT_LEAST and not check.passed]
        if failed:
            return failed[0]
    return None


def _upcoming(business_id: UUID, now: datetime, between: tuple[date, date] | None) -> QuerySet[Booking]:
    rows = Booking.objects.filter(
        business_id=business_id, starts_at__gt=now - timedelta(days=1), ends_at__gt=now
    )
    if between is not None:
        # A window may run past midnight: its bookings are listed under the evening before.
        first, last = between[0] - timedelta(days=1), between[1] + timedelta(days=1)
        rows = rows.filter(local_on__gte=first, local_on__lte=last)
    return rows


def _promises(rows: QuerySet[Booking], *, order: tuple[str, ...] = ("starts_at", "id")) -> Iterator[_Promise]:
    columns = ("id", "service_id", "resource_id", "also", "slot_id", "starts_at", "ends_at", "party_size")
    for id, service_id, resource_id, also, slot_id, starts_at, ends_at, party_size in rows.order_by(
        *order
    ).values_list(*columns):
        yield _Promise(
            id, service_id, _all(resource_id, also), slot_id is not None, starts_at, ends_at, party_size
        )


def _all(resource_id: UUID | None, also: Iterable[str] | None) -> tuple[UUID, ...]:
    return () if resource_id is None else (resource_id, *(UUID(id) for id in also or ()))

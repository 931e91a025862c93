"""Reads of published slots and of the series that publish them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from holdfast.lib.pages import Page, page_of
from holdfast.lib.refusals import Missing
from holdfast.schedule.models import Slot, SlotSeries

_EVERY_WEEKDAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """A published slot as plain values."""

    id: UUID
    service_id: UUID
    resource_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    local_on: date
    capacity: int
    taken: int
    is_open: bool

    @property
    def remaining(self) -> int:
        """Places that are not taken; a slot that is closed still has them."""
        return self.capacity - self.taken

    def without(self, places: int) -> SlotFacts:
        """The same slot with so many places given back."""
        return replace(self, taken=self.taken - places)


@dataclass(frozen=True, slots=True)
class SlotFilter:
    """What a list of slots is narrowed to; empty fields narrow nothing. Dates are those slots are listed under."""

    service_id: UUID | None = None
    resource_id: UUID | None = None
    without_resource: bool = False
    from_on: date | None = None
    to_on: date | None = None
    is_open: bool | None = None
    weekdays: Sequence[int] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """A series as plain values; ``published_on`` is the last date it has looked at."""

    id: UUID
    service_id: UUID
    resource_id: UUID | None
    slot_minutes: int
    gap_minutes: int
    capacity: int
    weekdays: tuple[int, ...]
    days_ahead: int
    starts_on: date
    ends_on: date | None
    published_on: date | None
    is_active: bool
    created_at: datetime


def slot_by_id(*, business_id: UUID, slot_id: UUID) -> SlotFacts:
    """One slot, open or closed. Refusals: :class:`Missing`."""
    slot = Slot.objects.filter(business_id=business_id, id=slot_id).first()
    if slot is None:
        raise Missing(what="slot")
    return slot_facts(slot=slot)


def slot_facts(*, slot: Slot) -> SlotFacts:
    """The plain values of a loaded row."""
    return SlotFacts(
        id=slot.id,
        service_id=slot.service_id,
        resource_id=slot.resource_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        local_on=slot.local_on,
        capacity=slot.capacity,
        taken=slot.taken,
        is_open=slot.is_open,
    )


def filtered_slots(*, business_id: UUID, wanted: SlotFilter) -> QuerySet[Slot]:
    """The rows a filter means, without order."""
    rows = Slot.objects.filter(business_id=business_id)
    if wanted.service_id:
        rows = rows.filter(service_id=wanted.service_id)
    if wanted.without_resource:
        rows = rows.filter(resource__isnull=True)
    elif wanted.resource_id:
        rows = rows.filter(resource_id=wanted.resource_id)
    if wanted.from_on:
        rows = rows.filter(local_on__gte=wanted.from_on)
    if wanted.to_on:
        rows = rows.filter(local_on__lte=wanted.to_on)
    if wanted.is_open is not None:
        rows = rows.filter(is_open=wanted.is_open)
    if wanted.since:
        rows = rows.filter(starts_at__gte=wanted.since)
    if set(wanted.weekdays) and set(wanted.weekdays) != _EVERY_WEEKDAY:
        # The database counts from Sunday = 1.
        rows = rows.filter(local_on__week_day__in=[(day + 1) % 7 + 1 for day in wanted.weekdays])
    return rows


def list_slots(
    *, business_id: UUID, wanted: SlotFilter | None = None, cursor: str = "", limit: int = 50
) -> Page[SlotFacts]:
    """Slots by start. Refusals: :class:`Invalid` on ``cursor`` or ``limit``."""
    rows = filtered_slots(business_id=business_id, wanted=wanted or SlotFilter()).order_by("starts_at", "id")

    def after(instant: datetime | None, id: UUID | None, count: int) -> list[SlotFacts]:
        beyond = rows
        if instant is not None:
            further = Q(starts_at__gt=instant) | Q(starts_at=instant, id__gt=id)
            beyond = rows.filter(further, starts_at__gte=instant)
        return [slot_facts(slot=slot) for slot in beyond[:count]]

    return page_of(cursor=cursor, limit=limit, after=after, key=lambda slot: (slot.starts_at, slot.id))


def slots_at(*, business_id: UUID, service_id: UUID, starts_at: datetime) -> list[SlotFacts]:
    """The slots of a service that begin then: one without a resource, or one a resource."""
    rows = Slot.objects.filter(business_id=business_id, service_id=service_id, starts_at=starts_at)
    return [slot_facts(slot=slot) for slot in rows.order_by("id")]


def slots_of_day(*, business_id: UUID, on: date) -> list[SlotFacts]:
    """Every slot listed under a date, open or closed, by start."""
    rows = Slot.objects.filter(business_id=business_id, local_on=on).order_by("starts_at", "id")
    return [slot_facts(slot=slot) for slot in rows]


def has_slots(*, business_id: UUID, service_id: UUID, since: datetime) -> bool:
    """Whether any slot of the service begins at that instant or later."""
    rows = Slot.objects.filter(business_id=business_id, service_id=service_id, starts_at__gte=since)
    return rows.exists()


def series_of(*, business_id: UUID, only_active: bool = False) -> list[SeriesFacts]:
    """The series of a business, oldest first."""
    rows = SlotSeries.objects.filter(business_id=business_id).order_by("created_at", "id")
    return [series_facts(row=row) for row in (rows.filter(is_active=True) if only_active else rows)]


def series_by_id(*, business_id: UUID, series_id: UUID) -> SeriesFacts:
    """One series. Refusals: :class:`Missing`."""
    row = SlotSeries.objects.filter(business_id=business_id, id=series_id).first()
    if row is None:
        raise Missing(what="series")
    return series_facts(row=row)


def businesses_with_series() -> list[UUID]:
    """Every business of the installation that has a series at work."""
    rows = SlotSeries.objects.filter(is_active=True).order_by("business_id")
    return list(rows.values_list("business_id", flat=True).distinct())


def series_facts(*, row: SlotSeries) -> SeriesFacts:
    """The plain values of a loaded row."""
    return SeriesFacts(
        id=row.id,
        service_id=row.service_id,
        resource_id=row.resource_id,
        slot_minutes=row.slot_minutes,
        gap_minutes=row.gap_minutes,
        capacity=row.capacity,
        weekdays=tuple(row.weekdays),
        days_ahead=row.days_ahead,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        published_on=row.published_on,
        is_active=row.is_active,
        created_at=row.created_at,
    )

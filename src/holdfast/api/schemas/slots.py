"""Published slots and the series that publish them (DESIGN §4 "Slots")."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import PARTIAL, STRICT
from holdfast.api.schemas.catalog import Id
from holdfast.api.values import Day, Instant, known_id, show_instant
from holdfast.schedule.commands import BulkChange, Generation, SlotPlan
from holdfast.schedule.queries import SeriesFacts, SlotFacts, SlotFilter
from holdfast.schedule.rules.slots import MOST_DAYS_AHEAD, MOST_PLACES

Status = Literal["open", "closed"]
Capacity = Annotated[int, Field(ge=1, le=MOST_PLACES, description="How many places it has.")]
SlotMinutes = Annotated[int, Field(ge=1, le=1440, description="How long each slot is.")]
Gap = Annotated[int, Field(ge=0, le=1440, description="Minutes between two slots.")]
Weekdays = Annotated[
    list[Annotated[int, Field(ge=0, le=6)]],
    Field(max_length=7, description="0 = Monday; none: every day."),
]
DaysAhead = Annotated[int, Field(ge=1, le=MOST_DAYS_AHEAD)]
Owner = Annotated[Id | None, Field(description="The resource that gives them; `null`: none.")]


class SlotOut(BaseModel):
    """A published time with places, `taken` of `capacity` gone. A closed slot keeps its bookings and takes no more."""

    id: str
    service: str
    starts_at: str = Field(json_schema_extra={"format": "date-time"})
    ends_at: str = Field(json_schema_extra={"format": "date-time"})
    date: Annotated[str, Field(description="The local date it is listed under.")]
    capacity: int
    taken: int
    status: Status
    resource: str | None


class SlotList(BaseModel):
    items: list[SlotOut]
    next_cursor: str | None


class SlotNew(BaseModel):
    """One slot, also outside opening hours; without `ends_at` as long as the service."""

    model_config = STRICT

    service: Id
    starts_at: Instant
    ends_at: Instant | None = None
    capacity: Capacity
    resource: Owner = None


class SlotChange(BaseModel):
    """What to change; what is left out stays. The resource changes only while nobody is in the slot."""

    model_config = PARTIAL

    capacity: Capacity = 1
    status: Status = "open"
    resource: Owner = None


class SlotsGenerate(BaseModel):
    """Slots for every date from `from` to `to`, within the opening hours."""

    model_config = STRICT

    service: Id
    resource: Owner = None
    from_: Annotated[Day, Field(alias="from", description="The first local date.")]
    to: Annotated[Day, Field(description="The last local date.")]
    slot_minutes: SlotMinutes
    capacity: Capacity
    gap_minutes: Gap = 0
    weekdays: Weekdays = []
    preview: Annotated[bool, Field(description="Only count; nothing is written.")] = False


class DaySlots(BaseModel):
    date: str
    count: int


class GenerationPreviewOut(BaseModel):
    """What generating would do: `count` new slots, day by day, beside those that exist."""

    count: int
    existing: int
    days: list[DaySlots]


class GenerationOut(BaseModel):
    created: int
    existing: int


class SlotsBulk(BaseModel):
    """One change to the slots named, or to all that the filter means."""

    model_config = STRICT

    action: Literal["open", "close", "capacity", "delete"]
    slots: Annotated[list[Id], Field(max_length=1000, description="Ids; left out: by the filter.")] = []
    capacity: Capacity | None = None
    service: Id | None = None
    resource: Id | None = None
    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    status: Status | None = None
    weekdays: Weekdays = []
    leave_out: Annotated[
        bool,
        Field(
            description="Change the others where some cannot be changed; otherwise those refuse the whole."
        ),
    ] = False


class LeftOut(BaseModel):
    slot: str
    reason: Literal["capacity_below_taken", "slot_in_use"]


class SlotsBulkOut(BaseModel):
    changed: int
    unchanged: int
    left_out: list[LeftOut]


class SeriesOut(BaseModel):
    """Slots that keep themselves published `days_ahead` days ahead; `published_on` is the last date looked at."""

    id: str
    service: str
    resource: str | None
    slot_minutes: int
    gap_minutes: int
    capacity: int
    weekdays: list[int]
    days_ahead: int
    starts_on: str
    ends_on: str | None
    published_on: str | None
    active: bool


class SeriesList(BaseModel):
    items: list[SeriesOut]
    next_cursor: str | None


class SeriesNew(BaseModel):
    """A series; without `starts_on` it begins today."""

    model_config = STRICT

    service: Id
    resource: Owner = None
    slot_minutes: SlotMinutes
    capacity: Capacity
    gap_minutes: Gap = 0
    weekdays: Weekdays = []
    days_ahead: DaysAhead = 30
    starts_on: Day | None = None
    ends_on: Day | None = None


class SeriesChange(BaseModel):
    """What to publish differently from here on; `active: false` stops it. Published slots stay as they are."""

    model_config = PARTIAL

    slot_minutes: SlotMinutes = 30
    capacity: Capacity = 1
    gap_minutes: Gap = 0
    weekdays: Weekdays = []
    days_ahead: DaysAhead = 30
    ends_on: Day | None = None
    active: bool = True


def show_slot(slot: SlotFacts) -> dict[str, Any]:
    """A slot as the API shows it."""
    return {
        "id": str(slot.id),
        "service": str(slot.service_id),
        "starts_at": show_instant(slot.starts_at),
        "ends_at": show_instant(slot.ends_at),
        "date": slot.local_on.isoformat(),
        "capacity": slot.capacity,
        "taken": slot.taken,
        "status": "open" if slot.is_open else "closed",
        "resource": str(slot.resource_id) if slot.resource_id else None,
    }


def show_preview(made: Generation) -> dict[str, Any]:
    """What generating would do."""
    days: dict[date, int] = {}
    for span in made.new:
        days[span.on] = days.get(span.on, 0) + 1
    shown = [{"date": on.isoformat(), "count": count} for on, count in sorted(days.items())]
    return {"count": len(made.new), "existing": made.existing, "days": shown}


def show_bulk(change: BulkChange) -> dict[str, Any]:
    """What a change to many did."""
    return {
        "changed": change.changed,
        "unchanged": change.unchanged,
        "left_out": [{"slot": str(id), "reason": reason} for id, reason in change.left_out],
    }


def show_series(series: SeriesFacts) -> dict[str, Any]:
    """A series as the API shows it."""
    return {
        "id": str(series.id),
        "service": str(series.service_id),
        "resource": str(series.resource_id) if series.resource_id else None,
        "slot_minutes": series.slot_minutes,
        "gap_minutes": series.gap_minutes,
        "capacity": series.capacity,
        "weekdays": list(series.weekdays),
        "days_ahead": series.days_ahead,
        "starts_on": series.starts_on.isoformat(),
        "ends_on": series.ends_on.isoformat() if series.ends_on else None,
        "published_on": series.published_on.isoformat() if series.published_on else None,
        "active": series.is_active,
    }


def plan_of(body: SlotsGenerate | SeriesNew) -> SlotPlan:
    """What a body wants published. Refusals: :class:`Missing` for what is no id."""
    return SlotPlan(
        service_id=known_id(body.service, "service"),
        slot_minutes=body.slot_minutes,
        capacity=body.capacity,
        resource_id=owner(body.resource),
        gap_minutes=body.gap_minutes,
        weekdays=tuple(body.weekdays),
    )


def filter_of(
    *,
    service: str | None,
    resource: str | None,
    first: date | None,
    last: date | None,
    status: Status | None,
    weekdays: tuple[int, ...] = (),
    since: datetime | None = None,
) -> SlotFilter:
    """Which slots are meant. Refusals: :class:`Missing` for what is no id."""
    return SlotFilter(
        service_id=known_id(service, "service") if service is not None else None,
        resource_id=owner(resource),
        from_on=first,
        to_on=last,
        is_open=None if status is None else status == "open",
        weekdays=weekdays,
        since=since,
    )


def owner(resource: str | None) -> UUID | None:
    """The id of a resource, or none. Refusals: :class:`Missing` for what is no id."""
    return known_id(resource, "resource") if resource is not None else None

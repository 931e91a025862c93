"""Opening hours and dated exceptions, as wall time in the business's zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import PARTIAL, STRICT
from holdfast.api.schemas.catalog import Id
from holdfast.api.schemas.impact import Decisions
from holdfast.api.values import Day, Instant, known_id, show_instant_if_any
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import minute_at
from holdfast.schedule.commands import ExceptionWish
from holdfast.schedule.models import DatedException
from holdfast.schedule.rules import WeeklyWindow, format_hhmm

ExceptionKind = Literal["closed", "hours", "extra", "absence"]
Opens = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["09:00"])]
Closes = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", examples=["17:00"])]


class WeeklyWindowOut(BaseModel):
    """Open every week on this weekday, 0 = Monday; ``closes`` ≤ ``opens`` runs into the next day."""

    resource: str | None
    weekday: int
    opens: str
    closes: str


class HoursOut(BaseModel):
    """The business's own windows have no resource; a resource without windows follows the business."""

    items: list[WeeklyWindowOut]


class WeeklyWindowIn(BaseModel):
    model_config = STRICT

    weekday: Annotated[int, Field(ge=0, le=6, description="0 = Monday")]
    opens: Opens
    closes: Closes


class HoursReplace(BaseModel):
    """The whole week, of the business or of one resource."""

    model_config = STRICT

    resource: Id | None = None
    windows: Annotated[list[WeeklyWindowIn], Field(max_length=70)]
    decisions: Decisions = {}


class DatedWindow(BaseModel):
    model_config = STRICT

    opens: Opens
    closes: Closes


class ExceptionNew(BaseModel):
    """``closed``, ``hours`` (instead) and ``extra`` (as well) hold for dates, an ``absence`` for dates or instants."""

    model_config = STRICT

    kind: ExceptionKind
    resource: Id | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    windows: Annotated[list[DatedWindow], Field(max_length=10)] | None = None
    note: Annotated[str, Field(max_length=120)] = ""
    decisions: Decisions = {}


class ExceptionChange(ExceptionNew):
    """What to change; what is left out stays."""

    model_config = PARTIAL

    kind: ExceptionKind = "closed"


class ExceptionOut(BaseModel):
    id: str
    kind: ExceptionKind
    resource: str | None
    starts_on: str | None
    ends_on: str | None
    starts_at: str | None
    ends_at: str | None
    windows: list[DatedWindow]
    note: str


class ExceptionList(BaseModel):
    items: list[ExceptionOut]
    next_cursor: str | None


def show_hours(
    weekly: Iterable[WeeklyWindow], by_resource: Mapping[UUID, Iterable[WeeklyWindow]]
) -> dict[str, Any]:
    """All weekly windows, the business's first."""
    owned: list[tuple[str | None, WeeklyWindow]] = [(None, window) for window in weekly]
    owned += [(str(id), window) for id, windows in by_resource.items() for window in windows]
    return {
        "items": [
            {
                "resource": owner,
                "weekday": window.weekday,
                "opens": format_hhmm(window.opens),
                "closes": format_hhmm(window.closes),
            }
            for owner, window in owned
        ]
    }


def show_exception(row: DatedException) -> dict[str, Any]:
    """An exception as the API shows it."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "resource": str(row.resource_id) if row.resource_id else None,
        "starts_on": row.starts_on.isoformat() if row.starts_on else None,
        "ends_on": row.ends_on.isoformat() if row.ends_on else None,
        "starts_at": show_instant_if_any(row.starts_at),
        "ends_at": show_instant_if_any(row.ends_at),
        "windows": [
            {"opens": format_hhmm(opens), "closes": format_hhmm(closes)} for opens, closes in row.windows
        ],
        "note": row.note,
    }


def exception_begins_at(row: DatedException, tz: ZoneInfo) -> datetime:
    """When an exception begins: one for dates does so with its first day."""
    if row.starts_on is not None:
        return instant_of(minute_at(row.starts_on, 0, tz))
    if row.starts_at is None:
        raise ValueError("an exception begins on a date or at an instant")
    return row.starts_at


def exception_wish(values: Mapping[str, Any]) -> ExceptionWish:
    """What a body asks for. Refusals: :class:`Missing` for a resource that is no id."""
    resource = values.get("resource")
    return ExceptionWish(
        kind=values["kind"],
        resource_id=known_id(resource, "resource") if resource is not None else None,
        starts_on=values.get("starts_on"),
        ends_on=values.get("ends_on"),
        starts_at=values.get("starts_at"),
        ends_at=values.get("ends_at"),
        windows=values.get("windows") or (),
        note=values.get("note") or "",
    )


def stored_wish(row: DatedException) -> dict[str, Any]:
    """The exception as the values of a body, for a change of some of them."""
    return {
        "kind": row.kind,
        "resource": str(row.resource_id) if row.resource_id else None,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "windows": [
            {"opens": format_hhmm(opens), "closes": format_hhmm(closes)} for opens, closes in row.windows
        ],
        "note": row.note,
    }

"""Free times, the reasons for a no, and the nearest other times."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from holdfast.api.values import show_instant
from holdfast.availability.queries import Alternative, Explanation, OpenDay, OpenTime


class TimeOut(BaseModel):
    """A free start; ``resources`` are those free for it. ``repeated``: this wall time comes twice that night."""

    starts_at: str = Field(json_schema_extra={"format": "date-time"})
    local_time: str
    resources: list[str]
    price_minor: int
    repeated: Literal[1, 2] | None = Field(default=None, description="Which pass of a repeated hour.")


class DayOut(BaseModel):
    """A local date. A time is listed under the date of the opening window it belongs to."""

    date: str = Field(json_schema_extra={"format": "date"})
    open: bool
    times: list[TimeOut]


class AvailabilityOut(BaseModel):
    timezone: str
    days: list[DayOut]


class CheckOut(BaseModel):
    """One rule: whether the time passes it, and what it was judged by."""

    rule: str
    passed: bool
    facts: dict[str, Any]


class ResourceExplanation(BaseModel):
    resource: str
    bookable: bool
    checks: list[CheckOut]


class ExplanationOut(BaseModel):
    """Why a time is or is not bookable: the rules in order, for each resource asked about."""

    starts_at: str
    timezone: str
    bookable: bool
    resources: list[ResourceExplanation]


def write_availability(timezone: str, days: Iterable[OpenDay]) -> str:
    """The answer as JSON text, written by hand: thousands of times at a fraction of the cost of dumping objects."""
    lists = _ResourceLists()
    shown = ",".join(
        f'{{"date":"{day.on.isoformat()}","open":{"true" if day.open else "false"},'
        f'"times":[{",".join([_time(time, lists) for time in day.times])}]}}'
        for day in days
    )
    return f'{{"timezone":{json.dumps(timezone)},"days":[{shown}]}}'


class _ResourceLists:
    """Groups of resources as JSON, each written once an answer.

    The timeline hands out the same tuple for the same group, so a group is known by its identity: hashing the ids of
    four hundred times would cost more than everything else here.
    """

    def __init__(self) -> None:
        self._written: dict[int, str] = {}
        self._ids: dict[int, str] = {}

    def __getitem__(self, group: tuple[UUID, ...]) -> str:
        written = self._written.get(id(group))
        if written is None:
            written = self._written[id(group)] = ",".join([self._id(resource_id) for resource_id in group])
        return written

    def _id(self, resource_id: UUID) -> str:
        written = self._ids.get(id(resource_id))
        if written is None:
            written = self._ids[id(resource_id)] = f'"{resource_id}"'
        return written


def _time(time: OpenTime, lists: _ResourceLists) -> str:
    clock = _clock(time.starts_at, time.local_time)
    repeated = f',"repeated":{2 if time.second_pass else 1}' if time.repeated else ""
    return f'{{{clock},"resources":[{lists[time.resource_ids]}],"price_minor":{time.price_minor}{repeated}}}'


@lru_cache(maxsize=32768)
def _clock(starts_at: datetime, local_time: str) -> str:
    return f'"starts_at":"{show_instant(starts_at)}","local_time":"{local_time}"'


def show_explanation(starts_at: str, timezone: str, explanations: Iterable[Explanation]) -> dict[str, Any]:
    """An explanation as the API shows it."""
    found = list(explanations)
    return {
        "starts_at": starts_at,
        "timezone": timezone,
        "bookable": any(each.bookable for each in found),
        "resources": [
            {
                "resource": str(each.resource_id),
                "bookable": each.bookable,
                "checks": [
                    {"rule": check.rule, "passed": check.passed, "facts": check.facts}
                    for check in each.checks
                ],
            }
            for each in found
        ],
    }


def show_alternative(alternative: Alternative) -> dict[str, Any]:
    """Another free time."""
    return {
        "starts_at": show_instant(alternative.starts_at),
        "date": alternative.local_on.isoformat(),
        "local_time": alternative.local_time,
        "resource": str(alternative.resource_id),
        "kind": alternative.kind,
    }

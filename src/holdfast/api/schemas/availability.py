"""Free times, the reasons for a no, and the nearest other times."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from holdfast.api.values import show_instant
from holdfast.availability.queries import Alternative, Explanation, FreeBoard, Freeing, OpenDay, OpenTime
from holdfast.availability.queries.prices import PriceList
from holdfast.lib.timeline import iso_of
from holdfast.lib.walltime import hhmm, pass_of, zone
from holdfast.schedule.rules import Board, Columns, Pattern, patterns_on


class TimeOut(BaseModel):
    """A free start; ``resources`` are those free for it. ``repeated``: this wall time comes twice that night."""

    starts_at: str = Field(json_schema_extra={"format": "date-time"})
    local_time: str
    resources: list[str]
    price_minor: int
    repeated: Literal[1, 2] | None = Field(default=None, description="Which pass of a repeated hour.")
    slot: str | None = Field(default=None, description="The published slot, for services booked by slot.")
    remaining: int | None = Field(default=None, description="How many places the slot has left.")


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
    """For one resource; `null` is a published slot that belongs to none, or no slot at all."""

    resource: str | None
    also: list[str] | None = Field(default=None, description="The other tables of a combination.")
    bookable: bool
    checks: list[CheckOut]


class ChangeOut(BaseModel):
    """One thing that would have to change, and to what."""

    change: str
    facts: dict[str, Any]


class FreeingOut(BaseModel):
    """The least that would have to change for the time to become bookable."""

    resource: str | None
    changes: list[ChangeOut]


class ExplanationOut(BaseModel):
    """Why a time is or is not bookable: the rules in order, for each resource asked about.

    ``smallest_change`` is for staff; null if the time is bookable or nothing can help.
    """

    starts_at: str
    timezone: str
    bookable: bool
    resources: list[ResourceExplanation]
    smallest_change: FreeingOut | None = None


class NearestOut(BaseModel):
    """Another free time: ``kind`` says how it is near to what was wished for."""

    starts_at: str = Field(json_schema_extra={"format": "date-time"})
    date: str = Field(json_schema_extra={"format": "date"})
    local_time: str
    resource: str | None
    kind: str
    slot: str | None = Field(default=None, description="The published slot, for services booked by slot.")
    also: list[str] | None = Field(default=None, description="The other tables of a combination.")


def write_availability(timezone: str, free: FreeBoard, prices: PriceList, first: date, last: date) -> str:
    """The answer as JSON text, written by hand: thousands of times at a fraction of the cost of dumping objects.

    A date is written once for the bitmaps it is read off; while nobody books on it, its text is the same.
    """
    tz = zone(timezone)
    shown = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        on = date.fromordinal(ordinal)
        columns = free.days.get(on)
        shown.append(
            f'{{"date":"{on.isoformat()}","open":false,"times":[]}}'
            if columns is None
            else _day(free.board, on, columns, prices, tz)
        )
    return f'{{"timezone":{json.dumps(timezone)},"days":[{",".join(shown)}]}}'


def write_days(timezone: str, days: Iterable[OpenDay]) -> str:
    """The same answer from days spelt out: published slots, where there are tens of times and not thousands."""
    shown = [
        {
            "date": day.on.isoformat(),
            "open": day.open,
            "times": [_spelt_out(time) for time in day.times],
        }
        for day in days
    ]
    return json.dumps({"timezone": timezone, "days": shown}, separators=(",", ":"))


def _spelt_out(time: OpenTime) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "starts_at": show_instant(time.starts_at),
        "local_time": time.local_time,
        "resources": [str(id) for id in time.resource_ids],
        "price_minor": time.price_minor,
    }
    if time.repeated:
        shown["repeated"] = 2 if time.second_pass else 1
    if time.slot_id is not None:
        shown |= {"slot": str(time.slot_id), "remaining": time.remaining}
    return shown


@lru_cache(maxsize=1024)
def _day(board: Board[UUID], on: date, columns: Columns, prices: PriceList, tz: ZoneInfo) -> str:
    lists, who = _resource_lists(board), board.who
    times = [
        f'{{{_clock(minute, tz)},"resources":{lists[pattern]},"price_minor":{prices.at(minute, on, who[pattern])}{_repeated(minute, tz)}}}'
        for minute, pattern in patterns_on(board, on, columns)
    ]
    return f'{{"date":"{on.isoformat()}","open":true,"times":[{",".join(times)}]}}'


class _ResourceLists(dict[Pattern, str]):
    """The groups of resources of a board as JSON, each written once."""

    def __init__(self, board: Board[UUID]) -> None:
        super().__init__()
        self._who = board.who
        self._most = board.who.most

    def __missing__(self, pattern: Pattern) -> str:
        if len(self) >= self._most:
            self.clear()
        written = self[pattern] = json.dumps([str(id) for id in self._who[pattern]], separators=(",", ":"))
        return written


@lru_cache(maxsize=64)
def _resource_lists(board: Board[UUID]) -> _ResourceLists:
    return _ResourceLists(board)


@lru_cache(maxsize=32768)
def _clock(minute: int, tz: ZoneInfo) -> str:
    return f'"starts_at":"{iso_of(minute)}","local_time":"{hhmm(minute, tz)}"'


@lru_cache(maxsize=32768)
def _repeated(minute: int, tz: ZoneInfo) -> str:
    turn = pass_of(minute, tz)
    return f',"repeated":{turn}' if turn else ""


def show_explanation(starts_at: str, timezone: str, explanations: Iterable[Explanation]) -> dict[str, Any]:
    """An explanation as the API shows it."""
    found = list(explanations)
    return {
        "starts_at": starts_at,
        "timezone": timezone,
        "bookable": any(each.bookable for each in found),
        "resources": [
            {
                "resource": str(each.resource_id) if each.resource_id else None,
                **({"also": [str(id) for id in each.also]} if each.also else {}),
                "bookable": each.bookable,
                "checks": [
                    {"rule": check.rule, "passed": check.passed, "facts": check.facts}
                    for check in each.checks
                ],
            }
            for each in found
        ],
    }


def show_freeing(freeing: Freeing) -> dict[str, Any]:
    """The least change as the API shows it."""
    return {
        "resource": str(freeing.resource_id) if freeing.resource_id else None,
        "changes": [{"change": each.change, "facts": each.facts} for each in freeing.changes],
    }


def show_alternative(alternative: Alternative) -> dict[str, Any]:
    """Another free time."""
    return {
        "starts_at": show_instant(alternative.starts_at),
        "date": alternative.local_on.isoformat(),
        "local_time": alternative.local_time,
        "resource": str(alternative.resource_id) if alternative.resource_id else None,
        "kind": alternative.kind,
        **({"slot": str(alternative.slot_id)} if alternative.slot_id else {}),
        **({"also": [str(id) for id in alternative.also]} if alternative.also else {}),
    }

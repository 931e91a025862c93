"""What answers about free time are made of, whatever the mode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import hhmm, pass_of
from holdfast.schedule.rules import Check


class OpenTime(NamedTuple):
    """A start that is free now. ``local_time`` is HH:MM; ``repeated`` marks the hour that comes twice in a night.

    A published slot's has its id and how many places remain.
    """

    starts_at: datetime
    local_time: str
    repeated: bool
    second_pass: bool
    resource_ids: tuple[UUID, ...]
    price_minor: int
    slot_id: UUID | None = None
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A local date: whether the business gives this service then at all, and which starts are free."""

    on: date
    open: bool
    times: tuple[OpenTime, ...]


@dataclass(frozen=True, slots=True)
class DayCount:
    """A local date and how many starts are free on it."""

    on: date
    open: bool
    free: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another time that is free now. ``kind``: ``later``, ``earlier``, ``other_resource`` or ``other_day``."""

    starts_at: datetime
    local_on: date
    local_time: str
    resource_id: UUID | None
    kind: str
    slot_id: UUID | None = None
    # The other tables of a combination.
    also: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a start is or is not bookable with one resource: the rules in order; staff also see what blocks it.

    ``resource_id`` is None for a slot that belongs to no resource, and where there is no slot; ``also`` are the other
    tables of a combination.
    """

    resource_id: UUID | None
    bookable: bool
    checks: tuple[Check, ...]
    also: tuple[UUID, ...] = ()


@lru_cache(maxsize=32768)
def read_clock(minute: int, tz: ZoneInfo) -> tuple[datetime, str, bool, bool]:
    """How a start reads in UTC and on the business's clock; the same for every question about it."""
    turn = pass_of(minute, tz)
    return instant_of(minute), hhmm(minute, tz), turn != 0, turn == 2


def dates(first: date, last: date) -> list[date]:
    """Every date from the first to the last, both included."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

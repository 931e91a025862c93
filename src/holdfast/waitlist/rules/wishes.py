"""What somebody waits for: dates, times of the day, weekdays (SPEC F1). Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast.lib.text import Mistakes
from holdfast.lib.timeline import DAY_MINUTES, instant_of
from holdfast.lib.walltime import minute_at
from holdfast.schedule.rules import format_hhmm, parse_hhmm

MOST_RANGES = 5
EVERY_DAY = 0b1111111


@dataclass(frozen=True, slots=True)
class DateRange:
    """Starts wished for on the dates from ``first`` to ``last``, both included, on some weekdays, at some times.

    ``from_minute`` and ``to_minute`` are minutes of the day, both included; what an evening has after midnight belongs to the
    date it began on and counts on from 1440, and a range up to 24:00 (1440) has no end. Bit n of ``weekdays`` is
    weekday n, 0 for Monday.
    """

    first: date
    last: date
    from_minute: int = 0
    to_minute: int = DAY_MINUTES
    weekdays: int = EVERY_DAY

    def includes(self, on: date, minute_of_day: int) -> bool:
        """Whether a start that is listed under ``on`` is wished for."""
        if not (self.first <= on <= self.last and self.weekdays >> on.weekday() & 1):
            return False
        return self.from_minute <= minute_of_day and (
            minute_of_day <= self.to_minute or self.to_minute == DAY_MINUTES
        )

    def as_json(self) -> dict[str, Any]:
        """As the API speaks of it."""
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "from_time": format_hhmm(self.from_minute),
            "to_time": format_hhmm(self.to_minute),
            "weekdays": [day for day in range(7) if self.weekdays >> day & 1],
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> DateRange:
        """What :meth:`as_json` wrote."""
        return cls(
            date.fromisoformat(stored["from"]),
            date.fromisoformat(stored["to"]),
            parse_hhmm(stored["from_time"]),
            parse_hhmm(stored["to_time"], closing=True),
            sum(1 << day for day in stored["weekdays"]),
        )


@dataclass(frozen=True, slots=True)
class RangeWish:
    """A range as somebody asked for it, unchecked. Times are ``HH:MM``; empty ones are the whole day."""

    first: date
    last: date
    from_time: str = ""
    to_time: str = ""
    weekdays: Sequence[int] | None = None


def clean_ranges(
    wished: Sequence[RangeWish], *, today: date, last_bookable: date, mistakes: Mistakes
) -> tuple[DateRange, ...]:
    """The ranges as they are kept, cut to today and what can be booked; mistakes go under ``wishes`` and ``wishes[n].…``."""
    if not 1 <= len(wished) <= MOST_RANGES:
        mistakes["wishes"] = [("out_of_bounds", {"least": 1, "most": MOST_RANGES})]
        return ()
    return tuple(
        cleaned
        for number, one in enumerate(wished)
        if (cleaned := _clean(one, f"wishes[{number}]", today, last_bookable, mistakes))
    )


def _clean(
    one: RangeWish, field: str, today: date, last_bookable: date, mistakes: Mistakes
) -> DateRange | None:
    before = len(mistakes)
    if one.last < one.first:
        mistakes[f"{field}.to"] = [("before_start", {})]
    elif one.last < today:
        mistakes[f"{field}.to"] = [("in_past", {})]
    elif one.first > last_bookable:
        ahead = (last_bookable - today).days
        mistakes[f"{field}.from"] = [("too_far_ahead", {"furthest_ahead_days": ahead})]
    minutes = []
    for name, said, usual in (("from_time", one.from_time, 0), ("to_time", one.to_time, DAY_MINUTES)):
        try:
            minutes.append(parse_hhmm(said, closing=name == "to_time") if said else usual)
        except ValueError:
            mistakes[f"{field}.{name}"] = [("wrong_format", {})]
    if len(minutes) == 2 and minutes[1] < minutes[0]:
        mistakes[f"{field}.to_time"] = [("before_start", {})]
    days = range(7) if one.weekdays is None else one.weekdays
    if not days or not all(0 <= day <= 6 for day in days):
        mistakes[f"{field}.weekdays"] = [("unknown_choice", {"choices": list(range(7))})]
    if len(mistakes) > before:
        return None
    bits = sum(1 << day for day in set(days))
    first, last = max(one.first, today), min(one.last, last_bookable)
    if not any(
        bits >> (first + timedelta(days=n)).weekday() & 1 for n in range(min((last - first).days, 6) + 1)
    ):
        mistakes[f"{field}.weekdays"] = [("no_such_day", {})]
        return None
    from_minute, to_minute = minutes
    return DateRange(first, last, from_minute, to_minute, bits)


def ends_at(ranges: Iterable[DateRange], tz: ZoneInfo) -> datetime:
    """When the last of the wishes is over: the end of its last date, the small hours of an evening included."""
    last = max(one.last for one in ranges)
    return instant_of(minute_at(last, DAY_MINUTES + 6 * 60, tz))


def wish_key(
    *,
    customer_id: UUID,
    services: Iterable[UUID],
    resources: Iterable[UUID] | None,
    ranges: Iterable[DateRange],
    party_size: int,
    booking_id: UUID | None,
) -> str:
    """One key for one person's wish: the same wish, said again, is the same key."""
    said = [
        str(customer_id),
        sorted(set(map(str, services))),
        None if resources is None else sorted(set(map(str, resources))),
        sorted({json.dumps(one.as_json()) for one in ranges}),
        party_size,
        str(booking_id or ""),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()

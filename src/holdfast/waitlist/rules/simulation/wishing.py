"""Who wishes for what on which date, of everybody who will ever join: looked up instead of asked one by one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from holdfast.lib.timeline import DAY_MINUTES
from holdfast.waitlist.rules.wishes import DateRange

if TYPE_CHECKING:
    from holdfast.waitlist.rules.simulation.world import Asker

_ENDLESS = 1_000_000
# A longer range is not written into every day of it.
_LONGEST_BY_DAY = 31
_NOBODY: Sequence[int] = ()


class Kind(NamedTuple):
    """What many wish for alike: one of these resources (None for any), and a start between two minutes of the day.

    Whether somebody of a kind would come to a place depends on the date and the service alone, which the index knows.
    """

    resources: frozenset[UUID] | None
    earliest: int
    latest: int


class Wishing:
    """The numbers of those who wish for a service, in order of joining, by the date; and of what kind they are.

    It depends on the people alone, so one serves all policies that are compared.
    """

    def __init__(self, askers: Sequence[Asker]) -> None:
        self._by_day: dict[UUID, dict[int, list[int]]] = {}
        self._wide: dict[UUID, list[int]] = {}
        # The first and the last date anybody wishes for.
        self.dates = [_dates(asker.ranges) for asker in askers]
        numbers: dict[Kind, int] = {}
        # The number of everybody's kind; None for those whose starts have to be asked about in full.
        self.kind_of = [
            None if kind is None else numbers.setdefault(kind, len(numbers)) for kind in map(_kind, askers)
        ]
        self.kinds = list(numbers)
        for number, asker in enumerate(askers):
            if any(map(_is_long, asker.ranges)):
                for service in asker.services:
                    self._wide.setdefault(service, []).append(number)
            else:
                days = _days(asker.ranges)
                for service in asker.services:
                    by_day = self._by_day.setdefault(service, {})
                    for day in days:
                        by_day.setdefault(day, []).append(number)

    def by_day(self, service: UUID, day: int) -> Sequence[int]:
        """Those with a wish for a service on a date, the number of a day; not those whose wish is long."""
        return self._by_day.get(service, {}).get(day, _NOBODY)

    def wide(self, service: UUID) -> Sequence[int]:
        """Those whose wish for a service is so long that its dates have to be looked at."""
        return self._wide.get(service, _NOBODY)


def _days(ranges: Sequence[DateRange]) -> Iterable[int]:
    """The numbers of the days of all ranges, each once."""
    return _days_of(ranges[0]) if len(ranges) == 1 else set().union(*map(_days_of, ranges))


def _days_of(wish: DateRange) -> list[int]:
    weekdays = wish.weekdays  # day 1 of the calendar was a Monday
    return [
        day
        for day in range(wish.first.toordinal(), wish.last.toordinal() + 1)
        if weekdays >> (day - 1) % 7 & 1
    ]


def _dates(ranges: Sequence[DateRange]) -> tuple[date, date]:
    if len(ranges) == 1:  # nearly everybody
        return ranges[0].first, ranges[0].last
    first = min((one.first for one in ranges), default=date.max)
    return first, max((one.last for one in ranges), default=date.min)


def _kind(asker: Asker) -> Kind | None:
    """The kind of somebody with a single wish, whose date the index has checked."""
    if len(asker.ranges) != 1 or _is_long(asker.ranges[0]):
        return None
    wish = asker.ranges[0]
    latest = _ENDLESS if wish.to_minute == DAY_MINUTES else wish.to_minute
    return Kind(asker.resources, wish.from_minute, latest)


def _is_long(wish: DateRange) -> bool:
    return (wish.last - wish.first).days >= _LONGEST_BY_DAY

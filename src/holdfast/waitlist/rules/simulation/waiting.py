"""Who waits in a simulation, found by service and date instead of by going through everybody. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from heapq import merge
from typing import Any
from uuid import UUID

from holdfast.lib.timeline import DAY_MINUTES
from holdfast.waitlist.rules.simulation.world import Asker, World
from holdfast.waitlist.rules.states import MOST_UNANSWERED
from holdfast.waitlist.rules.wishes import DateRange

WAITING, OFFERED, SERVED, GONE, SHELVED, TO_COME = range(6)
# A longer range is not written into every day of it.
_LONGEST_BY_DAY = 31
ENDLESS = 1_000_000


class Waiting:
    """The list: the state and the counters of everybody, and an index of who wants what on which date."""

    def __init__(self, world: World) -> None:
        self.askers: Sequence[Asker] = world.askers
        count = len(self.askers)
        self.state = [TO_COME] * count
        self.newest = -1
        self.passes = [0] * count
        self.unanswered = [0] * count
        self.passed_over = [0] * count
        self.in_vain = [0] * count
        self.waited: list[int | None] = [None] * count
        self.only = [asker.resources for asker in self.askers]
        # From and to which minute of the day a start is wished for, of those for whom the index has checked the date.
        self.windows: list[tuple[int, int] | None] = [_window(asker) for asker in self.askers]
        self.full_on = [-1] * count
        self._told = [(-1, 0)] * count
        self._by_day: dict[tuple[UUID, date], list[int]] = {}
        self._wide: dict[UUID, list[int]] = {}

    def join(self, number: int) -> None:
        """Put somebody on the list."""
        self.state[number] = WAITING
        self.newest = max(self.newest, number)
        asker = self.askers[number]
        is_wide = any(map(_is_long, asker.ranges))
        days: set[date] = set()
        for wish in () if is_wide else asker.ranges:
            dates = (wish.first + timedelta(days=n) for n in range((wish.last - wish.first).days + 1))
            days |= {day for day in dates if wish.weekdays >> day.weekday() & 1}
        for service in asker.services:
            if is_wide:
                self._wide.setdefault(service, []).append(number)
            else:
                for day in days:
                    self._by_day.setdefault((service, day), []).append(number)

    def wanting(self, service: UUID, on: date) -> Iterator[int]:
        """Those who wait for a service and may want it on that date, in order of joining."""
        narrow = self._alive(self._by_day, (service, on))
        wide = self._alive(self._wide, service)
        return merge(narrow, wide) if service in self._wide else narrow

    def listed(self, service: UUID, on: date, after: int) -> Iterator[int]:
        """Those on the list who may want the service on that date and joined after a person, in no order, with those who
        have an offer out."""
        for index, key in ((self._by_day, (service, on)), (self._wide, service)):
            yield from self._since(index, key, after)

    def _since(self, index: dict[Any, list[int]], key: Any, after: int) -> Iterator[int]:
        row, state = index.get(key, ()), self.state
        for number in reversed(row):
            if number <= after:
                return
            if state[number] in (WAITING, OFFERED):
                yield number

    def _alive(self, index: dict[Any, list[int]], key: Any) -> Iterator[int]:
        """Those of a row who wait; a row that went through to its end and is mostly over is written anew."""
        row = index.get(key, ())
        state, dead = self.state, 0
        for number in row:
            if state[number] == WAITING:
                yield number
            elif state[number] != OFFERED:
                dead += 1
        if dead * 2 > len(row):
            index[key] = [number for number in row if state[number] in (WAITING, OFFERED)]

    def tell(self, number: int, day: int, most: int) -> None:
        """Count a message; at ``most`` a day there are no more that day."""
        last, count = self._told[number]
        count = count + 1 if last == day else 1
        self._told[number] = (day, count)
        if count >= most:
            self.full_on[number] = day

    def left_unanswered(self, number: int) -> None:
        """Count an offer without an answer; too many, and they are not asked again."""
        self.unanswered[number] += 1
        if self.unanswered[number] >= MOST_UNANSWERED and self.state[number] in (WAITING, OFFERED):
            self.state[number] = SHELVED

    def serve(self, number: int, at: int) -> None:
        """They have a place."""
        self.state[number] = SERVED
        self.waited[number] = at - self.askers[number].joined

    def forget_before(self, on: date) -> None:
        """Drop the dates that are over from the index."""
        for key in [key for key in self._by_day if key[1] < on]:
            del self._by_day[key]


def _window(asker: Asker) -> tuple[int, int] | None:
    """The times of the day of somebody with one wish; None where a start has to be asked about in full."""
    if len(asker.ranges) != 1 or _is_long(asker.ranges[0]):
        return None
    wish = asker.ranges[0]
    return wish.from_minute, ENDLESS if wish.to_minute == DAY_MINUTES else wish.to_minute


def _is_long(wish: DateRange) -> bool:
    return (wish.last - wish.first).days >= _LONGEST_BY_DAY

"""Who waits in a simulation, found by service and date instead of by going through everybody. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from heapq import merge
from uuid import UUID

from holdfast.waitlist.rules.simulation.world import Asker, World
from holdfast.waitlist.rules.states import MOST_UNANSWERED

# Those up to OFFERED are on the list.
WAITING, OFFERED, SERVED, GONE, SHELVED, TO_COME = range(6)


class Waiting:
    """The list: the state and the counters of everybody, and who of them wants what on which date."""

    def __init__(self, world: World) -> None:
        self.askers: Sequence[Asker] = world.askers
        self.wishing = world.wishing
        count = len(self.askers)
        self.state = [TO_COME] * count
        self.newest = -1
        self.passes = [0] * count
        self.unanswered = [0] * count
        self.passed_over = [0] * count
        self.in_vain = [0] * count
        self.waited: list[int | None] = [None] * count
        self.full_on = [-1] * count
        self._told = [(-1, 0)] * count

    def join(self, number: int) -> None:
        """Put somebody on the list; they join in the order of their numbers."""
        self.state[number] = WAITING
        self.newest = number

    def wanting(self, service: UUID, on: date) -> Iterator[int]:
        """Those who wait for a service and may want it on that date, in order of joining."""
        narrow, wide = self._joined_since(-1, service, on)
        state = self.state
        return (number for number in (merge(narrow, wide) if wide else narrow) if state[number] == WAITING)

    def listed(self, service: UUID, on: date, after: int) -> list[int]:
        """Those on the list who may want the service on that date and joined after a person, in no order, with those who
        have an offer out."""
        state = self.state
        rows = self._joined_since(after, service, on)
        return [number for row in rows for number in row if state[number] <= OFFERED]

    def _joined_since(self, after: int, service: UUID, on: date) -> tuple[Sequence[int], Sequence[int]]:
        """Those who joined after a person, on the list or not any more, by date and with a long wish."""
        rows = self.wishing.by_day(service, on.toordinal()), self.wishing.wide(service)
        narrow, wide = (row[bisect_right(row, after) : bisect_right(row, self.newest)] for row in rows)
        return narrow, wide

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
        if self.unanswered[number] >= MOST_UNANSWERED and self.state[number] <= OFFERED:
            self.state[number] = SHELVED

    def serve(self, number: int, at: int) -> None:
        """They have a place."""
        self.state[number] = SERVED
        self.waited[number] = at - self.askers[number].joined

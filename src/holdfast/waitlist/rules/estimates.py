"""How long somebody on the spot will wait, as a range, and how true such ranges turned out (SPEC F4, F7). Pure.

The queue is played through many times: everybody ahead takes the first who is free of those they accept, for as long as
some visit of that service really took. The range lies between the 25th and the 80th percentile of what came out.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median

_RUNS = 100
_LOW, _HIGH = 25, 80
_STEP = 5
# Fewer lengths than these and the planned one stands in for those not seen, as much shorter and longer as visits are.
_ENOUGH = 10
_USUAL = (0.8, 0.9, 1.0, 1.0, 1.1, 1.25)


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch in which a resource takes people: from the minute it is free until it stops. It may have several."""

    resource: Hashable
    free_at: int
    until: int


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody in the queue: the minutes planned for the visit, how long such visits took, whom they accept (None: any)."""

    planned: int
    seen: Sequence[int] = ()
    accepts: frozenset[Hashable] | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Minutes to wait, ``low`` to ``high``, and how many lengths of visits that was measured from (a list that
    several share counts once).

    ``unlikely`` is the share of runs in which there was no time left for them before everybody stopped.
    """

    low: int
    high: int
    measured: int
    unlikely: float


@dataclass(frozen=True, slots=True)
class Quoted:
    """A range somebody was told, and the minutes they waited."""

    low: int
    high: int
    waited: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How true quoted ranges were: how many there were, shares of 1, and the median distance from the middle in minutes."""

    count: int
    inside: float
    sooner: float
    later: float
    median_error: float


def estimate(
    *, now: int, shifts: Sequence[Shift], ahead: Sequence[InLine], who: InLine, seed: int = 0
) -> Estimate | None:
    """The wait of ``who`` behind those ``ahead``, in order; all times are minutes. None if nobody can take them any more.

    A visit begins only where it is planned to end before the shift does. The same arguments give the same range.
    """
    working = [one for one in shifts if one.until > max(now, one.free_at)]
    ours = _accepted(working, who)
    if not ours:
        return None
    free = [max(now, one.free_at) for one in working]
    until = [one.until for one in working]
    drawn = Random(seed)  # noqa: S311 - chance, not secrets
    queue = [(_accepted(working, one), one.planned, drawn.choices(_lengths(one), k=_RUNS)) for one in ahead]
    starts = [
        start
        for turn in range(_RUNS)
        if (start := _start(list(free), until, queue, turn, ours, who.planned)) is not None
    ]
    if len(starts) * 2 < _RUNS:
        return None
    waits = sorted(start - now for start in starts)
    low, high = (waits[max(0, -(-len(waits) * share // 100) - 1)] for share in (_LOW, _HIGH))
    return Estimate(
        low // _STEP * _STEP,
        max(_STEP, -(-high // _STEP) * _STEP),
        sum({id(one.seen): len(one.seen) for one in ahead}.values()),
        1 - len(starts) / _RUNS,
    )


def accuracy(told: Sequence[Quoted]) -> Accuracy | None:
    """How true the ranges were; None while there are none."""
    if not told:
        return None
    count = len(told)
    sooner = sum(one.waited < one.low for one in told)
    later = sum(one.waited > one.high for one in told)
    return Accuracy(
        count,
        (count - sooner - later) / count,
        sooner / count,
        later / count,
        median(abs(one.waited - (one.low + one.high) / 2) for one in told),
    )


def _start(
    free: list[int],
    until: Sequence[int],
    queue: Sequence[tuple[Sequence[int], int, Sequence[int]]],
    turn: int,
    ours: Sequence[int],
    planned: int,
) -> int | None:
    """When they begin in one run; ``free`` is used up. Who finds nobody with time left goes home."""
    for accepted, length, lengths in queue:
        place = _first(free, until, accepted, length)
        if place >= 0:
            free[place] += lengths[turn]
    place = _first(free, until, ours, planned)
    return free[place] if place >= 0 else None


def _first(free: Sequence[int], until: Sequence[int], accepted: Sequence[int], planned: int) -> int:
    best, at = -1, 0
    for place in accepted:
        begins = free[place]
        if (best < 0 or begins < at) and begins + planned <= until[place]:
            best, at = place, begins
    return best


def _accepted(working: Sequence[Shift], one: InLine) -> list[int]:
    """The places of the shifts somebody accepts, as numbers."""
    return [
        number
        for number, shift in enumerate(working)
        if (one.accepts is None or shift.resource in one.accepts)
    ]


def _lengths(one: InLine) -> Sequence[int]:
    """What a visit's length is drawn from."""
    if len(one.seen) >= _ENOUGH:
        return one.seen
    return [*one.seen, *(max(1, round(one.planned * share)) for share in _USUAL)]

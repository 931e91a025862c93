"""What a simulation is judged by: figures of each policy, beside each other, and what can be said of them. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

from holdfast.waitlist.rules.simulation.policies import Policy, Way
from holdfast.waitlist.rules.simulation.running import Outcome, Progress, run
from holdfast.waitlist.rules.simulation.world import World

#: The notice with which time comes free: up to so many minutes, the last without end.
NOTICES = (120, 720, 2880, None)
#: The waits that are counted: up to so many minutes, the last without end.
WAITS = (60, 360, 1440, 4320, 10_080, None)
# Fewer served or freed than this, or less apart than that, and nothing is said about a difference.
_LEAST_COUNTED = 30
_CLOSE = 0.005
_CLOSE_WAIT = 0.02


@dataclass(frozen=True, slots=True)
class Figures:
    """What one policy made of a world. Minutes and counts; ``by_notice`` is the share filled of what came free with such
    notice, ``by_wait`` how many waited so long; ``all_p95`` counts who was never served until they gave up.
    """

    way: str
    freed: int
    freed_minutes: int
    taken_minutes: int
    filled_minutes: int
    missed: int
    entries: int
    served: int
    never_served: int
    wait_median: int | None
    wait_p95: int | None
    all_p95: int | None
    messages: int
    in_vain: int
    declined: int
    lapsed: int
    by_notice: tuple[float | None, ...]
    by_wait: tuple[int, ...]

    @property
    def fill_rate(self) -> float:
        """The share of the freed minutes in which somebody was there, 0 to 1."""
        return self.filled_minutes / self.freed_minutes if self.freed_minutes else 0.0

    def as_json(self) -> dict[str, Any]:
        """As the console prints it."""
        return asdict(self) | {"fill_rate": round(self.fill_rate, 4)}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the figures say, by rule: ``code`` names it, ``facts`` fill its sentence."""

    code: str
    facts: dict[str, float]


def compare(world: World, policies: Sequence[Policy], *, progress: Progress | None = None) -> list[Figures]:
    """The figures of each policy on the same world; ``progress`` hears of (done, total) over all of them."""
    found = []
    for number, policy in enumerate(policies):
        told = None if progress is None else partial(_part, progress, number, len(policies))
        found.append(figures(world, policy.way, run(world, policy, progress=told)))
    return found


def _part(progress: Progress, number: int, count: int, done: int, total: int) -> object:
    return progress(number * total + done, count * total)


def figures(world: World, way: Way, outcome: Outcome) -> Figures:
    """The figures of one outcome."""
    taken = sum(one.end - one.start for one in outcome.visited)
    kept = sum(one.end - one.start for one in outcome.visited if one.came)
    return Figures(
        way=str(way),
        freed=len(world.freed),
        freed_minutes=sum(one.end - one.start for one in world.freed),
        taken_minutes=taken,
        filled_minutes=kept,
        missed=sum(not one.came for one in outcome.visited),
        entries=len(world.askers),
        served=len(outcome.waits),
        never_served=len(outcome.never),
        wait_median=percentile(outcome.waits, 50),
        wait_p95=percentile(outcome.waits, 95),
        all_p95=percentile(sorted((*outcome.waits, *outcome.never)), 95),
        messages=outcome.messages,
        in_vain=outcome.in_vain,
        declined=outcome.declined,
        lapsed=outcome.lapsed,
        by_notice=_by_notice(world, outcome),
        by_wait=_counted(outcome.waits),
    )


def percentile(ordered: Sequence[int], share: int) -> int | None:
    """The smallest value that at least ``share`` percent do not exceed; None of nothing."""
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else None


def findings(found: Sequence[Figures]) -> list[Finding]:
    """What the policy of the business does better or worse than each of the others, and what neither does."""
    ours = next((one for one in found if one.way == Way.SCORE), None)
    if ours is None or ours.freed < _LEAST_COUNTED or ours.entries < _LEAST_COUNTED:
        return [Finding(code="too_little", facts={"freed": found[0].freed if found else 0})]
    said = []
    for other in found:
        if other is ours:
            continue
        apart = ours.fill_rate - other.fill_rate
        word = "same" if abs(apart) < _CLOSE else "more" if apart > 0 else "less"
        said.append(
            Finding(f"fills_{word}_than_{other.way}", {"ours": ours.fill_rate, "other": other.fill_rate})
        )
    told = next((one for one in found if one.way == Way.BROADCAST), None)
    if told is not None and ours.messages and told.messages > ours.messages:
        times = told.messages / ours.messages
        said.append(Finding(code="fewer_messages", facts={"times": times, "in_vain": told.in_vain}))
    first = next((one for one in found if one.way == Way.ORDER), None)
    if first is not None and ours.wait_p95 is not None and first.wait_p95:
        apart = ours.wait_p95 / first.wait_p95 - 1
        word = "same" if abs(apart) < _CLOSE_WAIT else "longer" if apart > 0 else "shorter"
        facts: dict[str, float] = {"ours": ours.wait_p95, "other": first.wait_p95}
        said.append(Finding(f"longest_waits_{word}", facts))
    return said


def _counted(waits: Sequence[int]) -> tuple[int, ...]:
    edges = (-1, *(edge for edge in WAITS if edge is not None), 10**12)
    return tuple(sum(low < wait <= high for wait in waits) for low, high in pairwise(edges))


def _by_notice(world: World, outcome: Outcome) -> tuple[float | None, ...]:
    """The share filled of the minutes that came free with little, some, much notice."""
    filled, freed = [0] * len(NOTICES), [0] * len(NOTICES)
    rows: dict[UUID, list[tuple[int, int, int]]] = {}
    for one in world.freed:
        notice = next(n for n, most in enumerate(NOTICES) if most is None or one.start - one.at <= most)
        freed[notice] += one.end - one.start
        rows.setdefault(one.resource, []).append((one.start, one.end, notice))
    for row in rows.values():
        row.sort()
    for taken in outcome.visited:
        if not taken.came:
            continue
        row = rows[taken.resource]
        at = bisect_left(row, (taken.start + 1,)) - 1
        while at < len(row) and row[at][0] < taken.end:
            start, end, notice = row[at]
            filled[notice] += max(0, min(end, taken.end) - max(start, taken.start))
            at += 1
    return tuple(done / all_ if all_ else None for done, all_ in zip(filled, freed, strict=True))

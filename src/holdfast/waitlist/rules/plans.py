"""Who gets a gap: one person, or two whose visits fill it better (SPEC F3). Pure.

A gap is a stretch of one resource's free time. A visit in it leaves pieces before and after; a piece too short for any
service is wasted. The person with the highest score has it, unless their visit wastes something and two others waste
less and are worth more together: ``Σ score · minutes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from uuid import UUID

from holdfast.lib.timeline import Span

# Pairs are looked for among so many of the best; more would hardly change who is chosen.
_PAIRED = 8


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Somebody for whom the gap has room: ``starts`` are the minutes they could begin at, in order.

    ``before`` and ``length`` are minutes: the buffer in front of a start, and what the visit takes with both buffers.
    """

    entry: UUID
    service: UUID
    starts: tuple[int, ...]
    length: int
    before: int = 0

    def taken(self, start: int) -> Span:
        """What the visit takes of the gap."""
        return Span(start - self.before, start - self.before + self.length)


@dataclass(frozen=True, slots=True)
class Placing:
    """One person's start in a gap, what it wastes, and the score that gives."""

    candidate: Candidate
    start: int
    wasted: int
    score: float


Weigh = Callable[[Candidate, int, int], float]


def wasted_in(gap: Span, taken: Sequence[Span], shortest: int) -> int:
    """The minutes of a gap that nobody can use once these spans of it, in order, are taken."""
    lost, at = 0, gap.start
    for span in (*taken, Span(gap.end, gap.end)):
        piece = span.start - at
        lost += piece if 0 < piece < shortest else 0
        at = span.end
    return lost


@lru_cache(maxsize=4096)
def least_wasted(
    gap: Span, starts: tuple[int, ...], before: int, length: int, shortest: int
) -> tuple[int, int]:
    """The fewest minutes one visit can waste of a gap, and the start that does; many ask with the same starts."""
    return min(
        (wasted_in(gap, (Span(start - before, start - before + length),), shortest), start)
        for start in starts
    )


def best_plan(
    gap: Span, candidates: Sequence[Candidate], *, shortest: int, weigh: Weigh
) -> tuple[Placing, ...]:
    """Whom to ask and for which starts: one person or two; nobody if there are no candidates. See :func:`best_plans`."""
    return next(best_plans(gap, candidates, shortest=shortest, weigh=weigh), ())


def best_plans(
    gap: Span, candidates: Sequence[Candidate], *, shortest: int, weigh: Weigh
) -> Iterator[tuple[Placing, ...]]:
    """The best plan for a gap, the best without anybody in it, and so on until nobody is left.

    ``candidates`` come in the order in which equals are asked; ``shortest`` is the shortest visit the resource gives;
    ``weigh`` gives a candidate's score for what they use and waste, in minutes.
    """
    ranked = sorted(
        (_alone(gap, one, shortest, weigh) for one in candidates if one.starts), key=lambda one: -one.score
    )
    while ranked:
        plan = _best_of(gap, ranked, shortest, weigh)
        yield plan
        asked = {one.candidate.entry for one in plan}
        ranked = [one for one in ranked if one.candidate.entry not in asked]


def _best_of(gap: Span, ranked: Sequence[Placing], shortest: int, weigh: Weigh) -> tuple[Placing, ...]:
    """The first of those who are ranked, or two of them who fill the gap better."""
    best = ranked[0]
    if not best.wasted:
        return (best,)
    worth = best.score * best.candidate.length
    chosen: tuple[Placing, ...] = (best,)
    paired = [one.candidate for one in ranked[:_PAIRED]]
    for pair in _pairs(gap, paired, shortest, best.wasted, weigh):
        together = sum(one.score * one.candidate.length for one in pair)
        if together > worth:
            worth, chosen = together, pair
    return tuple(sorted(chosen, key=lambda one: -one.score))


def _alone(gap: Span, one: Candidate, shortest: int, weigh: Weigh) -> Placing:
    wasted, start = least_wasted(gap, one.starts, one.before, one.length, shortest)
    return Placing(one, start, wasted, weigh(one, one.length, wasted))


def _pairs(
    gap: Span, candidates: Sequence[Candidate], shortest: int, below: int, weigh: Weigh
) -> Iterator[tuple[Placing, Placing]]:
    """Every two who both have room and waste less than ``below``, each pair in the places that waste least."""
    for first, second in permutations(candidates, 2):
        if first.entry == second.entry:  # one person with two wishes that both have room
            continue
        if second.taken(second.starts[-1]).start < first.taken(first.starts[0]).end:
            continue
        found = None
        for start in first.starts:
            ends = first.taken(start).end
            later = next((at for at in second.starts if second.taken(at).start >= ends), None)
            if later is None:
                break
            wasted = wasted_in(gap, (first.taken(start), second.taken(later)), shortest)
            if found is None or wasted < found[0]:
                found = (wasted, start, later)
        if found is not None and found[0] < below:
            wasted, start, later = found
            half = wasted // 2
            yield (
                Placing(first, start, half, weigh(first, first.length, half)),
                Placing(second, later, wasted - half, weigh(second, second.length, wasted - half)),
            )

"""Who gets a gap: the best, or two who fill it better; compared with trying everything."""

from __future__ import annotations

from itertools import pairwise, permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib.timeline import Span
from holdfast.waitlist.rules import Candidate, best_plan, best_plans, wasted_in

SERVICE = UUID(int=1)


def candidate(number: int, length: int, gap: Span, step: int = 15) -> Candidate:
    return Candidate(UUID(int=number), SERVICE, tuple(range(gap.start, gap.end - length + 1, step)), length)


def weigher(scores: dict[UUID, float]):
    """A score of their own, of which a tenth is how well they fit."""
    return lambda one, used, wasted: scores[one.entry] + 0.1 * used / (used + wasted)


gaps = st.integers(2, 8).map(lambda quarters: Span(600, 600 + quarters * 15))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Span, list[Candidate], dict[UUID, float]]:
    gap = draw(gaps)
    lengths = draw(st.lists(st.sampled_from([15, 30, 45, 60, 75]), min_size=1, max_size=6))
    people = [candidate(number, length, gap) for number, length in enumerate(lengths, start=10)]
    scores = {one.entry: draw(st.integers(1, 100)) / 100 for one in people}
    return gap, people, scores


@given(situations())
def test_a_plan_stays_in_the_gap_and_places_nobody_on_somebody(
    situation: tuple[Span, list[Candidate], dict[UUID, float]],
) -> None:
    gap, people, scores = situation
    plan = best_plan(gap, people, shortest=15, weigh=weigher(scores))
    assert bool(plan) is any(one.starts for one in people)
    spans = sorted(one.candidate.taken(one.start) for one in plan)
    assert all(gap.start <= span.start and span.end <= gap.end for span in spans)
    assert all(first.end <= second.start for first, second in pairwise(spans))
    assert len({one.candidate.entry for one in plan}) == len(plan) <= 2
    assert all(one.start in one.candidate.starts for one in plan)


@given(situations())
def test_one_person_alone_is_the_one_with_the_highest_score(
    situation: tuple[Span, list[Candidate], dict[UUID, float]],
) -> None:
    gap, people, scores = situation
    weigh = weigher(scores)
    plan = best_plan(gap, people, shortest=15, weigh=weigh)
    if len(plan) == 1:
        possible = [
            weigh(one, one.length, wasted_in(gap, (one.taken(start),), 15))
            for one in people
            for start in one.starts
        ]
        assert plan[0].score == max(possible)


@given(situations())
def test_two_are_asked_only_when_they_waste_less_and_are_worth_more_than_the_best(
    situation: tuple[Span, list[Candidate], dict[UUID, float]],
) -> None:
    gap, people, scores = situation
    weigh = weigher(scores)
    plan = best_plan(gap, people, shortest=30, weigh=weigh)
    alone = [
        max(
            (
                (weigh(one, one.length, w := wasted_in(gap, (one.taken(start),), 30)), -w, one)
                for start in one.starts
            ),
            key=lambda found: found[:2],
        )
        for one in people
        if one.starts
    ]
    if not alone:
        return
    best_score, minus_wasted, best = max(alone, key=lambda found: found[0])
    if len(plan) == 2:
        taken = sorted(one.candidate.taken(one.start) for one in plan)
        assert wasted_in(gap, taken, 30) < -minus_wasted
        assert sum(one.score * one.candidate.length for one in plan) > best_score * best.length
    elif -minus_wasted and plan:
        for first, second in permutations([one for one in people if one.starts], 2):
            for start in first.starts:
                for later in second.starts:
                    spans = (first.taken(start), second.taken(later))
                    if spans[0].end > spans[1].start or wasted_in(gap, spans, 30) > 0:
                        continue
                    worth = sum(weigh(one, one.length, 0) * one.length for one in (first, second))
                    assert worth <= best_score * best.length + 1e-9


@given(situations())
def test_every_next_plan_is_the_best_without_those_of_the_plans_before(
    situation: tuple[Span, list[Candidate], dict[UUID, float]],
) -> None:
    gap, left, scores = situation
    for plan in best_plans(gap, left, shortest=30, weigh=weigher(scores)):
        assert plan == best_plan(gap, left, shortest=30, weigh=weigher(scores))
        asked = {one.candidate.entry for one in plan}
        left = [one for one in left if one.entry not in asked]
    assert not any(one.starts for one in left)


def test_a_gap_of_an_hour_is_split_for_two_who_waste_less() -> None:
    gap = Span(600, 660)
    long, short, other = candidate(10, 45, gap), candidate(11, 30, gap), candidate(12, 30, gap)
    scores = {long.entry: 0.68, short.entry: 0.6, other.entry: 0.5}
    plan = best_plan(gap, [long, short, other], shortest=30, weigh=weigher(scores))
    assert [one.candidate.entry for one in plan] == [short.entry, other.entry]
    assert sorted(one.start for one in plan) == [600, 630]


def test_nobody_is_passed_over_for_two_who_are_worth_little() -> None:
    gap = Span(600, 660)
    long, short, other = candidate(10, 45, gap), candidate(11, 30, gap), candidate(12, 30, gap)
    scores = {long.entry: 0.9, short.entry: 0.2, other.entry: 0.2}
    (placing,) = best_plan(gap, [long, short, other], shortest=30, weigh=weigher(scores))
    assert placing.candidate.entry == long.entry


def test_what_is_left_over_is_waste_only_if_nobody_fits_in_it() -> None:
    gap = Span(0, 60)
    assert wasted_in(gap, (Span(0, 30),), 30) == 0
    assert wasted_in(gap, (Span(0, 45),), 30) == 15
    assert wasted_in(gap, (Span(15, 45),), 30) == 30
    assert wasted_in(gap, (Span(-5, 65),), 30) == 0


def test_nobody_is_paired_with_themselves() -> None:
    gap, ada = Span(600, 660), UUID(int=10)
    wishes = [Candidate(ada, UUID(int=service), (600, 615, 630), 30) for service in (1, 2)]
    plan = best_plan(gap, wishes, shortest=45, weigh=weigher({ada: 0.5}))
    assert [one.candidate.entry for one in plan] == [ada]

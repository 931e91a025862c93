"""The simulation: deterministic, conserving, nothing given twice, and the rules of the live waitlist inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from statistics import median
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.lib.timeline import Span
from holdfast.waitlist.rules import Candidate, DateRange, best_plan, quick_score, tie_break
from holdfast.waitlist.rules.simulation import Habits, Outcome, Shape, Way, World, figures, run, shipped
from holdfast.waitlist.rules.simulation.asking import Asking
from holdfast.waitlist.rules.simulation.running import Visited
from holdfast.waitlist.rules.simulation.spaces import Piece
from holdfast.waitlist.rules.simulation.waiting import Waiting
from holdfast.waitlist.rules.simulation.world import Visit, uniform
from tests.waitlist.worlds import (
    CHAIR,
    CUT,
    EAGER,
    MONDAY,
    NINE,
    OTHER_CHAIR,
    SHAVE,
    asker,
    freed,
    policy,
    world,
)

NOON = NINE + 180


def names(outcome: Outcome) -> list[int]:
    return [one.asker for one in outcome.visited]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    askers = [
        asker(
            number,
            joined=NINE - draw(st.integers(0, 4000)),
            services=draw(st.sampled_from([(CUT,), (SHAVE,), (CUT, SHAVE)])),
            resources=draw(st.sampled_from([None, frozenset({CHAIR}), frozenset({OTHER_CHAIR})])),
            ranges=(
                DateRange(
                    MONDAY - timedelta(days=draw(st.integers(0, 40))), MONDAY, draw(st.sampled_from([0, 720]))
                ),
            ),
            answers=draw(st.booleans()),
            is_slow=draw(st.booleans()),
            misses=draw(st.sampled_from([0.0, 0.5])),
            leaves=draw(st.sampled_from([None, NINE + 60])),
            tells=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 12)))
    ]
    came_free, at = [], NINE + 60
    for _ in range(draw(st.integers(0, 6))):
        at += draw(st.sampled_from([0, 10, 90]))
        minutes = draw(st.sampled_from([15, 30, 45, 60, 105]))
        chair = draw(st.sampled_from([CHAIR, OTHER_CHAIR]))
        notice = draw(st.integers(5, 3000))
        came_free.append(freed(at, minutes, at=at - notice, resource=chair))
        at += minutes
    return world(
        askers, came_free, Habits(accepts=draw(st.sampled_from([0.3, 1.0]))), draw(st.integers(0, 99))
    )


@given(worlds(), st.sampled_from(list(Way)))
@settings(max_examples=80)
def test_nothing_is_given_twice_and_nobody_is_lost(played: World, way: Way) -> None:
    outcome = run(played, policy(way))
    assert len(outcome.waits) + len(outcome.never) == len(played.askers)
    assert len(outcome.waits) == len(outcome.visited)
    assert len(set(names(outcome))) == len(outcome.visited)
    for chair in (CHAIR, OTHER_CHAIR):
        taken = sorted((one.start, one.end) for one in outcome.visited if one.resource == chair)
        assert all(before[1] <= after[0] for before, after in pairwise(taken))
        free = [(one.start, one.end) for one in played.freed if one.resource == chair]
        for start, end in taken:
            assert sum(max(0, min(end, b) - max(start, a)) for a, b in free) == end - start


@given(worlds(), st.sampled_from(list(Way)))
@settings(max_examples=80)
def test_who_is_served_wished_for_it_and_was_asked_in_time(played: World, way: Way) -> None:
    for one in run(played, policy(way)).visited:
        who = played.askers[one.asker]
        assert any(played.visits[service].length == one.end - one.start for service in who.services)
        assert who.wants(MONDAY, one.start - (NINE - 540))
        assert who.resources is None or one.resource in who.resources
        assert who.answers
        assert who.joined <= one.at <= one.start - policy().cutoff_minutes


@given(worlds(), st.sampled_from(list(Way)))
@settings(max_examples=60)
def test_the_same_seed_gives_the_same_outcome(played: World, way: Way) -> None:
    again = replace(played)
    assert run(played, policy(way)) == run(again, policy(way))


@given(worlds(), st.sampled_from(list(Way)))
@settings(max_examples=60)
def test_time_that_nobody_can_use_changes_nothing(played: World, way: Way) -> None:
    more = replace(
        played, freed=[*played.freed, freed(resource=UUID(int=99), at=NINE + 2000, start=NINE + 2100)]
    )
    assert run(more, policy(way)) == run(played, policy(way))


def test_another_seed_is_another_world_and_the_same_seed_the_same() -> None:
    shape = Shape(days=10)
    assert shipped(1, shape) == shipped(1, shape)
    assert shipped(1, shape).askers != shipped(2, shape).askers


def test_first_come_first_served_asks_who_joined_first_and_the_score_whom_it_ranks_highest() -> None:
    dear = asker(2, joined=NINE - 2999, tier=3, shows=30)
    played = world([asker(1, no_shows=5), dear], [freed()])
    assert names(run(played, policy(Way.ORDER))) == [0]
    assert names(run(played, policy(Way.SCORE))) == [1]


def test_telling_everybody_gives_it_to_the_fastest_and_tells_the_others_in_vain() -> None:
    habits = Habits(accepts=1.0)
    played = world([asker(number) for number in range(6)], [freed(at=NINE - 60)], habits)
    answers = [played.answer(number, 0, NINE - 60) for number in range(6)]
    fastest = min(range(6), key=lambda number: answers[number] or (10**9, False))
    outcome = run(played, policy(Way.BROADCAST))
    assert (names(outcome), outcome.messages, outcome.in_vain) == ([fastest], 6, 5)
    assert run(played, policy(Way.ORDER)).messages < 6


def test_who_never_answers_costs_the_hold_and_then_the_next_is_asked() -> None:
    played = world([asker(1, joined=NINE - 4000, answers=False), asker(2)], [freed()])
    outcome = run(played, policy(Way.ORDER, hold_minutes=10))
    assert [(one.asker, one.at) for one in outcome.visited] == [(1, NINE + 11)]
    assert (outcome.lapsed, outcome.messages) == (1, 2)


def test_a_gap_goes_to_two_who_fill_it_together_rather_than_to_one_who_wastes() -> None:
    alone = asker(1, services=(SHAVE,))
    played = world([alone, asker(2), asker(3)], [freed(minutes=60)])
    outcome = run(played, policy(Way.SCORE))
    assert sorted((one.start, one.end) for one in outcome.visited) == [
        (NOON, NOON + 30),
        (NOON + 30, NOON + 60),
    ]


def test_neighbouring_time_that_came_free_at_different_hours_is_one_gap() -> None:
    played = world([asker(1, services=(SHAVE,))], [freed(minutes=30), freed(NOON + 30, 15, at=NINE + 60)])
    assert [(one.start, one.end) for one in run(played, policy()).visited] == [(NOON, NOON + 45)]


def test_who_joins_later_is_asked_for_what_still_stands_open() -> None:
    late = asker(1, joined=NINE + 30)
    assert [one.at for one in run(world([late], [freed()]), policy()).visited] == [NINE + 31]


@pytest.mark.parametrize("way", list(Way))
def test_nothing_is_offered_after_the_cut_off_nor_in_quiet_hours(way: Way) -> None:
    assert not run(world([asker(1)], [freed(at=NOON - 16)]), policy(way)).messages
    assert run(world([asker(1)], [freed(at=NOON - 17)]), policy(way)).messages == 1
    quiet = policy(way, quiet=(22 * 60, 10 * 60))
    assert [one.at for one in run(world([asker(1)], [freed()]), quiet).visited] == [NINE + 61]


def test_nobody_gets_more_messages_a_day_than_the_limit() -> None:
    came_free = [freed(NINE + 120 + 30 * number, at=NINE) for number in range(8)]
    never = Habits(quick_median=0.01, quick_spread=0.01, accepts=0.0)
    played = world([asker(1)], came_free, never)
    assert run(played, policy(Way.BROADCAST)).messages == 5
    assert run(played, policy(Way.BROADCAST, messages_per_day=2)).messages == 2


def test_the_business_sends_no_more_a_minute_than_the_limit() -> None:
    refusing = Habits(quick_median=0.01, quick_spread=0.01, accepts=0.0)
    played = world([asker(number) for number in range(6)], [freed(at=NOON - 18)], refusing)
    assert run(played, policy(Way.BROADCAST)).messages == 6
    # Two minutes are left until nobody may be told any more.
    assert run(played, policy(Way.BROADCAST, messages_per_minute=2)).messages == 4


def test_a_late_yes_takes_the_place_if_it_is_free_still() -> None:
    slow = Habits(quick_median=30, quick_spread=0.0001, accepts=1.0)
    outcome = run(world([asker(1)], [freed()], slow), policy(hold_minutes=10))
    assert ([one.at for one in outcome.visited], outcome.lapsed) == ([NINE + 30], 1)


def test_who_does_not_come_fills_nothing() -> None:
    outcome = Outcome(visited=[Visited(0, CHAIR, NOON, NOON + 30, NINE, came=False)], waits=[5])
    found = figures(world([asker(1)], [freed()]), Way.SCORE, outcome)
    assert (found.taken_minutes, found.filled_minutes, found.missed, found.fill_rate) == (30, 0, 1, 0.0)


def test_a_table_takes_no_party_that_is_larger() -> None:
    played = world([asker(1, party_size=5)], [freed(seats=4)])
    assert not run(played, policy()).visited
    assert run(replace(played, freed=[freed(seats=5)]), policy()).visited


@given(
    st.lists(
        st.tuples(st.integers(0, 20_000), st.integers(0, 3), st.integers(0, 9), st.booleans()),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from([30, 45, 60, 75]),
    st.integers(0, 5000),
    st.lists(st.integers(0, 39), max_size=60),
)
@settings(max_examples=100)
def test_leaving_out_who_cannot_be_best_changes_nobody_who_is_asked(
    people: list[tuple[int, int, int, bool]], minutes: int, ago: int, passed_over: list[int]
) -> None:
    played = world(
        [
            asker(n, joined=NINE - waited, tier=tier, no_shows=missed, services=(SHAVE if shaves else CUT,))
            for n, (waited, tier, missed, shaves) in enumerate(people)
        ],
        [freed(minutes=minutes)],
    )
    waiting = Waiting(played)
    for number in range(len(people)):
        waiting.join(number)
    asking = Asking(played, policy(), waiting, "salt")
    piece = Piece(CHAIR, MONDAY, NINE - 540, NOON, NOON + minutes, 0, NOON, 1_000_000)
    rooms = asking.rooms(piece, NINE)
    asking.best(piece, rooms, NINE - ago)  # so that scores of a while ago are known
    for number in passed_over:
        asking.pass_over(number % len(people))
    chosen = [(number, placing.start) for number, placing in asking.best(piece, rooms, NINE)]
    order = sorted(rooms, key=lambda number: tie_break("salt", f"{CHAIR}:{NOON}", str(number)))
    numbers = {played.askers[number].id: number for number in order}
    everybody = best_plan(
        Span(NOON, NOON + minutes),
        [
            Candidate(played.askers[n].id, rooms[n].visit.service, rooms[n].starts, rooms[n].visit.length)
            for n in order
        ],
        shortest=30,
        weigh=lambda one, used, wasted: quick_score(
            asking.standing(numbers[one.entry], NINE), policy().weights, used, wasted
        ),
    )
    assert chosen == [(numbers[one.candidate.entry], one.start) for one in everybody]


@given(st.integers(0, 1440), st.integers(0, 1440), st.integers(1, 127), st.integers(0, 60))
def test_the_index_finds_just_those_who_want_a_start(low: int, high: int, weekdays: int, days: int) -> None:
    wish = DateRange(MONDAY - timedelta(days=days), MONDAY, min(low, high), max(low, high), weekdays)
    played = world([asker(1, ranges=(wish,))], [freed()])
    waiting = Waiting(played)
    waiting.join(0)
    piece = Piece(CHAIR, MONDAY, NINE - 540, NOON, NOON + 90, 0, NOON, 1_000_000)
    rooms = Asking(played, policy(), waiting, "salt").rooms(piece, NINE)
    starts = [
        start
        for start in piece.starts(Visit(CUT, 30), NINE)
        if played.askers[0].wants(MONDAY, start - (NINE - 540))
    ]
    assert (list(rooms[0].starts) if rooms else []) == starts


def test_answers_depend_on_who_and_what_alone_and_are_spread_as_said() -> None:
    played = world([asker(number) for number in range(2000)], [freed()], Habits(accepts=0.75))
    answers = [played.answer(number, 0, NINE) for number in range(2000)]
    assert answers == [played.answer(number, 0, NINE) for number in range(2000)]
    delays = [at - NINE for at, _ in filter(None, answers)]
    assert median(delays) == 3
    assert sum(accepts for _, accepts in filter(None, answers)) / 2000 == pytest.approx(0.75, abs=0.04)
    assert len({uniform(1, a, b) for a in range(50) for b in range(50)}) == 2500


def test_nobody_answers_at_night_and_who_is_tired_of_it_not_at_all() -> None:
    played = world([asker(1)], [freed()], EAGER)
    late = NINE + 15 * 60
    answered = played.answer(0, 0, late)
    assert answered is not None
    assert NINE + 22 * 60 <= answered[0] < NINE + 23 * 60
    weary = world([asker(1)], [freed()], replace(EAGER, wearies=1.0))
    assert weary.answer(0, 0, NINE) is not None
    assert weary.answer(0, 0, NINE, in_vain=1) is None

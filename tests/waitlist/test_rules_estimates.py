"""How long somebody on the spot will wait, and how true such ranges were."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.waitlist.rules.estimates import Accuracy, Estimate, InLine, Quoted, Shift, accuracy, estimate

NOW = 600
THIRTY = (30,) * 12
PERSON = InLine(30, THIRTY)


def shift(resource: str = "Theo", free_at: int = NOW, until: int = 1080) -> Shift:
    return Shift(resource, free_at, until)


CASES: list[tuple[str, list[Shift], list[InLine], InLine, tuple[int, int] | None]] = [
    ("somebody is free: no wait", [shift()], [], PERSON, (0, 5)),
    ("the only one is busy for 12 minutes", [shift(free_at=612)], [], PERSON, (10, 15)),
    ("one ahead", [shift()], [PERSON], PERSON, (30, 30)),
    ("three ahead of two chairs", [shift(), shift("Amara", 610)], [PERSON] * 3, PERSON, (40, 40)),
    ("nobody works any more", [shift(until=600)], [], PERSON, None),
    ("nobody works", [], [], PERSON, None),
    ("no time is left for the visit", [shift(free_at=1060)], [], PERSON, None),
    ("those ahead take what time is left", [shift(until=660)], [PERSON] * 2, PERSON, None),
    ("who has no time left for those ahead goes on to the next", [shift(until=660)], [InLine(90)], PERSON, (0, 5)),
    ("an appointment cuts the time in two", [shift(until=620), shift(free_at=650)], [], PERSON, (50, 50)),
    ("only one of the two is wanted", [shift(), shift("Amara", 640)], [], InLine(30, (), frozenset({"Amara"})), (40, 40)),
    ("one ahead waits for another", [shift(), shift("Amara", 640)], [InLine(30, THIRTY, frozenset({"Amara"}))], PERSON, (0, 5)),
    ("who is wanted does not work", [shift()], [], InLine(30, (), frozenset({"Amara"})), None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ahead", "shifts", "who", "expected"),
    [(c[2], c[1], c[3], c[4]) for c in CASES],
    ids=[c[0] for c in CASES],
)
def test_the_wait_is_the_queue_played_through(
    ahead: list[InLine], shifts: list[Shift], who: InLine, expected: tuple[int, int] | None
) -> None:
    found = estimate(now=NOW, shifts=shifts, ahead=ahead, who=who)
    assert (None if found is None else (found.low, found.high)) == expected


def test_visits_of_changing_length_make_a_range_and_their_number_is_told() -> None:
    seen = tuple(range(15, 46))
    found = estimate(now=NOW, shifts=[shift()], ahead=[InLine(30, seen)] * 3, who=PERSON)
    assert found is not None
    assert 60 <= found.low < found.high <= 120
    assert found.measured == len(seen)
    assert found.low % 5 == found.high % 5 == 0


def test_without_lengths_seen_the_planned_one_is_spread() -> None:
    found = estimate(now=NOW, shifts=[shift()], ahead=[InLine(40)] * 2, who=PERSON)
    assert found is not None
    assert (found.measured, found.low <= 80 <= found.high) == (0, True)
    assert found.low < found.high


def test_how_unlikely_a_turn_is_is_told() -> None:
    found = estimate(
        now=NOW, shifts=[shift(until=665)], ahead=[InLine(30, (20,) * 8 + (60,) * 2)], who=PERSON
    )
    assert found is not None
    assert 0.1 < found.unlikely < 0.35


people = st.builds(InLine, st.integers(5, 60), st.lists(st.integers(5, 90), max_size=15).map(tuple))
shifts = st.lists(
    st.builds(Shift, st.integers(0, 3), st.integers(500, 700), st.just(10**6)), min_size=1, max_size=4
)


@given(shifts, st.lists(people, max_size=8), st.integers(0, 99))
def test_the_same_questions_have_the_same_answer_and_ranges_are_whole_fives(
    working: list[Shift], ahead: list[InLine], seed: int
) -> None:
    asked: dict[str, Any] = {"now": NOW, "shifts": working, "ahead": ahead, "who": PERSON, "seed": seed}
    found = estimate(**asked)
    assert isinstance(found, Estimate)
    assert found == estimate(**asked)
    assert 0 <= found.low <= found.high
    assert found.low % 5 == found.high % 5 == 0


@given(shifts, st.lists(people, max_size=8), people, st.integers(0, 99))
def test_one_more_ahead_never_shortens_the_wait(
    working: list[Shift], ahead: list[InLine], more: InLine, seed: int
) -> None:
    before = estimate(now=NOW, shifts=working, ahead=ahead, who=PERSON, seed=seed)
    after = estimate(now=NOW, shifts=working, ahead=[*ahead, more], who=PERSON, seed=seed)
    assert before is not None
    assert after is not None
    assert (after.low, after.high) >= (before.low, before.high)
    assert after.high >= before.high


@given(shifts, st.lists(people, max_size=8), st.integers(0, 99))
def test_one_more_chair_never_lengthens_it(working: list[Shift], ahead: list[InLine], seed: int) -> None:
    more = [*working, Shift("more", NOW, 10**6)]
    before = estimate(now=NOW, shifts=working, ahead=ahead, who=PERSON, seed=seed)
    after = estimate(now=NOW, shifts=more, ahead=ahead, who=PERSON, seed=seed)
    assert before is not None
    assert after is not None
    assert after.low <= before.low
    assert after.high <= before.high


def test_accuracy_is_the_share_inside_and_the_median_distance_from_the_middle() -> None:
    told = [Quoted(10, 20, 15), Quoted(10, 20, 20), Quoted(10, 20, 5), Quoted(30, 40, 61)]
    assert accuracy(told) == Accuracy(4, 0.5, 0.25, 0.25, 7.5)
    assert accuracy([]) is None

"""Which other times are near (SPEC C6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.availability.rules import MOST, Choice, nearest

DAY, MINUTE = 100, 100 * 1440 + 600  # the wanted start: ten o'clock


def choice(minutes: int, who: str = "theo", days: int = 0) -> Choice[str]:
    """A free time so many minutes of the clock after the wanted one, on another day or not."""
    return Choice(MINUTE + minutes + days * 1440, DAY + days, who)


def found(*free: Choice[str], who: str | None = "theo") -> list[tuple[int, str, str]]:
    best = nearest(free, minute=MINUTE, day=DAY, resource=who)
    return [(one.minute - MINUTE, one.resource, one.kind) for one in best]


def test_there_is_one_of_each_kind_nearest_first() -> None:
    free = [
        *(choice(minutes) for minutes in (-120, -60, 45, 60, 75, 90)),
        *(choice(minutes, "amara") for minutes in (0, 15)),
        choice(0, days=1),
        choice(30, days=1),
    ]
    assert found(*free) == [
        (0, "amara", "other_resource"),
        (45, "theo", "later"),
        (-60, "theo", "earlier"),
        (1440, "theo", "other_day"),
    ]


@pytest.mark.parametrize(
    ("free", "first"),
    [
        ([choice(29), choice(0, "amara")], (29, "theo", "later")),
        ([choice(31), choice(0, "amara")], (0, "amara", "other_resource")),
        ([choice(239), choice(0, days=1)], (239, "theo", "later")),
        ([choice(241), choice(0, days=1)], (1440, "theo", "other_day")),
        ([choice(30), choice(-30)], (-30, "theo", "earlier")),
        ([choice(0, days=2), choice(60, days=1)], (1500, "theo", "other_day")),
        ([choice(0, days=-1), choice(15, days=1)], (-1440, "theo", "other_day")),
    ],
)
def test_another_person_costs_half_an_hour_and_another_day_four(
    free: list[Choice[str]], first: tuple[int, str, str]
) -> None:
    assert found(*free)[0] == first


def test_where_anybody_would_do_a_time_is_named_once() -> None:
    free = [choice(30), choice(30, "amara"), choice(-15, "amara"), choice(60), choice(60, "amara")]
    assert found(*free, who=None) == [
        (-15, "amara", "earlier"),
        (30, "theo", "later"),
        (60, "theo", "later"),
    ]


def test_of_nothing_there_is_nothing_and_of_one_kind_up_to_four() -> None:
    assert found() == []
    assert [minutes for minutes, _, _ in found(*(choice(15 * step) for step in range(1, 9)))] == [
        15,
        30,
        45,
        60,
    ]


choices = st.builds(
    choice, st.integers(-600, 600), st.sampled_from(["theo", "amara", "luca"]), st.integers(-3, 3)
)


@given(st.lists(choices, unique=True, max_size=40), st.sampled_from([None, "theo"]))
def test_alternatives_are_few_free_distinct_and_of_every_kind_there_is(
    free: list[Choice[str]], who: str | None
) -> None:
    best = nearest(free, minute=MINUTE, day=DAY, resource=who)
    assert len(best) == len(set(best)) <= MOST
    bare = [Choice(one.minute, one.day, one.resource) for one in best]
    assert set(bare) <= set(free)
    if free:
        assert best
    if any(one.day != DAY for one in free):
        assert any(one.kind == "other_day" for one in best)

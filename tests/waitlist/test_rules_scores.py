"""The score: factors within bounds, and nobody starves (SPEC F2)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.businesses.rules import Settings
from holdfast.waitlist.rules import FACTORS, Standing, Weights, quick_score, score, tie_break

DEFAULT = Weights.of(Settings())
MINUTES = st.integers(0, 2 * 365 * 24 * 60)
standings = st.builds(
    Standing,
    waited=MINUTES,
    tier=st.integers(0, 3),
    shows=st.integers(0, 500),
    no_shows=st.integers(0, 500),
    left=MINUTES,
    passed_over=st.integers(0, 20),
    boost=st.just(0.0),
)
weightings = st.builds(
    Weights,
    *[st.integers(0, 100)] * 6,
    half_minutes=st.integers(1, 525_600),
    ageing_minutes=st.integers(10, 525_600),
).filter(lambda weights: any(weights[:6]))
used, wasted = st.integers(1, 1440), st.integers(0, 1440)


@given(standings, weightings, used, wasted)
def test_every_factor_is_a_share_and_the_parts_make_the_whole(
    standing: Standing, weights: Weights, used: int, wasted: int
) -> None:
    found = score(standing, weights, used, wasted)
    assert set(found.factors) == set(FACTORS)
    assert all(0 <= factor <= 1 for factor in found.factors.values())
    weighed = sum(getattr(weights, name) * found.factors[name] for name in FACTORS) / weights.total
    assert found.total == pytest.approx(weighed + found.ageing, abs=0.0001)
    assert found.total == quick_score(standing, weights, used, wasted)


@given(standings, standings, weightings, used, wasted)
def test_whoever_waited_the_ageing_time_longer_is_first_whatever_else_is_so(
    one: Standing, other: Standing, weights: Weights, used: int, wasted: int
) -> None:
    longer = one._replace(waited=other.waited + weights.ageing_minutes)
    assert quick_score(longer, weights, used, wasted) >= quick_score(other, weights)


@given(standings, weightings, st.integers(1, 100_000))
def test_waiting_longer_never_costs_anything(standing: Standing, weights: Weights, more: int) -> None:
    later = standing._replace(waited=standing.waited + more)
    assert quick_score(later, weights) >= quick_score(standing, weights)


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_every_minute_of_waiting_is_worth_less_than_the_one_before(waited: int, more: int) -> None:
    only = DEFAULT._replace(
        tier=0, reliability=0, fit=0, urgency=0, passed_over=0, ageing_minutes=10**9, half_minutes=100
    )
    first, second, third = (
        score(Standing(waited + step * more), only).factors["waiting"] for step in range(3)
    )
    assert third - second < second - first


@pytest.mark.parametrize(
    ("factor", "less", "more"),
    [
        ("tier", {"tier": 0}, {"tier": 1}),
        ("reliability", {"shows": 1, "no_shows": 9}, {"shows": 9, "no_shows": 1}),
        ("reliability", {"shows": 0, "no_shows": 1}, {}),
        ("reliability", {}, {"shows": 20}),
        ("urgency", {"left": 10_000}, {"left": 60}),
        ("passed_over", {"passed_over": 0}, {"passed_over": 1}),
    ],
)
def test_a_factor_prefers_what_it_is_for(factor: str, less: dict[str, int], more: dict[str, int]) -> None:
    low, high = (score(Standing(60, **facts), DEFAULT).factors[factor] for facts in (less, more))
    assert low < high
    alone = DEFAULT._replace(**dict.fromkeys(FACTORS, 0))._replace(**{factor: 1})
    assert quick_score(Standing(60, **less), alone) < quick_score(Standing(60, **more), alone)


def test_little_history_is_drawn_towards_the_usual() -> None:
    fresh, once, often = (
        score(Standing(0, shows=0, no_shows=n), DEFAULT).factors["reliability"] for n in (0, 1, 50)
    )
    assert fresh == 0.9
    assert 0.7 < once < fresh
    assert often < 0.1


def test_a_visit_that_fits_is_worth_more_than_one_that_wastes() -> None:
    assert score(Standing(0), DEFAULT, 60, 0).factors["fit"] == 1
    assert score(Standing(0), DEFAULT, 45, 15).factors["fit"] == 0.75


def test_ties_are_broken_by_the_salt_and_by_nothing_else() -> None:
    people = [f"entry-{number}" for number in range(200)]
    by_salt = {salt: sorted(people, key=lambda one: tie_break(salt, "10:00", one)) for salt in ("a", "b")}
    assert by_salt["a"] != by_salt["b"] != people
    other_place = sorted(people, key=lambda one: tie_break("a", "10:30", one))
    assert other_place != by_salt["a"]
    backwards = people[::-1]
    assert sorted(backwards, key=lambda one: tie_break("a", "10:00", one)) == by_salt["a"]


def test_settings_make_the_weights() -> None:
    weights = Weights.of(replace(Settings(), weight_tier=7, waitlist_half_minutes=30))
    assert (weights.tier, weights.half_minutes, weights.total) == (7, 30, 40 + 7 + 15 + 15 + 10 + 10)

"""The shipped scenario says what docs/how-it-works/waitlist-simulation.md says it does, on a quarter of its year."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.businesses.rules import Settings
from holdfast.waitlist.rules.simulation import (
    Figures,
    Habits,
    Policy,
    Shape,
    Way,
    World,
    compare,
    findings,
    percentile,
    shipped,
)

QUARTER = Shape(days=91)


def figures_of(world: World) -> dict[str, Figures]:
    found = compare(world, [Policy.of(Settings(), way) for way in Way])
    return {one.way: one for one in found}


@pytest.fixture(scope="module")
def found() -> dict[str, Figures]:
    return figures_of(shipped(1, QUARTER))


def test_it_is_a_shop_that_is_mostly_full(found: dict[str, Figures]) -> None:
    world = shipped(1, QUARTER)
    assert 500 < len(world.freed) < 800
    assert len(world.askers) == 2 * len(world.freed)
    assert all(one.start - one.at >= 10 for one in world.freed)
    assert all(7 * 60 <= one.at % 1440 < 22 * 60 or one.start - one.at >= 10 for one in world.freed)


def test_asking_by_score_fills_what_first_come_first_served_does_and_less_than_telling_everybody(
    found: dict[str, Figures],
) -> None:
    ours, first, told = (found[way].fill_rate for way in (Way.SCORE, Way.ORDER, Way.BROADCAST))
    assert ours == pytest.approx(first, abs=0.02)
    assert 0 < told - ours < 0.05


def test_it_takes_half_the_messages_and_a_third_of_the_disappointments(found: dict[str, Figures]) -> None:
    ours, told = found[Way.SCORE], found[Way.BROADCAST]
    assert ours.messages * 1.8 < told.messages
    assert ours.in_vain * 3 < told.in_vain


def test_the_longest_waits_are_about_those_of_first_come_first_served(found: dict[str, Figures]) -> None:
    ours, first = found[Way.SCORE].wait_p95, found[Way.ORDER].wait_p95
    assert ours is not None
    assert first is not None
    assert ours < first * 1.1


def test_where_everybody_has_the_phone_at_hand_asking_by_score_fills_as_much_as_telling_everybody() -> None:
    world = shipped(1, QUARTER)
    attentive = [replace(one, is_slow=False, answers=True, tells=True) for one in world.askers]
    found = figures_of(replace(world, askers=attentive))
    assert found[Way.SCORE].fill_rate > found[Way.BROADCAST].fill_rate - 0.01


def test_people_who_tire_of_races_turn_the_advantage_of_telling_everybody() -> None:
    world = replace(shipped(1, QUARTER), habits=Habits(wearies=0.5))
    found = figures_of(world)
    assert found[Way.SCORE].fill_rate > found[Way.BROADCAST].fill_rate


def test_figures_add_up(found: dict[str, Figures]) -> None:
    for one in found.values():
        assert one.served + one.never_served == one.entries
        assert sum(one.by_wait) == one.served
        assert one.filled_minutes <= one.taken_minutes <= one.freed_minutes
        assert one.wait_median is not None
        assert one.wait_p95 is not None
        assert one.wait_median <= one.wait_p95


def test_findings_name_what_the_figures_say(found: dict[str, Figures]) -> None:
    said = {one.code for one in findings(list(found.values()))}
    assert "fewer_messages" in said
    assert "fills_less_than_broadcast" in said
    ours = replace(found[Way.SCORE], filled_minutes=found[Way.SCORE].freed_minutes, wait_p95=1)
    better = {one.code for one in findings([ours, found[Way.ORDER], found[Way.BROADCAST]])}
    assert better >= {"fills_more_than_order", "fills_more_than_broadcast", "longest_waits_shorter"}
    few = [replace(one, freed=3) for one in found.values()]
    assert [one.code for one in findings(few)] == ["too_little"]


@pytest.mark.parametrize(
    ("ordered", "share", "expected"),
    [([], 50, None), ([7], 95, 7), ([1, 2, 3, 4], 50, 2), (list(range(1, 101)), 95, 95), ([1, 9], 95, 9)],
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(
    ordered: list[int], share: int, expected: int | None
) -> None:
    assert percentile(ordered, share) == expected


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    policies = [Policy.of(Settings(), way) for way in (Way.ORDER, Way.BROADCAST)]
    compare(shipped(1, Shape(days=14)), policies, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]

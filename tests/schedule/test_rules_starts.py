"""Free starts: examples people would check by hand, and properties against a model that asks minute by minute."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.lib.timeline import Span
from holdfast.lib.walltime import hhmm, is_repeated, zone
from holdfast.schedule.rules import (
    HOUR_TEMPLATES,
    Hours,
    OpenWindow,
    Shape,
    WeeklyWindow,
    candidates,
    counts_by_day,
    frame_of,
    last_date_reached,
    open_starts,
    open_windows,
    starts_bitmap,
    starts_by_window,
    times_by_day,
)

DAY = date(2026, 6, 10)
NINE, NOON, FIVE = 540, 720, 1020
MORNING, AFTERNOON = OpenWindow(DAY, NINE, NOON), OpenWindow(DAY, NOON, FIVE)
ALWAYS = (0, 10**9)
BOB, CHRIS, ERIN = (UUID(int=n) for n in (1, 2, 3))


def starts(
    windows: list[OpenWindow],
    shape: Shape,
    *,
    claims: list[tuple[int, int]] | None = None,
    absences: list[tuple[int, int]] | None = None,
    limits: tuple[int, int] = ALWAYS,
) -> list[int]:
    found = open_starts(windows, absences or [], claims or [], shape, *limits)
    assert [window for window, _ in found] == windows
    return [start for _, each in found for start in each]


def test_starts_lie_on_the_grid_and_the_last_ends_at_closing() -> None:
    assert starts([MORNING], Shape(60, 30)) == [540, 570, 600, 630, 660]


def test_a_grid_finer_than_the_duration_offers_every_step() -> None:
    assert starts([MORNING], Shape(150, 10)) == [540, 550, 560, 570]


def test_a_duration_longer_than_the_opening_offers_nothing() -> None:
    assert starts([MORNING], Shape(181, 15)) == []
    assert starts([MORNING], Shape(180, 15)) == [540]


def test_a_booking_may_run_from_a_window_into_the_one_it_touches() -> None:
    assert starts([MORNING, AFTERNOON], Shape(240, 60)) == [540, 600, 660, 720, 780]


def test_a_booking_does_not_run_over_a_gap() -> None:
    assert starts([MORNING, OpenWindow(DAY, NOON + 1, FIVE)], Shape(239, 60)) == [721, 781]


def test_the_grid_begins_anew_in_a_touching_window() -> None:
    late = OpenWindow(DAY, NINE, 610), OpenWindow(DAY, 610, 700)
    assert starts(list(late), Shape(30, 30)) == [540, 570, 600, 610, 640, 670]


def test_a_claim_takes_its_time_and_touching_it_is_fine() -> None:
    assert starts([MORNING], Shape(30, 30), claims=[(600, 660)]) == [540, 570, 660, 690]


def test_buffers_stay_clear_of_claims_and_absences() -> None:
    assert starts([MORNING], Shape(30, 10, 10, 20), claims=[(620, 630)]) == [540, 550, 560, 570, 640, 650, 660, 670,
                                                                          680, 690]  # fmt: skip
    assert starts([MORNING], Shape(30, 30, 15, 0), absences=[(525, 526)]) == [570, 600, 630, 660, 690]


def test_buffers_may_reach_outside_opening_hours() -> None:
    assert starts([MORNING], Shape(180, 15, 60, 60)) == [540]


def test_buffers_outside_opening_hours_still_meet_claims_there() -> None:
    assert starts([MORNING], Shape(180, 15, 60, 60), claims=[(480, 481)]) == []
    assert starts([MORNING], Shape(180, 15, 60, 60), claims=[(779, 780)]) == []
    assert starts([MORNING], Shape(180, 15, 60, 60), claims=[(470, 480), (780, 800)]) == [540]


def test_both_limits_may_be_start_times() -> None:
    assert starts([MORNING], Shape(30, 30), limits=(570, 630)) == [570, 600, 630]
    assert starts([MORNING], Shape(30, 30), limits=(571, 629)) == [600]
    assert starts([MORNING], Shape(30, 30), limits=(630, 570)) == []


def test_a_limit_on_the_start_does_not_limit_the_end() -> None:
    assert starts([MORNING], Shape(120, 60), limits=(0, 540)) == [540]


def test_without_windows_nothing_starts() -> None:
    assert open_starts([], [(0, 1)], [(0, 1)], Shape(30, 30), *ALWAYS) == []
    assert times_by_day({BOB: []}, {}, Shape(30, 30), *ALWAYS) == {}
    assert times_by_day({}, {}, Shape(30, 30), *ALWAYS) == {}


def test_a_repeated_hour_inside_a_window_is_offered_twice() -> None:
    tz, day = zone("Europe/London"), date(2026, 10, 25)
    windows = open_windows(Hours(tz.key, HOUR_TEMPLATES["24_7"]), None, day, day)
    found = starts(list(windows), Shape(30, 30))
    assert len(found) == 50
    assert [hhmm(at, tz) for at in found[2:6]] == ["01:00", "01:30", "01:00", "01:30"]
    assert [is_repeated(at, tz) for at in found[1:7]] == [False, True, True, True, True, False]


def test_a_missing_hour_inside_a_window_is_not_offered() -> None:
    tz, day = zone("Europe/London"), date(2026, 3, 29)
    windows = open_windows(Hours(tz.key, HOUR_TEMPLATES["24_7"]), None, day, day)
    assert [hhmm(at, tz) for at in starts(list(windows), Shape(30, 30))[:4]] == [
        "00:00",
        "00:30",
        "02:00",
        "02:30",
    ]


def test_a_night_is_listed_under_the_evening_on_which_it_began() -> None:
    hours = Hours("Europe/London", HOUR_TEMPLATES["club_nights"])
    friday = date(2026, 6, 12)
    windows = open_windows(hours, None, friday, friday)
    times = times_by_day({BOB: windows}, {}, Shape(120, 60), *ALWAYS)
    shown = [hhmm(at, zone("Europe/London")) for at in times[friday]]
    assert list(times) == [friday]
    assert shown == ["22:00", "23:00", "00:00", "01:00", "02:00"]


def test_a_time_lists_the_resources_that_are_free_then_in_their_order() -> None:
    windows = {CHRIS: [MORNING], BOB: [MORNING], ERIN: [OpenWindow(DAY, 600, 720)]}
    taken = {CHRIS: [(540, 600)], BOB: [(660, 720)]}
    times = times_by_day(windows, taken, Shape(60, 60), *ALWAYS)
    assert times == {DAY: {540: (BOB,), 600: (CHRIS, BOB, ERIN), 660: (CHRIS, ERIN)}}
    assert counts_by_day(windows, taken, Shape(60, 60), *ALWAYS) == {DAY: 3}


def test_grids_of_different_openings_stand_side_by_side() -> None:
    windows = {BOB: [MORNING], CHRIS: [OpenWindow(DAY, 550, 700)]}
    times = times_by_day(windows, {}, Shape(60, 60), *ALWAYS)
    assert list(times[DAY].items()) == [
        (540, (BOB,)),
        (550, (CHRIS,)),
        (600, (BOB,)),
        (610, (CHRIS,)),
        (660, (BOB,)),
    ]


def test_a_full_date_is_there_without_times_and_a_closed_one_is_missing() -> None:
    windows = {BOB: [MORNING, OpenWindow(DAY + timedelta(days=2), NINE + 2880, NOON + 2880)]}
    times = times_by_day(windows, {BOB: [(0, 1440)]}, Shape(180, 60), *ALWAYS)
    assert times == {DAY: {}, DAY + timedelta(days=2): {NINE + 2880: (BOB,)}}


def test_resources_that_are_needed_together_are_free_where_both_bitmaps_are() -> None:
    windows = {BOB: [MORNING], CHRIS: [OpenWindow(DAY, 480, 660)]}
    shape = Shape(60, 60, 5, 5)
    frame = frame_of([*windows[BOB], *windows[CHRIS]], shape)
    bob, chris = (candidates(own, shape, *ALWAYS, frame=frame) for own in windows.values())
    both = starts_bitmap(bob, [(500, 536)]) & starts_bitmap(chris, [])
    assert starts_by_window(bob, both) == [(MORNING, [600])]


def test_late_starts_of_the_last_date_run_into_the_next_one() -> None:
    hours, shape = Hours("UTC", HOUR_TEMPLATES["24_7"]), Shape(120, 60)
    windows = open_windows(hours, None, DAY, last_date_reached(DAY, shape))
    times = times_by_day({BOB: windows}, {}, shape, *ALWAYS, dates=(DAY, DAY))
    assert [len(day) for day in times.values()] == [24]
    assert list(times) == [DAY]
    assert counts_by_day({BOB: windows}, {}, shape, *ALWAYS, dates=(DAY, DAY)) == {DAY: 24}
    assert [len(found) for _, found in open_starts(windows, [], [], shape, *ALWAYS, dates=(DAY, DAY))] == [24]


@pytest.mark.parametrize("duration", [1, 60, 1440, 1441, 5000])
@pytest.mark.parametrize("opens", [0, 720, 1439])
def test_no_window_beyond_the_last_date_reached_changes_what_is_offered(duration: int, opens: int) -> None:
    hours = Hours("Europe/London", tuple(WeeklyWindow(day, opens, opens) for day in range(7)))
    day, shape = date(2026, 10, 24), Shape(duration, 60)
    reached = last_date_reached(day, shape)
    offered = [
        open_starts(open_windows(hours, None, day, until), [], [], shape, *ALWAYS, dates=(day, day))
        for until in (reached, reached + timedelta(days=5))
    ]
    assert offered[0] == offered[1]
    assert len(offered[0][0][1]) == (24 if opens == 0 else 25)


@pytest.mark.parametrize("wrong", [(0, 15), (30, 0), (30, 15, -1), (30, 15, 0, -1)])
def test_a_shape_without_length_or_with_negative_buffers_is_no_shape(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="not a bookable shape"):
        Shape(*wrong)


def test_a_claim_has_the_buffers_in_it() -> None:
    assert Shape(30, 15, 5, 10).claim(100) == Span(95, 140)
    assert Shape(30, 15, 5, 10).footprint == 45


@st.composite
def some_windows(draw: st.DrawFn) -> list[OpenWindow]:
    """Up to five windows; about half of them touch the one before."""
    windows, at, day = [], draw(st.integers(-60, 60)), DAY
    for _ in range(draw(st.integers(0, 5))):
        at += draw(st.sampled_from([0, 0, 1, 17, 60]))
        length = draw(st.integers(1, 150))
        windows.append(OpenWindow(day, at, at + length))
        at += length
        day += timedelta(days=draw(st.integers(0, 1)))
    return windows


shapes = st.builds(Shape, st.integers(1, 90), st.integers(1, 40), st.integers(0, 30), st.integers(0, 30))
busy = st.lists(
    st.integers(-100, 700).flatmap(lambda s: st.tuples(st.just(s), st.integers(s, s + 90))), max_size=5
)
limits = st.tuples(st.integers(-150, 300), st.integers(-50, 900))


def may_start(
    at: int, window: OpenWindow, windows: list[OpenWindow], taken: list[tuple[int, int]], shape: Shape
) -> bool:
    opening = {minute for w in windows for minute in range(w.start, w.end)}
    busy_minutes = {minute for start, end in taken for minute in range(start, end)}
    return (
        window.start <= at < window.end
        and (at - window.start) % shape.interval == 0
        and all(minute in opening for minute in range(at, at + shape.duration))
        and all(
            minute not in busy_minutes
            for minute in range(at - shape.buffer_before, at + shape.duration + shape.buffer_after)
        )
    )


def naive_starts(
    windows: list[OpenWindow], taken: list[tuple[int, int]], shape: Shape, earliest: int, latest: int
) -> list[tuple[OpenWindow, list[int]]]:
    return [
        (
            w,
            [
                at
                for at in range(w.start, w.end)
                if earliest <= at <= latest and may_start(at, w, windows, taken, shape)
            ],
        )
        for w in windows
    ]


@settings(max_examples=200, deadline=None)
@given(some_windows(), busy, busy, shapes, limits)
def test_open_starts_are_those_of_the_naive_model(
    windows: list[OpenWindow],
    absences: list[tuple[int, int]],
    claims: list[tuple[int, int]],
    shape: Shape,
    within: tuple[int, int],
) -> None:
    expected = naive_starts(windows, absences + claims, shape, *within)
    assert open_starts(windows, absences, claims, shape, *within) == expected


@settings(max_examples=150, deadline=None)
@given(
    st.lists(some_windows(), min_size=1, max_size=3), st.lists(busy, min_size=4, max_size=4), shapes, limits,
    st.booleans(),
)  # fmt: skip
def test_the_times_of_a_day_are_those_of_every_resource_by_itself(
    openings: list[list[OpenWindow]],
    taken: list[list[tuple[int, int]]],
    shape: Shape,
    within: tuple[int, int],
    shared: bool,
) -> None:
    resources = [ERIN, BOB, CHRIS, UUID(int=4)]
    openings = [openings[0]] * 4 if shared else [openings[n % len(openings)] for n in range(4)]
    windows = dict(zip(resources, openings, strict=True))
    expected: dict[date, dict[int, list[UUID]]] = {}
    for who, spans in zip(resources, taken, strict=True):
        for window, found in naive_starts(windows[who], spans, shape, *within):
            day = expected.setdefault(window.on, {})
            for at in found:
                day.setdefault(at, []).append(who)
    times = times_by_day(windows, dict(zip(resources, taken, strict=True)), shape, *within)
    assert {on: {at: list(free) for at, free in day.items()} for on, day in times.items()} == expected
    assert list(times) == sorted(times)
    assert all(list(day) == sorted(day) for day in times.values())
    counts = counts_by_day(windows, dict(zip(resources, taken, strict=True)), shape, *within)
    assert list(counts.items()) == [(on, len(day)) for on, day in times.items()]


@settings(max_examples=60, deadline=None)
@given(some_windows(), busy, shapes, limits)
def test_booking_any_offered_start_leaves_all_claims_apart(
    windows: list[OpenWindow], claims: list[tuple[int, int]], shape: Shape, within: tuple[int, int]
) -> None:
    taken = list(claims)
    for _ in range(20):
        offered = [at for _, found in open_starts(windows, [], taken, shape, *within) for at in found]
        if not offered:
            break
        claim = shape.claim(offered[len(offered) // 2])
        assert all(claim.end <= start or end <= claim.start for start, end in taken if start < end)
        taken.append(claim)


def test_a_week_of_weekly_windows_never_offers_a_start_twice() -> None:
    week = tuple(WeeklyWindow(day, 20 * 60, 8 * 60) for day in range(7)) + tuple(
        WeeklyWindow(day, 7 * 60, 12 * 60) for day in range(7)
    )
    windows = list(open_windows(Hours("America/New_York", week), None, date(2026, 10, 28), date(2026, 11, 4)))
    found = starts(windows, Shape(15, 15))
    assert len(found) == len(set(found))
    assert found == sorted(found)

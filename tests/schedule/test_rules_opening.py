"""From hours to minutes: the odd days of real zones, precedence, and properties against a model of single minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import Span, instant_of, minute_of
from holdfast.lib.walltime import local, local_date, minute_at, zone, zone_names
from holdfast.schedule.rules import (
    HOUR_TEMPLATES,
    DatedException,
    Hours,
    OpenWindow,
    WeeklyWindow,
    absences,
    absences_of,
    check_exception,
    end_of,
    open_windows,
    parse_hhmm,
    windows_by_resource,
    windows_of_interest,
)

BOB, CHRIS, ALICE = (UUID(int=n) for n in (1, 2, 3))


def edges(text: str) -> tuple[int, int]:
    opens, closes = text.split("-")
    return parse_hhmm(opens), parse_hhmm(closes, closing=True)


def every_day(*texts: str) -> tuple[WeeklyWindow, ...]:
    return tuple(WeeklyWindow(day, *edges(text)) for day in range(7) for text in texts)


def shown(windows: tuple[OpenWindow, ...], tz: str = "UTC") -> list[str]:
    """``2026-03-28 22:00-04:00`` in wall time."""
    wall = [(w.on, local(w.start, zone(tz)), local(w.end, zone(tz))) for w in windows]
    return [f"{on} {start:%H:%M}-{end:%H:%M}" for on, start, end in wall]


def length_in_hours(windows: tuple[OpenWindow, ...]) -> float:
    return sum(w.end - w.start for w in windows) / 60


@pytest.mark.parametrize(
    ("tz", "day", "hours"),
    [
        ("Europe/London", date(2026, 3, 28), 24),
        ("Europe/London", date(2026, 3, 29), 23),
        ("Europe/London", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("Africa/Casablanca", date(2026, 2, 15), 25),
        ("Africa/Casablanca", date(2026, 3, 22), 23),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Pacific/Apia", date(2011, 12, 31), 24),
    ],
)
def test_an_always_open_business_is_open_as_long_as_the_day_lasts(tz: str, day: date, hours: float) -> None:
    always = Hours(tz, HOUR_TEMPLATES["24_7"])
    assert length_in_hours(open_windows(always, None, day, day)) == hours


@pytest.mark.parametrize(
    ("tz", "day", "entered", "start", "end"),
    [
        (
            "Europe/London",
            date(2026, 3, 29),
            "01:30-04:00",
            "2026-03-29T01:30Z",
            "2026-03-29T03:00Z",
        ),  # 02:30-04:00
        ("Europe/London", date(2026, 10, 25), "01:30-04:00", "2026-10-25T00:30Z", "2026-10-25T04:00Z"),
        ("Europe/London", date(2026, 10, 24), "22:00-01:30", "2026-10-24T21:00Z", "2026-10-25T00:30Z"),
        ("America/New_York", date(2026, 3, 7), "22:00-02:30", "2026-03-08T03:00Z", "2026-03-08T07:30Z"),
        ("Australia/Lord_Howe", date(2026, 10, 4), "02:10-05:00", "2026-10-03T15:40Z", "2026-10-03T18:00Z"),
        ("America/Sao_Paulo", date(2018, 11, 3), "22:00-00:30", "2018-11-04T01:00Z", "2018-11-04T03:30Z"),
        ("Asia/Kathmandu", date(2026, 3, 29), "09:00-17:00", "2026-03-29T03:15Z", "2026-03-29T11:15Z"),
        ("Pacific/Apia", date(2011, 12, 29), "22:00-04:00", "2011-12-30T08:00Z", "2011-12-30T14:00Z"),
    ],
)
def test_only_the_edges_of_a_window_are_wall_times(
    tz: str, day: date, entered: str, start: str, end: str
) -> None:
    weekly = (WeeklyWindow(day.weekday(), *edges(entered)),)
    window = OpenWindow(day, *(minute_of(datetime.fromisoformat(at)) for at in (start, end)))
    assert open_windows(Hours(tz, weekly), None, day, day) == (window,)


def test_a_window_that_the_clocks_swallow_vanishes() -> None:
    sunday = (WeeklyWindow(6, *edges("01:30-02:15")),)
    assert open_windows(Hours("Europe/London", sunday), None, date(2026, 3, 29), date(2026, 3, 29)) == ()
    assert open_windows(Hours("Europe/London", sunday), None, date(2026, 3, 22), date(2026, 3, 22)) != ()


def test_a_date_that_the_zone_skipped_has_no_windows_and_takes_none_from_the_next() -> None:
    hours = Hours("Pacific/Apia", every_day("09:00-17:00"))
    windows = open_windows(hours, None, date(2011, 12, 29), date(2011, 12, 31))
    assert shown(windows, "Pacific/Apia") == ["2011-12-29 09:00-17:00", "2011-12-31 09:00-17:00"]


def exception(
    kind: Any, day: int, *texts: str, to: int | None = None, who: UUID | None = None
) -> DatedException:
    last = None if to is None else date(2026, 6, to)
    return DatedException(kind, who, date(2026, 6, day), last, tuple(edges(text) for text in texts))


@pytest.mark.parametrize(
    ("exceptions", "holiday", "expected"),
    [
        ([], False, ["09:00-17:00"]),
        ([], True, []),
        ([exception("closed", 10)], False, []),
        ([exception("closed", 9, to=11)], False, []),
        ([exception("closed", 8, to=9)], False, ["09:00-17:00"]),
        ([exception("hours", 10, "10:00-12:00")], False, ["10:00-12:00"]),
        ([exception("hours", 10, "10:00-12:00")], True, ["10:00-12:00"]),
        ([exception("hours", 10, "10:00-12:00"), exception("hours", 9, "13:00-14:00", to=10)], False,
         ["10:00-12:00", "13:00-14:00"]),
        ([exception("hours", 10, "10:00-12:00"), exception("closed", 10)], False, []),
        ([exception("extra", 10, "18:00-20:00")], False, ["09:00-17:00", "18:00-20:00"]),
        ([exception("extra", 10, "17:00-20:00")], False, ["09:00-17:00", "17:00-20:00"]),  # touching stay two
        ([exception("extra", 10, "16:00-20:00")], False, ["09:00-20:00"]),  # overlapping are one
        ([exception("extra", 10, "18:00-20:00")], True, ["18:00-20:00"]),
        ([exception("extra", 10, "18:00-20:00"), exception("closed", 10)], False, ["18:00-20:00"]),
        ([exception("extra", 10, "11:00-13:00"), exception("hours", 10, "10:00-12:00")], False, ["10:00-13:00"]),
        ([exception("extra", 9, "22:00-10:00")], False, ["10:00-17:00"]),  # the night before ends late
        ([exception("extra", 9, "22:00-21:00")], False, []),
        ([exception("absence", 10)], False, ["09:00-17:00"]),
    ],
)  # fmt: skip
def test_exceptions_rank_closed_then_other_hours_then_the_week_and_extra_always_adds(
    exceptions: list[DatedException], holiday: bool, expected: list[str]
) -> None:
    day = date(2026, 6, 10)
    hours = Hours(
        "UTC", every_day("09:00-17:00"), {}, tuple(exceptions), {day: "Bank holiday"} if holiday else {}
    )
    assert shown(open_windows(hours, None, day, day)) == [f"2026-06-10 {text}" for text in expected]


@pytest.mark.parametrize(
    ("own", "exceptions", "expected"),
    [
        ((), [], ["09:00-12:00", "12:00-17:00"]),
        (("08:00-11:00",), [], ["09:00-11:00"]),
        (("10:00-16:00",), [], ["10:00-16:00"]),  # over the touch of two windows: one window, one grid
        (("08:00-20:00",), [], ["09:00-17:00"]),
        (("17:00-20:00",), [], []),
        (("10:00-16:00",), [exception("closed", 10, who=BOB)], []),
        ((), [exception("closed", 10, who=BOB)], []),
        ((), [exception("closed", 10, who=CHRIS)], ["09:00-12:00", "12:00-17:00"]),
        ((), [exception("hours", 10, "11:00-13:00", who=BOB)], ["11:00-13:00"]),
        (("10:00-11:00",), [exception("extra", 10, "15:00-19:00", who=BOB)], ["10:00-11:00", "15:00-17:00"]),
        (("10:00-20:00",), [exception("extra", 10, "18:00-22:00")], ["10:00-17:00", "18:00-20:00"]),
        (("10:00-20:00",), [exception("closed", 10)], []),
        (
            (),
            [exception("closed", 9, who=BOB), exception("extra", 9, "22:00-10:00")],
            ["10:00-12:00", "12:00-17:00"],
        ),
    ],
)
def test_a_resource_follows_the_business_or_is_cut_to_it(
    own: tuple[str, ...], exceptions: list[DatedException], expected: list[str]
) -> None:
    day = date(2026, 6, 10)
    hours = Hours("UTC", every_day("09:00-12:00", "12:00-17:00"), {BOB: every_day(*own)}, tuple(exceptions))
    assert shown(open_windows(hours, BOB, day, day)) == [f"2026-06-10 {text}" for text in expected]


def test_a_piece_of_a_resources_night_keeps_the_date_of_its_own_window() -> None:
    hours = Hours(
        "UTC", every_day("20:00-04:00"), {BOB: every_day("02:00-10:00"), CHRIS: every_day("23:00-06:00")}
    )
    day = date(2026, 6, 10)
    assert shown(open_windows(hours, BOB, day, day)) == ["2026-06-10 02:00-04:00"]
    assert shown(open_windows(hours, CHRIS, day, day)) == ["2026-06-10 23:00-04:00"]


def test_resources_that_follow_the_business_share_its_windows() -> None:
    hours = Hours("UTC", every_day("09:00-17:00"), {BOB: every_day("10:00-12:00"), CHRIS: ()})
    windows = windows_by_resource(hours, [BOB, CHRIS, ALICE, None], date(2026, 6, 1), date(2026, 6, 7))
    assert windows[CHRIS] is windows[ALICE] is windows[None]
    assert windows == {who: open_windows(hours, who, date(2026, 6, 1), date(2026, 6, 7)) for who in windows}


@pytest.mark.parametrize("first", [date.min, date(9999, 12, 20), date(2026, 6, 2)])
def test_dates_at_the_end_of_the_calendar_or_in_wrong_order_have_no_windows(first: date) -> None:
    hours = Hours("Pacific/Kiritimati", every_day("22:00-04:00"), {BOB: every_day("10:00-12:00")})
    last = min(first + timedelta(days=3), date.max)
    beyond = [w for w in open_windows(hours, None, first, last) if not first <= w.on <= last]
    assert beyond == []
    assert open_windows(hours, BOB, last, first) == ()
    assert (
        open_windows(hours, None, date.min, date.min) == open_windows(hours, None, date.max, date.max) == ()
    )


@pytest.mark.parametrize(
    ("broken", "field", "code"),
    [
        (DatedException("holiday"), "kind", "not_allowed"),  # type: ignore[arg-type]
        (DatedException("closed"), "starts_on", "required"),
        (exception("closed", 10, to=9), "ends_on", "before_start"),
        (exception("closed", 10, "09:00-10:00"), "windows", "not_allowed"),
        (exception("absence", 10, "09:00-10:00"), "windows", "not_allowed"),
        (exception("hours", 10), "windows", "required"),
        (exception("extra", 10), "windows", "required"),
        (DatedException("closed", starts_minute=1, ends_minute=2), "starts_at", "not_allowed"),
        (DatedException("absence", BOB, starts_minute=1), "ends_at", "required"),
        (DatedException("absence", BOB, ends_minute=1), "starts_at", "required"),
        (DatedException("absence", BOB, starts_minute=2, ends_minute=1), "ends_at", "before_start"),
        (DatedException("absence", BOB, starts_minute=2, ends_minute=2), "ends_at", "before_start"),
        (DatedException("absence", BOB, date(2026, 6, 1), None, (), 1, 2), "starts_on", "not_allowed"),
    ],
)
def test_an_exception_that_is_not_whole_is_refused(broken: DatedException, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_exception(broken)
    assert {name: [c for c, _ in found] for name, found in refused.value.fields.items()} == {field: [code]}


@pytest.mark.parametrize(
    "whole",
    [exception("closed", 10), exception("hours", 10, "09:00-10:00", to=12), exception("absence", 10, who=BOB),
     DatedException("absence", BOB, starts_minute=0, ends_minute=1)],
)  # fmt: skip
def test_an_exception_that_is_whole_passes(whole: DatedException) -> None:
    check_exception(whole)


def test_an_absence_by_date_lasts_from_local_midnight_to_local_midnight() -> None:
    away = DatedException("absence", BOB, date(2026, 10, 24), date(2026, 10, 25))
    hours = Hours("Europe/London", exceptions=(away,))
    start = minute_of(datetime(2026, 10, 23, 23, tzinfo=UTC))
    assert absences(hours, BOB, start, start + 1) == [Span(start, start + 49 * 60)]
    assert absences(hours, CHRIS, start, start + 1) == absences(hours, None, start, start + 1) == []
    assert (
        absences(hours, BOB, start - 1, start) == absences(hours, BOB, start + 49 * 60, start + 50 * 60) == []
    )


def test_an_absence_of_nobody_in_particular_is_everybodys_and_absences_join() -> None:
    all_away = DatedException("absence", None, starts_minute=100, ends_minute=200, note="Staff meeting")
    bob_away = DatedException("absence", BOB, starts_minute=150, ends_minute=300)
    hours = Hours("UTC", exceptions=(bob_away, all_away))
    assert absences(hours, BOB, 0, 1000) == [Span(100, 300)]
    assert absences(hours, CHRIS, 0, 1000) == absences(hours, None, 0, 1000) == [Span(100, 200)]
    assert absences_of(hours, BOB, 0, 1000) == [(Span(100, 200), all_away), (Span(150, 300), bob_away)]


zones = st.sampled_from(sorted(zone_names()))
odd_days = st.sampled_from(
    [date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(2026, 3, 8), date(2018, 11, 4), date(2018, 2, 18),
     date(2011, 12, 30), date(2026, 4, 5), date(2026, 10, 4), date(2010, 11, 7)]
)  # fmt: skip
near_days = st.one_of(odd_days, st.dates(date(1975, 1, 1), date(2037, 1, 1)))
halves = st.integers(0, 47).map(lambda half: half * 30)
day_edges = st.tuples(halves, st.integers(0, 48).map(lambda half: half * 30))
weeks = st.lists(st.builds(WeeklyWindow, st.integers(0, 6), halves, halves), max_size=9).map(tuple)


@st.composite
def some_hours(draw: st.DrawFn) -> tuple[Hours, date]:
    first = draw(near_days) - timedelta(days=2)
    dates = st.integers(-3, 8).map(lambda days: first + timedelta(days=days))
    some_exceptions = st.builds(
        lambda kind, who, starts, days, windows: DatedException(
            kind, who, starts, starts + timedelta(days=days), windows if kind in ("hours", "extra") else ()
        ),
        st.sampled_from(["closed", "hours", "extra", "absence"]),
        st.sampled_from([None, BOB]),
        dates,
        st.integers(0, 2),
        st.lists(day_edges, min_size=1, max_size=2).map(tuple),
    )
    hours = Hours(
        draw(zones),
        draw(weeks),
        {BOB: draw(weeks)},
        tuple(draw(st.lists(some_exceptions, max_size=5))),
        dict.fromkeys(draw(st.lists(dates, max_size=2)), "Holiday"),
    )
    return hours, first


def naive_level(
    hours: Hours, who: UUID | None, base: Callable[[date], list[range]], dates: list[date]
) -> dict[int, date]:
    """Every open minute of one level with the first date that claims it."""
    tz = zone(hours.tz)

    def minutes(day: date, opens: int, closes: int) -> range:
        return range(minute_at(day, opens, tz), minute_at(day, end_of(opens, closes), tz))

    owner: dict[int, date] = {}
    for day in dates:
        if minute_at(day + timedelta(days=1), 0, tz) <= minute_at(day, 0, tz):
            continue
        here = [e for e in hours.exceptions if e.resource_id == who and e.covers(day)]
        other = [minutes(day, *pair) for e in here if e.kind == "hours" for pair in e.windows]
        if any(e.kind == "closed" for e in here) or (who is None and day in hours.holidays and not other):
            open_then = []
        else:
            open_then = other or base(day)
        open_then = open_then + [minutes(day, *pair) for e in here if e.kind == "extra" for pair in e.windows]
        for window in open_then:
            for minute in window:
                owner.setdefault(minute, day)
    return owner


def naive_opening(hours: Hours, who: UUID | None, first: date, last: date) -> dict[int, date]:
    tz = zone(hours.tz)
    dates = [first + timedelta(days=n) for n in range(-6, (last - first).days + 4)]

    def weekly(week: tuple[WeeklyWindow, ...]) -> Callable[[date], list[range]]:
        return lambda day: [
            range(minute_at(day, w.opens, tz), minute_at(day, end_of(w.opens, w.closes), tz))
            for w in week
            if w.weekday == day.weekday()
        ]

    house = naive_level(hours, None, weekly(hours.weekly), dates)
    if who is None:
        found = house
    else:
        own = hours.resource_weekly.get(who)
        as_house = {day: [range(m, m + 1) for m, on in house.items() if on == day] for day in dates}
        base = weekly(own) if own else as_house.__getitem__
        found = {m: on for m, on in naive_level(hours, who, base, dates).items() if m in house}
    return {m: on for m, on in found.items() if first <= on <= last}


@settings(max_examples=150, deadline=None)
@given(some_hours(), st.sampled_from([None, BOB]), st.integers(0, 3))
def test_open_windows_are_the_minutes_of_the_naive_model(
    case: tuple[Hours, date], who: UUID | None, length: int
) -> None:
    hours, first = case
    last = first + timedelta(days=length)
    windows = open_windows(hours, who, first, last)
    assert {m: w.on for w in windows for m in range(w.start, w.end)} == naive_opening(hours, who, first, last)
    assert all(one.end <= other.start for one, other in pairwise(windows))
    assert all(w.start < w.end for w in windows)


@settings(max_examples=150, deadline=None)
@given(some_hours(), st.sampled_from([None, BOB]))
def test_the_windows_of_a_date_do_not_depend_on_the_range_asked_for(
    case: tuple[Hours, date], who: UUID | None
) -> None:
    hours, first = case
    dates = [first + timedelta(days=n) for n in range(5)]
    together = open_windows(hours, who, first, dates[-1])
    alone = [window for day in dates for window in open_windows(hours, who, day, day)]
    assert sorted(together) == sorted(alone)


@settings(max_examples=150, deadline=None)
@given(some_hours(), st.sampled_from([None, BOB]), st.integers(0, 4 * 1440), st.integers(1, 3000))
def test_the_dates_of_interest_hold_every_window_that_meets_the_span(
    case: tuple[Hours, date], who: UUID | None, offset: int, length: int
) -> None:
    hours, day = case
    start = minute_at(day, 0, zone(hours.tz)) + offset
    first, last = windows_of_interest(start, start + length, zone(hours.tz))
    wide = open_windows(hours, who, first - timedelta(days=4), last + timedelta(days=4))
    meeting = [w for w in wide if w.start < start + length and w.end > start]
    assert meeting == [w for w in open_windows(hours, who, first, last) if w in meeting]
    assert last - first <= timedelta(days=2 + length // 1440 + 1)
    assert first <= local_date(start, zone(hours.tz)) <= last
    assert instant_of(start).tzinfo is UTC

"""The day grid and the times of a day: pure words out of free times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from holdfast.web.public.picker import (
    FEW,
    FreeDay,
    FreeTime,
    Question,
    first_of_grid,
    picker,
    relative_day,
    soonest_of,
    with_names,
)

TODAY = date(2026, 11, 20)
LONDON = ZoneInfo("Europe/London")


def at(on: date, hhmm: str, *names: str) -> FreeTime:
    hour, minute = map(int, hhmm.split(":"))
    local = datetime(on.year, on.month, on.day, hour, minute, tzinfo=LONDON)
    return FreeTime(local.astimezone(UTC), local, names)


def question(**given_: Any) -> Question:
    first = date(2026, 11, 16)
    days = {
        day: FreeDay(day, is_open=True, count=9) for day in (first + timedelta(days=n) for n in range(35))
    }
    plain = Question(
        today=TODAY,
        chosen=TODAY,
        first=first,
        last_bookable=TODAY + timedelta(days=90),
        zone="Europe/London",
        zone_words="London time",
        duration_minutes=45,
        url=lambda on, since, time: f"?date={on}&from={since}&at={time}",
        days=days,
    )
    return replace(plain, **given_)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 6))
def test_the_grid_begins_on_the_first_day_of_the_week_that_holds_the_date(on: date, weekday: int) -> None:
    first = first_of_grid(on, weekday)
    assert first.weekday() == weekday
    assert 0 <= (on - first).days < 7


def test_past_days_are_no_links_and_the_rest_carry_their_count() -> None:
    with translation.override("en"):
        weeks = picker(question()).weeks
    assert [len(week) for week in weeks] == [7] * 5
    assert [cell.is_past for cell in weeks[0]] == [True] * 4 + [False] * 3
    assert all(not cell.url for cell in weeks[0][:4])
    assert weeks[0][4].is_today
    assert weeks[0][4].free == "9 free"


@pytest.mark.parametrize(
    ("day", "kind", "free"),
    [
        (FreeDay(date(2026, 11, 25), is_open=True, count=FEW), "few", "3 free"),
        (FreeDay(date(2026, 11, 25), is_open=True, count=FEW + 1), "", "4 free"),
        (FreeDay(date(2026, 11, 25), is_open=True, count=0), "full", "Full"),
        (FreeDay(date(2026, 11, 25), is_open=False), "off", "Closed"),
        (FreeDay(TODAY, is_open=True, count=0), "full", "None left"),
    ],
)
def test_a_day_says_how_it_stands(day: FreeDay, kind: str, free: str) -> None:
    asked = question()
    with translation.override("en"):
        cells = [
            cell for week in picker(replace(asked, days={**asked.days, day.on: day})).weeks for cell in week
        ]
    cell = next(cell for cell in cells if cell.iso == day.on.isoformat())
    assert (cell.kind, cell.free, bool(cell.url)) == (kind, free, day.is_open)


def test_days_beyond_the_horizon_cannot_be_chosen() -> None:
    with translation.override("en"):
        shown = picker(question(last_bookable=date(2026, 12, 1)))
    beyond = [cell for week in shown.weeks for cell in week if cell.iso > "2026-12-01"]
    assert beyond
    assert all(not cell.url for cell in beyond)
    assert shown.later is None


def test_paging_never_leads_before_this_week() -> None:
    with translation.override("en"):
        first = picker(question())
        second = picker(question(first=date(2026, 12, 21), chosen=date(2026, 12, 21)))
    assert first.earlier is None
    assert first.later is not None
    assert "from=2026-12-21" in first.later.url
    assert second.earlier is not None
    assert "date=2026-11-20&from=2026-11-16" in second.earlier.url


def test_times_are_grouped_by_part_of_the_day_and_after_midnight_is_still_evening() -> None:
    night = TODAY + timedelta(days=1)
    times = (
        at(TODAY, "11:59"),
        at(TODAY, "12:00"),
        at(TODAY, "16:59"),
        at(TODAY, "17:00"),
        at(night, "01:00"),
    )
    with translation.override("en"):
        parts = picker(question(times=times)).parts
    assert [(part.name, [time.clock for time in part.times]) for part in parts] == [
        ("Morning", ["11:59"]),
        ("Afternoon", ["12:00", "16:59"]),
        ("Evening", ["17:00", "01:00"]),
    ]


def test_the_end_of_a_time_is_elapsed_minutes_on_when_the_clock_goes_back() -> None:
    first_pass = FreeTime(
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=LONDON),
        repeated=True,
    )
    with translation.override("en"):
        time = picker(question(chosen=date(2026, 10, 25), times=(first_pass,))).parts[0].times[0]
    assert time.ends == "London time, ends 01:15"
    assert time.pass_words == "(first)"


def test_an_only_time_is_called_the_last_one() -> None:
    with translation.override("en"):
        assert picker(question(times=(at(TODAY, "17:30"),))).parts[0].times[0].note == "Last one"


@pytest.mark.parametrize(
    ("day", "next_free", "title", "words"),
    [
        (
            FreeDay(date(2026, 11, 25), is_open=True),
            date(2026, 12, 1),
            "Wednesday 25 November is full",
            "Tuesday 1 December",
        ),
        (FreeDay(date(2026, 11, 25), is_open=False), None, "Closed on Wednesday 25 November", "No other day"),
        (FreeDay(TODAY, is_open=True), TODAY, "No time left today, Friday 20 November", "Friday 20 November"),
    ],
)
def test_an_empty_day_names_the_next_useful_place(
    day: FreeDay, next_free: date | None, title: str, words: str
) -> None:
    asked = question(chosen=day.on, next_free=next_free)
    with translation.override("en"):
        empty = picker(replace(asked, days={**asked.days, day.on: day})).empty
    assert empty is not None
    assert empty.title == title
    assert words in empty.words
    assert (empty.next is None) == (next_free is None)


def test_the_soonest_are_near_but_not_all_of_one_hour() -> None:
    tomorrow = TODAY + timedelta(days=1)
    days = {
        TODAY: [at(TODAY, "16:15"), at(TODAY, "16:30"), at(TODAY, "17:15")],
        tomorrow: [at(tomorrow, "09:00"), at(tomorrow, "13:00")],
    }
    assert [f"{time.local_start:%d %H:%M}" for time in soonest_of(days)] == [
        "20 16:15",
        "20 17:15",
        "21 09:00",
    ]


def test_a_person_is_only_promised_when_nobody_else_is_free() -> None:
    with translation.override("en"):
        assert with_names(["Amara Osei"]) == "with Amara"
        assert with_names(["Amara Osei", "Theo Marsh"]) == ""


@pytest.mark.parametrize(("days", "words"), [(0, "Today"), (1, "Tomorrow"), (2, "Sun 22 Nov")])
def test_near_days_have_names(days: int, words: str) -> None:
    with translation.override("en"):
        assert relative_day(TODAY + timedelta(days=days), TODAY) == words

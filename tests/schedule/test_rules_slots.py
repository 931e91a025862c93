"""Laying slots into opening hours (SPEC C3)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import minute_at, zone
from holdfast.schedule.rules import DatedException, Hours, WeeklyWindow, absences, open_windows
from holdfast.schedule.rules.slots import SlotPattern, SlotSpan, check_range, clean_pattern, slot_spans

MONDAY = date(2026, 11, 23)
NEVER = -(10**9)
WEEK = tuple(WeeklyWindow(day, 9 * 60, 17 * 60) for day in range(5))
HERE = uuid4()


def laid(
    hours: Hours,
    first: date,
    last: date,
    pattern: SlotPattern,
    *,
    after: int = NEVER,
    resource: object = None,
) -> list[SlotSpan]:
    return list(slot_spans(hours, resource, first, last, pattern, after=after))  # type: ignore[arg-type]


def clocks(spans: list[SlotSpan], tz: str = "Europe/London") -> list[str]:
    return [instant_of(span.start).astimezone(zone(tz)).strftime("%d %H:%M") for span in spans]


def test_slots_begin_at_the_opening_and_keep_their_gap() -> None:
    spans = laid(Hours("Europe/London", WEEK), MONDAY, MONDAY, SlotPattern(90, 15))
    assert clocks(spans) == ["23 09:00", "23 10:45", "23 12:30", "23 14:15"]
    assert all(span.end - span.start == 90 for span in spans)


def test_only_the_weekdays_asked_for_are_laid_and_closed_days_have_none() -> None:
    spans = laid(
        Hours("Europe/London", WEEK),
        MONDAY,
        MONDAY + timedelta(days=13),
        SlotPattern(480, 0, frozenset({0, 5})),
    )
    assert [span.on for span in spans] == [MONDAY, MONDAY + timedelta(days=7)]


def test_a_window_across_midnight_keeps_its_date() -> None:
    night = Hours("Europe/London", (WeeklyWindow(4, 22 * 60, 2 * 60),))
    friday = MONDAY + timedelta(days=4)
    spans = laid(night, friday, friday, SlotPattern(60))
    assert clocks(spans) == ["27 22:00", "27 23:00", "28 00:00", "28 01:00"]
    assert {span.on for span in spans} == {friday}


@pytest.mark.parametrize(("on", "count"), [(date(2027, 3, 28), 23), (date(2026, 10, 25), 25), (MONDAY, 24)])
def test_the_day_the_clocks_change_has_a_slot_less_or_more(on: date, count: int) -> None:
    always = Hours("Europe/London", tuple(WeeklyWindow(day, 0, 1440) for day in range(7)))
    spans = laid(always, on, on, SlotPattern(60))
    assert len(spans) == count
    assert all(later.start == earlier.end for earlier, later in pairwise(spans))


def test_days_off_holidays_other_hours_and_absences_are_respected() -> None:
    tz = zone("Europe/London")
    tuesday, wednesday, thursday = (MONDAY + timedelta(days=days) for days in (1, 2, 3))
    lunch = minute_at(thursday, 12 * 60, tz)
    hours = Hours(
        "Europe/London",
        WEEK,
        exceptions=(
            DatedException("closed", None, MONDAY, MONDAY),
            DatedException("hours", None, wednesday, wednesday, ((10 * 60, 12 * 60),)),
            DatedException("absence", HERE, starts_minute=lunch + 15, ends_minute=lunch + 75),
        ),
        holidays={tuesday: "A holiday"},
    )
    spans = laid(hours, MONDAY, thursday, SlotPattern(60), resource=HERE)
    assert clocks(spans) == [
        "25 10:00",
        "25 11:00",
        *(f"26 {hour:02}:00" for hour in (9, 10, 11, 14, 15, 16)),
    ]
    assert len(laid(hours, thursday, thursday, SlotPattern(60))) == 8  # whose absence it is matters


def test_what_begins_at_or_before_the_given_minute_is_left_out() -> None:
    hours = Hours("Europe/London", WEEK)
    noon = minute_at(MONDAY, 12 * 60, zone("Europe/London"))
    assert clocks(laid(hours, MONDAY, MONDAY, SlotPattern(60), after=noon))[0] == "23 13:00"


@given(
    opens=st.integers(0, 1439),
    length=st.integers(1, 1440),
    slot=st.integers(1, 600),
    gap=st.integers(0, 120),
    weekdays=st.frozensets(st.integers(0, 6)),
    on=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    away=st.integers(0, 2000),
    tz=st.sampled_from(["Europe/London", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_every_slot_lies_in_a_window_clear_of_absences_and_of_the_others(
    opens: int, length: int, slot: int, gap: int, weekdays: frozenset[int], on: date, away: int, tz: str
) -> None:
    closes = (opens + length) % 1440
    last = on + timedelta(days=9)
    begins = minute_at(on, 0, zone(tz)) + away
    hours = Hours(
        tz,
        tuple(WeeklyWindow(day, opens, closes) for day in (0, 2, 3, 6)),
        exceptions=(DatedException("absence", HERE, starts_minute=begins, ends_minute=begins + 90),),
    )
    pattern = SlotPattern(slot, gap, weekdays)
    spans = laid(hours, on, last, pattern, resource=HERE)
    windows = open_windows(hours, HERE, on, last)
    off = absences(hours, HERE, begins - 3000, begins + 30_000)
    for span in spans:
        assert span.end - span.start == slot
        (window,) = [one for one in windows if one.start <= span.start and span.end <= one.end]
        assert window.on == span.on
        assert (span.start - window.start) % (slot + gap) == 0
        assert not weekdays or span.on.weekday() in weekdays
        assert not any(start < span.end and end > span.start for start, end in off)
    assert all(later.start >= earlier.end for earlier, later in pairwise(spans))
    room = sum(
        1
        for window in windows
        if not weekdays or window.on.weekday() in weekdays
        for start in range(window.start, window.end - slot + 1, slot + gap)
        if not any(a < start + slot and b > start for a, b in off)
    )
    assert len(spans) == room
    assert laid(hours, on, last, pattern, resource=HERE) == spans


def test_wrong_patterns_and_ranges_are_refused_by_their_fields() -> None:
    with pytest.raises(Invalid) as refused:
        clean_pattern(slot_minutes=0, gap_minutes=-1, weekdays=(9,), capacity=0)
    assert set(refused.value.fields) == {"slot_minutes", "gap_minutes", "weekdays", "capacity"}
    check_range(MONDAY, MONDAY)
    for last in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=731)):
        with pytest.raises(Invalid):
            check_range(MONDAY, last)

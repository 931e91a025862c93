"""Ranges of dates, weekdays and times as people wish for them; how long an offer lasts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib.text import Mistakes
from holdfast.waitlist.rules import DateRange, RangeWish, clean_ranges, ends_at, offer_until

TODAY = date(2026, 11, 20)  # a Friday
LAST = TODAY + timedelta(days=90)


def clean(*wished: RangeWish) -> tuple[tuple[DateRange, ...], Mistakes]:
    mistakes: Mistakes = {}
    return clean_ranges(wished, today=TODAY, last_bookable=LAST, mistakes=mistakes), mistakes


@pytest.mark.parametrize(
    ("wish", "field", "code"),
    [
        (RangeWish(TODAY, TODAY - timedelta(days=1)), "wishes[0].to", "before_start"),
        (RangeWish(TODAY - timedelta(days=9), TODAY - timedelta(days=1)), "wishes[0].to", "in_past"),
        (RangeWish(LAST + timedelta(days=1), LAST + timedelta(days=2)), "wishes[0].from", "too_far_ahead"),
        (RangeWish(TODAY, TODAY, "25:00"), "wishes[0].from_time", "wrong_format"),
        (RangeWish(TODAY, TODAY, "24:00"), "wishes[0].from_time", "wrong_format"),
        (RangeWish(TODAY, TODAY, "", "9"), "wishes[0].to_time", "wrong_format"),
        (RangeWish(TODAY, TODAY, "18:00", "12:00"), "wishes[0].to_time", "before_start"),
        (RangeWish(TODAY, TODAY, weekdays=()), "wishes[0].weekdays", "unknown_choice"),
        (RangeWish(TODAY, TODAY, weekdays=(7,)), "wishes[0].weekdays", "unknown_choice"),
        (RangeWish(TODAY, TODAY, weekdays=(0,)), "wishes[0].weekdays", "no_such_day"),
    ],
)
def test_a_range_that_cannot_be_is_refused_by_its_field(wish: RangeWish, field: str, code: str) -> None:
    ranges, mistakes = clean(wish)
    assert ranges == ()
    assert [(name, said[0][0]) for name, said in mistakes.items()] == [(field, code)]


@pytest.mark.parametrize("count", [0, 6])
def test_there_are_one_to_five_ranges(count: int) -> None:
    assert clean(*[RangeWish(TODAY, TODAY)] * count)[1]["wishes"][0][0] == "out_of_bounds"


def test_a_range_is_cut_to_what_can_be_booked() -> None:
    (found,), mistakes = clean(
        RangeWish(TODAY - timedelta(days=5), LAST + timedelta(days=5), "10:00", "24:00")
    )
    assert (found.first, found.last, found.from_minute, found.to_minute) == (TODAY, LAST, 600, 1440)
    assert not mistakes


@given(
    st.dates(TODAY, LAST),
    st.integers(0, 30),
    st.integers(0, 1439),
    st.integers(0, 1440),
    st.integers(1, 127),
    st.dates(TODAY, LAST),
    st.integers(0, 1800),
)
def test_what_is_written_reads_the_same_and_includes_what_it_says(
    first: date, days: int, from_minute: int, to_minute: int, weekdays: int, on: date, minute: int
) -> None:
    wished = DateRange(first, first + timedelta(days=days), from_minute, to_minute, weekdays)
    assert DateRange.read(wished.as_json()) == wished
    expected = (
        first <= on <= wished.last
        and bool(weekdays >> on.weekday() & 1)
        and from_minute <= minute
        and (to_minute == 1440 or minute <= to_minute)
    )
    assert wished.includes(on, minute) is expected


def test_a_wish_for_a_night_is_over_in_the_small_hours() -> None:
    over = ends_at([DateRange(TODAY, TODAY)], ZoneInfo("Europe/London"))
    assert over == datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "lasts"), [(10_000, 10), (35, 10), (34, 9), (25, 5), (18, 2), (17, 2), (16, None), (-5, None)]
)
def test_an_offer_shrinks_towards_the_start_and_ends_before_the_cut_off(
    ahead: int, lasts: int | None
) -> None:
    until = offer_until(NOW, NOW + timedelta(minutes=ahead), hold_minutes=10, cutoff_minutes=15)
    assert until == (None if lasts is None else NOW + timedelta(minutes=lasts))


@given(st.integers(-100, 5000), st.integers(1, 60), st.integers(0, 600))
def test_an_offer_is_over_before_its_cut_off_and_never_longer_than_a_hold(
    ahead: int, hold: int, cutoff: int
) -> None:
    starts_at = NOW + timedelta(minutes=ahead)
    until = offer_until(NOW, starts_at, hold_minutes=hold, cutoff_minutes=cutoff)
    if until is not None:
        assert until <= starts_at - timedelta(minutes=cutoff)
        assert until - NOW <= timedelta(minutes=max(hold, 2))

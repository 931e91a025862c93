"""Why a start is possible or not: one table per rule, and explain agrees with what is offered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.lib.timeline import minute_of
from holdfast.lib.walltime import local_date, zone
from holdfast.schedule.rules import (
    HOUR_TEMPLATES,
    Check,
    Closure,
    DatedException,
    Hours,
    Shape,
    WeeklyWindow,
    absences,
    check_start,
    earliest_start,
    latest_start,
    next_opening,
    open_starts,
    open_windows,
    why_closed,
    why_closed_on,
    windows_of_interest,
)

BOB = UUID(int=1)
SHOP = Hours("Europe/London", HOUR_TEMPLATES["barbershop"])  # Tue-Wed 9-18, Thu 9-20, Fri 9-19, Sat 8-16
NOW = datetime(2026, 6, 8, 12, 0, 30, tzinfo=UTC)  # a Monday, 13:00:30 in London
HALF_HOUR = Shape(30, 15)


def at(text: str) -> int:
    return minute_of(datetime.fromisoformat(text + "Z"))


def checks(
    start: str, hours: Hours = SHOP, shape: Shape = HALF_HOUR, *, notice: int = 0, ahead: int = 90
) -> dict[str, Check]:
    found = check_start(
        hours, BOB, at(start), shape, now=NOW, earliest_notice_minutes=notice, furthest_ahead_days=ahead
    )
    return {check.rule: check for check in found}


def failed(found: dict[str, Check]) -> list[str]:
    return [rule for rule, check in found.items() if not check.passed]


def with_exception(
    kind: Any, day: int, *windows: tuple[int, int], who: UUID | None = None, note: str = ""
) -> Hours:
    exception = DatedException(kind, who, date(2026, 6, day), None, windows, note=note)
    return Hours(SHOP.tz, SHOP.weekly, {}, (exception,))


def test_a_good_start_passes_every_rule_in_order() -> None:
    found = checks("2026-06-09T08:30")
    assert list(found) == ["in_future", "notice", "horizon", "open", "grid", "fits_hours", "not_absent"]
    assert failed(found) == []
    assert found["open"].facts == {
        "on": "2026-06-09",
        "opens_at": "2026-06-09T08:00:00Z",
        "closes_at": "2026-06-09T17:00:00Z",
    }


@pytest.mark.parametrize(
    ("seconds", "start", "passes"),
    [
        (0, "12:00", False),
        (0, "12:01", True),
        (30, "12:00", False),
        (30, "12:01", True),
        (59.9, "12:01", True),
    ],
)
def test_the_present_minute_is_not_the_future(seconds: float, start: str, passes: bool) -> None:
    now = NOW.replace(second=0) + timedelta(seconds=seconds)
    found = check_start(
        SHOP,
        None,
        at(f"2026-06-08T{start}"),
        HALF_HOUR,
        now=now,
        earliest_notice_minutes=0,
        furthest_ahead_days=1,
    )
    assert found[0] == Check("in_future", passes)
    assert (earliest_start(now, 0) <= at(f"2026-06-08T{start}")) is passes


@pytest.mark.parametrize(
    ("notice", "start", "passes"),
    [(60, "2026-06-08T13:00", False), (60, "2026-06-08T13:01", True), (1200, "2026-06-09T08:00", False),
     (1199, "2026-06-09T08:00", True)],
)  # fmt: skip
def test_notice_counts_from_now_with_its_seconds(notice: int, start: str, passes: bool) -> None:
    found = checks(start, notice=notice)
    assert found["notice"].passed is passes
    assert found["notice"].facts["earliest_notice_minutes"] == notice
    assert (earliest_start(NOW, notice) <= at(start)) is passes


@pytest.mark.parametrize(
    ("ahead", "start", "passes"),
    [(1, "2026-06-09T22:59", True), (1, "2026-06-09T23:00", False), (0, "2026-06-08T22:59", True),
     (0, "2026-06-08T23:00", False)],
)  # fmt: skip
def test_the_horizon_is_the_end_of_a_local_day(ahead: int, start: str, passes: bool) -> None:
    found = checks(start, ahead=ahead)
    assert found["horizon"].passed is passes
    assert found["horizon"].facts == {"furthest_ahead_days": ahead, "latest_on": f"2026-06-{8 + ahead:02}"}
    assert (latest_start(NOW, ahead, zone(SHOP.tz)) >= at(start)) is passes


@pytest.mark.parametrize(
    ("start", "hours", "because", "note", "on"),
    [
        ("2026-06-08T10:00", SHOP, "weekday", None, "2026-06-08"),
        ("2026-06-09T07:30", SHOP, "outside_hours", None, "2026-06-09"),
        ("2026-06-09T17:00", SHOP, "outside_hours", None, "2026-06-09"),
        ("2026-06-09T10:00", with_exception("closed", 9, note="Painting"), "closed", "Painting", "2026-06-09"),
        ("2026-06-09T10:00", with_exception("hours", 9, (840, 900), note="Short day"), "other_hours", "Short day",
         "2026-06-09"),
        ("2026-06-09T10:00", Hours(SHOP.tz, SHOP.weekly, {}, (), {date(2026, 6, 9): "Jubilee"}), "holiday", "Jubilee",
         "2026-06-09"),
    ],
)  # fmt: skip
def test_a_closed_start_says_why_and_when_it_opens_next(
    start: str, hours: Hours, because: str, note: str | None, on: str
) -> None:
    found = checks(start, hours)
    facts = found["open"].facts
    assert "open" in failed(found)
    assert "grid" not in found
    assert "fits_hours" not in found
    assert (facts["because"], facts["level"], facts.get("note"), facts["on"]) == (
        because,
        "business",
        note,
        on,
    )
    following = next_opening(hours, BOB, at(start))
    assert following is not None
    assert facts["next_opens_at"] == datetime.fromtimestamp(following.start * 60, UTC).isoformat().replace(
        "+00:00", "Z"
    )
    assert facts["next_on"] == following.on.isoformat()


def test_the_morning_after_a_cancelled_night_names_the_evening() -> None:
    closed = DatedException("closed", None, date(2026, 6, 12), note="Private party")
    club = Hours("Europe/London", HOUR_TEMPLATES["club_nights"], {}, (closed,))
    assert why_closed(club, None, at("2026-06-13T01:00")) == Closure(
        "closed", "business", date(2026, 6, 12), "Private party"
    )
    assert why_closed(club, None, at("2026-06-13T10:00")) == Closure(
        "outside_hours", "business", date(2026, 6, 13)
    )


def test_the_note_about_a_resource_is_for_staff() -> None:
    found = checks("2026-06-09T10:00", with_exception("closed", 9, who=BOB, note="Dentist"))
    assert found["open"].facts["level"] == "resource"
    assert "Dentist" not in str(found["open"].facts)
    assert found["open"].staff_facts == {"note": "Dentist"}


def test_a_resource_that_is_closed_while_the_business_is_open_says_so() -> None:
    hours = Hours(SHOP.tz, SHOP.weekly, {BOB: (WeeklyWindow(1, 720, 1080),)})
    assert why_closed(hours, BOB, at("2026-06-09T08:30")) == Closure(
        "outside_hours", "resource", date(2026, 6, 9)
    )
    assert why_closed(hours, BOB, at("2026-06-10T08:30")) == Closure("weekday", "resource", date(2026, 6, 10))
    assert why_closed(hours, BOB, at("2026-06-08T08:30")) == Closure("weekday", "business", date(2026, 6, 8))


@pytest.mark.parametrize(
    ("hours", "day", "expected"),
    [
        (SHOP, 9, None),
        (SHOP, 8, Closure("weekday", "business", date(2026, 6, 8))),
        (with_exception("closed", 9, note="Painting"), 9, Closure("closed", "business", date(2026, 6, 9), "Painting")),
        (with_exception("closed", 9, who=BOB), 9, Closure("closed", "resource", date(2026, 6, 9))),
        (Hours("UTC"), 9, Closure("weekday", "business", date(2026, 6, 9))),
        (Hours(SHOP.tz, SHOP.weekly, {BOB: (WeeklyWindow(1, 1200, 1260),)}), 9,
         Closure("outside_hours", "resource", date(2026, 6, 9))),
    ],
)  # fmt: skip
def test_a_closed_date_says_why(hours: Hours, day: int, expected: Closure | None) -> None:
    assert why_closed_on(hours, BOB, date(2026, 6, day)) == expected


def test_a_business_without_hours_has_no_next_opening() -> None:
    assert next_opening(Hours("UTC"), None, 0) is None
    found = checks("2026-06-09T10:00", Hours("UTC"))
    assert failed(found) == ["open"]
    assert "next_opens_at" not in found["open"].facts


def test_the_next_opening_is_found_after_a_month_of_holidays() -> None:
    closed = DatedException("closed", None, date(2026, 6, 1), date(2026, 7, 10))
    hours = Hours(SHOP.tz, SHOP.weekly, {}, (closed,))
    following = next_opening(hours, BOB, at("2026-06-09T10:00"))
    assert following == open_windows(hours, BOB, date(2026, 7, 11), date(2026, 7, 11))[0]


@pytest.mark.parametrize(
    ("start", "before", "after"),
    [("08:05", "08:00", "08:15"), ("08:14", "08:00", "08:15"), ("16:59", "16:45", None)],
)
def test_a_start_off_the_grid_names_its_neighbours(start: str, before: str, after: str | None) -> None:
    check = checks(f"2026-06-09T{start}")["grid"]
    assert not check.passed
    assert check.facts == {
        "interval_minutes": 15,
        "before_at": f"2026-06-09T{before}:00Z",
        "after_at": after and f"2026-06-09T{after}:00Z",
    }


@pytest.mark.parametrize(
    ("start", "duration", "passes", "latest"),
    [("16:30", 30, True, "absent"), ("16:45", 30, False, "16:30"), ("16:45", 40, False, "16:15"),
     ("08:00", 541, False, None), ("08:00", 540, True, "absent")],
)  # fmt: skip
def test_a_start_that_runs_over_closing_names_the_last_that_does_not(
    start: str, duration: int, passes: bool, latest: str | None
) -> None:
    check = checks(f"2026-06-09T{start}", shape=Shape(duration, 15))["fits_hours"]
    assert check.passed is passes
    assert check.facts["closes_at"] == "2026-06-09T17:00:00Z"
    assert check.facts.get("latest_at", "absent") == (
        f"2026-06-09T{latest}:00Z" if latest and latest != "absent" else latest
    )


def test_a_booking_through_touching_windows_fits() -> None:
    touching = Hours("UTC", (WeeklyWindow(1, 540, 720), WeeklyWindow(1, 720, 900)))
    assert failed(checks("2026-06-09T11:00", touching, Shape(240, 60))) == []
    assert failed(checks("2026-06-09T12:00", touching, Shape(240, 60))) == ["fits_hours"]


def test_an_absence_blocks_buffers_too_and_its_note_is_for_staff() -> None:
    away = DatedException(
        "absence", BOB, None, None, (), at("2026-06-09T10:00"), at("2026-06-09T11:00"), "Dentist"
    )
    hours = Hours(SHOP.tz, SHOP.weekly, {}, (away,))
    assert failed(checks("2026-06-09T09:30", hours)) == []
    assert failed(checks("2026-06-09T11:00", hours)) == []
    for shape, start in [
        (Shape(30, 15, 0, 1), "09:30"),
        (Shape(30, 15, 1, 0), "11:00"),
        (HALF_HOUR, "10:15"),
    ]:
        check = checks(f"2026-06-09T{start}", hours, shape)["not_absent"]
        assert not check.passed
        assert check.facts == {}
        span = {"starts_at": "2026-06-09T10:00:00Z", "ends_at": "2026-06-09T11:00:00Z"}
        assert check.staff_facts == {**span, "note": "Dentist"}


@pytest.mark.parametrize("instant", [datetime.min, datetime(9999, 12, 31, 23, 59), datetime(1600, 1, 1)])
def test_a_start_at_the_end_of_the_calendar_is_refused_and_not_an_accident(instant: datetime) -> None:
    for tz in ("Pacific/Kiritimati", "Pacific/Niue"):
        found = check_start(
            Hours(tz, HOUR_TEMPLATES["24_7"]),
            None,
            minute_of(instant.replace(tzinfo=UTC)),
            HALF_HOUR,
            now=NOW,
            earliest_notice_minutes=0,
            furthest_ahead_days=730,
        )
        assert not all(check.passed for check in found)


hours_of_day = st.integers(0, 47).map(lambda half: half * 30)
weeks = st.lists(st.builds(WeeklyWindow, st.integers(0, 6), hours_of_day, hours_of_day), max_size=6).map(
    tuple
)
some_exceptions = st.builds(
    DatedException,
    st.sampled_from(["closed", "hours", "extra", "absence"]),
    st.sampled_from([None, BOB]),
    st.dates(date(2026, 10, 23), date(2026, 10, 28)),
    st.none(),
    st.lists(st.tuples(hours_of_day, hours_of_day), min_size=1, max_size=2).map(tuple),
)


@settings(max_examples=120, deadline=None)
@given(
    st.builds(
        Hours,
        st.sampled_from(["Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
        weeks,
        st.builds(lambda week: {BOB: week}, weeks),
        st.lists(some_exceptions, max_size=3).map(tuple),
    ),
    st.builds(
        Shape,
        st.integers(1, 40).map(lambda n: n * 10),
        st.sampled_from([15, 20, 60]),
        st.sampled_from([0, 10]),
    ),
    st.integers(0, 5 * 1440 // 5).map(lambda n: at("2026-10-23T12:00") + n * 5),
    st.integers(0, 1500),
    st.integers(0, 4),
)
def test_a_start_passes_every_check_exactly_if_it_is_offered(
    hours: Hours, shape: Shape, start: int, notice: int, ahead: int
) -> None:
    now = datetime(2026, 10, 24, 9, 0, 20, tzinfo=UTC)
    found = check_start(
        hours, BOB, start, shape, now=now, earliest_notice_minutes=notice, furthest_ahead_days=ahead
    )
    tz = zone(hours.tz)
    first, last = windows_of_interest(start, start + shape.duration, tz)
    windows = open_windows(hours, BOB, first, last)
    away = absences(hours, BOB, *shape.claim(start))
    limits = earliest_start(now, notice), latest_start(now, ahead, tz)
    offered = [each for _, every in open_starts(windows, away, [], shape, *limits) for each in every]
    assert all(check.passed for check in found) is (start in offered)
    assert local_date(limits[1], tz) == local_date(minute_of(now.replace(second=0)), tz) + timedelta(
        days=ahead
    )

"""The week as entered: what is accepted, and how every mistake is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib.refusals import Invalid
from holdfast.schedule.rules import (
    HOUR_TEMPLATES,
    WeeklyWindow,
    dated_windows,
    format_hhmm,
    parse_hhmm,
    weekly_windows,
)


def window(weekday: Any, opens: Any, closes: Any) -> dict[str, Any]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def mistakes(items: list[dict[str, Any]]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refused:
        weekly_windows(items)
    return {name: [code for code, _ in found] for name, found in refused.value.fields.items()}


@given(st.integers(0, 1440))
def test_times_of_day_are_read_as_they_are_written(minute: int) -> None:
    assert parse_hhmm(format_hhmm(minute), closing=True) == minute


@pytest.mark.parametrize(
    "text", ["9:00", "09:60", "24:01", "25:00", "-1:00", "0900", "", " 09:00", "09:00\n", "٠٩:٠٠", 9, None]
)
def test_anything_else_is_no_time_of_day(text: object) -> None:
    for closing in (True, False):
        with pytest.raises(ValueError, match="HH:MM"):
            parse_hhmm(text, closing=closing)


def test_only_a_closing_time_may_be_24_00() -> None:
    assert parse_hhmm("24:00", closing=True) == 1440
    with pytest.raises(ValueError, match="HH:MM"):
        parse_hhmm("24:00")


@pytest.mark.parametrize("minute", [-1, 1441])
def test_no_minute_beyond_the_day_is_written(minute: int) -> None:
    with pytest.raises(ValueError, match="0 to 1440"):
        format_hhmm(minute)


def test_a_week_is_put_in_order_and_touching_windows_are_allowed() -> None:
    week = weekly_windows(
        [window(4, "22:00", "04:00"), window(0, "12:00", "17:00"), window(0, "09:00", "12:00")]
    )
    assert week == (WeeklyWindow(0, 540, 720), WeeklyWindow(0, 720, 1020), WeeklyWindow(4, 1320, 240))
    assert [w.ends for w in week] == [720, 1020, 1440 + 240]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([window(7, "09:00", "17:00")], {"windows[0].weekday": ["out_of_range"]}),
        ([window(-1, "09:00", "17:00")], {"windows[0].weekday": ["out_of_range"]}),
        ([window(True, "09:00", "17:00")], {"windows[0].weekday": ["wrong_format"]}),
        ([window("0", "09:00", "17:00")], {"windows[0].weekday": ["wrong_format"]}),
        ([{}], {f"windows[0].{name}": ["required"] for name in ("weekday", "opens", "closes")}),
        ([window(0, "9", "24:00"), window(1, "24:00", "x")],
         {"windows[0].opens": ["wrong_format"], "windows[1].opens": ["wrong_format"],
          "windows[1].closes": ["wrong_format"]}),
        ([window(0, "09:00", "13:00"), window(0, "12:59", "17:00")], {"windows[1].opens": ["overlaps"]}),
        ([window(0, "12:00", "13:00"), window(0, "09:00", "17:00")], {"windows[0].opens": ["overlaps"]}),
        ([window(0, "09:00", "13:00"), window(0, "09:00", "13:00")], {"windows[1].opens": ["overlaps"]}),
        ([window(4, "22:00", "04:00"), window(5, "03:00", "05:00")], {"windows[1].opens": ["overlaps"]}),
        ([window(0, "03:00", "05:00"), window(6, "22:00", "04:00")], {"windows[0].opens": ["overlaps"]}),
        ([window(2, f"{h:02}:00", f"{h:02}:30") for h in range(11)], {"windows": ["too_many"]}),
        ([window(0, "09:00", "10:00")] * 71, {"windows": ["too_many"]}),
    ],
)  # fmt: skip
def test_a_mistake_in_the_week_names_its_field(
    items: list[dict[str, Any]], expected: dict[str, list[str]]
) -> None:
    assert mistakes(items) == expected


@pytest.mark.parametrize(
    "items",
    [
        [],
        [window(4, "22:00", "04:00"), window(5, "04:00", "05:00")],
        [window(0, "04:00", "05:00"), window(6, "22:00", "04:00")],
        [window(0, "09:00", "09:00"), window(1, "09:00", "09:00")],
        [window(2, f"{h:02}:00", f"{h:02}:30") for h in range(10)],
    ],
)
def test_a_week_whose_windows_only_touch_is_accepted(items: list[dict[str, Any]]) -> None:
    assert len(weekly_windows(items)) == len(items)


times = st.integers(0, 47).map(lambda half: format_hhmm(half * 30))
weeks = st.lists(st.builds(window, st.integers(0, 6), times, times), min_size=1, max_size=6)


@given(weeks)
def test_a_week_is_refused_exactly_if_two_windows_share_a_minute(items: list[dict[str, Any]]) -> None:
    seen: list[int] = []
    for item in items:
        opens, closes = parse_hhmm(item["opens"]), parse_hhmm(item["closes"])
        length = (closes - opens) % 1440 or 1440
        seen += [(item["weekday"] * 1440 + opens + minute) % 10080 for minute in range(length)]
    if len(seen) == len(set(seen)):
        assert len(weekly_windows(items)) == len(items)
    else:
        assert {code for codes in mistakes(items).values() for code in codes} == {"overlaps"}


def test_the_windows_of_a_date_are_checked_like_a_weeks() -> None:
    assert dated_windows([{"opens": "22:00", "closes": "02:00"}, {"opens": "09:00", "closes": "12:00"}]) == (
        (540, 720),
        (1320, 120),
    )
    with pytest.raises(Invalid) as refused:
        dated_windows([{"opens": "09:00", "closes": "12:00"}, {"opens": "11:00", "closes": "nine"}, {"opens": "11:00",
                       "closes": "13:00"}])  # fmt: skip
    assert refused.value.fields == {
        "windows[1].closes": [("wrong_format", {})],
        "windows[2].opens": [("overlaps", {"other": 0})],
    }


def test_the_night_of_a_date_does_not_come_round_to_its_morning() -> None:
    windows = [{"opens": "22:00", "closes": "04:00"}, {"opens": "03:00", "closes": "05:00"}]
    assert len(dated_windows(windows)) == 2


@pytest.mark.parametrize(
    ("name", "hours_a_week"),
    [("weekday_9to5", 40), ("every_day_9to5", 56), ("weekend", 12), ("evenings", 35), ("club_nights", 18),
     ("24_7", 168), ("barbershop", 9 + 9 + 11 + 10 + 8)],
)  # fmt: skip
def test_a_template_is_a_valid_week_of_known_length(name: str, hours_a_week: int) -> None:
    week = HOUR_TEMPLATES[name]
    entered = [window(w.weekday, format_hhmm(w.opens), format_hhmm(w.closes)) for w in week]
    assert weekly_windows(entered) == week
    assert sum(w.ends - w.opens for w in week) == hours_a_week * 60

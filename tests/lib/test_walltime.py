"""Wall time: tables of the odd days of real zones, and properties over all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib import walltime
from holdfast.lib.timeline import instant_of, minute_of
from holdfast.lib.walltime import (
    exists,
    hhmm,
    is_repeated,
    local,
    local_date,
    minute_at,
    offset_at,
    pass_of,
    zone,
    zone_names,
)

zones = st.sampled_from(sorted(zone_names())).map(zone)
some_minutes = st.integers(
    minute_of(datetime(1971, 1, 1, tzinfo=UTC)), minute_of(datetime(2037, 12, 31, tzinfo=UTC))
)
some_days = st.dates(date(1971, 1, 1), date(2037, 12, 31))


@pytest.mark.parametrize(
    ("name", "day", "wall", "instant"),
    [
        ("Europe/London", date(2026, 3, 29), "00:59", "2026-03-29T00:59Z"),
        ("Europe/London", date(2026, 3, 29), "01:30", "2026-03-29T01:30Z"),  # does not exist: shown as 02:30
        ("Europe/London", date(2026, 3, 29), "02:00", "2026-03-29T01:00Z"),
        ("Europe/London", date(2026, 10, 25), "01:30", "2026-10-25T00:30Z"),  # the first of two
        ("Europe/London", date(2026, 10, 25), "02:00", "2026-10-25T02:00Z"),
        ("America/New_York", date(2026, 3, 8), "02:30", "2026-03-08T07:30Z"),  # shown as 03:30
        ("America/New_York", date(2026, 11, 1), "01:30", "2026-11-01T05:30Z"),
        (
            "Australia/Lord_Howe",
            date(2026, 10, 4),
            "02:15",
            "2026-10-03T15:45Z",
        ),  # half an hour is missing: 02:45
        ("Australia/Lord_Howe", date(2026, 4, 5), "01:45", "2026-04-04T14:45Z"),  # half an hour occurs twice
        ("America/Sao_Paulo", date(2018, 11, 4), "00:00", "2018-11-04T03:00Z"),  # midnight is missing: 01:00
        (
            "America/Sao_Paulo",
            date(2018, 2, 17),
            "23:30",
            "2018-02-18T01:30Z",
        ),  # the hour before midnight, twice
        ("Africa/Casablanca", date(2026, 2, 15), "02:30", "2026-02-15T01:30Z"),  # Ramadan: an hour back
        ("Africa/Casablanca", date(2026, 3, 22), "02:30", "2026-03-22T02:30Z"),  # after it: 02:30 is missing
        ("Asia/Kathmandu", date(2026, 5, 1), "09:00", "2026-05-01T03:15Z"),
        ("Pacific/Apia", date(2011, 12, 29), "23:59", "2011-12-30T09:59Z"),
        ("Pacific/Apia", date(2011, 12, 31), "00:00", "2011-12-30T10:00Z"),
    ],
)
def test_a_wall_time_is_read_as_its_first_pass_or_with_the_offset_before(
    name: str, day: date, wall: str, instant: str
) -> None:
    minute_of_day = int(wall[:2]) * 60 + int(wall[3:])
    assert minute_at(day, minute_of_day, zone(name)) == minute_of(datetime.fromisoformat(instant))


@pytest.mark.parametrize(
    ("name", "instant", "shown", "which"),
    [
        ("Europe/London", "2026-03-29T01:30Z", "02:30", 0),
        ("Europe/London", "2026-10-24T23:59Z", "00:59", 0),
        ("Europe/London", "2026-10-25T00:00Z", "01:00", 1),
        ("Europe/London", "2026-10-25T00:59Z", "01:59", 1),
        ("Europe/London", "2026-10-25T01:00Z", "01:00", 2),
        ("Europe/London", "2026-10-25T01:59Z", "01:59", 2),
        ("Europe/London", "2026-10-25T02:00Z", "02:00", 0),
        ("Australia/Lord_Howe", "2026-04-04T14:29Z", "01:29", 0),
        ("Australia/Lord_Howe", "2026-04-04T14:30Z", "01:30", 1),
        ("Australia/Lord_Howe", "2026-04-04T15:00Z", "01:30", 2),
        ("Australia/Lord_Howe", "2026-10-03T15:30Z", "02:30", 0),
        ("America/St_Johns", "2010-11-07T02:31Z", "23:01", 2),  # changed at one minute past midnight
        ("America/St_Johns", "2010-11-07T02:30Z", "00:00", 1),
    ],
)
def test_a_clock_says_which_pass_of_a_repeated_time_it_shows(
    name: str, instant: str, shown: str, which: int
) -> None:
    minute = minute_of(datetime.fromisoformat(instant))
    assert (hhmm(minute, zone(name)), pass_of(minute, zone(name))) == (shown, which)
    assert is_repeated(minute, zone(name)) is (which > 0)


@given(zones, some_minutes)
def test_every_minute_has_one_wall_time_and_its_first_pass_leads_back(tz: ZoneInfo, minute: int) -> None:
    wall = local(minute, tz)
    assert wall == instant_of(minute)
    assert hhmm(minute, tz) == wall.strftime("%H:%M")
    assert offset_at(minute, tz) == wall.utcoffset() // timedelta(minutes=1)  # type: ignore[operator]
    back = minute_at(local_date(minute, tz), wall.hour * 60 + wall.minute, tz)
    assert back == minute if pass_of(minute, tz) < 2 else back < minute


@given(zones, some_days, st.integers(0, 2879))
def test_minutes_of_the_day_run_on_into_the_next_day(tz: ZoneInfo, day: date, minute_of_day: int) -> None:
    tomorrow = day + timedelta(days=1)
    if minute_of_day >= 1440:
        assert minute_at(day, minute_of_day, tz) == minute_at(tomorrow, minute_of_day - 1440, tz)
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute_of_day)
    assert minute_at(day, minute_of_day, tz) == minute_of(wall.replace(tzinfo=tz).astimezone(UTC))


@pytest.mark.parametrize(("day", "there"), [(29, True), (30, False), (31, True)])
def test_samoa_skipped_the_thirtieth_of_december_2011(day: int, there: bool) -> None:
    assert exists(date(2011, 12, day), zone("Pacific/Apia")) is there


@given(zones, some_days)
def test_a_date_exists_if_some_minute_has_it(tz: ZoneInfo, day: date) -> None:
    noon = minute_of(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    seen = {local_date(minute, tz) for minute in range(noon - 2880, noon + 2880, 30)}
    assert exists(day, tz) is (day in seen)


@pytest.mark.parametrize(
    "name", ["", "Europe/Atlantis", "../etc/passwd", "europe/london", "Factory", "Europe", "/UTC"]
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        zone(name)


def test_every_zone_of_the_package_loads_and_knows_its_name() -> None:
    assert len(zone_names()) > 400
    for name in zone_names():
        assert zone(name).key == name


def test_zones_never_come_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_the_machine(key: str) -> ZoneInfo:
        raise AssertionError(f"asked the machine for {key}")

    class Guarded(ZoneInfo):
        def __new__(cls, key: str) -> ZoneInfo:  # type: ignore[misc]
            return from_the_machine(key)

    monkeypatch.setattr(walltime, "ZoneInfo", Guarded)
    assert zone.__wrapped__("Europe/London").key == "Europe/London"

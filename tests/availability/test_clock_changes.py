"""Days on which the clocks change, through the whole stack: an hour missing, an hour twice, half an hour of either."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from holdfast.availability.queries import OpenTime, open_times
from holdfast.bookings.commands import Details, Wish, book
from holdfast.bookings.errors import TimeTaken
from holdfast.lib.actors import GUEST
from holdfast.schedule.commands import apply_hour_template, replace_hours
from tests.cast import DANA, OPERATOR, Shop, make_shop

pytestmark = pytest.mark.django_db

# (zone, date, minutes the always-open day has)
CHANGES = [
    ("Europe/London", date(2027, 3, 28), 23 * 60),
    ("Europe/London", date(2027, 10, 31), 25 * 60),
    ("Australia/Lord_Howe", date(2027, 4, 4), 24 * 60 + 30),
    ("Australia/Lord_Howe", date(2027, 10, 3), 23 * 60 + 30),
    ("Europe/London", date(2027, 7, 1), 24 * 60),
]


def times_on(shop: Shop, day: date) -> list[OpenTime]:
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=5)
    [found] = open_times(timetable=shop.timetable, service_id=shop.cut.id, first=day, last=day, now=now)
    return list(found.times)


@pytest.mark.parametrize(("zone", "day", "minutes"), CHANGES)
def test_an_always_open_shop_offers_every_quarter_that_passes(zone: str, day: date, minutes: int) -> None:
    shop = make_shop("round-the-clock", zone)
    apply_hour_template(actor=OPERATOR, business_id=shop.business_id, template="24_7")
    times = times_on(shop, day)
    assert len(times) == minutes // 15
    gaps = {later.starts_at - sooner.starts_at for sooner, later in pairwise(times)}
    assert gaps == {timedelta(minutes=15)}
    tz = ZoneInfo(zone)
    assert [time.local_time for time in times] == [
        time.starts_at.astimezone(tz).strftime("%H:%M") for time in times
    ]
    twice = [time for time in times if time.repeated]
    assert len(twice) == max(0, (minutes - 24 * 60) // 15) * 2
    assert [time.second_pass for time in twice] == sorted(time.second_pass for time in twice)


@pytest.mark.parametrize(("zone", "day", "minutes"), CHANGES)
def test_every_offered_time_of_the_night_can_be_booked_once(zone: str, day: date, minutes: int) -> None:
    shop = make_shop("night-shop", zone)
    windows = [{"weekday": weekday, "opens": "00:00", "closes": "05:00"} for weekday in range(7)]
    replace_hours(actor=OPERATOR, business_id=shop.business_id, windows=windows)
    tz = ZoneInfo(zone)
    times = times_on(shop, day)
    assert len(times) == (minutes - 19 * 60) // 15 - 1
    for time in times[::2]:
        call: dict[str, Any] = {
            "actor": GUEST,
            "timetable": shop.timetable,
            "wish": Wish(shop.cut.id, time.starts_at, shop.theo.id),
            "details": Details(DANA),
            "now": time.starts_at - timedelta(days=5),
        }
        made = book(**call)
        assert (made.local_on, made.local_start[-5:]) == (day, time.local_time)
        assert made.starts_at.astimezone(tz).date() == day
        assert made.ends_at - made.starts_at == timedelta(minutes=30)
        with pytest.raises(TimeTaken):
            book(**call)
    assert shop.theo.id not in {id for time in times_on(shop, day) for id in time.resource_ids}


def test_a_club_night_over_the_change_keeps_the_evenings_date() -> None:
    shop = make_shop("club")
    windows = [{"weekday": 5, "opens": "22:00", "closes": "04:00"}]
    replace_hours(actor=OPERATOR, business_id=shop.business_id, windows=windows)
    long_night = times_on(shop, date(2027, 10, 30))
    short_night = times_on(shop, date(2027, 3, 27))
    assert (len(long_night), len(short_night)) == (7 * 4 - 1, 5 * 4 - 1)
    late = long_night[-1]
    assert late.local_time == "03:30"
    made = book(
        actor=GUEST,
        timetable=shop.timetable,
        wish=Wish(shop.cut.id, late.starts_at),
        details=Details(DANA),
        now=late.starts_at - timedelta(days=5),
    )
    assert (made.local_on, made.local_start) == (date(2027, 10, 30), "2027-10-31T03:30")
    assert [time.local_time for time in short_night].count("01:00") == 0

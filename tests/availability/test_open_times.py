"""What is free, through the whole stack: claims, holds, moves, bounds, the hours of the business (SPEC C4–C6)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from holdfast.availability.queries import (
    OpenDay,
    alternatives,
    explain,
    next_open_day,
    open_counts,
    open_times,
)
from holdfast.bookings.commands import Wish, cancel_booking, hold_time
from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.commands import change_resource, change_service
from holdfast.core import clock
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.commands import ExceptionWish, add_exception
from tests.cast import OPERATOR, Shop


def day_of(shop: Shop, days: int = 3) -> date:
    return shop.at("12:00", days).astimezone(shop.timetable.tz).date()


def asked(shop: Shop, days: int = 3, **changes: Any) -> dict[str, Any]:
    day = day_of(shop, days)
    usual = {"timetable": shop.timetable, "service_id": shop.cut.id, "first": day, "last": day}
    return usual | {"now": clock.now()} | changes


def open_day(shop: Shop, days: int = 3, **changes: Any) -> OpenDay:
    [day] = open_times(**asked(shop, days, **changes))
    return day


def starts(shop: Shop, days: int = 3, **changes: Any) -> list[str]:
    return [time.local_time for time in open_day(shop, days, **changes).times]


def test_an_empty_day_offers_its_grid_to_the_last_start_that_fits(shop: Shop) -> None:
    day = open_day(shop)
    assert (day.on, day.open, len(day.times)) == (day_of(shop), True, 31)
    assert [day.times[0].local_time, day.times[1].local_time, day.times[-1].local_time] == [
        "09:00",
        "09:15",
        "16:30",
    ]
    assert day.times[0].starts_at == shop.at("09:00")
    assert set(day.times[0].resource_ids) == {shop.theo.id, shop.amara.id}
    assert day.times[0].price_minor == 2600


def test_a_booking_takes_what_would_overlap_it_from_its_barber_alone(shop: Shop) -> None:
    shop.book("10:00", resource=shop.theo)
    theos = starts(shop, resource_id=shop.theo.id)
    assert not {"09:45", "10:00", "10:15"} & set(theos)
    assert {"09:30", "10:30"} <= set(theos)
    assert len(starts(shop, resource_id=shop.amara.id)) == 31
    by_start = {time.local_time: time.resource_ids for time in open_day(shop).times}
    assert by_start["10:00"] == (shop.amara.id,)


def test_counts_are_the_numbers_of_times(shop: Shop) -> None:
    for start, days in (("10:00", 3), ("11:00", 3), ("09:00", 5)):
        for barber in (shop.theo, shop.amara):
            shop.book(start, days, resource=barber)
    shop.book("14:00", 4)
    call = asked(shop, first=day_of(shop, 0), last=day_of(shop, 10))
    counted = open_counts(**call)
    assert [(day.on, day.open, day.free) for day in counted] == [
        (day.on, day.open, len(day.times)) for day in open_times(**call)
    ]
    assert [day.free for day in counted][3:6] == [25, 31, 29]


def test_dead_holds_and_ended_undos_are_free_without_tidying(shop: Shop) -> None:
    now = clock.now()
    theo = shop.theo.id
    hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("10:00", resource=shop.theo), now=now)
    booked = shop.book("12:00", resource=shop.theo, now=now)
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=booked.id, now=now, undo=True)
    assert not {"10:00", "12:00"} & set(starts(shop, now=now, resource_id=theo))
    assert "12:00" in starts(shop, now=now + timedelta(seconds=10), resource_id=theo)
    assert "10:00" not in starts(shop, now=now + timedelta(minutes=9, seconds=59), resource_id=theo)
    assert "10:00" in starts(shop, now=now + timedelta(minutes=10), resource_id=theo)


def test_the_picker_of_a_move_leaves_the_booking_itself_out_of_account(shop: Shop) -> None:
    moving = shop.book("10:00", resource=shop.theo)
    shop.book("10:30", resource=shop.theo)
    offered = starts(shop, resource_id=shop.theo.id, moving_booking_id=moving.id)
    assert {"09:45", "10:00"} <= set(offered)
    assert not {"10:15", "10:30", "10:45"} & set(offered)


def test_buffers_reach_outside_hours_but_not_into_claims(shop: Shop) -> None:
    wanted = {"buffer_before_minutes": 10, "buffer_after_minutes": 15}
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)
    shop.book("12:00", resource=shop.theo)
    offered = starts(shop, resource_id=shop.theo.id)
    assert (offered[0], offered[-1]) == ("09:00", "16:30")
    around = [start for start in offered if "11:00" <= start <= "13:15"]
    assert around == ["11:00", "13:00", "13:15"]


def test_notice_and_horizon_bound_what_is_offered(shop: Shop) -> None:
    now = shop.at("12:05", 0)
    assert starts(shop, 0, now=now)[0] == "13:15"
    assert starts(shop, -1, now=now) == []
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted={"furthest_ahead_days": 5})
    assert len(starts(shop, 5, now=now)) == 31
    beyond = open_day(shop, 6, now=now)
    assert beyond.times == ()


def test_sixty_two_days_are_answered_and_sixty_three_refused(shop: Shop) -> None:
    first = day_of(shop)
    assert len(open_times(**asked(shop, last=first + timedelta(days=61)))) == 62
    for last in (first + timedelta(days=62), first - timedelta(days=1), date.max):
        for ask in (open_times, open_counts):
            with pytest.raises(Invalid) as refused:
                ask(**asked(shop, last=last))
            assert refused.value.fields == {"to": [("out_of_bounds", {"least": 1, "most": 62})]}


@pytest.mark.parametrize("first", [date.min, date(1970, 1, 1), date(9998, 12, 31), date.max])
def test_dates_at_the_ends_of_the_calendar_come_back_empty(shop: Shop, first: date) -> None:
    [day] = open_times(**asked(shop, first=first, last=first))
    assert (day.on, day.times) == (first, ())
    assert [count.free for count in open_counts(**asked(shop, first=first, last=first))] == [0]


def test_unknown_things_and_impossible_parties_are_refused(shop: Shop) -> None:
    with pytest.raises(Missing):
        open_times(**asked(shop, service_id=uuid4()))
    with pytest.raises(Missing):
        open_times(**asked(shop, resource_id=uuid4()))
    for party in (0, -1, 2, 10**9):
        with pytest.raises(Invalid) as refused:
            open_times(**asked(shop, party_size=party))
        assert set(refused.value.fields) == {"party_size"}


def test_what_is_retired_is_not_offered(shop: Shop) -> None:
    change_resource(
        actor=OPERATOR, business_id=shop.business_id, resource_id=shop.theo.id, wanted={"is_active": False}
    )
    assert open_day(shop).times[0].resource_ids == (shop.amara.id,)
    with pytest.raises(Missing):
        starts(shop, resource_id=shop.theo.id)
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"is_active": False}
    )
    with pytest.raises(Missing):
        starts(shop)


def test_a_closed_day_is_told_from_a_full_one(shop: Shop) -> None:
    wish = ExceptionWish(kind="closed", starts_on=day_of(shop, 3))
    add_exception(actor=OPERATOR, business_id=shop.business_id, wish=wish)
    for barber in (shop.theo, shop.amara):
        absent = ExceptionWish(kind="absence", resource_id=barber.id, starts_on=day_of(shop, 4))
        add_exception(actor=OPERATOR, business_id=shop.business_id, wish=absent)
    closed, full = open_day(shop, 3), open_day(shop, 4)
    assert (closed.open, closed.times) == (False, ())
    assert (full.open, full.times) == (True, ())


def test_the_next_open_day_is_found_over_closed_ones_and_never_beyond_the_horizon(shop: Shop) -> None:
    wish = ExceptionWish(kind="closed", starts_on=day_of(shop, 3), ends_on=day_of(shop, 80))
    add_exception(actor=OPERATOR, business_id=shop.business_id, wish=wish)
    call: dict[str, Any] = {"timetable": shop.timetable, "service_id": shop.cut.id, "now": clock.now()}
    assert next_open_day(after=day_of(shop, 1), **call) == day_of(shop, 2)
    assert next_open_day(after=day_of(shop, 2), **call) == day_of(shop, 81)
    assert next_open_day(after=day_of(shop, 90), **call) is None
    assert next_open_day(after=date.max, **call) is None
    soon = next_open_day(after=date.min, **call)
    assert soon is not None
    assert day_of(shop, 0) <= soon <= day_of(shop, 1)


def test_alternatives_are_free_and_bookable_and_never_the_wanted_time(shop: Shop) -> None:
    for start in ("09:45", "10:15", "10:45"):
        shop.book(start, resource=shop.theo)
    wish, now = shop.wish("10:15", resource=shop.theo), clock.now()
    found = alternatives(timetable=shop.timetable, wish=wish, now=now)
    assert {other.kind for other in found} == {"later", "earlier", "other_resource", "other_day"}
    assert (wish.starts_at, shop.theo.id) not in {(other.starts_at, other.resource_id) for other in found}
    assert found[0].resource_id == shop.amara.id
    assert found[0].starts_at == wish.starts_at
    for other in found:
        resource = shop.timetable.resource(other.resource_id)
        made = hold_time(
            actor=GUEST,
            timetable=shop.timetable,
            wish=Wish(shop.cut.id, other.starts_at, resource.id),
            now=now,
        )
        assert (made.local_on, made.local_start[-5:]) == (other.local_on, other.local_time)


@pytest.mark.parametrize("instant", [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59)])
def test_the_ends_of_time_are_refused_and_not_a_fault(shop: Shop, instant: datetime) -> None:
    wish = Wish(shop.cut.id, instant.replace(tzinfo=clock.now().tzinfo))
    with pytest.raises(Invalid):
        alternatives(timetable=shop.timetable, wish=wish, now=clock.now())
    with pytest.raises(Invalid):
        explain(timetable=shop.timetable, actor=GUEST, wish=wish, now=clock.now())


def test_explaining_agrees_with_booking_and_names_what_blocks_to_staff_alone(shop: Shop) -> None:
    made = shop.book("10:00", resource=shop.theo)
    wish, now = shop.wish("10:15"), clock.now()
    for actor, told in ((GUEST, False), (shop.actor(), True)):
        theo, amara = explain(timetable=shop.timetable, actor=actor, wish=wish, now=now)
        assert (theo.resource_id, theo.bookable, amara.bookable) == (shop.theo.id, False, True)
        assert [check.rule for check in theo.checks if not check.passed] == ["unclaimed"]
        assert (made.shown_reference in str(theo.checks)) == told
        assert "Dana" not in str(theo.checks)

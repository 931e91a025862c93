"""What is free of published slots (SPEC C4–C6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from holdfast.availability.queries import (
    alternatives,
    explain,
    next_open_day,
    open_counts,
    open_times,
    slot_days,
)
from holdfast.bookings.commands import hold_time
from holdfast.core import clock
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.commands import SlotPlan, change_slot, generate_slots
from tests.counter import Counter, make_counter, somebody


@pytest.fixture
def counter(db: None) -> Counter:
    return make_counter()


def asked(counter: Counter, **more: Any) -> dict[str, Any]:
    return {
        "timetable": counter.timetable,
        "service_id": counter.portrait.id,
        "first": counter.day(3),
        "last": counter.day(5),
        "now": clock.now(),
        **more,
    }


def test_slots_with_room_are_free_and_days_without_slots_are_closed(counter: Counter) -> None:
    ten, eleven = counter.slot("10:00", capacity=3), counter.slot("11:00", capacity=1)
    closed = counter.slot("12:00", days=4)
    change_slot(
        actor=counter.actor(), timetable=counter.timetable, slot_id=closed.id, wanted={"is_open": False}
    )
    counter.book(ten, 2)
    first, second, third = open_times(**asked(counter))
    assert [(each.slot_id, each.remaining) for each in first.times] == [(ten.id, 1), (eleven.id, 1)]
    assert (first.open, second.open, third.open) == (True, False, False)
    assert [day.free for day in open_counts(**asked(counter, party_size=2))] == [0, 0, 0]
    assert [slot.remaining for slot in slot_days(**asked(counter))[0].slots] == [1, 1]
    counter.book(eleven, contact=somebody(1))
    assert [each.slot_id for each in open_times(**asked(counter))[0].times] == [ten.id]


def test_a_hold_that_ran_out_no_longer_counts_before_anybody_tidies(counter: Counter) -> None:
    slot = counter.slot(capacity=2)
    hold_time(actor=GUEST, timetable=counter.timetable, wish=counter.wish(slot, 2), now=clock.now())
    assert open_times(**asked(counter))[0].times == ()
    later = clock.now() + timedelta(minutes=11)
    assert [each.remaining for each in open_times(**asked(counter, now=later))[0].times] == [2]


def test_a_booking_that_moves_counts_its_own_places_as_free(counter: Counter) -> None:
    slot = counter.slot(capacity=2)
    booking = counter.book(slot, 2)
    found = open_times(**asked(counter, party_size=2, moving_booking_id=booking.id))
    assert [each.slot_id for each in found[0].times] == [slot.id]


def test_what_is_past_too_near_or_too_far_is_left_out(counter: Counter) -> None:
    slot = counter.slot()
    for now in (slot.starts_at, slot.starts_at - timedelta(minutes=30)):
        day = open_times(**asked(counter, now=now))[0]
        assert (day.open, day.times) == (True, ())
    far = counter.slot(days=120)
    beyond = {"first": far.local_on, "last": far.local_on}
    assert open_times(**asked(counter, **beyond))[0].times == ()


def test_slots_can_be_asked_of_one_resource_and_of_62_days_at_most(counter: Counter) -> None:
    east = counter.slot(resource_id=counter.east.id)
    counter.slot(resource_id=counter.west.id)
    found = open_times(**asked(counter, resource_id=counter.east.id))[0].times
    assert [(each.slot_id, each.resource_ids) for each in found] == [(east.id, (counter.east.id,))]
    with pytest.raises(Invalid):
        open_times(**asked(counter, last=counter.day(3 + 62)))
    with pytest.raises(Missing):
        open_times(**asked(counter, resource_id=counter.portrait.id))


def test_the_nearest_slots_with_room_stand_in_for_one_that_is_gone(counter: Counter) -> None:
    gone = counter.slot("11:00", capacity=2)
    counter.book(gone, 2)
    earlier, later = counter.slot("10:00", capacity=2), counter.slot("11:30", capacity=2)
    counter.slot("12:00", capacity=1)
    other_day = counter.slot("11:00", days=4, capacity=2)
    found = alternatives(timetable=counter.timetable, wish=counter.wish(gone, 2), now=clock.now())
    assert [(each.slot_id, each.kind) for each in found] == [
        (later.id, "later"),
        (earlier.id, "earlier"),
        (other_day.id, "other_day"),
    ]
    days = {"timetable": counter.timetable, "service_id": counter.portrait.id, "now": clock.now()}
    assert next_open_day(after=counter.day(3), **days) == counter.day(4)
    assert next_open_day(after=counter.day(4), **days) is None


def test_it_is_explained_why_a_slot_is_not_bookable(counter: Counter) -> None:
    slot = counter.slot(capacity=3)
    counter.book(slot, 2)
    told = {"timetable": counter.timetable, "wish": counter.wish(slot, 2), "now": clock.now()}
    (public,) = explain(actor=GUEST, **told)
    (for_staff,) = explain(actor=counter.actor(Role.STAFF), **told)
    assert (public.bookable, public.checks[-1].rule, public.checks[-1].passed) == (False, "places", False)
    assert public.checks[-1].facts == {"remaining": 1, "wanted": 2}
    assert for_staff.checks[-1].facts == {"remaining": 1, "wanted": 2, "capacity": 3, "taken": 2}
    missing = counter.wish(slot)
    nothing = type(missing)(missing.service_id, slot.starts_at - timedelta(hours=1))
    (unpublished,) = explain(timetable=counter.timetable, actor=GUEST, wish=nothing, now=clock.now())
    assert unpublished.checks[-1].rule == "published"
    assert unpublished.checks[-1].facts == {"next_at": slot.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_two_weeks_of_slots_cost_one_statement(counter: Counter, django_assert_num_queries: Any) -> None:
    for owner in (counter.east.id, counter.west.id):
        generate_slots(
            actor=counter.actor(),
            timetable=counter.timetable,
            plan=SlotPlan(counter.portrait.id, 15, 6, owner),
            first=counter.day(1),
            last=counter.day(14),
            now=clock.now(),
        )
    question = asked(counter, first=counter.day(1), last=counter.day(14))
    with django_assert_num_queries(1):
        found = open_times(**question)
    assert sum(len(day.times) for day in found) == 14 * 32 * 2

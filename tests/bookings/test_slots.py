"""Booking places in published slots (SPEC C3, D2, D8): the count always equals the bookings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from holdfast.bookings.commands import (
    Details,
    Wish,
    cancel_booking,
    confirm_hold,
    hold_time,
    move_booking,
    release_hold,
    tidy_dead_bookings,
    undo_change,
)
from holdfast.bookings.errors import HoldEnded, LimitReached, SlotClosed, SlotFull
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts
from holdfast.catalog.commands import change_service, create_service
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.commands import change_slot
from holdfast.schedule.queries import SlotFacts
from tests.cast import DANA, Shop, join
from tests.counter import Counter, counted, make_counter, somebody, taken

HOUR = timedelta(hours=1)


@pytest.fixture
def counter(db: None) -> Counter:
    return make_counter()


def hold(counter: Counter, slot: SlotFacts, places: int = 1, **more: Any) -> BookingFacts:
    return hold_time(
        actor=GUEST,
        timetable=counter.timetable,
        wish=counter.wish(slot, places),
        now=more.get("now", clock.now()),
    )


def cancel(counter: Counter, booking: BookingFacts, **more: Any) -> BookingFacts:
    actor = more.pop("actor", GUEST.holding(booking.id))
    return cancel_booking(
        actor=actor,
        timetable=counter.timetable,
        booking_id=booking.id,
        now=more.pop("now", clock.now()),
        **more,
    )


def test_a_booking_takes_its_places_and_a_cancellation_gives_them_back(counter: Counter) -> None:
    slot = counter.slot(capacity=5)
    first = counter.book(slot, 2)
    counter.book(slot, 3, contact=somebody(1))
    assert (taken(slot), counted(slot)) == (5, 5)
    assert (first.slot_id, first.party_size, first.resource_id) == (slot.id, 2, None)
    assert Claim.objects.count() == 0
    cancel(counter, first)
    assert (taken(slot), counted(slot)) == (3, 3)
    kinds = set(OutboxEvent.objects.values_list("kind", flat=True))
    assert {"BookingConfirmed", "BookingCancelled"} <= kinds


def test_a_full_slot_says_how_many_places_remain_and_takes_nothing(counter: Counter) -> None:
    slot = counter.slot(capacity=3)
    counter.book(slot, 2)
    with pytest.raises(SlotFull) as refused:
        counter.book(slot, 2, contact=somebody(1))
    assert refused.value.facts == {"slot": str(slot.id), "remaining": 1}
    assert taken(slot) == 2 == counted(slot)
    counter.book(slot, 1, contact=somebody(1))
    assert taken(slot) == 3


def test_nobody_books_more_places_than_a_slot_has_or_none(counter: Counter) -> None:
    slot = counter.slot(capacity=3)
    for places in (0, 4, -1):
        with pytest.raises(Invalid) as refused:
            counter.book(slot, places)
        assert refused.value.fields == {"party_size": [("out_of_bounds", {"least": 1, "most": 3})]}


def test_a_slot_is_found_by_its_start_and_by_its_resource(counter: Counter) -> None:
    east = counter.slot("10:00", resource_id=counter.east.id, capacity=1)
    west = counter.slot("10:00", resource_id=counter.west.id, capacity=4)
    wish = Wish(counter.portrait.id, counter.at("10:00"))
    args: dict[str, Any] = {"actor": GUEST, "timetable": counter.timetable, "now": clock.now()}
    anywhere = hold_time(wish=wish, **args)
    assert (anywhere.slot_id, anywhere.resource_id, anywhere.any_resource) == (
        west.id,
        counter.west.id,
        True,
    )
    there = hold_time(wish=Wish(counter.portrait.id, counter.at("10:00"), counter.east.id), **args)
    assert (there.slot_id, there.any_resource) == (east.id, False)
    with pytest.raises(SlotFull):
        hold_time(wish=Wish(counter.portrait.id, counter.at("10:00"), counter.east.id), **args)
    with pytest.raises(Invalid) as refused:
        hold_time(wish=Wish(counter.portrait.id, counter.at("10:30")), **args)
    assert refused.value.fields == {"starts_at": [("no_slot", {})]}


def test_a_slot_of_another_service_or_business_is_missing(counter: Counter) -> None:
    slot = counter.slot()
    next_door = make_counter("next-door-counter")
    passport = create_service(
        actor=counter.actor(),
        business_id=counter.business_id,
        wanted={"name": "Passport photo", "mode": "slot", "duration_minutes": 10},
    )
    for timetable, service_id in (
        (next_door.timetable, next_door.portrait.id),
        (counter.timetable, passport.id),
    ):
        wish = Wish(service_id, slot.starts_at, None, 1, slot.id)
        with pytest.raises(Missing):
            hold_time(actor=GUEST, timetable=timetable, wish=wish, now=clock.now())
    assert taken(slot) == 0


def test_a_past_slot_one_too_soon_and_one_too_far_ahead_are_refused(counter: Counter) -> None:
    slot = counter.slot()
    far = counter.slot(days=120)
    for when, chosen, code in (
        (slot.starts_at, slot, "in_past"),
        (slot.starts_at + HOUR, slot, "in_past"),
        (slot.starts_at - HOUR / 2, slot, "too_soon"),
        (clock.now(), far, "too_far_ahead"),
    ):
        with pytest.raises(Invalid) as refused:
            counter.book(chosen, now=when)
        assert refused.value.fields["starts_at"][0][0] == code
    counter.book(far, actor=counter.actor(Role.STAFF))
    past = counter.book(
        slot, actor=counter.actor(Role.STAFF), now=slot.starts_at + HOUR, override_reason="Came late"
    )
    assert past.state == "confirmed"
    assert (taken(slot), taken(far)) == (1, 1)


def test_a_closed_slot_takes_nobody_but_whom_staff_knowingly_put_there(counter: Counter) -> None:
    slot = counter.slot(capacity=1)
    change_slot(
        actor=counter.actor(), timetable=counter.timetable, slot_id=slot.id, wanted={"is_open": False}
    )
    staff = counter.actor(Role.STAFF)
    for actor in (GUEST, staff):
        with pytest.raises(SlotClosed):
            counter.book(slot, actor=actor)
    counter.book(slot, actor=staff, override_reason="A regular")
    with pytest.raises(SlotFull):
        counter.book(slot, actor=staff, override_reason="Another", contact=somebody(1))
    assert taken(slot) == 1


def test_nobody_books_the_same_slot_twice_by_default(counter: Counter) -> None:
    slot, other = counter.slot("10:00", capacity=5), counter.slot("11:00", capacity=5)
    first = counter.book(slot)
    with pytest.raises(LimitReached) as refused:
        counter.book(slot)
    assert refused.value.facts == {"limit": 1, "per": "slot"}
    counter.book(other)
    counter.book(slot, contact=somebody(1))
    counter.book(slot, actor=counter.actor(Role.STAFF))  # staff know what they do
    assert taken(slot) == 3 == counted(slot)
    cancel(counter, first)
    with pytest.raises(LimitReached):
        counter.book(slot)  # what staff booked for her counts


def test_another_address_makes_nobody_another_person_while_signed_in(counter: Counter, shop: Shop) -> None:
    account = join(shop, "dana@example.org", "Dana Guest", Role.STAFF)
    dana = Actor(role=Role.CUSTOMER, account_id=account.id)
    slot = counter.slot(capacity=5)
    counter.book(slot, actor=dana)
    with pytest.raises(LimitReached):
        counter.book(slot, actor=dana, contact=somebody(1))
    counter.book(slot, contact=somebody(1))
    assert taken(slot) == 2


def test_the_limit_of_a_slot_is_the_services_own_and_none_if_it_is_zero(counter: Counter) -> None:
    slot = counter.slot(capacity=9)
    for limit, more in ((2, 2), (0, 3)):
        change_service(
            actor=counter.actor(),
            business_id=counter.business_id,
            service_id=counter.portrait.id,
            wanted={"places_per_customer": limit},
        )
        for _ in range(more - (Booking.objects.count() if limit else 0)):
            counter.book(slot)
        if limit:
            with pytest.raises(LimitReached):
                counter.book(slot)
    assert taken(slot) == 5 == counted(slot)


def test_the_limit_of_a_slot_is_looked_at_when_a_hold_is_confirmed(counter: Counter) -> None:
    slot = counter.slot(capacity=5)
    holds = [hold(counter, slot) for _ in range(2)]
    assert taken(slot) == 2
    args: dict[str, Any] = {"timetable": counter.timetable, "details": Details(DANA), "now": clock.now()}
    confirm_hold(actor=GUEST.holding(holds[0].id), hold_id=holds[0].id, **args)
    with pytest.raises(LimitReached):
        confirm_hold(actor=GUEST.holding(holds[1].id), hold_id=holds[1].id, **args)
    assert taken(slot) == 2 == counted(slot)


def test_a_hold_counts_until_it_is_released(counter: Counter) -> None:
    slot = counter.slot(capacity=2)
    held = hold(counter, slot, 2)
    with pytest.raises(SlotFull):
        counter.book(slot)
    args: dict[str, Any] = {
        "actor": GUEST.holding(held.id),
        "timetable": counter.timetable,
        "hold_id": held.id,
        "now": clock.now(),
    }
    release_hold(**args)
    release_hold(**args)
    assert (taken(slot), counted(slot)) == (0, 0)


def test_a_hold_that_ran_out_gives_its_places_to_the_next_whether_or_not_a_worker_is_alive(
    counter: Counter,
) -> None:
    slot = counter.slot(capacity=2)
    held = hold(counter, slot, 2)
    later = clock.now() + timedelta(minutes=11)
    booking = counter.book(slot, 2, now=later)
    assert booking.state == "confirmed"
    assert (taken(slot), counted(slot)) == (2, 2)
    with pytest.raises(HoldEnded):
        confirm_hold(
            actor=GUEST.holding(held.id),
            timetable=counter.timetable,
            hold_id=held.id,
            details=Details(somebody(1)),
            now=later,
        )
    assert tidy_dead_bookings(now=later + HOUR) == 0
    assert (taken(slot), counted(slot)) == (2, 2)


def test_tidying_gives_places_back_exactly_once(counter: Counter) -> None:
    slots = [counter.slot(at, capacity=3) for at in ("10:00", "11:00")]
    for slot in slots:
        hold(counter, slot, 1)
        hold(counter, slot, 2)
    later = clock.now() + timedelta(minutes=11)
    assert tidy_dead_bookings(now=later) == 4
    assert tidy_dead_bookings(now=later) == 0
    assert [taken(slot) for slot in slots] == [0, 0]


def test_a_cancellation_that_can_be_undone_keeps_its_places_until_the_window_ends(counter: Counter) -> None:
    slot = counter.slot(capacity=1)
    booking = counter.book(slot)
    now = clock.now()
    cancel(counter, booking, undo=True, now=now)
    assert taken(slot) == 1
    with pytest.raises(SlotFull):
        counter.book(slot, contact=somebody(1), now=now)
    restored = undo_change(
        actor=GUEST.holding(booking.id), timetable=counter.timetable, booking_id=booking.id, now=now
    )
    assert (restored.state, taken(slot)) == ("confirmed", 1)
    cancel(counter, booking, undo=True, now=now)
    counter.book(slot, contact=somebody(1), now=now + timedelta(minutes=3))
    assert (taken(slot), counted(slot)) == (1, 1)


def test_undoing_a_cancellation_keeps_to_the_limit_of_the_slot(counter: Counter) -> None:
    slot = counter.slot(capacity=5)
    booking = counter.book(slot)
    now = clock.now()
    cancel(counter, booking, undo=True, now=now)
    counter.book(slot, now=now)
    with pytest.raises(LimitReached):
        undo_change(
            actor=GUEST.holding(booking.id), timetable=counter.timetable, booking_id=booking.id, now=now
        )
    assert taken(slot) == 2 == counted(slot)


def test_a_move_takes_places_in_the_new_slot_before_it_gives_back_the_old(counter: Counter) -> None:
    here = counter.slot("10:00", capacity=2)
    there = counter.slot("11:00", capacity=2, resource_id=counter.east.id)
    booking = counter.book(here, 2)
    args: dict[str, Any] = {
        "actor": counter.actor(Role.STAFF),
        "timetable": counter.timetable,
        "booking_id": booking.id,
        "now": clock.now(),
    }
    moved = move_booking(starts_at=there.starts_at, slot_id=there.id, **args)
    assert (moved.slot_id, moved.resource_id, moved.starts_at) == (there.id, counter.east.id, there.starts_at)
    assert (taken(here), taken(there)) == (0, 2)
    same = move_booking(starts_at=there.starts_at, slot_id=there.id, **args)
    assert (same.slot_id, taken(there)) == (there.id, 2)
    counter.book(here, contact=somebody(1))
    with pytest.raises(SlotFull):
        move_booking(starts_at=here.starts_at, slot_id=here.id, **args)
    assert (taken(here), taken(there)) == (1, 2)
    assert (counted(here), counted(there)) == (1, 2)


def test_a_customer_cannot_move_into_a_slot_they_are_in_already(counter: Counter) -> None:
    here, there = counter.slot("10:00", capacity=5), counter.slot("11:00", capacity=5)
    booking = counter.book(here)
    counter.book(there)
    with pytest.raises(LimitReached):
        move_booking(
            actor=GUEST.holding(booking.id),
            timetable=counter.timetable,
            booking_id=booking.id,
            starts_at=there.starts_at,
            slot_id=there.id,
            now=clock.now(),
        )
    assert (taken(here), taken(there)) == (1, 1)


def test_the_price_is_per_person_where_the_service_says_so(db: None) -> None:
    counter = make_counter(price_per_person=True)
    assert counter.book(counter.slot(capacity=4), 3).price_minor == 2700

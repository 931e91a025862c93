"""What is only held when the offer changes ends with it, if its time goes (SPEC C7, E1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from holdfast.availability.commands import Care, Decision, change_resource, replace_hours
from holdfast.availability.errors import WouldStrand
from holdfast.bookings.commands import Details, cancel_booking, confirm_hold, hold_time, undo_change
from holdfast.bookings.errors import HoldEnded, UndoEnded
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts, history_of
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import GUEST, Role
from holdfast.schedule.models import Slot
from tests.cast import DANA, Shop
from tests.counter import Counter, make_counter

pytestmark = pytest.mark.django_db

MORNINGS = [{"weekday": day, "opens": "09:00", "closes": "12:00"} for day in range(7)]


def shorten(shop: Shop, *others: Decision) -> Any:
    care = Care(clock.now(), {}, *others)
    actor = shop.actor(Role.MANAGER)
    return replace_hours(actor=actor, business_id=shop.business_id, windows=MORNINGS, care=care)


def hold(shop: Shop, hhmm: str) -> BookingFacts:
    wish = shop.wish(hhmm, resource=shop.theo)
    return hold_time(actor=GUEST, timetable=shop.timetable, wish=wish, now=clock.now())


def confirm(where: Shop | Counter, held: BookingFacts) -> BookingFacts:
    return confirm_hold(
        actor=GUEST.holding(held.id),
        timetable=where.timetable,
        hold_id=held.id,
        details=Details(DANA),
        now=clock.now(),
    )


def test_a_hold_whose_time_goes_ends_and_one_that_still_fits_is_confirmed(shop: Shop) -> None:
    gone, kept = hold(shop, "15:00"), hold(shop, "10:00")
    shorten(shop)
    with pytest.raises(HoldEnded) as refused:
        confirm(shop, gone)
    assert refused.value.facts == {"state": "expired"}
    assert [line.action for line in history_of(business_id=shop.business_id, booking_id=gone.id)] == [
        "hold",
        "expire",
    ]
    assert confirm(shop, kept).state == "confirmed"
    assert list(Claim.objects.values_list("booking_id", flat=True)) == [kept.id]


def test_a_change_that_is_refused_leaves_the_holds_alone(shop: Shop) -> None:
    held = hold(shop, "15:00")
    shop.book("14:00", resource=shop.theo)
    with pytest.raises(WouldStrand) as refused:
        shorten(shop)
    assert len(refused.value.consequences) == 1
    assert confirm(shop, held).state == "confirmed"


def test_keeping_the_bookings_keeps_no_holds(shop: Shop) -> None:
    held, booked = hold(shop, "15:00"), shop.book("14:00", resource=shop.theo)
    shorten(shop, Decision("keep"))
    assert Booking.objects.get(id=booked.id).state == "confirmed"
    with pytest.raises(HoldEnded):
        confirm(shop, held)


def test_a_cancellation_is_not_undone_into_a_time_that_is_gone(shop: Shop) -> None:
    gone, kept = shop.book("15:00", resource=shop.theo), shop.book("10:00", resource=shop.theo)
    for booking in (gone, kept):
        cancel_booking(
            actor=shop.actor(),
            timetable=shop.timetable,
            booking_id=booking.id,
            now=clock.now(),
            undo=True,
        )
    shorten(shop)

    def undo(booking: BookingFacts) -> BookingFacts:
        return undo_change(
            actor=shop.actor(), timetable=shop.timetable, booking_id=booking.id, now=clock.now()
        )

    with pytest.raises(UndoEnded):
        undo(gone)
    assert undo(kept).state == "confirmed"
    assert list(Claim.objects.values_list("booking_id", flat=True)) == [kept.id]
    told = OutboxEvent.objects.filter(kind="BookingCancelled", subject_id=gone.id)
    assert told.count() == 1


def test_a_slot_gets_back_the_places_held_when_its_window_is_retired() -> None:
    counter = make_counter()
    slot = counter.slot(resource_id=counter.east.id, capacity=3)
    wish = counter.wish(slot, 2)
    held = hold_time(actor=GUEST, timetable=counter.timetable, wish=wish, now=clock.now())
    change_resource(
        actor=counter.actor(),
        business_id=counter.business_id,
        resource_id=counter.east.id,
        wanted={"is_active": False},
        care=Care(clock.now(), {}),
    )
    with pytest.raises(HoldEnded):
        confirm(counter, held)
    assert Slot.objects.get(id=slot.id).taken == 0


def test_a_hold_that_ran_out_by_itself_is_left_to_the_clock(shop: Shop) -> None:
    held = hold(shop, "15:00")
    later = clock.now() + timedelta(hours=1)
    care = Care(later, {})
    actor = shop.actor(Role.MANAGER)
    replace_hours(actor=actor, business_id=shop.business_id, windows=MORNINGS, care=care)
    assert Booking.objects.get(id=held.id).state == "held"

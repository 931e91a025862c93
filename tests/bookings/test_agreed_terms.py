"""What was agreed stays agreed: moves keep length, resource and permission, and tell one truth (SPEC D5, D11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from holdfast.availability.queries import open_times
from holdfast.bookings import sql as hot
from holdfast.bookings.commands import cancel_booking, move_booking, undo_change
from holdfast.bookings.errors import LimitReached
from holdfast.bookings.events import BookingMoved
from holdfast.bookings.models import BookingChange
from holdfast.bookings.queries import BookingFacts, BookingFilter, list_bookings
from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.commands import change_resource, change_service
from holdfast.core import clock, outbox
from holdfast.core.models import OutboxEvent
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Invalid
from tests.cast import OPERATOR, Shop


def move(shop: Shop, booking: BookingFacts, hhmm: str, days: int = 3, **more: Any) -> BookingFacts:
    return move_booking(
        actor=more.pop("actor", GUEST.holding(booking.id)),
        timetable=shop.timetable,
        booking_id=booking.id,
        starts_at=shop.at(hhmm, days),
        now=clock.now(),
        **more,
    )


def change_cut(shop: Shop, **wanted: Any) -> None:
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)


def set_limits(shop: Shop, **wanted: Any) -> None:
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted=wanted)


def test_a_moved_booking_keeps_its_length_and_price_when_the_service_has_changed(shop: Shop) -> None:
    booking = shop.book("10:00")
    change_cut(shop, duration_minutes=120, price_minor=9000)
    moved = move(shop, booking, "14:00")
    assert (moved.ends_at - moved.starts_at, moved.price_minor) == (timedelta(minutes=30), 2600)


def test_a_booking_of_a_retired_service_with_a_retired_barber_can_still_be_moved(shop: Shop) -> None:
    booking = shop.book("10:00", resource=shop.theo)
    change_cut(shop, is_active=False)
    change_resource(
        actor=OPERATOR, business_id=shop.business_id, resource_id=shop.theo.id, wanted={"is_active": False}
    )
    picker = open_times(
        timetable=shop.timetable,
        service_id=shop.cut.id,
        first=booking.local_on,
        last=booking.local_on,
        now=clock.now(),
        resource_id=shop.theo.id,
        moving_booking_id=booking.id,
    )
    assert shop.at("14:00") in [time.starts_at for time in picker[0].times]
    assert move(shop, booking, "14:00").resource_id == shop.theo.id


def test_whoever_holds_a_booking_moves_it_though_nobody_could_book_it_now(shop: Shop) -> None:
    booking = shop.book("10:00")
    change_cut(shop, who_may_book="signed_in")
    set_limits(shop, online_booking=False)
    assert move(shop, booking, "11:00").starts_at == shop.at("11:00")


def test_moves_and_undone_cancellations_keep_to_the_customers_limits(shop: Shop) -> None:
    first, second = shop.book("10:00", 3), shop.book("10:00", 4)
    set_limits(shop, bookings_per_customer_per_day=1)
    with pytest.raises(LimitReached):
        move(shop, second, "12:00", 3)
    assert move(shop, second, "12:00", 4).local_on == second.local_on
    now = clock.now()
    holder = GUEST.holding(first.id)
    cancel_booking(actor=holder, timetable=shop.timetable, booking_id=first.id, now=now, undo=True)
    move(shop, second, "12:00", 3)
    with pytest.raises(LimitReached):
        undo_change(actor=holder, timetable=shop.timetable, booking_id=first.id, now=now)


def test_moves_nobody_was_told_of_become_one(shop: Shop) -> None:
    booking, staff = shop.book("10:00"), shop.actor()
    move(shop, booking, "11:00", actor=staff, undo=True)
    move(shop, booking, "12:00", actor=staff)
    [event] = outbox.take_back(BookingMoved, booking.id, shop.business_id)
    assert (event.old_starts_at, event.sequence) == (booking.starts_at, booking.sequence + 2)


def test_a_move_and_its_undoing_tell_nobody_anything(shop: Shop) -> None:
    booking, staff = shop.book("10:00", resource=shop.theo), shop.actor()
    move(shop, booking, "11:00", actor=staff, undo=True)
    move(shop, booking, "10:00", actor=staff, undo=True)
    assert not OutboxEvent.objects.filter(kind="BookingMoved").exists()


def test_the_reason_of_an_override_is_sealed_in_the_history(shop: Shop) -> None:
    booking = shop.book("10:00")
    move(shop, booking, "08:05", actor=shop.actor(), override_reason="Dana's knee operation")
    stored = BookingChange.objects.get(action="move").details
    assert "knee" not in str(stored)


def test_a_booking_by_phone_is_found_by_name_and_by_number(shop: Shop) -> None:
    made = shop.book("10:00", contact=Contact("Ravi Frost", phone="0113 496 0182"), actor=shop.actor())
    again = shop.book("12:00", contact=Contact("R. Frost", phone="+44 113 4960182"), actor=shop.actor())
    assert again.customer_id == made.customer_id
    for text in ("ravi frost", "frost", "0113-4960182"):
        found = list_bookings(business_id=shop.business_id, now=clock.now(), wanted=BookingFilter(text=text))
        assert [booking.id for booking in found.items] == [made.id, again.id], text


def test_another_name_under_a_known_address_is_found_too(shop: Shop) -> None:
    dana = shop.book("10:00")
    other = shop.book("12:00", contact=replace(dana.contact, name="Jonas Pereira"))
    found = list_bookings(business_id=shop.business_id, now=clock.now(), wanted=BookingFilter(text="jonas"))
    assert other.id in [booking.id for booking in found.items]


def test_the_guard_is_put_up_again_after_a_migration_took_it_down(shop: Shop) -> None:
    for statement in hot.GUARD[connection.vendor][1]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    assert not hot.guard_is_up()
    hot.ensure_guard()
    assert hot.guard_is_up()


@pytest.mark.parametrize("place", ["ZZ", "GB-XX"])
def test_an_unknown_place_for_public_holidays_is_refused(shop: Shop, place: str) -> None:
    with pytest.raises(Invalid):
        change_business_settings(
            actor=shop.actor(Role.MANAGER), business_id=shop.business_id, wanted={"public_holidays": place}
        )

"""Events of bookings become messages: once, to the right people, and never untrue."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from holdfast.bookings.events import BookingCancelled, BookingConfirmed, BookingMoved
from holdfast.bookings.models import Booking
from holdfast.core.ids import uuid7
from holdfast.notifications import handlers
from holdfast.notifications.commands import announce_booking, announce_cancellation, announce_move
from holdfast.notifications.models import Message
from tests.notifications.conftest import NOW, STARTS_AT, Barbershop, written

CUSTOMER = ("customer", "dana@example.com")
SHOP = ("staff", "hello@fenwick.example")
BOB = ("staff", "bob@fenwick.example")
HOUR = timedelta(hours=1)


def move(booking: Booking, by: timedelta, *, resource: object = None) -> int:
    """Move the row and announce it."""
    old_starts_at, old_resource_id = booking.starts_at, booking.resource_id
    booking.starts_at += by
    booking.ends_at += by
    booking.sequence += 1
    if resource is not None:
        booking.resource = resource
    booking.save()
    return announce_move(
        booking_id=booking.id,
        sequence=booking.sequence,
        old_starts_at=old_starts_at,
        old_resource_id=old_resource_id,
        now=NOW,
    )


def test_a_booking_is_confirmed_to_the_customer_copied_to_staff_and_remembered(shop: Barbershop) -> None:
    booking = shop.book()
    assert announce_booking(booking_id=booking.id, now=NOW) == 4
    assert written(booking) == [
        ("booked", *CUSTOMER, "queued"),
        ("booked", *SHOP, "queued"),
        ("booked", *BOB, "queued"),
        ("reminder", *CUSTOMER, "queued"),
    ]
    booked, reminder = (
        Message.objects.get(kind="booked", audience="customer"),
        Message.objects.get(kind="reminder"),
    )
    assert (booked.send_after, booked.next_attempt_at) == (NOW, NOW)
    assert (reminder.send_after, reminder.next_attempt_at) == (STARTS_AT - timedelta(days=1),) * 2
    assert reminder.told_at == STARTS_AT


@time_machine.travel(NOW, tick=False)
def test_handling_an_event_twice_writes_each_message_once(shop: Barbershop) -> None:
    booking = shop.book()
    for _ in range(2):
        handlers.announce_booking(BookingConfirmed(booking_id=booking.id))
    assert len(written(booking)) == 4
    moved = BookingMoved(
        booking_id=booking.id,
        sequence=2,
        old_starts_at=STARTS_AT - HOUR,
        old_ends_at=STARTS_AT,
        old_resource_id=booking.resource_id,
    )
    cancelled = BookingCancelled(booking_id=booking.id, sequence=3, by_staff=False)
    handlers.announce_move(moved)
    assert len(written(booking)) == 7
    Message.objects.update(state="sent", sent_at=NOW)
    handlers.announce_move(moved)
    assert len(written(booking)) == 7
    Booking.objects.update(state="cancelled")
    for _ in range(2):
        handlers.announce_cancellation(cancelled)
    assert len(written(booking)) == 10


def test_a_walk_in_without_an_address_gets_no_mail_and_staff_do(shop: Barbershop) -> None:
    booking = shop.book(contact={"name": "Dana", "email": "", "phone": ""})
    announce_booking(booking_id=booking.id, now=NOW)
    assert written(booking) == [("booked", *SHOP, "queued"), ("booked", *BOB, "queued")]


def test_staff_get_no_copies_where_they_are_switched_off(shop: Barbershop) -> None:
    shop.settings(staff_copies=False, reminder_minutes=())
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    assert written(booking) == [("booked", *CUSTOMER, "queued")]


def test_a_resource_without_a_member_and_a_business_without_an_address_get_nothing(shop: Barbershop) -> None:
    shop.business.email = ""
    shop.business.save()
    booking = shop.book(resource=shop.alice)
    announce_booking(booking_id=booking.id, now=NOW)
    assert {row[1] for row in written(booking)} == {"customer"}


def test_a_member_who_may_not_sign_in_any_more_gets_no_copies(shop: Barbershop) -> None:
    shop.bob.member.account.is_active = False
    shop.bob.member.account.save()
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    assert ("booked", *BOB, "queued") not in written(booking)


def test_only_reminders_that_lie_ahead_are_planned(shop: Barbershop) -> None:
    shop.settings(reminder_minutes=(60 * 24 * 30, 1440, 60))
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    planned = (
        Message.objects.filter(kind="reminder").order_by("send_after").values_list("send_after", flat=True)
    )
    assert list(planned) == [STARTS_AT - timedelta(days=1), STARTS_AT - HOUR]


def test_moving_tells_what_changed_and_moves_the_reminders(shop: Barbershop) -> None:
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    Message.objects.filter(kind="booked").update(state="sent", sent_at=NOW)
    move(booking, 2 * HOUR)
    changed = Message.objects.get(kind="changed", audience="customer")
    assert changed.context == {"old_starts_at": STARTS_AT.isoformat(), "old_resource_id": str(shop.bob.id)}
    assert changed.told_at == STARTS_AT + 2 * HOUR
    reminders = Message.objects.filter(kind="reminder").order_by("send_after")
    assert [(row.state, row.told_at - STARTS_AT) for row in reminders] == [
        ("dropped", timedelta(0)),
        ("queued", 2 * HOUR),
    ]


def test_moving_to_another_resource_tells_the_staff_of_both(shop: Barbershop) -> None:
    booking = shop.book(resource=shop.alice)
    move(booking, timedelta(0), resource=shop.bob)
    assert {row[2] for row in written(booking) if row[0] == "changed"} == {CUSTOMER[1], SHOP[1], BOB[1]}
    Message.objects.update(state="sent", sent_at=NOW)
    move(booking, timedelta(0), resource=shop.alice)
    told_bob = [row for row in written(booking) if row[0] == "changed" and row[2] == BOB[1]]
    assert len(told_bob) == 2


def test_a_move_nobody_heard_of_is_folded_into_the_next(shop: Barbershop) -> None:
    booking = shop.book()
    move(booking, HOUR)
    move(booking, HOUR)
    rows = Message.objects.filter(kind="changed", audience="customer").order_by("id")
    assert [row.state for row in rows] == ["dropped", "queued"]
    assert rows[1].context["old_starts_at"] == STARTS_AT.isoformat()
    assert rows[1].told_at == STARTS_AT + 2 * HOUR


def test_a_move_and_its_undoing_tell_nothing_at_all(shop: Barbershop) -> None:
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    move(booking, HOUR)
    move(booking, -HOUR)
    assert {row[3] for row in written(booking) if row[0] == "changed"} == {"dropped"}
    reminders = Message.objects.filter(kind="reminder", state="queued")
    assert [row.told_at for row in reminders] == [STARTS_AT]
    assert [row.next_attempt_at for row in reminders] == [STARTS_AT - timedelta(days=1)]


def test_a_move_that_was_told_is_not_taken_back_in_silence(shop: Barbershop) -> None:
    booking = shop.book()
    move(booking, HOUR)
    Message.objects.filter(kind="changed").update(state="sent", sent_at=NOW)
    move(booking, -HOUR)
    rows = Message.objects.filter(kind="changed", audience="customer").order_by("id")
    assert [row.state for row in rows] == ["sent", "queued"]
    assert rows[1].context["old_starts_at"] == (STARTS_AT + HOUR).isoformat()


def test_a_move_that_is_being_sent_right_now_counts_as_told(shop: Barbershop) -> None:
    booking = shop.book()
    move(booking, HOUR)
    Message.objects.filter(kind="changed").update(locked_until=NOW + timedelta(minutes=5))
    move(booking, -HOUR)
    rows = Message.objects.filter(kind="changed", audience="customer").order_by("id")
    assert [row.state for row in rows] == ["queued", "queued"]


@pytest.mark.parametrize("by_staff", [True, False])
def test_cancelling_tells_everybody_who_did_it_and_drops_the_reminders(
    shop: Barbershop, by_staff: bool
) -> None:
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    Booking.objects.update(state="cancelled", sequence=2)
    announce_cancellation(booking_id=booking.id, sequence=2, by_staff=by_staff, now=NOW)
    assert written(booking)[3:] == [
        ("reminder", *CUSTOMER, "dropped"),
        ("cancelled", *CUSTOMER, "queued"),
        ("cancelled", *SHOP, "queued"),
        ("cancelled", *BOB, "queued"),
    ]
    assert Message.objects.get(kind="cancelled", audience="customer").context == {"by_staff": by_staff}
    assert Message.objects.get(kind="reminder").last_error == "cancelled"


def test_a_late_event_plans_no_reminder_of_a_cancelled_booking(shop: Barbershop) -> None:
    booking = shop.book(state="cancelled")
    announce_booking(booking_id=booking.id, now=NOW)
    assert not Message.objects.filter(kind="reminder").exists()


def test_a_cancellation_that_may_be_undone_keeps_the_reminders(shop: Barbershop) -> None:
    booking = shop.book(state="cancelled", undo_until=NOW + timedelta(minutes=2), undo_state="confirmed")
    announce_booking(booking_id=booking.id, now=NOW)
    assert Message.objects.filter(kind="reminder", state="queued").count() == 1


def test_an_event_of_an_erased_booking_is_handled_in_silence(db: None) -> None:
    gone = uuid7()
    assert announce_booking(booking_id=gone, now=NOW) == 0
    assert announce_cancellation(booking_id=gone, sequence=1, by_staff=False, now=NOW) == 0
    values = {"sequence": 1, "old_starts_at": NOW, "old_resource_id": uuid7()}
    assert announce_move(booking_id=gone, **values, now=NOW) == 0


def test_addresses_are_sealed_in_the_database(shop: Barbershop) -> None:
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    for sealed in Message.objects.values_list("recipient", "context", "dedupe_key"):
        assert b"example" not in bytes(sealed[0])
        assert b"starts_at" not in bytes(sealed[1])
        assert len(sealed[2]) == 64

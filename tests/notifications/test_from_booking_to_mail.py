"""The whole way: a command changes a booking, the worker finds the event, the reader gets the mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from icalendar import Calendar

from holdfast.bookings.commands import cancel_booking, move_booking, propose_times, undo_change
from holdfast.bookings.queries import BookingFacts, manage_url
from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.lib.actors import GUEST
from holdfast.notifications.models import Message
from tests.cast import Shop, make_shop


@pytest.fixture
def barbershop(db: None) -> Shop:
    return make_shop("fenwick")


def subjects() -> list[str]:
    return [sent.subject.partition(":")[0] for sent in mail.outbox]


def cancel(shop: Shop, booking: BookingFacts, *, undo: bool) -> None:
    holder = GUEST.holding(booking.id)
    values = {"timetable": shop.timetable, "booking_id": booking.id, "now": clock.now()}
    cancel_booking(actor=holder, **values, undo=undo)


def test_booking_moving_and_cancelling_each_send_one_mail_with_the_same_event(barbershop: Shop) -> None:
    booking = barbershop.book("10:00", days=5)
    drain()
    move_booking(
        actor=GUEST.holding(booking.id),
        timetable=barbershop.timetable,
        booking_id=booking.id,
        starts_at=barbershop.at("11:00", days=5),
        now=clock.now(),
    )
    drain()
    cancel(barbershop, booking, undo=False)
    drain()
    assert subjects() == ["Booked", "Moved", "Cancelled"]
    assert {tuple(sent.to) for sent in mail.outbox} == {("dana@example.org",)}
    assert manage_url(booking_id=booking.id) in mail.outbox[0].body
    events = [
        Calendar.from_ical(sent.attachments[0].get_payload(decode=True)).events[0] for sent in mail.outbox
    ]
    assert {event["UID"] for event in events} == {f"{booking.id}@holdfast"}
    sequences = [event["SEQUENCE"] for event in events]
    assert sequences == sorted(set(sequences))
    assert set(Message.objects.filter(kind="reminder").values_list("state", flat=True)) == {"dropped"}


def test_a_cancellation_is_told_when_it_can_no_longer_be_undone(barbershop: Shop) -> None:
    booking = barbershop.book("10:00", days=5)
    drain()
    cancel(barbershop, booking, undo=True)
    drain()
    assert subjects() == ["Booked"]
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        drain()
    assert subjects() == ["Booked", "Cancelled"]


def test_a_cancellation_taken_back_is_never_told_and_the_reminder_stays(barbershop: Shop) -> None:
    booking = barbershop.book("10:00", days=5)
    drain()
    cancel(barbershop, booking, undo=True)
    undo_change(
        actor=GUEST.holding(booking.id),
        timetable=barbershop.timetable,
        booking_id=booking.id,
        now=clock.now(),
    )
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        drain()
    assert subjects() == ["Booked"]
    with time_machine.travel(booking.starts_at - timedelta(hours=24)):
        drain()
    assert subjects()[1:] == ["Tomorrow, 10"]


def test_a_booking_cancelled_before_its_mail_went_gets_only_the_cancellation(barbershop: Shop) -> None:
    booking = barbershop.book("10:00", days=5)
    cancel(barbershop, booking, undo=False)
    drain()
    assert subjects() == ["Cancelled"]


def test_who_cannot_keep_a_time_asks_once_and_not_after_it_moved(barbershop: Shop) -> None:
    booking, other = barbershop.book("10:00", days=5), barbershop.book("11:00", days=5)
    drain()
    mail.outbox.clear()
    for each in (booking, other):
        propose_times(
            actor=barbershop.actor(),
            business_id=barbershop.business_id,
            booking_id=each.id,
            times=[(barbershop.at("15:00", days=5), barbershop.theo.id)],
            now=clock.now(),
        )
    move_booking(
        actor=GUEST.holding(other.id),
        timetable=barbershop.timetable,
        booking_id=other.id,
        starts_at=barbershop.at("16:00", days=5),
        now=clock.now(),
    )
    drain()
    assert subjects() == ["Please choose another time", "Moved"]
    assert manage_url(booking_id=booking.id) in mail.outbox[0].body
    assert "Until then we keep your booking" in mail.outbox[0].body

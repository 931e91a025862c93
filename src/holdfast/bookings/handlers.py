"""What bookings do about their own events once they can no longer be undone, and about money; wired in
``config/wiring.py``."""

from __future__ import annotations

from holdfast.bookings import commands
from holdfast.bookings.events import BookingCompleted, BookingNotKept
from holdfast.bookings.queries.money import business_of_booking
from holdfast.core import clock
from holdfast.payments.events import CardSaved, PaymentReceived, RefundMade
from holdfast.schedule.queries import timetable_of


def release_rest(event: BookingCompleted | BookingNotKept) -> None:
    """A visit is over before its time, or nobody came: what is left of it is free."""
    commands.release_rest(booking_id=event.booking_id, now=clock.now())


def take_payment(event: PaymentReceived | CardSaved) -> None:
    """Money came, or a card: what waited for it is confirmed, what cannot be any more is paid back."""
    business_id = business_of_booking(booking_id=event.booking_id)
    if business_id is None:
        return
    commands.take_payment(
        timetable=timetable_of(business_id=business_id),
        booking_id=event.booking_id,
        payment_id=event.payment_id,
        now=clock.now(),
    )


def note_refund(event: RefundMade) -> None:
    """Money was given back: the booking's own copy of its sum follows."""
    commands.note_money(booking_id=event.booking_id)

"""What messages do about the events of bookings; wired in ``config/wiring.py``."""

from __future__ import annotations

from holdfast.bookings.events import BookingCancelled, BookingConfirmed, BookingMoved, TimesProposed
from holdfast.core import clock
from holdfast.customers.events import EmailCodeIssued
from holdfast.notifications import commands


def announce_booking(event: BookingConfirmed) -> None:
    """A booking stands: tell the customer and staff, and plan the reminders."""
    commands.announce_booking(booking_id=event.booking_id, now=clock.now())


def announce_move(event: BookingMoved) -> None:
    """A booking has another time or resource: tell who had the old picture, and move the reminders."""
    commands.announce_move(
        booking_id=event.booking_id,
        sequence=event.sequence,
        old_starts_at=event.old_starts_at,
        old_resource_id=event.old_resource_id,
        now=clock.now(),
    )


def announce_cancellation(event: BookingCancelled) -> None:
    """A booking is off for good: tell the customer and staff, and drop the reminders."""
    commands.announce_cancellation(
        booking_id=event.booking_id, sequence=event.sequence, by_staff=event.by_staff, now=clock.now()
    )


def announce_proposal(event: TimesProposed) -> None:
    """The business cannot keep a time: ask the customer to choose another."""
    commands.announce_proposal(booking_id=event.booking_id, sequence=event.sequence, now=clock.now())


def mail_code(event: EmailCodeIssued) -> None:
    """Somebody wants to prove an address: send its code there."""
    commands.mail_code(business_id=event.business_id, code_id=event.code_id, now=clock.now())

"""What bookings do about their own events once they can no longer be undone; wired in ``config/wiring.py``."""

from __future__ import annotations

from holdfast.bookings import commands
from holdfast.bookings.events import BookingCompleted, BookingNotKept
from holdfast.core import clock


def release_rest(event: BookingCompleted | BookingNotKept) -> None:
    """A visit is over before its time, or nobody came: what is left of it is free."""
    commands.release_rest(booking_id=event.booking_id, now=clock.now())

"""Periodic work of the bookings app."""

from __future__ import annotations

from holdfast.bookings import commands
from holdfast.core import clock


def tidy() -> None:
    """Remove what the clock has ended, piece by piece."""
    while commands.tidy_dead_bookings(now=clock.now()):
        pass


def remind_of_requests() -> None:
    """Remind of requests that will expire without an answer, piece by piece."""
    while commands.remind_of_requests(now=clock.now()):
        pass

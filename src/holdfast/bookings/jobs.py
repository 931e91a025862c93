"""Periodic work of the bookings app."""

from __future__ import annotations

from holdfast.bookings.commands import tidy_dead_bookings
from holdfast.core import clock


def tidy() -> None:
    """Remove what the clock has ended, piece by piece."""
    while tidy_dead_bookings(now=clock.now()):
        pass

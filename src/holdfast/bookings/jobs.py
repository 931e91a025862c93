"""Periodic work of the bookings app."""

from __future__ import annotations

from holdfast.bookings.commands import tidy_dead_bookings
from holdfast.core import clock


def tidy() -> int:
    """Remove what the clock has ended; called by the worker until it returns 0."""
    return tidy_dead_bookings(now=clock.now())

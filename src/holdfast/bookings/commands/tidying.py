"""Tidying: expiry is decided by the clock at every read and write; this only removes what it has decided."""

from __future__ import annotations

from datetime import datetime

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.writing import end_dead
from holdfast.core.transactions import command


@command
def tidy_dead_bookings(*, now: datetime, limit: int = 200) -> int:
    """End up to ``limit`` holds and cancellations whose time ran out, of every business; how many were ended."""
    return end_dead(booking_ids=hot.dead_bookings(now=now, limit=limit), now=now)

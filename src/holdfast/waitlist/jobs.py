"""Periodic work of the waitlist."""

from __future__ import annotations

from holdfast.core import clock
from holdfast.waitlist import commands, sql


def sweep() -> None:
    """Look, business by business, whether anything is free that somebody waits for."""
    now = clock.now()
    for business_id in sql.businesses_waited_for(since=now.date()):
        commands.sweep_business(business_id=business_id, now=now)


def expire() -> None:
    """Close entries whose last wish is over, piece by piece."""
    while commands.expire_entries(now=clock.now()):
        pass


def forget_gaps() -> None:
    """Delete what came free long ago."""
    commands.forget_gaps(now=clock.now())

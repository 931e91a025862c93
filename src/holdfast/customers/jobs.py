"""Periodic work about the people who book."""

from __future__ import annotations

from holdfast.core import clock
from holdfast.customers.commands import forget_codes


def forget_ended_codes() -> None:
    """Delete codes that have run out."""
    forget_codes(now=clock.now())

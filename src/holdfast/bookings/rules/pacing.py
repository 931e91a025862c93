"""Pacing: how many guests may start within one interval (SPEC B3). Pure.

An interval is counted from the opening of the business's window: with 30 minutes and doors at 22:00, everybody who starts
from 22:00 to 22:29 starts in one interval. A start outside every window begins an interval of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from holdfast.lib.timeline import Span
from holdfast.schedule.rules import OpenWindow


def interval_of(windows: Sequence[OpenWindow], start: int, interval_minutes: int) -> Span:
    """The interval that a start belongs to; ``windows`` are the business's around it."""
    opened = next((window.start for window in windows if window.start <= start < window.end), start)
    begins = start - (start - opened) % interval_minutes
    return Span(begins, begins + interval_minutes)


def exceeds(covers_there: int, party_size: int, most: int) -> bool:
    """Whether a party is too many for an interval in which others start; ``most`` 0 is no limit."""
    return bool(most) and covers_there + party_size > most


def full_intervals(
    windows: Sequence[OpenWindow],
    covers: Mapping[int, int],
    interval_minutes: int,
    *,
    party_size: int,
    most: int,
) -> list[Span]:
    """The intervals in which a party of this size may not start any more; ``covers`` are guests by start."""
    found: dict[Span, int] = {}
    for start, guests in covers.items():
        interval = interval_of(windows, start, interval_minutes)
        found[interval] = found.get(interval, 0) + guests
    return [interval for interval, guests in found.items() if exceeds(guests, party_size, most)]

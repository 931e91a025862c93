"""At which minutes a booking may start: hours, grid, notice, absences and claims on minute bitmaps (SPEC C4; DESIGN §4).

A start is free when

- it lies in an open window, on that window's grid (``interval`` elapsed minutes from its opening), and within the
  limits given (notice and horizon),
- the whole duration lies in open time, where touching windows join,
- the duration with its buffers meets no claim and no absence; buffers may reach outside open time.

The first two do not depend on who is busy: they are the ``Candidates``, computed once for all resources that share
windows. Each resource then costs one union of its taken spans and a few shifts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from holdfast.lib.timeline import DAY_MINUTES, Span, cut, fits, grid, mask, positions, union
from holdfast.schedule.rules.opening import OpenWindow

Dates = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Shape:
    """What one booking needs, in minutes: how long, on which grid, and what is kept free around it."""

    duration: int
    interval: int
    buffer_before: int = 0
    buffer_after: int = 0

    def __post_init__(self) -> None:
        if self.duration < 1 or self.interval < 1 or self.buffer_before < 0 or self.buffer_after < 0:
            raise ValueError(f"not a bookable shape: {self}")

    @property
    def footprint(self) -> int:
        """How long it keeps a resource from others: the duration and both buffers."""
        return self.buffer_before + self.duration + self.buffer_after

    def claim(self, start: int) -> Span:
        """The span a booking starting then takes of its resource."""
        return Span(start - self.buffer_before, start + self.duration + self.buffer_after)


class Candidates(NamedTuple):
    """The starts that hours, grid and limits allow before anybody is busy: ``bits`` from ``frame.start``.

    ``windows`` are those in which bookings may start.
    """

    windows: Sequence[OpenWindow]
    shape: Shape
    frame: Span
    bits: int


def frame_of(windows: Iterable[OpenWindow], shape: Shape) -> Span:
    """The span that bookings of this shape in these windows can touch, buffers included."""
    bounds = [(window.start, window.end) for window in windows]
    if not bounds:
        return Span(0, 0)
    low, high = min(start for start, _ in bounds), max(end for _, end in bounds)
    return Span(low - shape.buffer_before, high + shape.buffer_after)


def last_date_reached(last: date, shape: Shape) -> date:
    """The last date whose windows a booking may reach into that starts in a window of ``last``.

    Load windows up to it and give ``dates`` to what follows; else the late starts of ``last`` are lost where windows touch.
    """
    return min(last, date.max - timedelta(days=4000)) + timedelta(days=1 - (-shape.duration // DAY_MINUTES))


def candidates(
    windows: Sequence[OpenWindow],
    shape: Shape,
    earliest: int,
    latest: int,
    *,
    dates: Dates | None = None,
    frame: Span | None = None,
) -> Candidates:
    """The starts from ``earliest`` to ``latest`` (both included) that ``windows`` of one resource allow.

    ``windows`` do not overlap; with ``dates`` (first and last, both included) bookings start only in windows of those.
    Bitmaps of one ``frame`` can be compared bit by bit: give the ``frame_of`` all windows to combine resources (``&``
    for all of a group, ``|`` for any).
    """
    frame = frame or frame_of(windows, shape)
    origin = frame.start
    opening = union(((window.start, window.end) for window in windows), origin, frame.end - origin)
    own = windows if dates is None else [window for window in windows if dates[0] <= window.on <= dates[1]]
    on_grid = 0
    for window in own:
        on_grid |= grid(window.start - origin, window.end - origin, shape.interval)
    within = mask(earliest - origin, min(latest + 1, frame.end) - origin)
    return Candidates(own, shape, frame, fits(opening, shape.duration) & on_grid & within)


def starts_bitmap(allowed: Candidates, taken: Iterable[tuple[int, int]]) -> int:
    """The candidates at which the footprint meets none of the ``taken`` spans (claims and absences, in any order)."""
    if not allowed.bits:
        return 0
    shape, (low, high) = allowed.shape, allowed.frame
    clear = mask(0, high - low) ^ union(taken, low, high - low)
    return allowed.bits & (fits(clear, shape.footprint) << shape.buffer_before)


def starts_by_window(allowed: Candidates, bits: int) -> list[tuple[OpenWindow, list[int]]]:
    """The starts of a bitmap as minutes, window by window; windows without any are there with an empty list."""
    origin = allowed.frame.start
    return [
        (
            window,
            [window.start + at for at in positions(cut(bits, window.start - origin, window.end - origin))],
        )
        for window in allowed.windows
    ]


def open_starts(
    windows: Sequence[OpenWindow],
    absences: Iterable[tuple[int, int]],
    claims: Iterable[tuple[int, int]],
    shape: Shape,
    earliest: int,
    latest: int,
    *,
    dates: Dates | None = None,
) -> list[tuple[OpenWindow, list[int]]]:
    """The free starts of one resource from ``earliest`` to ``latest`` (both included), window by window.

    ``claims`` are spans with their own buffers in them, as stored.
    """
    allowed = candidates(windows, shape, earliest, latest, dates=dates)
    return starts_by_window(allowed, starts_bitmap(allowed, [*absences, *claims]))

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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from holdfast.lib.timeline import DAY_MINUTES, Span, cut, fits, grid, mask, patterns, positions, union
from holdfast.schedule.rules.opening import OpenWindow

Key = TypeVar("Key", bound="UUID | None")
Dates = tuple[date, date]
_NOTHING: tuple[()] = ()
_TRUTH = bytes.maketrans(b"01", b"\0\1")


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


class _Part(NamedTuple):
    """The free starts of one resource (its place among all) in one window; ``bits`` begin at ``start``."""

    column: int
    start: int
    end: int
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


def times_by_day(
    windows: Mapping[Key, Sequence[OpenWindow]],
    taken: Mapping[Key, Iterable[tuple[int, int]]],
    shape: Shape,
    earliest: int,
    latest: int,
    *,
    dates: Dates | None = None,
) -> dict[date, dict[int, tuple[Key, ...]]]:
    """For every date with a window, in order: its free starts in order, each with the resources free then.

    ``windows`` and ``taken`` (claims and absences) are by resource; resources keep the order of ``windows``. A date
    that is there with no starts is open but full or out of reach; a date that is missing is closed, or not in ``dates``.
    """
    resources = tuple(windows)
    free_of = _Selection(resources)
    result: dict[date, dict[int, tuple[Key, ...]]] = {}
    for on, begin, length, columns in _bundles(windows, taken, shape, earliest, latest, dates):
        times = result.setdefault(on, {})
        if any(columns):
            minutes = range(begin, begin + length, shape.interval)
            free = map(free_of.__getitem__, patterns(columns, length, shape.interval))
            found = {minute: who for minute, who in zip(minutes, free, strict=True) if who}
            result[on] = dict(sorted({**times, **found}.items())) if times else found
    return result


def counts_by_day(
    windows: Mapping[Key, Sequence[OpenWindow]],
    taken: Mapping[Key, Iterable[tuple[int, int]]],
    shape: Shape,
    earliest: int,
    latest: int,
    *,
    dates: Dates | None = None,
) -> dict[date, int]:
    """For every date with a window, in order: how many start times are free with at least one resource."""
    counts: dict[date, int] = {}
    for on, _, _, columns in _bundles(windows, taken, shape, earliest, latest, dates):
        anyone = 0
        for column in columns:
            anyone |= column
        counts[on] = counts.get(on, 0) + anyone.bit_count()
    return counts


def _bundles(
    windows: Mapping[Key, Sequence[OpenWindow]],
    taken: Mapping[Key, Iterable[tuple[int, int]]],
    shape: Shape,
    earliest: int,
    latest: int,
    dates: Dates | None,
) -> Iterator[tuple[date, int, int, list[int]]]:
    """Windows of one date whose grids share their minutes, together: ``(date, begin, length, one bitmap per resource)``.

    No start is in two bundles. The bitmaps start at ``begin``, which is on the grid.
    """
    unlike = {id(each): each for each in windows.values()}
    frame = frame_of((window for each in unlike.values() for window in each), shape)
    bundles: dict[tuple[date, int], list[_Part]] = {}
    shared: dict[int, tuple[Candidates, list[tuple[list[_Part], int, int]]]] = {}
    for column, (key, own) in enumerate(windows.items()):
        if id(own) not in shared:
            allowed = candidates(own, shape, earliest, latest, dates=dates, frame=frame)
            places = [
                (bundles.setdefault((on, start % shape.interval), []), start, end)
                for on, start, end in allowed.windows
            ]
            shared[id(own)] = allowed, places
        allowed, places = shared[id(own)]
        bits = starts_bitmap(allowed, taken.get(key, _NOTHING))
        for bundle, start, end in places:
            bundle.append(_Part(column, start, end, cut(bits, start - frame.start, end - frame.start)))
    for (on, _), parts in sorted(bundles.items(), key=lambda item: item[0]):
        begin = min(part.start for part in parts)
        columns = [0] * len(windows)
        for column, start, _, bits in parts:
            columns[column] |= bits << (start - begin)
        yield on, begin, max(part.end for part in parts) - begin, columns


class _Selection(dict[tuple[str, ...], tuple[Any, ...]]):
    """Patterns to the resources in them: each pattern is worked out once."""

    def __init__(self, resources: tuple[Any, ...]) -> None:
        super().__init__()
        self.resources = resources

    def __missing__(self, pattern: tuple[str, ...]) -> tuple[Any, ...]:
        digits = "".join([group[::-1] for group in pattern])
        chosen = tuple(compress(self.resources, digits.encode().translate(_TRUTH)))
        self[pattern] = chosen
        return chosen

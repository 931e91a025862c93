"""The starts of several resources side by side: who is free when, date by date (SPEC C4).

What hours and grid allow does not change from one question to the next: that is a ``Board``, made once and kept. What is
free of it is one bitmap per resource and question, read off sheet by sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import Any, Generic, TypeVar
from uuid import UUID

from holdfast.lib.timeline import Span, cut, mask, patterns
from holdfast.schedule.rules.opening import OpenWindow
from holdfast.schedule.rules.starts import Candidates, Dates, Shape, candidates, frame_of, starts_bitmap

Key = TypeVar("Key", bound="UUID | None")
Columns = tuple[tuple[int, ...], ...]
Pattern = tuple[str, ...]
_NOTHING: tuple[()] = ()
_TRUTH = bytes.maketrans(b"01", b"\0\1")


@dataclass(frozen=True, slots=True)
class Part:
    """A window of one resource (its place among all): bits ``first`` to ``last`` of the frame, ``shift`` into a sheet."""

    column: int
    first: int
    last: int
    shift: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """Windows of one date whose grids share their minutes: ``length`` minutes from ``begin``, which is on the grid."""

    begin: int
    length: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Board(Generic[Key]):
    """The starts that hours and grid allow, for resources in their order.

    ``allowed`` has one bitmap per resource, from ``frame.start``. ``days`` has every date with a window, in order; no start is
    on two sheets. Boards are compared by identity, so that what is read off one can be remembered under it.
    """

    resources: tuple[Key, ...]
    shape: Shape
    frame: Span
    allowed: tuple[int, ...]
    days: Mapping[date, tuple[Sheet, ...]]
    who: Selection


def board_of(
    windows: Mapping[Key, Sequence[OpenWindow]], shape: Shape, *, dates: Dates | None = None
) -> Board[Key]:
    """The board of these resources; with ``dates`` bookings start only in windows of those, both included."""
    unlike = {id(each): each for each in windows.values()}
    frame = frame_of((window for each in unlike.values() for window in each), shape)
    shared = {
        id(own): candidates(own, shape, frame.start, frame.end, dates=dates, frame=frame)
        for own in unlike.values()
    }
    bundles: dict[tuple[date, int], list[tuple[int, OpenWindow]]] = {}
    for column, own in enumerate(windows.values()):
        for window in shared[id(own)].windows:
            bundles.setdefault((window.on, window.start % shape.interval), []).append((column, window))
    days: dict[date, tuple[Sheet, ...]] = {}
    for (on, _), bundle in sorted(bundles.items(), key=lambda item: item[0]):
        days[on] = (*days.get(on, ()), _sheet(bundle, frame))
    allowed = tuple(shared[id(own)].bits for own in windows.values())
    return Board(tuple(windows), shape, frame, allowed, days, Selection(tuple(windows)))


def _sheet(bundle: Sequence[tuple[int, OpenWindow]], frame: Span) -> Sheet:
    begin = min(window.start for _, window in bundle)
    parts = [
        Part(column, window.start - frame.start, window.end - frame.start, window.start - begin)
        for column, window in bundle
    ]
    return Sheet(begin, max(window.end for _, window in bundle) - begin, tuple(parts))


def free_starts(board: Board[Key], column: int, taken: Iterable[tuple[int, int]]) -> int:
    """The starts of one resource that none of the ``taken`` spans (claims and absences) is in the way of."""
    return starts_bitmap(Candidates(_NOTHING, board.shape, board.frame, board.allowed[column]), taken)


def columns_by_day(board: Board[Key], free: Sequence[int], earliest: int, latest: int) -> dict[date, Columns]:
    """By date, the free starts from ``earliest`` to ``latest`` (both included): a bitmap per resource for each sheet."""
    origin = board.frame.start
    within = mask(earliest - origin, min(latest + 1, board.frame.end) - origin)
    bits = [each & within for each in free]
    return {on: tuple(_column_bits(sheet, bits) for sheet in sheets) for on, sheets in board.days.items()}


def _column_bits(sheet: Sheet, bits: Sequence[int]) -> tuple[int, ...]:
    columns = [0] * len(bits)
    for part in sheet.parts:
        columns[part.column] |= cut(bits[part.column], part.first, part.last) << part.shift
    return tuple(columns)


def patterns_on(board: Board[Key], on: date, columns: Columns) -> list[tuple[int, Pattern]]:
    """The free starts of a date in order, each with the pattern of the resources free then: ``board.who`` reads it."""
    found: list[tuple[int, Pattern]] = []
    step = board.shape.interval
    for sheet, bits in zip(board.days[on], columns, strict=True):
        if any(bits):
            minutes = range(sheet.begin, sheet.begin + sheet.length, step)
            free = patterns(bits, sheet.length, step)
            found += [(at, who) for at, who in zip(minutes, free, strict=True) if board.who[who]]
    return sorted(found) if len(columns) > 1 else found


def starts_on(columns: Columns) -> int:
    """How many starts of a date are free with at least one resource."""
    count = 0
    for bits in columns:
        anyone = 0
        for column in bits:
            anyone |= column
        count += anyone.bit_count()
    return count


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
    board = board_of(windows, shape, dates=dates)
    return {
        on: {minute: board.who[pattern] for minute, pattern in patterns_on(board, on, columns)}
        for on, columns in _columns(board, taken, earliest, latest).items()
    }


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
    board = board_of(windows, shape, dates=dates)
    return {on: starts_on(columns) for on, columns in _columns(board, taken, earliest, latest).items()}


def _columns(
    board: Board[Key], taken: Mapping[Key, Iterable[tuple[int, int]]], earliest: int, latest: int
) -> dict[date, Columns]:
    free = [
        free_starts(board, column, taken.get(key, _NOTHING)) for column, key in enumerate(board.resources)
    ]
    return columns_by_day(board, free, earliest, latest)


class Selection(dict[Pattern, tuple[Any, ...]]):
    """Patterns to the resources in them: each pattern is worked out once, and the same group is the same tuple.

    No more than ``most`` are kept: so many resources have more groups than memory holds.
    """

    most = 4096

    def __init__(self, resources: tuple[Any, ...]) -> None:
        super().__init__()
        self.resources = resources

    def __missing__(self, pattern: Pattern) -> tuple[Any, ...]:
        if len(self) >= self.most:
            self.clear()
        digits = "".join([group[::-1] for group in pattern])
        chosen = tuple(compress(self.resources, digits.encode().translate(_TRUTH)))
        self[pattern] = chosen
        return chosen

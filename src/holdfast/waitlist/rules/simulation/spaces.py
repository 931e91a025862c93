"""The freed time that stands open in a simulation: pieces by date and resource, cut, given back and joined. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from holdfast.lib.timeline import Span
from holdfast.waitlist.rules.simulation.world import Visit


@dataclass(frozen=True, eq=False, slots=True)
class Room:
    """Where somebody has room in a piece: the visit and its starts. One serves all who wish alike."""

    visit: Visit
    starts: tuple[int, ...]


class WantedBy(NamedTuple):
    """Everybody up to the person ``newest`` who had room in a piece when it was looked at, the longest visit first."""

    newest: int
    rooms: dict[int, tuple[Room, ...]]


@dataclass(eq=False, slots=True)
class Piece:
    """Open time of one resource. ``freed`` is the number of what came free last in it; ``asked`` were asked for it."""

    resource: UUID
    on: date
    midnight: int
    start: int
    end: int
    freed: int
    anchor: int
    seats: int
    asked: set[int] = field(default_factory=set)
    wanted_by: WantedBy | None = None

    def starts(self, visit: Visit, earliest: int) -> tuple[int, ...]:
        """The starts for a visit on its grid, not before ``earliest``."""
        first = max(self.start + visit.before, earliest)
        first += -(first - self.anchor) % visit.step
        last = self.end - visit.length + visit.before
        return tuple(range(first, last + 1, visit.step)) if first <= last else ()

    def part(self, start: int, end: int) -> Piece:
        """A piece of it; who was asked for the whole was asked for the piece."""
        return Piece(
            self.resource,
            self.on,
            self.midnight,
            start,
            end,
            self.freed,
            self.anchor,
            self.seats,
            self.asked,
            self.wanted_by if (start, end) == (self.start, self.end) else None,
        )


class Spaces:
    """All open pieces; those of one resource never overlap."""

    def __init__(self) -> None:
        self._days: dict[date, dict[UUID, list[Piece]]] = {}

    def open(self, piece: Piece) -> Piece:
        """Put time up; with the open time that touches it, it becomes one piece, which is returned."""
        row = self._days.setdefault(piece.on, {}).setdefault(piece.resource, [])
        for other in [one for one in row if one.seats == piece.seats]:
            if other.end == piece.start or other.start == piece.end:
                row.remove(other)
                piece.start, piece.end = min(piece.start, other.start), max(piece.end, other.end)
                piece.wanted_by = None
                if other.freed == piece.freed:
                    piece.asked |= other.asked
        row.append(piece)
        return piece

    def take(self, piece: Piece, span: Span) -> list[Piece]:
        """Take a span out of an open piece; what is left of it stays open and is returned."""
        row = self._days[piece.on][piece.resource]
        row.remove(piece)
        ends = ((piece.start, span.start), (span.end, piece.end))
        left = [piece.part(start, end) for start, end in ends if end > start]
        row += left
        return left

    def days(self) -> tuple[date, ...]:
        """The dates on which anything may be open."""
        return tuple(self._days)

    def on(self, on: date) -> Iterator[Piece]:
        """What is open on a date."""
        for row in self._days.get(on, {}).values():
            yield from tuple(row)

    def of(self, on: date, resource: UUID) -> list[Piece]:
        """What is open of one resource on a date, in order."""
        return sorted(self._days.get(on, {}).get(resource, ()), key=lambda one: one.start)

    def everything(self) -> Iterator[Piece]:
        """All that is open, by date."""
        for on in sorted(self._days):
            yield from self.on(on)

    def forget_before(self, on: date) -> None:
        """Drop the dates that are over."""
        for day in [day for day in self._days if day < on]:
            del self._days[day]

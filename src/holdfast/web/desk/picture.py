"""What the board is drawn with: bookings, cards, slots, lanes, and where each lies. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Visit:
    """What the board needs to know of a booking. ``name`` is empty for a hold that nobody has named yet.

    ``resource_ids`` are several for a combination of tables, and none for a slot that belongs to no resource.
    """

    reference: str
    state: str
    resource_ids: tuple[UUID, ...]
    service_id: UUID
    starts_at: datetime
    ends_at: datetime
    sequence: int
    name: str = ""
    has_notes: bool = False
    releases_at: datetime | None = None
    slot_id: UUID | None = None
    places: int = 1
    # Initials of whom an offer of the waitlist is held for, and until when, in words.
    held_for: str = ""
    held_until: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """From ``start`` for ``minutes``, in minutes after the board's first hour."""

    start: int
    minutes: int

    @property
    def classes(self) -> str:
        """The classes of ``desk/steps.css`` that put something there."""
        hours, minutes = divmod(self.start, 60)
        long_hours, long_minutes = divmod(self.minutes, 60)
        return f"placed at-h{hours} at-m{minutes} for-h{long_hours} for-m{long_minutes}"


@dataclass(frozen=True, slots=True)
class Card:
    """One booking on the board. ``face`` is how it stands now: see :func:`face_of`."""

    visit: Visit
    face: str
    place: Place
    starts: datetime
    ends: datetime
    service: str
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class SlotCard:
    """One published slot on the board with the people in it."""

    id: UUID
    place: Place
    starts: datetime
    ends: datetime
    service: str
    taken: int
    capacity: int
    is_open: bool
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Time a resource is away, with its note."""

    place: Place
    note: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Free time of a resource: ``starts`` is wall time."""

    resource_id: UUID
    resource: str
    starts: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Lane:
    """One resource's day, or that of a service whose slots belong to no resource (``id`` None).

    ``share`` is how much of its open time is booked, in percent; None when it is not open.
    """

    id: UUID | None
    name: str
    detail: str
    share: int | None
    cards: tuple[Card, ...]
    blocks: tuple[Block, ...]
    off: tuple[Place, ...]
    gaps: tuple[Gap, ...]
    slots: tuple[SlotCard, ...] = ()
    service_id: UUID | None = None

    @property
    def key(self) -> str:
        """Its name in addresses within the page."""
        return str(self.id or self.service_id)


@dataclass(frozen=True, slots=True)
class Counts:
    """The line above the board. ``share`` as in :class:`Lane`, over all lanes."""

    booked: int
    to_come: int
    late: int
    share: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """A date's board. ``hours`` are the wall times at its lines; ``now`` is where the line of the present lies."""

    on: date
    lanes: tuple[Lane, ...]
    hours: tuple[datetime, ...]
    first_minute: int
    counts: Counts
    next_gap: Gap | None
    now: Place | None
    is_open: bool
    version: str = ""

    @property
    def cards(self) -> list[Card]:
        """All cards in order of time, those of people in slots too; a party at several tables once."""
        loose = [card for lane in self.lanes for card in lane.cards]
        within = [card for lane in self.lanes for slot in lane.slots for card in slot.cards]
        once = {card.visit: card for card in (*loose, *within)}
        return sorted(once.values(), key=lambda card: card.visit.starts_at)

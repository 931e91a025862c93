"""What happened around somebody in line: why they stand where they stand, and who waits on the spot today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from holdfast.schedule.queries import Timetable
from holdfast.waitlist.models import Entry, EntryChange
from holdfast.waitlist.queries.entries import EntryFacts, entry_facts
from holdfast.waitlist.queries.standing import could_meet, ranked_entries

_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Around:
    """Something that changed a place in line. ``what``: ``moved_ahead``, ``joined_ahead``, ``came_back``, ``served`` or
    ``gone``; ``initial`` is the first letter of that person's name, which is all that others may see of them."""

    at: datetime
    what: str
    initial: str


@dataclass(frozen=True, slots=True)
class InQueue:
    """Somebody who waits on the spot, as everybody may see them."""

    initial: str
    party_size: int
    joined_at: datetime
    is_called: bool


def changes_around(*, entry: EntryFacts, ahead: Sequence[EntryFacts]) -> list[Around]:
    """What moved this person since they joined, the earliest first: those who got before them, those before them who are
    served or gone. ``ahead`` are those before them now. Two statements."""
    found = _got_ahead(entry, ahead)
    rows = Entry.objects.filter(
        business_id=entry.business_id, closed_at__gt=entry.joined_at, joined_at__lt=entry.joined_at
    ).order_by("-closed_at", "-id")
    for row in rows[:_MOST_SHOWN]:
        one = entry_facts(row=row)
        if one.closed_at and set(one.services) & set(entry.services) and could_meet(one=one, other=entry):
            what = "served" if one.state == "booked" else "gone"
            found.append(Around(one.closed_at, what, initial_of(entry=one)))
    return sorted(found, key=lambda each: each.at)


def _got_ahead(entry: EntryFacts, ahead: Sequence[EntryFacts]) -> list[Around]:
    changes = EntryChange.objects.filter(
        business_id=entry.business_id,
        entry_id__in=[one.id for one in ahead],
        action__in=("reorder", "undo"),
        at__gt=entry.joined_at,
    ).order_by("id")
    latest: dict[UUID, tuple[str, datetime]] = {
        one: (action, at) for one, action, at in changes.values_list("entry_id", "action", "at")
    }
    found = []
    for one in ahead:
        if one.id in latest:
            action, at = latest[one.id]
            what = "moved_ahead" if action == "reorder" else "came_back"
            found.append(Around(at, what, initial_of(entry=one)))
        elif one.joined_at > entry.joined_at:
            found.append(Around(one.joined_at, "joined_ahead", initial_of(entry=one)))
    return found


def queue_of_today(*, timetable: Timetable, now: datetime) -> list[InQueue]:
    """Everybody who waits on the spot, the first in line first: initials and party sizes, nothing else about them."""
    return [
        InQueue(
            initial_of(entry=one.entry),
            one.entry.party_size,
            one.entry.joined_at,
            one.entry.state == "called",
        )
        for one in ranked_entries(timetable=timetable, now=now)
        if one.entry.walk_in and one.entry.ends_at > now
    ]


def initial_of(*, entry: EntryFacts) -> str:
    """The first letter of a name."""
    return next((letter.upper() for letter in entry.contact.name if letter.isalnum()), "?")

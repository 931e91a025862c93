"""What would have to change for a time to become bookable, the least of all ways (SPEC C5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from holdfast.availability.queries.answers import Explanation
from holdfast.availability.rules import Remedy, smallest_change
from holdfast.bookings.commands import Wish
from holdfast.schedule.queries import Timetable


@dataclass(frozen=True, slots=True)
class Freeing:
    """The changes that together would free a time, of this resource (None: a slot without one)."""

    resource_id: UUID | None
    changes: tuple[Remedy, ...]


def least_change(*, timetable: Timetable, wish: Wish, explanations: Sequence[Explanation]) -> Freeing | None:
    """The least change that would free an explained time; None if it is free or nothing can help. No statement."""
    minutes = timetable.service(wish.service_id).duration_minutes
    found = smallest_change(
        ((each.resource_id, each.checks) for each in explanations),
        starts_at=wish.starts_at,
        ends_at=wish.starts_at + timedelta(minutes=minutes),
    )
    return None if found is None else Freeing(*found)

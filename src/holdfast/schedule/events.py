"""Facts about time on offer that other rooms react to: places that are there and were not before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SlotsPublished:
    """``count`` new slots of a service, none of them beginning before ``first_at`` or after ``last_at``."""

    service_id: UUID
    resource_id: UUID | None
    first_at: datetime
    last_at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class SlotsEnlarged:
    """These slots have more places than before."""

    slot_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class SlotsReopened:
    """These slots take bookings again."""

    slot_ids: tuple[UUID, ...]

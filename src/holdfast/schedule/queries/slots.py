"""Reads of published slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from holdfast.lib.refusals import Missing
from holdfast.schedule.models import Slot


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """A published slot as plain values."""

    id: UUID
    service_id: UUID
    resource_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    local_on: date
    capacity: int
    taken: int
    is_open: bool

    @property
    def remaining(self) -> int:
        """Places that are not taken; a slot that is closed still has them."""
        return self.capacity - self.taken


def slot_by_id(*, business_id: UUID, slot_id: UUID) -> SlotFacts:
    """One slot, open or closed. Refusals: :class:`Missing`."""
    slot = Slot.objects.filter(business_id=business_id, id=slot_id).first()
    if slot is None:
        raise Missing(what="slot")
    return slot_facts(slot=slot)


def slot_facts(*, slot: Slot) -> SlotFacts:
    """The plain values of a loaded row."""
    return SlotFacts(
        id=slot.id,
        service_id=slot.service_id,
        resource_id=slot.resource_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        local_on=slot.local_on,
        capacity=slot.capacity,
        taken=slot.taken,
        is_open=slot.is_open,
    )

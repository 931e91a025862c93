"""Reads of riders: what an artist needs at an event (SPEC B4)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from holdfast.catalog.models import RiderTemplate
from holdfast.catalog.rules.riders import RiderLine
from holdfast.lib.refusals import Missing


@dataclass(frozen=True, slots=True)
class RiderFacts:
    """A rider as plain values, with the ids of the services and artists it goes with."""

    id: UUID
    name: str
    position: int
    lines: tuple[RiderLine, ...]
    service_ids: tuple[UUID, ...]
    resource_ids: tuple[UUID, ...]


def riders_of(*, business_id: UUID) -> list[RiderFacts]:
    """All riders of a business, in its order."""
    rows = RiderTemplate.objects.filter(business_id=business_id).prefetch_related("uses")
    return [rider_facts(row=row) for row in rows.order_by("position", "id")]


def rider_by_id(*, business_id: UUID, rider_id: UUID) -> RiderFacts:
    """One rider. Refusals: :class:`Missing`."""
    row = RiderTemplate.objects.filter(business_id=business_id, id=rider_id).first()
    if row is None:
        raise Missing(what="rider")
    return rider_facts(row=row)


def rider_for(*, business_id: UUID, service_id: UUID, resource_id: UUID | None) -> list[RiderLine]:
    """The lines that go with a request for this service and artist: all riders attached to either, each once."""
    whom = Q(uses__service_id=service_id)
    if resource_id is not None:
        whom |= Q(uses__resource_id=resource_id)
    rows = RiderTemplate.objects.filter(whom, business_id=business_id).distinct()
    lines = [line for row in rows.order_by("position", "id") for line in _lines(row)]
    return list(dict.fromkeys(lines))


def rider_facts(*, row: RiderTemplate) -> RiderFacts:
    """The plain values of a loaded row."""
    uses = list(row.uses.all())
    return RiderFacts(
        id=row.id,
        name=row.name,
        position=row.position,
        lines=_lines(row),
        service_ids=tuple(use.service_id for use in uses if use.service_id),
        resource_ids=tuple(use.resource_id for use in uses if use.resource_id),
    )


def _lines(row: RiderTemplate) -> tuple[RiderLine, ...]:
    return tuple(RiderLine(line["section"], line["text"]) for line in row.lines)

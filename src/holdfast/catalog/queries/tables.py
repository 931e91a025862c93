"""Reads of the floor: which tables may stand together."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from holdfast.businesses.rules import Settings
from holdfast.catalog.models import Adjacency, Combination, CombinationTable
from holdfast.lib.refusals import Missing


@dataclass(frozen=True, slots=True)
class CombinationFacts:
    """A named combination; ``table_ids`` in the business's order."""

    id: UUID
    name: str
    seats_min: int
    seats_max: int
    position: int
    table_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """How tables go together: named combinations in the business's order, and pairs of neighbours."""

    combinations: tuple[CombinationFacts, ...] = ()
    neighbours: tuple[tuple[UUID, UUID], ...] = ()


def floor_of(*, business_id: UUID) -> Floor:
    """A business's combinations and neighbouring tables; three statements."""
    tables: dict[UUID, list[UUID]] = {}
    parts = CombinationTable.objects.filter(business_id=business_id)
    for combination_id, resource_id in parts.order_by("resource__position", "resource_id").values_list(
        "combination_id", "resource_id"
    ):
        tables.setdefault(combination_id, []).append(resource_id)
    rows = Combination.objects.filter(business_id=business_id).order_by("position", "id")
    pairs = Adjacency.objects.filter(business_id=business_id).order_by("id")
    return Floor(
        combinations=tuple(
            combination_facts(combination=row, table_ids=tuple(tables.get(row.id, ()))) for row in rows
        ),
        neighbours=tuple(pairs.values_list("first_id", "second_id")),
    )


def combination_by_id(*, business_id: UUID, combination_id: UUID) -> CombinationFacts:
    """One combination. Refusals: :class:`Missing`."""
    for found in floor_of(business_id=business_id).combinations:
        if found.id == combination_id:
            return found
    raise Missing(what="combination")


def combination_facts(*, combination: Combination, table_ids: tuple[UUID, ...]) -> CombinationFacts:
    """The plain values of a loaded row."""
    return CombinationFacts(
        id=combination.id,
        name=combination.name,
        seats_min=combination.seats_min,
        seats_max=combination.seats_max,
        position=combination.position,
        table_ids=table_ids,
    )


def most_tables_of(*, chosen: Settings) -> int:
    """How many tables one party may have here: what the business chose, within the installation's limit."""
    return min(chosen.maximum_tables, most_tables_anywhere())


def most_tables_anywhere() -> int:
    """The installation's limit, ``BOOKING_MAX_TABLES``."""
    limit: int = settings.BOOKING_MAX_TABLES
    return limit

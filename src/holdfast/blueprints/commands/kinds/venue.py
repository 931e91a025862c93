"""What only a business of the kind ``venue`` has beside hours, resources, services and settings: tables that stand
together, and parties that stay no longer than the evening's longest."""

from __future__ import annotations

from uuid import UUID

from holdfast.blueprints.rules import Blueprint, Furnished
from holdfast.businesses.models import Business
from holdfast.catalog.commands import change_service, replace_adjacency
from holdfast.lib.actors import Actor


def finish(*, actor: Actor, business: Business, blueprint: Blueprint, made: Furnished) -> None:
    """Tables that follow each other in one area stand side by side, two and two. Runs inside the creating command."""
    for service_id, offered in zip(made.services, blueprint.services, strict=True):
        turns = offered.columns.get("turn_minutes") or []
        if any(minutes > offered.minutes for _, minutes in turns):
            # Somebody made the usual stay shorter: small parties go no later than large ones.
            wanted = {"turn_minutes": [[most, min(minutes, offered.minutes)] for most, minutes in turns]}
            change_service(actor=actor, business_id=business.id, service_id=service_id, wanted=wanted)
    pairs = _pairs(blueprint, made)
    if pairs:
        replace_adjacency(actor=actor, business_id=business.id, pairs=pairs)


def _pairs(blueprint: Blueprint, made: Furnished) -> list[tuple[UUID, UUID]]:
    by_area: dict[str, list[UUID]] = {}
    for table_id, giver in zip(made.resources, blueprint.givers, strict=True):
        area = str(giver.columns.get("area", ""))
        if giver.kind == "table" and area:
            by_area.setdefault(area, []).append(table_id)
    return [(ids[at], ids[at + 1]) for ids in by_area.values() for at in range(0, len(ids) - 1, 2)]

"""Writes to riders (SPEC B4). A request keeps the lines it was made with, whatever becomes of the rider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.models import Resource, RiderTemplate, RiderUse, Service
from holdfast.catalog.queries.riders import RiderFacts, rider_by_id
from holdfast.catalog.rules.riders import clean_lines, clean_name
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing
from holdfast.lib.text import Mistakes, refuse


@command
def create_rider(*, actor: Actor, business_id: UUID, wanted: Mapping[str, Any]) -> RiderFacts:
    """A new rider at the end of the list: ``name``, ``lines`` of ``{section, text}``, ``services`` and ``resources`` (ids)
    it goes with. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    rider = RiderTemplate(business_id=business_id)
    rider.position = RiderTemplate.objects.filter(business_id=business_id).count()
    _write(rider, {"name": "", **wanted}, is_new=True)
    return rider_by_id(business_id=business_id, rider_id=rider.id)


@command
def change_rider(*, actor: Actor, business_id: UUID, rider_id: UUID, wanted: Mapping[str, Any]) -> RiderFacts:
    """Change parts of a rider; ``lines``, ``services`` and ``resources`` replace the ones before.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    rider = RiderTemplate.objects.select_for_update().filter(business_id=business_id, id=rider_id).first()
    if rider is None:
        raise Missing(what="rider")
    _write(rider, wanted, is_new=False)
    return rider_by_id(business_id=business_id, rider_id=rider_id)


@command
def delete_rider(*, actor: Actor, business_id: UUID, rider_id: UUID) -> None:
    """Delete a rider; requests keep their copies. Refusals: :class:`Missing`, :class:`Forbidden`."""
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    deleted, _ = RiderTemplate.objects.filter(business_id=business_id, id=rider_id).delete()
    if not deleted:
        raise Missing(what="rider")


def _write(rider: RiderTemplate, wanted: Mapping[str, Any], *, is_new: bool) -> None:
    mistakes: Mistakes = {}
    if "name" in wanted:
        rider.name = clean_name(wanted["name"], mistakes)
    if "lines" in wanted:
        lines = clean_lines(wanted["lines"], mistakes)
        rider.lines = [{"section": line.section, "text": line.text} for line in lines]
    services = _owned(Service, rider.business_id, wanted.get("services"), "services", mistakes)
    resources = _owned(Resource, rider.business_id, wanted.get("resources"), "resources", mistakes)
    refuse(mistakes)
    rider.save(force_insert=is_new)
    if services is not None:
        rider.uses.filter(service__isnull=False).delete()
        RiderUse.objects.bulk_create(
            RiderUse(business_id=rider.business_id, rider=rider, service_id=id) for id in services
        )
    if resources is not None:
        rider.uses.filter(resource__isnull=False).delete()
        RiderUse.objects.bulk_create(
            RiderUse(business_id=rider.business_id, rider=rider, resource_id=id) for id in resources
        )


def _owned(
    model: type[Service | Resource],
    business_id: UUID,
    asked: Sequence[UUID] | None,
    field: str,
    mistakes: Mistakes,
) -> list[UUID] | None:
    """Those of the ids that are the business's; any other is a mistake. None for no change."""
    if asked is None:
        return None
    found = list(
        model.objects.filter(business_id=business_id, id__in=set(asked)).values_list("id", flat=True)
    )
    if len(found) != len(set(asked)):
        mistakes[field] = [("unknown", {})]
    return found

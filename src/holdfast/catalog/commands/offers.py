"""Writes to the catalog. Every change raises the business's version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import ProtectedError

from holdfast.businesses.commands import offer_changed
from holdfast.businesses.models import Member
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.commands.modes import check_modes
from holdfast.catalog.errors import InUse
from holdfast.catalog.models import Resource, Service, ServiceResource
from holdfast.catalog.queries import ResourceFacts, ServiceFacts, resource_facts, service_facts
from holdfast.catalog.rules import clean_resource, clean_service, contradictions
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.text import Mistakes, refuse


@command
def create_resource(*, actor: Actor, business_id: UUID, wanted: dict[str, Any]) -> ResourceFacts:
    """A new resource at the end of the list (SPEC B1); ``name`` is required, ``member_id`` links a person.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    resource = Resource(business_id=business_id)
    resource.position = Resource.objects.filter(business_id=business_id).count()
    _apply_resource(resource, {"name": "", **wanted})
    resource.save(force_insert=True)
    offer_changed(business_id=business_id)
    return resource_facts(resource=resource)


@command
def change_resource(
    *, actor: Actor, business_id: UUID, resource_id: UUID, wanted: dict[str, Any]
) -> ResourceFacts:
    """Change some columns of a resource; ``is_active: false`` retires it. Refusals as for creating."""
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    resource = Resource.objects.select_for_update().filter(business_id=business_id, id=resource_id).first()
    if resource is None:
        raise Missing(what="resource")
    _apply_resource(resource, wanted)
    resource.save()
    offer_changed(business_id=business_id)
    return resource_facts(resource=resource)


@command
def delete_resource(*, actor: Actor, business_id: UUID, resource_id: UUID) -> None:
    """Delete a resource that was never booked. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`InUse`."""
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    _delete(Resource.objects.filter(business_id=business_id, id=resource_id).first(), "resource")
    offer_changed(business_id=business_id)


@command
def create_service(*, actor: Actor, business_id: UUID, wanted: dict[str, Any]) -> ServiceFacts:
    """A new service (SPEC B2); ``name`` and ``duration_minutes`` are required, ``resources`` lists who can give it.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    if "duration_minutes" not in wanted:
        raise Invalid.field("duration_minutes", "required")
    service = Service(business_id=business_id)
    service.position = Service.objects.filter(business_id=business_id).count()
    resource_ids = _apply_service(service, {"name": "", **wanted}, current=())
    check_modes(service, resource_ids, mode_before=service.mode)
    service.save(force_insert=True)
    _set_resources(service, resource_ids)
    offer_changed(business_id=business_id)
    return service_facts(service=service, resource_ids=resource_ids)


@command
def change_service(
    *, actor: Actor, business_id: UUID, service_id: UUID, wanted: dict[str, Any]
) -> ServiceFacts:
    """Change some columns of a service, or who can give it; bookings keep what they were made with.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    service = Service.objects.select_for_update().filter(business_id=business_id, id=service_id).first()
    if service is None:
        raise Missing(what="service")
    giving = ServiceResource.objects.filter(business_id=business_id, service_id=service_id)
    current = tuple(
        giving.order_by("resource__position", "resource_id").values_list("resource_id", flat=True)
    )
    mode_before = service.mode
    resource_ids = _apply_service(service, wanted, current=current)
    check_modes(service, resource_ids, mode_before=mode_before)
    service.save()
    if resource_ids != current:
        giving.delete()
        _set_resources(service, resource_ids)
    offer_changed(business_id=business_id)
    return service_facts(service=service, resource_ids=resource_ids)


@command
def delete_service(*, actor: Actor, business_id: UUID, service_id: UUID) -> None:
    """Delete a service that was never booked. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`InUse`."""
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    _delete(Service.objects.filter(business_id=business_id, id=service_id).first(), "service")
    offer_changed(business_id=business_id)


def _delete(row: Resource | Service | None, what: str) -> None:
    if row is None:
        raise Missing(what=what)
    try:
        row.delete()
    except ProtectedError as error:
        raise InUse(what=what, bookings=len(error.protected_objects)) from error


def _apply_resource(resource: Resource, wanted: dict[str, Any]) -> None:
    mistakes: Mistakes = {}
    wanted = dict(wanted)
    if "member_id" in wanted:
        member_id = wanted.pop("member_id")
        owned = member_id and Member.objects.filter(business_id=resource.business_id, id=member_id).exists()
        if member_id and not owned:
            mistakes["member_id"] = [("unknown", {})]
        resource.member_id = member_id if owned else None
    _write(resource, clean_resource(wanted, mistakes), mistakes)


def _apply_service(
    service: Service, wanted: dict[str, Any], *, current: tuple[UUID, ...]
) -> tuple[UUID, ...]:
    mistakes: Mistakes = {}
    wanted = dict(wanted)
    resource_ids = current
    if "resources" in wanted:
        asked = set(wanted.pop("resources"))
        owned = Resource.objects.filter(business_id=service.business_id, id__in=asked)
        resource_ids = tuple(owned.order_by("position", "id").values_list("id", flat=True))
        if len(resource_ids) != len(asked):
            mistakes["resources"] = [("unknown", {})]
    _write(service, clean_service(wanted, mistakes), mistakes)
    return resource_ids


def _write(row: Resource | Service, columns: dict[str, Any], mistakes: Mistakes) -> None:
    refuse(mistakes)
    for name, value in columns.items():
        setattr(row, name, value)
    refuse(
        contradictions({field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields})
    )


def _set_resources(service: Service, resource_ids: tuple[UUID, ...]) -> None:
    ServiceResource.objects.bulk_create(
        ServiceResource(business_id=service.business_id, service=service, resource_id=resource_id)
        for resource_id in resource_ids
    )

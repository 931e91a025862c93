"""A resource that gives slots gives nothing else (DESIGN §2): its time is kept apart by another guard than claims are."""

from __future__ import annotations

from uuid import UUID

from django.db.models.functions import Now

from holdfast.catalog.models import Resource, Service, ServiceResource
from holdfast.lib.refusals import Invalid


def check_modes(service: Service, resource_ids: tuple[UUID, ...], *, mode_before: str) -> None:
    """Whether the service may be booked so, by its resources; they are locked until the end of the transaction.

    Refusals: :class:`Invalid` on ``mode`` for a service that has slots and is to be booked otherwise, on ``resources`` for
    one that already gives, or has still to give, something in the other way.
    """
    by_slot = service.mode == Service.Mode.SLOT
    if mode_before == Service.Mode.SLOT and not by_slot and service.slots.exists():
        raise Invalid.field("mode", "has_slots")
    if not resource_ids or not service.is_active:
        return
    resources = Resource.objects.filter(business_id=service.business_id, id__in=resource_ids)
    locked = list(resources.select_for_update(no_key=True).order_by("id"))
    giving = ServiceResource.objects.filter(
        business_id=service.business_id, resource_id__in=resource_ids, service__is_active=True
    ).exclude(service_id=service.id)
    modes = giving.values_list("resource_id", "service__mode")
    otherwise = {id for id, mode in modes if (mode == Service.Mode.SLOT) != by_slot}
    for resource in locked:
        still = resource.claims if by_slot else resource.slots
        if resource.id in otherwise or still.filter(ends_at__gt=Now()).exists():
            code = "gives_no_slots" if by_slot else "gives_slots"
            raise Invalid({"resources": [(code, {"name": resource.name})]})

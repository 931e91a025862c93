"""Reads of what can be booked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from holdfast.catalog.models import Resource, Service, ServiceResource
from holdfast.catalog.rules import DepositTerms


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """A resource as plain values."""

    id: UUID
    name: str
    kind: str
    detail: str
    seats_min: int
    seats_max: int
    position: int
    is_active: bool
    member_id: UUID | None
    area: str = ""


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A service as plain values; ``resource_ids`` are those that can give it, in the business's order."""

    id: UUID
    name: str
    description: str
    mode: str
    duration_minutes: int
    interval_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    price_minor: int
    deposit_minor: int
    prepay: bool
    who_may_book: str
    position: int
    is_active: bool
    resource_ids: tuple[UUID, ...]
    price_per_person: bool = False
    turn_minutes: tuple[tuple[int, int], ...] = ()
    pacing_covers: int = 0
    places_per_customer: int = 1
    answer_within_hours: int = 72
    waitlist_open: bool = True
    waitlist_limit: int = 0
    deposit_percent: int = 0
    deposit_person_minor: int = 0
    deposit_party_least: int = 1
    deposit_weekdays: tuple[int, ...] = ()
    guard: str = ""

    @property
    def deposit(self) -> DepositTerms:
        """What is paid ahead."""
        return DepositTerms(
            self.deposit_minor,
            self.deposit_percent,
            self.deposit_person_minor,
            self.deposit_party_least,
            self.deposit_weekdays,
        )


def resources_of(*, business_id: UUID) -> list[ResourceFacts]:
    """All resources of a business, retired ones too, in its order; one statement."""
    found = Resource.objects.filter(business_id=business_id).order_by("position", "id")
    return [resource_facts(resource=resource) for resource in found]


def services_of(*, business_id: UUID) -> list[ServiceFacts]:
    """All services of a business, retired ones too, in its order; two statements."""
    giving: dict[UUID, list[UUID]] = {}
    pairs = ServiceResource.objects.filter(business_id=business_id).order_by(
        "resource__position", "resource_id"
    )
    for service_id, resource_id in pairs.values_list("service_id", "resource_id"):
        giving.setdefault(service_id, []).append(resource_id)
    found = Service.objects.filter(business_id=business_id).order_by("position", "id")
    return [
        service_facts(service=service, resource_ids=tuple(giving.get(service.id, ()))) for service in found
    ]


def resource_facts(*, resource: Resource) -> ResourceFacts:
    """The plain values of a loaded row."""
    return ResourceFacts(
        id=resource.id,
        name=resource.name,
        kind=resource.kind,
        detail=resource.detail,
        area=resource.area,
        seats_min=resource.seats_min,
        seats_max=resource.seats_max,
        position=resource.position,
        is_active=resource.is_active,
        member_id=resource.member_id,
    )


def service_facts(*, service: Service, resource_ids: tuple[UUID, ...]) -> ServiceFacts:
    """The plain values of a loaded row with the resources that can give it."""
    return ServiceFacts(
        id=service.id,
        name=service.name,
        description=service.description,
        mode=service.mode,
        duration_minutes=service.duration_minutes,
        interval_minutes=service.interval_minutes,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        price_minor=service.price_minor,
        deposit_minor=service.deposit_minor,
        prepay=service.prepay,
        price_per_person=service.price_per_person,
        turn_minutes=tuple((most, minutes) for most, minutes in service.turn_minutes),
        pacing_covers=service.pacing_covers,
        places_per_customer=service.places_per_customer,
        answer_within_hours=service.answer_within_hours,
        waitlist_open=service.waitlist_open,
        waitlist_limit=service.waitlist_limit,
        deposit_percent=service.deposit_percent,
        deposit_person_minor=service.deposit_person_minor,
        deposit_party_least=service.deposit_party_least,
        deposit_weekdays=tuple(service.deposit_weekdays or ()),
        guard=service.guard,
        who_may_book=service.who_may_book,
        position=service.position,
        is_active=service.is_active,
        resource_ids=resource_ids,
    )

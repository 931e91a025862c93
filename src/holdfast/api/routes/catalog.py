"""Services and resources. The public sees what is active; the business's people see what is retired, too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import PUBLIC, create_once, no_content, read_answer, write, write_answer
from holdfast.api.auth import Caller, Door
from holdfast.api.impact import STRANDS, Preview, Stranded, carefully
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory, position_key
from holdfast.api.routes import caller_of
from holdfast.api.schemas.catalog import (
    ResourceList,
    ResourceNew,
    ResourceOut,
    ServiceChange,
    ServiceList,
    ServiceNew,
    ServiceOut,
    show_resource,
    show_service,
    wanted_columns,
)
from holdfast.api.schemas.impact import ImpactOut, ResourceEdit, ServiceEdit
from holdfast.api.values import known_id
from holdfast.availability import commands as careful
from holdfast.availability.commands import Care
from holdfast.businesses.rules import Action
from holdfast.catalog import commands
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.lib.pages import MAX_LIMIT
from holdfast.lib.refusals import Invalid, Missing

services = Router(tags=["Services"])
resources = Router(tags=["Resources"])
Offered = TypeVar("Offered", ServiceFacts, ResourceFacts)
SEE, CHANGE = Door(Action.SEE_PROFILE), Door(Action.CHANGE_CATALOG)


@operation(services, "GET", "/services", door=SEE, answers={200: ServiceList})
def list_services(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """Services in the business's order, continued by `next_cursor`."""
    caller = caller_of(request)
    currency = caller.timetable.business.currency
    page = page_in_memory(
        _shown(caller, caller.timetable.services.values()), key=_place, cursor=cursor, limit=limit
    )
    items = [show_service(service, currency) for service in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}), cache=PUBLIC)


@operation(services, "GET", "/services/{service_id}", door=SEE, answers={200: ServiceOut})
def get_service(request: HttpRequest, slug: str, service_id: str) -> HttpResponse:  # noqa: ARG001
    """One service."""
    caller = caller_of(request)
    service = caller.timetable.service(known_id(service_id, "service"))
    if not (service.is_active or caller.actor.is_staff):
        raise Missing(what="service")
    return read_answer(
        request, write(show_service(service, caller.timetable.business.currency)), cache=PUBLIC
    )


@operation(services, "POST", "/services", door=CHANGE, answers={201: ServiceOut}, body=True, creates=True)
def create_service(request: HttpRequest, slug: str, body: ServiceNew) -> HttpResponse:  # noqa: ARG001
    """Add a service."""
    caller = caller_of(request)

    def create() -> str:
        service = commands.create_service(
            actor=caller.actor, business_id=caller.business_id, wanted=_wanted(body)
        )
        return write(show_service(service, caller.timetable.business.currency))

    return create_once(request, caller, create)


@operation(
    services,
    "PATCH",
    "/services/{service_id}",
    door=CHANGE,
    answers={200: ServiceOut | ImpactOut},
    body=True,
    conflicts=STRANDS,
)
def change_service(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    service_id: str,
    body: ServiceEdit,
    stranded: Stranded = "ask",
    preview: Preview = False,
) -> HttpResponse:
    """Change a service; bookings keep what they were made with."""
    caller = caller_of(request)

    def change(care: Care) -> HttpResponse:
        service = careful.change_service(
            actor=caller.actor,
            business_id=caller.business_id,
            service_id=known_id(service_id, "service"),
            wanted=_wanted(body),
            care=care,
        )
        return write_answer(write(show_service(service, caller.timetable.business.currency)))

    return carefully(caller, change, stranded=stranded, preview=preview, decisions=body.decisions)


@operation(
    services, "DELETE", "/services/{service_id}", door=CHANGE, answers={204: None}, conflicts=("in_use",)
)
def delete_service(request: HttpRequest, slug: str, service_id: str) -> HttpResponse:  # noqa: ARG001
    """Delete a service that was never booked."""
    caller = caller_of(request)
    id = known_id(service_id, "service")
    commands.delete_service(actor=caller.actor, business_id=caller.business_id, service_id=id)
    return no_content()


@operation(resources, "GET", "/resources", door=SEE, answers={200: ResourceList})
def list_resources(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """Resources in the business's order, continued by `next_cursor`."""
    caller = caller_of(request)
    page = page_in_memory(
        _shown(caller, caller.timetable.resources.values()), key=_place, cursor=cursor, limit=limit
    )
    items = [show_resource(resource) for resource in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}), cache=PUBLIC)


@operation(resources, "GET", "/resources/{resource_id}", door=SEE, answers={200: ResourceOut})
def get_resource(request: HttpRequest, slug: str, resource_id: str) -> HttpResponse:  # noqa: ARG001
    """One resource."""
    caller = caller_of(request)
    resource = caller.timetable.resource(known_id(resource_id, "resource"))
    if not (resource.is_active or caller.actor.is_staff):
        raise Missing(what="resource")
    return read_answer(request, write(show_resource(resource)), cache=PUBLIC)


@operation(resources, "POST", "/resources", door=CHANGE, answers={201: ResourceOut}, body=True, creates=True)
def create_resource(request: HttpRequest, slug: str, body: ResourceNew) -> HttpResponse:  # noqa: ARG001
    """Add a resource."""
    caller = caller_of(request)

    def create() -> str:
        wanted = wanted_columns(body)
        return write(
            show_resource(
                commands.create_resource(actor=caller.actor, business_id=caller.business_id, wanted=wanted)
            )
        )

    return create_once(request, caller, create)


@operation(
    resources,
    "PATCH",
    "/resources/{resource_id}",
    door=CHANGE,
    answers={200: ResourceOut | ImpactOut},
    body=True,
    conflicts=STRANDS,
)
def change_resource(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    resource_id: str,
    body: ResourceEdit,
    stranded: Stranded = "ask",
    preview: Preview = False,
) -> HttpResponse:
    """Change a resource; `active: false` retires it."""
    caller = caller_of(request)

    def change(care: Care) -> HttpResponse:
        resource = careful.change_resource(
            actor=caller.actor,
            business_id=caller.business_id,
            resource_id=known_id(resource_id, "resource"),
            wanted=wanted_columns(body),
            care=care,
        )
        return write_answer(write(show_resource(resource)))

    return carefully(caller, change, stranded=stranded, preview=preview, decisions=body.decisions)


@operation(
    resources, "DELETE", "/resources/{resource_id}", door=CHANGE, answers={204: None}, conflicts=("in_use",)
)
def delete_resource(request: HttpRequest, slug: str, resource_id: str) -> HttpResponse:  # noqa: ARG001
    """Delete a resource that was never booked."""
    caller = caller_of(request)
    id = known_id(resource_id, "resource")
    commands.delete_resource(actor=caller.actor, business_id=caller.business_id, resource_id=id)
    return no_content()


def _shown(caller: Caller, offered: Iterable[Offered]) -> list[Offered]:
    return [each for each in offered if each.is_active or caller.actor.is_staff]


def _place(offered: ServiceFacts | ResourceFacts) -> tuple[datetime, UUID]:
    return position_key(offered.position, offered.id)


def _wanted(body: ServiceChange) -> dict[str, object]:
    """The columns of a service; ids that are none name nothing."""
    wanted = wanted_columns(body)
    if "resources" in wanted:
        try:
            wanted["resources"] = [known_id(text, "resource") for text in wanted["resources"]]
        except Missing as refusal:
            raise Invalid.field("resources", "unknown") from refusal
    return wanted

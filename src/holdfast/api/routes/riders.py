"""Riders: what an artist needs at an event (SPEC B4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import create_once, no_content, read_answer, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory, position_key
from holdfast.api.routes import caller_of
from holdfast.api.schemas.riders import RiderChange, RiderList, RiderNew, RiderOut, show_rider
from holdfast.api.values import known_id
from holdfast.businesses.rules import Action
from holdfast.catalog.commands import riders as commands
from holdfast.catalog.queries.riders import rider_by_id, riders_of
from holdfast.lib.pages import MAX_LIMIT
from holdfast.lib.refusals import Invalid, Missing

router = Router(tags=["Riders"])
SEE, CHANGE = Door(Action.SEE_SETTINGS), Door(Action.CHANGE_CATALOG)


@operation(router, "GET", "/riders", door=SEE, answers={200: RiderList})
def list_riders(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """Riders in the business's order, continued by `next_cursor`."""
    caller = caller_of(request)
    page = page_in_memory(
        riders_of(business_id=caller.business_id),
        key=lambda rider: position_key(rider.position, rider.id),
        cursor=cursor,
        limit=limit,
    )
    items = [show_rider(rider) for rider in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(router, "GET", "/riders/{rider_id}", door=SEE, answers={200: RiderOut})
def get_rider(request: HttpRequest, slug: str, rider_id: str) -> HttpResponse:  # noqa: ARG001
    """One rider."""
    caller = caller_of(request)
    rider = rider_by_id(business_id=caller.business_id, rider_id=known_id(rider_id, "rider"))
    return read_answer(request, write(show_rider(rider)))


@operation(router, "POST", "/riders", door=CHANGE, answers={201: RiderOut}, body=True, creates=True)
def create_rider(request: HttpRequest, slug: str, body: RiderNew) -> HttpResponse:  # noqa: ARG001
    """Add a rider. Requests for its services and artists get a copy of its lines."""
    caller = caller_of(request)

    def create() -> str:
        wanted = _wanted(body)
        return write(
            show_rider(
                commands.create_rider(actor=caller.actor, business_id=caller.business_id, wanted=wanted)
            )
        )

    return create_once(request, caller, create)


@operation(router, "PATCH", "/riders/{rider_id}", door=CHANGE, answers={200: RiderOut}, body=True)
def change_rider(request: HttpRequest, slug: str, rider_id: str, body: RiderChange) -> HttpResponse:  # noqa: ARG001
    """Change a rider. Requests that were made keep the lines they have."""
    caller = caller_of(request)
    rider = commands.change_rider(
        actor=caller.actor,
        business_id=caller.business_id,
        rider_id=known_id(rider_id, "rider"),
        wanted=_wanted(body),
    )
    return write_answer(write(show_rider(rider)))


@operation(router, "DELETE", "/riders/{rider_id}", door=CHANGE, answers={204: None})
def delete_rider(request: HttpRequest, slug: str, rider_id: str) -> HttpResponse:  # noqa: ARG001
    """Delete a rider. Requests that were made keep the lines they have."""
    caller = caller_of(request)
    commands.delete_rider(
        actor=caller.actor, business_id=caller.business_id, rider_id=known_id(rider_id, "rider")
    )
    return no_content()


def _wanted(body: RiderChange) -> dict[str, Any]:
    wanted = body.model_dump(exclude_unset=True)
    for name, what in (("services", "service"), ("resources", "resource")):
        if name in wanted:
            wanted[name] = _ids(wanted[name], name, what)
    return wanted


def _ids(texts: list[str], field: str, what: str) -> list[UUID]:
    try:
        return [known_id(text, what) for text in texts]
    except Missing as refusal:
        raise Invalid.field(field, "unknown") from refusal

"""How tables go together: combinations and neighbours; and two parties that change tables."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import (
    booking_etag,
    create_once,
    no_content,
    read_answer,
    wanted_sequence,
    write,
    write_answer,
)
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory, position_key
from holdfast.api.routes import caller_of
from holdfast.api.schemas.bookings import show_booking
from holdfast.api.schemas.tables import (
    AdjacencyIn,
    AdjacencyOut,
    CombinationChange,
    CombinationList,
    CombinationNew,
    CombinationOut,
    SwapIn,
    SwapOut,
    show_combination,
    wanted_combination,
)
from holdfast.api.values import known_id
from holdfast.bookings.commands import swap_tables
from holdfast.bookings.queries import booking_by_reference
from holdfast.businesses.rules import Action
from holdfast.catalog import commands
from holdfast.catalog.queries import CombinationFacts, combination_by_id
from holdfast.lib.pages import MAX_LIMIT
from holdfast.lib.refusals import Invalid, Missing

router = Router(tags=["Tables"])
SEE, CHANGE, DESK = Door(Action.SEE_SETTINGS), Door(Action.CHANGE_CATALOG), Door(Action.CHANGE_BOOKINGS)


@operation(router, "GET", "/combinations", door=SEE, answers={200: CombinationList})
def list_combinations(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """Tables that may be put together, in the business's order, continued by `next_cursor`."""
    caller = caller_of(request)
    page = page_in_memory(caller.timetable.floor.combinations, key=_place, cursor=cursor, limit=limit)
    items = [show_combination(combination) for combination in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(router, "GET", "/combinations/{combination_id}", door=SEE, answers={200: CombinationOut})
def get_combination(request: HttpRequest, slug: str, combination_id: str) -> HttpResponse:  # noqa: ARG001
    """One combination of tables."""
    caller = caller_of(request)
    id = known_id(combination_id, "combination")
    found = combination_by_id(business_id=caller.business_id, combination_id=id)
    return read_answer(request, write(show_combination(found)))


@operation(
    router, "POST", "/combinations", door=CHANGE, answers={201: CombinationOut}, body=True, creates=True
)
def create_combination(request: HttpRequest, slug: str, body: CombinationNew) -> HttpResponse:  # noqa: ARG001
    """Say that some tables may be put together."""
    caller = caller_of(request)

    def create() -> str:
        made = commands.create_combination(
            actor=caller.actor, business_id=caller.business_id, wanted=wanted_combination(body)
        )
        return write(show_combination(made))

    return create_once(request, caller, create)


@operation(
    router, "PATCH", "/combinations/{combination_id}", door=CHANGE, answers={200: CombinationOut}, body=True
)
def change_combination(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    combination_id: str,
    body: CombinationChange,
) -> HttpResponse:
    """Change a combination of tables; bookings keep the tables they have."""
    caller = caller_of(request)
    changed = commands.change_combination(
        actor=caller.actor,
        business_id=caller.business_id,
        combination_id=known_id(combination_id, "combination"),
        wanted=wanted_combination(body),
    )
    return write_answer(write(show_combination(changed)))


@operation(router, "DELETE", "/combinations/{combination_id}", door=CHANGE, answers={204: None})
def delete_combination(request: HttpRequest, slug: str, combination_id: str) -> HttpResponse:  # noqa: ARG001
    """Put these tables together no more; bookings keep the tables they have."""
    caller = caller_of(request)
    id = known_id(combination_id, "combination")
    commands.delete_combination(actor=caller.actor, business_id=caller.business_id, combination_id=id)
    return no_content()


@operation(router, "GET", "/adjacency", door=SEE, answers={200: AdjacencyOut})
def get_adjacency(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """Which tables stand side by side: connected ones may seat one party."""
    return read_answer(request, write(_shown(caller_of(request).timetable.floor.neighbours)))


@operation(router, "PUT", "/adjacency", door=CHANGE, answers={200: AdjacencyOut}, body=True)
def replace_adjacency(request: HttpRequest, slug: str, body: AdjacencyIn) -> HttpResponse:  # noqa: ARG001
    """Say which tables stand side by side, all of them anew."""
    caller = caller_of(request)
    pairs = [_pair(index, pair) for index, pair in enumerate(body.pairs)]
    kept = commands.replace_adjacency(actor=caller.actor, business_id=caller.business_id, pairs=pairs)
    return write_answer(write(_shown(kept)))


@operation(
    router,
    "POST",
    "/bookings/{reference}/swap",
    door=DESK,
    answers={200: SwapOut},
    body=True,
    matches=True,
    conflicts=("illegal_step", "changed_meanwhile", "time_taken"),
)
def swap_booking_tables(request: HttpRequest, slug: str, reference: str, body: SwapIn) -> HttpResponse:  # noqa: ARG001
    """Give each of two bookings the tables of the other; their times stay.

    Both change or neither. If-Match is about the booking of the address.
    """
    caller = caller_of(request)
    booking = booking_by_reference(business_id=caller.business_id, reference=reference)
    try:
        other = booking_by_reference(business_id=caller.business_id, reference=body.other)
    except Missing as refusal:
        raise Invalid.field("other", "unknown") from refusal
    swapped = swap_tables(
        actor=caller.actor,
        timetable=caller.timetable,
        booking_id=booking.id,
        other_id=other.id,
        now=caller.now,
        override_reason=caller.overriding(body.override_reason),
        sequence=wanted_sequence(request, booking),
    )
    first, second = (show_booking(one, caller.now) for one in swapped)
    etag = booking_etag(swapped[0], swapped[0].state_at(caller.now))
    return write_answer(write({"booking": first, "other": second}), etag=etag)


def _place(combination: CombinationFacts) -> tuple[datetime, UUID]:
    return position_key(combination.position, combination.id)


def _shown(pairs: tuple[tuple[UUID, UUID], ...]) -> dict[str, list[list[str]]]:
    return {"pairs": [[str(first), str(second)] for first, second in pairs]}


def _pair(index: int, pair: list[str]) -> list[UUID]:
    try:
        return [known_id(text, "resource") for text in pair]
    except Missing as refusal:
        raise Invalid.field(f"pairs[{index}]", "unknown") from refusal

"""Published slots: one, many at once, and the series that publish them. Staff see them, managers change them."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from holdfast.api.answers import create_once, no_content, read_answer, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory
from holdfast.api.routes import caller_of
from holdfast.api.schemas.slots import (
    GenerationOut,
    GenerationPreviewOut,
    SeriesChange,
    SeriesList,
    SeriesNew,
    SeriesOut,
    SlotChange,
    SlotList,
    SlotNew,
    SlotOut,
    SlotsBulk,
    SlotsBulkOut,
    SlotsGenerate,
    Status,
    filter_of,
    owner,
    plan_of,
    show_bulk,
    show_preview,
    show_series,
    show_slot,
)
from holdfast.api.values import Day, known_id
from holdfast.availability.queries import live_slot, live_slots
from holdfast.businesses.rules import Action
from holdfast.lib.pages import MAX_LIMIT
from holdfast.lib.refusals import Invalid
from holdfast.schedule import commands
from holdfast.schedule.queries import series_by_id, series_of, slot_by_id

slots = Router(tags=["Slots"])
series = Router(tags=["Slot series"])
SEE, CHANGE = Door(Action.SEE_SETTINGS), Door(Action.CHANGE_SLOTS)


@operation(slots, "GET", "/slots", door=SEE, answers={200: SlotList})
def list_slots(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    service: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    resource: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    from_: Annotated[Day | None, Query(alias="from", description="The first local date.")] = None,
    to: Annotated[Day | None, Query(description="The last local date.")] = None,
    status: Annotated[Status | None, Query()] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Slots by start, continued by `next_cursor`."""
    caller = caller_of(request)
    wanted = filter_of(service=service, resource=resource, first=from_, last=to, status=status)
    page = live_slots(
        business_id=caller.business_id, now=caller.now, wanted=wanted, cursor=cursor, limit=limit
    )
    items = [show_slot(slot) for slot in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


# Before the address of one slot, which these would be taken for.
@operation(
    slots,
    "POST",
    "/slots/generate",
    door=CHANGE,
    answers={200: GenerationPreviewOut, 201: GenerationOut},
    body=True,
    creates=True,
    conflicts=("slots_overlap",),
)
def generate_slots(request: HttpRequest, slug: str, body: SlotsGenerate) -> HttpResponse:  # noqa: ARG001
    """Publish slots for a range of dates, 10,000 at most, or see what that would do (`preview`).

    Slots that exist are left as they are, so sending it twice does no harm.
    """
    caller = caller_of(request)
    call: dict[str, Any] = {
        "actor": caller.actor,
        "timetable": caller.timetable,
        "plan": plan_of(body),
        "first": body.from_,
        "last": body.to,
        "now": caller.now,
    }
    if body.preview:
        return write_answer(write(show_preview(commands.generate_slots(**call, preview=True))))

    def create() -> str:
        made = commands.generate_slots(**call)
        return write({"created": made.created, "existing": made.existing})

    return create_once(request, caller, create)


@operation(
    slots,
    "POST",
    "/slots/bulk",
    door=CHANGE,
    answers={200: SlotsBulkOut},
    body=True,
    conflicts=("slots_left_out",),
)
def change_slots(request: HttpRequest, slug: str, body: SlotsBulk) -> HttpResponse:  # noqa: ARG001
    """Open, close, resize or delete many slots at once, by their ids or by a filter; 10,000 at most."""
    caller = caller_of(request)
    wanted = filter_of(
        service=body.service,
        resource=body.resource,
        first=body.from_,
        last=body.to,
        status=body.status,
        weekdays=tuple(body.weekdays),
    )
    by_filter = bool(body.model_fields_set - {"action", "slots", "capacity", "leave_out"})
    if body.slots and by_filter:
        raise Invalid.field("slots", "not_allowed")
    change = commands.change_slots(
        actor=caller.actor,
        business_id=caller.business_id,
        action=body.action,
        slot_ids=[known_id(id, "slot") for id in body.slots],
        wanted=wanted if by_filter else None,
        capacity=body.capacity,
        leave_out=body.leave_out,
    )
    return write_answer(write(show_bulk(change)))


@operation(slots, "GET", "/slots/{slot_id}", door=SEE, answers={200: SlotOut})
def get_slot(request: HttpRequest, slug: str, slot_id: str) -> HttpResponse:  # noqa: ARG001
    """One slot."""
    caller = caller_of(request)
    slot = slot_by_id(business_id=caller.business_id, slot_id=known_id(slot_id, "slot"))
    shown = show_slot(live_slot(business_id=caller.business_id, slot=slot, now=caller.now))
    return read_answer(request, write(shown))


@operation(
    slots,
    "POST",
    "/slots",
    door=CHANGE,
    answers={201: SlotOut},
    body=True,
    creates=True,
    conflicts=("slot_exists", "slots_overlap"),
)
def add_slot(request: HttpRequest, slug: str, body: SlotNew) -> HttpResponse:  # noqa: ARG001
    """Publish one slot."""
    caller = caller_of(request)
    service_id, resource_id = known_id(body.service, "service"), owner(body.resource)
    minutes = None
    if body.ends_at is not None:
        whole, rest = divmod((body.ends_at - body.starts_at).total_seconds(), 60)
        if rest or not 1 <= whole <= 1440:
            raise Invalid.field("ends_at", "whole_minutes" if rest else "not_a_length")
        minutes = int(whole)

    def create() -> str:
        slot = commands.add_slot(
            actor=caller.actor,
            timetable=caller.timetable,
            service_id=service_id,
            starts_at=body.starts_at,
            capacity=body.capacity,
            now=caller.now,
            minutes=minutes,
            resource_id=resource_id,
        )
        return write(show_slot(slot))

    return create_once(request, caller, create)


@operation(
    slots,
    "PATCH",
    "/slots/{slot_id}",
    door=CHANGE,
    answers={200: SlotOut},
    body=True,
    conflicts=("capacity_below_taken", "slot_in_use", "slot_exists", "slots_overlap"),
)
def change_slot(request: HttpRequest, slug: str, slot_id: str, body: SlotChange) -> HttpResponse:  # noqa: ARG001
    """Change a slot's capacity, close or open it, or give it another resource while nobody is in it."""
    caller = caller_of(request)
    wanted = body.model_dump(exclude_unset=True)
    if "status" in wanted:
        wanted["is_open"] = wanted.pop("status") == "open"
    if "resource" in wanted:
        wanted["resource_id"] = owner(wanted.pop("resource"))
    slot = commands.change_slot(
        actor=caller.actor, timetable=caller.timetable, slot_id=known_id(slot_id, "slot"), wanted=wanted
    )
    return write_answer(write(show_slot(slot)))


@operation(slots, "DELETE", "/slots/{slot_id}", door=CHANGE, answers={204: None}, conflicts=("slot_in_use",))
def delete_slot(request: HttpRequest, slug: str, slot_id: str) -> HttpResponse:  # noqa: ARG001
    """Delete a slot that nobody is in."""
    caller = caller_of(request)
    commands.delete_slot(
        actor=caller.actor, business_id=caller.business_id, slot_id=known_id(slot_id, "slot")
    )
    return no_content()


@operation(series, "GET", "/slot-series", door=SEE, answers={200: SeriesList})
def list_slot_series(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """Series, oldest first, continued by `next_cursor`."""
    found = series_of(business_id=caller_of(request).business_id)
    page = page_in_memory(found, key=lambda each: (each.created_at, each.id), cursor=cursor, limit=limit)
    items = [show_series(each) for each in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(series, "GET", "/slot-series/{series_id}", door=SEE, answers={200: SeriesOut})
def get_slot_series(request: HttpRequest, slug: str, series_id: str) -> HttpResponse:  # noqa: ARG001
    """One series."""
    id = known_id(series_id, "series")
    found = series_by_id(business_id=caller_of(request).business_id, series_id=id)
    return read_answer(request, write(show_series(found)))


@operation(series, "POST", "/slot-series", door=CHANGE, answers={201: SeriesOut}, body=True, creates=True)
def create_slot_series(request: HttpRequest, slug: str, body: SeriesNew) -> HttpResponse:  # noqa: ARG001
    """Publish slots from now on, always some days ahead; the first are there at once."""
    caller = caller_of(request)
    plan = plan_of(body)

    def create() -> str:
        made, _ = commands.create_series(
            actor=caller.actor,
            timetable=caller.timetable,
            plan=plan,
            now=caller.now,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            days_ahead=body.days_ahead,
        )
        return write(show_series(made))

    return create_once(request, caller, create)


@operation(series, "PATCH", "/slot-series/{series_id}", door=CHANGE, answers={200: SeriesOut}, body=True)
def change_slot_series(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    series_id: str,
    body: SeriesChange,
) -> HttpResponse:
    """Change what a series publishes from here on, stop it or start it again."""
    caller = caller_of(request)
    wanted = body.model_dump(exclude_unset=True)
    if "active" in wanted:
        wanted["is_active"] = wanted.pop("active")
    changed, _ = commands.change_series(
        actor=caller.actor,
        timetable=caller.timetable,
        series_id=known_id(series_id, "series"),
        wanted=wanted,
        now=caller.now,
    )
    return write_answer(write(show_series(changed)))


@operation(series, "DELETE", "/slot-series/{series_id}", door=CHANGE, answers={204: None})
def delete_slot_series(request: HttpRequest, slug: str, series_id: str) -> HttpResponse:  # noqa: ARG001
    """Forget a series. What it published stays."""
    caller = caller_of(request)
    commands.delete_series(
        actor=caller.actor, business_id=caller.business_id, series_id=known_id(series_id, "series")
    )
    return no_content()

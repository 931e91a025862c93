"""Weekly hours and dated exceptions."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from holdfast.api.answers import PUBLIC, create_once, no_content, read_answer, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.impact import STRANDS, Preview, Stranded, carefully
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory
from holdfast.api.routes import caller_of
from holdfast.api.schemas.hours import (
    ExceptionChange,
    ExceptionList,
    ExceptionNew,
    ExceptionOut,
    HoursOut,
    HoursReplace,
    exception_begins_at,
    exception_wish,
    show_exception,
    show_hours,
    stored_wish,
)
from holdfast.api.schemas.impact import ImpactOut
from holdfast.api.values import Day, known_id
from holdfast.availability import commands
from holdfast.availability.commands import Care
from holdfast.businesses.rules import Action
from holdfast.lib.pages import MAX_LIMIT
from holdfast.schedule.queries import exception_by_id, exceptions_of

hours = Router(tags=["Hours"])
exceptions = Router(tags=["Exceptions"])
SEE, CHANGE = Door(Action.SEE_SETTINGS), Door(Action.CHANGE_HOURS)


@operation(hours, "GET", "/hours", door=Door(Action.SEE_PROFILE), answers={200: HoursOut})
def get_hours(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """The weekly opening hours of the business and of its resources."""
    known = caller_of(request).timetable.hours
    return read_answer(request, write(show_hours(known.weekly, known.resource_weekly)), cache=PUBLIC)


@operation(
    hours, "PUT", "/hours", door=CHANGE, answers={200: HoursOut | ImpactOut}, body=True, conflicts=STRANDS
)
def replace_hours(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    body: HoursReplace,
    stranded: Stranded = "ask",
    preview: Preview = False,
) -> HttpResponse:
    """Replace the weekly hours of the business or of one resource.

    The answer holds what was replaced. A resource's own hours are cut to the business's; with no windows it follows
    the business.
    """
    caller = caller_of(request)
    resource_id = known_id(body.resource, "resource") if body.resource is not None else None

    def change(care: Care) -> HttpResponse:
        week = commands.replace_hours(
            actor=caller.actor,
            business_id=caller.business_id,
            windows=[window.model_dump() for window in body.windows],
            resource_id=resource_id,
            care=care,
        )
        shown = show_hours((), {resource_id: week}) if resource_id is not None else show_hours(week, {})
        return write_answer(write(shown))

    return carefully(caller, change, stranded=stranded, preview=preview, decisions=body.decisions)


@operation(exceptions, "GET", "/exceptions", door=SEE, answers={200: ExceptionList})
def list_exceptions(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    from_: Annotated[
        Day | None, Query(alias="from", description="Leave out what ended before this date.")
    ] = None,
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """Dated exceptions in order of time, continued by `next_cursor`."""
    caller = caller_of(request)
    tz = caller.timetable.tz
    rows = exceptions_of(business_id=caller.business_id, since=from_)
    page = page_in_memory(
        rows, key=lambda row: (exception_begins_at(row, tz), row.id), cursor=cursor, limit=limit
    )
    items = [show_exception(row) for row in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(exceptions, "GET", "/exceptions/{exception_id}", door=SEE, answers={200: ExceptionOut})
def get_exception(request: HttpRequest, slug: str, exception_id: str) -> HttpResponse:  # noqa: ARG001
    """One exception."""
    id = known_id(exception_id, "exception")
    row = exception_by_id(business_id=caller_of(request).business_id, exception_id=id)
    return read_answer(request, write(show_exception(row)))


@operation(
    exceptions,
    "POST",
    "/exceptions",
    door=CHANGE,
    answers={200: ImpactOut, 201: ExceptionOut},
    body=True,
    creates=True,
    conflicts=STRANDS,
)
def add_exception(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    body: ExceptionNew,
    stranded: Stranded = "ask",
    preview: Preview = False,
) -> HttpResponse:
    """Add an exception: closed, other hours, extra hours, or somebody's absence."""
    caller = caller_of(request)
    wish = exception_wish(body.model_dump(exclude={"decisions"}))

    def change(care: Care) -> HttpResponse:
        def create() -> str:
            row = commands.add_exception(
                actor=caller.actor, business_id=caller.business_id, wish=wish, care=care
            )
            return write(show_exception(row))

        return create_once(request, caller, create)

    return carefully(caller, change, stranded=stranded, preview=preview, decisions=body.decisions)


@operation(
    exceptions,
    "PATCH",
    "/exceptions/{exception_id}",
    door=CHANGE,
    answers={200: ExceptionOut | ImpactOut},
    body=True,
    conflicts=STRANDS,
)
def change_exception(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    exception_id: str,
    body: ExceptionChange,
    stranded: Stranded = "ask",
    preview: Preview = False,
) -> HttpResponse:
    """Change an exception; what is left out stays, `null` clears."""
    caller = caller_of(request)
    id = known_id(exception_id, "exception")
    row = exception_by_id(business_id=caller.business_id, exception_id=id)
    wanted = stored_wish(row) | body.model_dump(exclude_unset=True, exclude={"decisions"})

    def change(care: Care) -> HttpResponse:
        changed = commands.change_exception(
            actor=caller.actor,
            business_id=caller.business_id,
            exception_id=id,
            wish=exception_wish(wanted),
            care=care,
        )
        return write_answer(write(show_exception(changed)))

    return carefully(caller, change, stranded=stranded, preview=preview, decisions=body.decisions)


@operation(
    exceptions,
    "DELETE",
    "/exceptions/{exception_id}",
    door=CHANGE,
    answers={200: ImpactOut, 204: None},
    conflicts=STRANDS,
)
def remove_exception(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    exception_id: str,
    stranded: Stranded = "ask",
    preview: Preview = False,
) -> HttpResponse:
    """Remove an exception."""
    caller = caller_of(request)
    id = known_id(exception_id, "exception")

    def change(care: Care) -> HttpResponse:
        commands.remove_exception(
            actor=caller.actor, business_id=caller.business_id, exception_id=id, care=care
        )
        return no_content()

    return carefully(caller, change, stranded=stranded, preview=preview)

"""Free times, and why a time is or is not free."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from holdfast.api.answers import PUBLIC, read_answer, write
from holdfast.api.auth import Door
from holdfast.api.counting import count_view
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of
from holdfast.api.schemas.availability import (
    AvailabilityOut,
    ExplanationOut,
    show_explanation,
    show_freeing,
    write_availability,
    write_days,
)
from holdfast.api.schemas.today import TodayOut, show_today
from holdfast.api.values import Day, QueryInstant, known_id, show_instant
from holdfast.availability import queries
from holdfast.availability.queries.prices import price_list
from holdfast.bookings.commands import Wish
from holdfast.bookings.rules import MAX_PARTY
from holdfast.businesses.rules import Action

router = Router(tags=["Availability"])
SEE = Door(Action.SEE_PROFILE)


@operation(router, "GET", "/availability", door=SEE, answers={200: AvailabilityOut})
def get_availability(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    service: Annotated[str, Query(min_length=1, max_length=64)],
    from_: Annotated[Day, Query(alias="from", description="The first local date.")],
    to: Annotated[Day, Query(description="The last local date, 61 days after the first at most.")],
    resource: Annotated[
        str | None, Query(min_length=1, max_length=64, description="Only this one; without it, anybody.")
    ] = None,
    party_size: Annotated[int, Query(ge=1, le=MAX_PARTY)] = 1,
) -> HttpResponse:
    """The free times of a service, by local date."""
    caller = caller_of(request)
    service_id = known_id(service, "service")
    question: dict[str, Any] = {
        "timetable": caller.timetable,
        "service_id": service_id,
        "first": from_,
        "last": to,
        "now": caller.now,
        "resource_id": known_id(resource, "resource") if resource is not None else None,
        "party_size": party_size,
    }
    timezone = caller.timetable.business.timezone
    if caller.timetable.service(service_id).mode in ("slot", "request", "table"):
        shown = write_days(timezone, queries.open_times(**question))
    else:
        prices = price_list(caller.timetable, service_id, party_size)
        shown = write_availability(timezone, queries.free_board(**question), prices, from_, to)
    count_view(request, caller, service_id)
    return read_answer(request, shown, cache=PUBLIC)


@operation(router, "GET", "/availability/explain", door=SEE, answers={200: ExplanationOut})
def explain_time(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    service: Annotated[str, Query(min_length=1, max_length=64)],
    starts_at: Annotated[QueryInstant, Query()],
    resource: Annotated[
        str | None,
        Query(
            min_length=1, max_length=64, description="Only this one; without it, all who give the service."
        ),
    ] = None,
    party_size: Annotated[int, Query(ge=1, le=MAX_PARTY)] = 1,
) -> HttpResponse:
    """Why a time is or is not bookable: the rules in order; staff also see what blocks it."""
    caller = caller_of(request)
    wish = Wish(
        known_id(service, "service"),
        starts_at,
        known_id(resource, "resource") if resource is not None else None,
        party_size,
    )
    actor = caller.actor_for(Action.SEE_BOOKINGS)
    found = queries.explain(timetable=caller.timetable, actor=actor, wish=wish, now=caller.now)
    shown = show_explanation(show_instant(starts_at), caller.timetable.business.timezone, found)
    least = queries.least_change(timetable=caller.timetable, wish=wish, explanations=found)
    if actor.is_staff and least is not None:
        shown["smallest_change"] = show_freeing(least)
    return read_answer(request, write(shown))


@operation(router, "GET", "/today", door=SEE, answers={200: TodayOut})
def get_today(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """The state of the day: open or not, who is there, and the next free time of each service."""
    caller = caller_of(request)
    today = queries.state_of_day(timetable=caller.timetable, now=caller.now)
    return read_answer(request, write(show_today(today, caller.timetable.business.timezone)), cache=PUBLIC)

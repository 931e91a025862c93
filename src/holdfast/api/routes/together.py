"""Several bookings at once: series and groups, all or nothing (SPEC D9, D10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import create_once, write, write_answer
from holdfast.api.auth import BookingDoor, Caller, Door, hold_holder
from holdfast.api.counting import count_done
from holdfast.api.guesses import one_code
from holdfast.api.operations import operation
from holdfast.api.routes import booking_of, caller_of
from holdfast.api.routes.bookings import details_of
from holdfast.api.schemas.availability import show_alternative
from holdfast.api.schemas.together import (
    BookingGroupNew,
    BookingGroupOut,
    BookingSeriesNew,
    BookingSeriesOut,
    BookingSeriesPreview,
    BookingSeriesPreviewOut,
    CancelledOut,
    CancelTogether,
    show_bookings,
    show_group_time,
    show_occurrence,
)
from holdfast.api.values import known_id
from holdfast.availability.queries import alternatives
from holdfast.availability.queries.groups import open_group_times
from holdfast.availability.queries.series import preview_series
from holdfast.bookings import commands
from holdfast.bookings.commands import GroupMember, SeriesTime, Wish
from holdfast.bookings.errors import TimeTaken
from holdfast.businesses.rules import Action
from holdfast.insights.rules import Step
from holdfast.lib.refusals import Invalid, Missing

router = Router(tags=["Series and groups"])
BOOK, HOLDER = Door(Action.BOOK), BookingDoor(Action.CHANGE_BOOKINGS)
TAKEN = ("time_taken", "limit_reached", "customer_blocked", "online_booking_off")
_MOST_ALTERNATIVES = 4


@operation(
    router,
    "POST",
    "/bookings/series/preview",
    door=BOOK,
    answers={200: BookingSeriesPreviewOut},
    body=True,
    conflicts=("online_booking_off",),
)
def preview_booking_series(request: HttpRequest, slug: str, body: BookingSeriesPreview) -> HttpResponse:  # noqa: ARG001
    """The times of a series, each free or in conflict, with other times near it. Nothing is held."""
    caller = caller_of(request)
    resource_id = known_id(body.resource, "resource") if body.resource is not None else None
    found = preview_series(
        actor=caller.actor,
        timetable=caller.timetable,
        wish=Wish(known_id(body.service, "service"), body.starts_at, resource_id, body.party_size),
        every_weeks=body.every_weeks,
        until=body.until,
        times=body.times,
        now=caller.now,
    )
    timezone = caller.timetable.business.timezone
    return write_answer(write({"timezone": timezone, "occurrences": [show_occurrence(one) for one in found]}))


@operation(
    router,
    "POST",
    "/bookings/series",
    door=BOOK,
    answers={201: BookingSeriesOut},
    body=True,
    creates=True,
    conflicts=(*TAKEN, "hold_ended"),
)
def book_series(request: HttpRequest, slug: str, body: BookingSeriesNew) -> HttpResponse:  # noqa: ARG001
    """Book all times of a series, or none.

    A time that is gone meanwhile is named by its `number`, with `alternatives` to it.
    """
    caller = caller_of(request)
    service_id = known_id(body.service, "service")
    times = [
        SeriesTime(time.starts_at, _resource(time.resource, f"times[{number}].resource"))
        for number, time in enumerate(body.times)
    ]
    actor, hold_id = caller.actor, None
    if body.hold is not None or body.token is not None:
        if not body.hold or not body.token:
            raise Invalid.field("token" if body.hold else "hold", "required")
        actor, hold_id = hold_holder(request, caller, body.hold, body.token), known_id(body.hold, "hold")
    details = details_of(caller, body, body.answers)

    def create() -> str:
        booked = commands.book_series(
            actor=actor,
            timetable=caller.timetable,
            service_id=service_id,
            times=times,
            details=details,
            now=caller.now,
            hold_id=hold_id,
            party_size=body.party_size,
        )
        count_done(caller, service_id, Step.BOOKED)
        return write({"series": str(booked[0].series_id), "bookings": show_bookings(booked, caller.now)})

    with one_code(request, caller, body.promo_code):
        try:
            return create_once(request, caller, create)
        except TimeTaken as refusal:
            gone = times[int(refusal.facts.get("number", 1)) - 1]
            wish = Wish(service_id, gone.starts_at, gone.resource_id, body.party_size)
            found = alternatives(timetable=caller.timetable, wish=wish, now=caller.now)
            refusal.facts["alternatives"] = [show_alternative(one) for one in found]
            raise


@operation(
    router,
    "POST",
    "/bookings/group",
    door=BOOK,
    answers={201: BookingGroupOut},
    body=True,
    creates=True,
    conflicts=TAKEN,
)
def book_group(request: HttpRequest, slug: str, body: BookingGroupNew) -> HttpResponse:  # noqa: ARG001
    """Book several people for one start, each with a resource of their own, or nobody.

    When that cannot be, the answer carries `alternatives`: other starts of the day for all of them.
    """
    caller = caller_of(request)
    members = [
        GroupMember(
            _service(member.service, f"members[{number}].service"),
            _resource(member.resource, f"members[{number}].resource"),
            member.name or "",
            member.answers or {},
        )
        for number, member in enumerate(body.members)
    ]
    details = details_of(caller, body)

    def create() -> str:
        booked = commands.book_group(
            actor=caller.actor,
            timetable=caller.timetable,
            members=members,
            starts_at=body.starts_at,
            details=details,
            now=caller.now,
        )
        count_done(caller, booked[0].service_id, Step.BOOKED)
        return write({"group": str(booked[0].group_id), "bookings": show_bookings(booked, caller.now)})

    with one_code(request, caller, body.promo_code), _offering_group_times(caller, members, body):
        return create_once(request, caller, create)


@operation(
    router,
    "POST",
    "/bookings/{reference}/cancel-together",
    door=HOLDER,
    answers={200: CancelledOut},
    body=True,
    conflicts=("illegal_step", "too_late"),
)
def cancel_bookings_together(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,  # noqa: ARG001
    body: CancelTogether,
) -> HttpResponse:
    """Cancel this booking and the following ones of its series, or all of its series or group, in one step."""
    caller = caller_of(request)
    cancelled = commands.cancel_together(
        actor=caller.actor,
        timetable=caller.timetable,
        booking_id=booking_of(caller).id,
        which=body.which,
        now=caller.now,
    )
    return write_answer(write({"bookings": show_bookings(cancelled, caller.now)}))


@contextmanager
def _offering_group_times(
    caller: Caller, members: list[GroupMember], body: BookingGroupNew
) -> Iterator[None]:
    """Add the nearest starts of the day that suit everybody to a refused group."""
    try:
        yield
    except TimeTaken as refusal:
        on = body.starts_at.astimezone(caller.timetable.tz).date()
        found = open_group_times(timetable=caller.timetable, members=members, on=on, now=caller.now)
        near = sorted(found, key=lambda time: abs(time.starts_at - body.starts_at))[:_MOST_ALTERNATIVES]
        refusal.facts["alternatives"] = [
            show_group_time(time, on.isoformat()) for time in sorted(near, key=lambda time: time.starts_at)
        ]
        raise


def _service(text: str, field: str) -> UUID:
    try:
        return known_id(text, "service")
    except Missing as refusal:
        raise Invalid.field(field, "unknown") from refusal


def _resource(text: str | None, field: str) -> UUID | None:
    if text is None:
        return None
    try:
        return known_id(text, "resource")
    except Missing as refusal:
        raise Invalid.field(field, "unknown") from refusal

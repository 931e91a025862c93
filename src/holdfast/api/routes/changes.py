"""What happens to a booking later: cancelled, moved, kept or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.alternatives import offering_alternatives
from holdfast.api.answers import booking_etag, wanted_sequence, write, write_answer
from holdfast.api.auth import BookingDoor, Caller, Door
from holdfast.api.operations import operation
from holdfast.api.routes import booking_of, caller_of
from holdfast.api.schemas.bookings import BookingMove, BookingOut, Nothing
from holdfast.api.showing import shown_booking
from holdfast.api.values import known_id
from holdfast.api.wishes import tables_of
from holdfast.bookings import commands
from holdfast.bookings.queries import BookingFacts, booking_by_reference
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Invalid
from holdfast.schedule.queries import slot_by_id

router = Router(tags=["Bookings"])
HOLDER, DESK = BookingDoor(Action.CHANGE_BOOKINGS), Door(Action.CHANGE_BOOKINGS)
STEP = ("illegal_step", "changed_meanwhile")


@operation(
    router,
    "POST",
    "/bookings/{reference}/cancel",
    door=HOLDER,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(*STEP, "too_late"),
)
def cancel_booking(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,  # noqa: ARG001
    body: Nothing | None = None,  # noqa: ARG001
) -> HttpResponse:
    """Cancel a booking. Through the API it takes effect at once."""
    caller = caller_of(request)
    booking = booking_of(caller)
    # A request is withdrawn, and the artist locked before it.
    off = commands.withdraw_request if booking.state == "requested" else commands.cancel_booking
    cancelled = off(
        actor=caller.actor,
        timetable=caller.timetable,
        booking_id=booking.id,
        now=caller.now,
        sequence=wanted_sequence(request, booking),
    )
    return _changed(caller, cancelled)


@operation(
    router,
    "POST",
    "/bookings/{reference}/reschedule",
    door=HOLDER,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(
        *STEP,
        "too_late",
        "time_taken",
        "pacing_reached",
        "slot_full",
        "slot_closed",
        "limit_reached",
    ),
)
def reschedule_booking(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,  # noqa: ARG001
    body: BookingMove,
) -> HttpResponse:
    """Give a booking another time, another resource, or both.

    The old time is given back only when the new one is taken.
    """
    caller = caller_of(request)
    booking = booking_of(caller)
    resource_id = known_id(body.resource, "resource") if body.resource is not None else None
    anybody = body.any_resource and resource_id is None
    asked = None if anybody else resource_id or booking.resource_id
    starts_at, slot_id = _aim(caller, body)
    chosen = tables_of(caller, body.tables, booking.service_id, resource_id)
    wish = commands.Wish(booking.service_id, starts_at, asked, booking.party_size, slot_id, chosen)
    with offering_alternatives(caller, wish):
        moved = commands.move_booking(
            actor=caller.actor,
            timetable=caller.timetable,
            booking_id=booking.id,
            starts_at=starts_at,
            now=caller.now,
            resource_id=resource_id,
            any_resource=anybody,
            slot_id=slot_id,
            chosen=chosen,
            sequence=wanted_sequence(request, booking),
            override_reason=caller.overriding(body.override_reason),
        )
    return _changed(caller, moved)


@operation(
    router,
    "POST",
    "/bookings/{reference}/check-in",
    door=DESK,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(*STEP, "too_early"),
)
def check_in_booking(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,
    body: Nothing | None = None,  # noqa: ARG001
) -> HttpResponse:
    """The customer is here."""
    return _stepped(request, reference, commands.check_in)


@operation(
    router,
    "POST",
    "/bookings/{reference}/complete",
    door=DESK,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(*STEP, "too_early"),
)
def complete_booking(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,
    body: Nothing | None = None,  # noqa: ARG001
) -> HttpResponse:
    """The service was given."""
    return _stepped(request, reference, commands.complete)


@operation(
    router,
    "POST",
    "/bookings/{reference}/no-show",
    door=DESK,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(*STEP, "too_early"),
)
def mark_booking_no_show(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,
    body: Nothing | None = None,  # noqa: ARG001
) -> HttpResponse:
    """The customer did not come."""
    return _stepped(request, reference, commands.mark_no_show)


def _aim(caller: Caller, body: BookingMove) -> tuple[datetime, UUID | None]:
    """When to move to: a start, or a slot and its start. Refusals: :class:`Missing` (slot), :class:`Invalid`."""
    if body.slot is None:
        if body.starts_at is None:
            raise Invalid.field("starts_at", "required")
        return body.starts_at, None
    slot = slot_by_id(business_id=caller.business_id, slot_id=known_id(body.slot, "slot"))
    if body.starts_at not in (None, slot.starts_at):
        raise Invalid.field("starts_at", "differs_from_slot")
    return slot.starts_at, slot.id


def _stepped(request: HttpRequest, reference: str, step: Callable[..., BookingFacts]) -> HttpResponse:
    caller = caller_of(request)
    found = booking_by_reference(business_id=caller.business_id, reference=reference)
    booking = step(
        actor=caller.actor,
        business_id=caller.business_id,
        booking_id=found.id,
        now=caller.now,
        sequence=wanted_sequence(request, found),
    )
    return _changed(caller, booking)


def _changed(caller: Caller, booking: BookingFacts) -> HttpResponse:
    etag = booking_etag(booking, booking.state_at(caller.now))
    return write_answer(write(shown_booking(caller, booking)), etag=etag)

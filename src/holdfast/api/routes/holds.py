"""Holding a time while the form is filled in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.alternatives import offering_alternatives
from holdfast.api.answers import create_once, no_content, write, write_answer
from holdfast.api.auth import Door, HoldDoor
from holdfast.api.counting import count_done
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of
from holdfast.api.schemas.bookings import HoldNew, HoldOut, show_hold
from holdfast.api.values import known_id
from holdfast.api.wishes import wish_of
from holdfast.bookings import commands
from holdfast.businesses.rules import Action
from holdfast.insights.rules import Step

router = Router(tags=["Holds"])


@operation(
    router,
    "POST",
    "/holds",
    door=Door(Action.BOOK),
    answers={201: HoldOut},
    body=True,
    creates=True,
    conflicts=("time_taken", "pacing_reached", "slot_full", "slot_closed", "online_booking_off"),
)
def hold_time(request: HttpRequest, slug: str, body: HoldNew) -> HttpResponse:  # noqa: ARG001
    """Hold a time.

    It counts against everybody else until `expires_at`; book it with `hold` and `token`.
    """
    caller = caller_of(request)
    wish = wish_of(caller, body)

    def create() -> str:
        hold = commands.hold_time(actor=caller.actor, timetable=caller.timetable, wish=wish, now=caller.now)
        count_done(caller, hold.service_id, Step.HOLD)
        return write(show_hold(hold, caller.now))

    with offering_alternatives(caller, wish):
        return create_once(request, caller, create)


@operation(
    router,
    "POST",
    "/holds/{hold_id}/extend",
    door=HoldDoor(),
    answers={200: HoldOut},
    conflicts=("hold_ended", "hold_at_limit"),
)
def extend_hold(request: HttpRequest, slug: str, hold_id: str) -> HttpResponse:  # noqa: ARG001
    """Extend a hold that is alive, up to 30 minutes after it began."""
    caller = caller_of(request)
    hold = commands.extend_hold(
        actor=caller.actor, timetable=caller.timetable, hold_id=known_id(hold_id, "hold"), now=caller.now
    )
    return write_answer(write(show_hold(hold, caller.now)))


@operation(router, "DELETE", "/holds/{hold_id}", door=HoldDoor(), answers={204: None})
def release_hold(request: HttpRequest, slug: str, hold_id: str) -> HttpResponse:  # noqa: ARG001
    """Release a hold: its time is free again at once. Releasing twice is no mistake."""
    caller = caller_of(request)
    commands.release_hold(
        actor=caller.actor, timetable=caller.timetable, hold_id=known_id(hold_id, "hold"), now=caller.now
    )
    return no_content()

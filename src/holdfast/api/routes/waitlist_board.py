"""What the desk does with those who wait: calling, seating, taking off, reordering."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.alternatives import offering_alternatives
from holdfast.api.answers import create_once, write, write_answer
from holdfast.api.auth import Caller, EntryDoor
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of, entry_of
from holdfast.api.schemas.bookings import BookingOut, Nothing
from holdfast.api.schemas.waitlist import EntryOut, Removal, Reorder, Seating
from holdfast.api.showing import shown_booking
from holdfast.api.values import known_id
from holdfast.api.waiting import shown_entry
from holdfast.api.wishes import wish_of
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Missing
from holdfast.waitlist import commands
from holdfast.waitlist.queries import EntryFacts

router = Router(tags=["Waitlist"])
DESK = EntryDoor(Action.CHANGE_WAITLIST, personal=False)


@operation(
    router,
    "POST",
    "/waitlist/{entry_id}/call",
    door=DESK,
    answers={200: EntryOut},
    body=True,
    conflicts=("entry_over",),
)
def call_entry(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    entry_id: str,  # noqa: ARG001
    body: Nothing | None = None,  # noqa: ARG001
) -> HttpResponse:
    """Tell somebody who waits on the spot that their place is ready. Calling again tells them again."""
    caller = caller_of(request)
    entry = commands.call_entry(
        actor=caller.actor, business_id=caller.business_id, entry_id=entry_of(caller).id, now=caller.now
    )
    return _now(caller, entry)


@operation(
    router,
    "POST",
    "/waitlist/{entry_id}/seat",
    door=DESK,
    answers={201: BookingOut},
    body=True,
    creates=True,
    conflicts=(
        "entry_over",
        "time_taken",
        "pacing_reached",
        "slot_full",
        "slot_closed",
        "too_early",
    ),
)
def seat_entry(request: HttpRequest, slug: str, entry_id: str, body: Seating) -> HttpResponse:  # noqa: ARG001
    """Book a place for somebody who waits and check them in; an offer that is out is withdrawn."""
    caller = caller_of(request)
    entry = entry_of(caller)
    wish = replace(wish_of(caller, body), party_size=body.party_size or entry.party_size)
    reason = caller.overriding(body.override_reason)

    def create() -> str:
        booking = commands.seat_entry(
            actor=caller.actor,
            timetable=caller.timetable,
            entry_id=entry.id,
            wish=wish,
            now=caller.now,
            override_reason=reason,
        )
        return write(shown_booking(caller, booking))

    with offering_alternatives(caller, wish):
        return create_once(request, caller, create)


@operation(
    router,
    "POST",
    "/waitlist/{entry_id}/remove",
    door=DESK,
    answers={200: EntryOut},
    body=True,
    conflicts=("entry_over",),
)
def remove_entry(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    entry_id: str,  # noqa: ARG001
    body: Removal | None = None,
) -> HttpResponse:
    """Take somebody off the waitlist; an offer that is out goes to the next."""
    caller = caller_of(request)
    said = body or Removal()
    entry = commands.remove_entry(
        actor=caller.actor,
        business_id=caller.business_id,
        entry_id=entry_of(caller).id,
        now=caller.now,
        reason=said.reason,
        no_show=said.no_show,
    )
    return _now(caller, entry)


@operation(
    router,
    "POST",
    "/waitlist/{entry_id}/reorder",
    door=DESK,
    answers={200: EntryOut},
    body=True,
    conflicts=("entry_over",),
)
def reorder_entry(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    entry_id: str,  # noqa: ARG001
    body: Reorder,
) -> HttpResponse:
    """Put somebody before another, or first of all. The reason is kept, and what was added shows in the score."""
    caller = caller_of(request)
    try:
        entry = commands.reorder_entry(
            actor=caller.actor,
            timetable=caller.timetable,
            entry_id=entry_of(caller).id,
            reason=body.reason,
            now=caller.now,
            before=known_id(body.before, "entry") if body.before is not None else None,
        )
    except Missing as refusal:  # the door has found the one that is moved
        raise Missing(what="before") from refusal
    return _now(caller, entry)


def _now(caller: Caller, entry: EntryFacts) -> HttpResponse:
    return write_answer(write(shown_entry(caller, entry)))

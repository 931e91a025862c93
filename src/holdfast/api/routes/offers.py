"""Offers of the waitlist: accepted, declined, made by hand, withdrawn."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.alternatives import offering_alternatives
from holdfast.api.answers import booking_etag, create_once, write, write_answer
from holdfast.api.auth import EntryDoor
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of, entry_of
from holdfast.api.schemas.bookings import BookingOut, Nothing
from holdfast.api.schemas.waitlist import Declining, EntryOut, MadeOfferOut, OfferNew, show_made_offer
from holdfast.api.showing import shown_booking
from holdfast.api.values import known_id
from holdfast.api.waiting import shown_entry
from holdfast.api.wishes import wish_of
from holdfast.businesses.rules import Action
from holdfast.waitlist import commands
from holdfast.waitlist.queries import entry_by_id

router = Router(tags=["Waitlist"])
HOLDER = EntryDoor(Action.CHANGE_WAITLIST)
DESK = EntryDoor(Action.CHANGE_WAITLIST, personal=False)


@operation(
    router,
    "POST",
    "/offers/{offer_id}/accept",
    door=HOLDER,
    answers={200: BookingOut},
    body=True,
    conflicts=("offer_expired", "limit_reached", "customer_blocked", "illegal_step"),
)
def accept_offer(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    offer_id: str,
    body: Nothing | None = None,  # noqa: ARG001
) -> HttpResponse:
    """Accept an offer: the answer is the booking, or the one that was moved to it.

    The personal token is the entry's. Accepting twice is one booking; too late is 409 `offer_expired`.
    """
    caller = caller_of(request)
    booking = commands.accept_offer(
        actor=caller.actor,
        timetable=caller.timetable,
        offer_id=known_id(offer_id, "offer"),
        now=caller.now,
    )
    etag = booking_etag(booking, booking.state_at(caller.now))
    return write_answer(write(shown_booking(caller, booking)), etag=etag)


@operation(
    router,
    "POST",
    "/offers/{offer_id}/decline",
    door=HOLDER,
    answers={200: EntryOut},
    body=True,
    conflicts=("offer_expired",),
)
def decline_offer(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    offer_id: str,
    body: Declining | None = None,
) -> HttpResponse:
    """Pass an offer and keep the place in line, or `leave` the waitlist. The place goes to the next at once."""
    caller = caller_of(request)
    commands.decline_offer(
        actor=caller.actor,
        business_id=caller.business_id,
        offer_id=known_id(offer_id, "offer"),
        now=caller.now,
        leave=body is not None and body.leave,
    )
    return _entry_now(request)


@operation(
    router,
    "POST",
    "/offers/{offer_id}/withdraw",
    door=DESK,
    answers={200: EntryOut},
    body=True,
    conflicts=("offer_expired",),
)
def withdraw_offer(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    offer_id: str,
    body: Nothing | None = None,  # noqa: ARG001
) -> HttpResponse:
    """Take an offer back. The person keeps their place in line, what was held goes on to the next."""
    caller = caller_of(request)
    commands.withdraw_offer(
        actor=caller.actor,
        business_id=caller.business_id,
        offer_id=known_id(offer_id, "offer"),
        now=caller.now,
    )
    return _entry_now(request)


@operation(
    router,
    "POST",
    "/waitlist/{entry_id}/offer",
    door=DESK,
    answers={201: MadeOfferOut},
    body=True,
    creates=True,
    conflicts=(
        "entry_over",
        "offer_out",
        "too_near",
        "time_taken",
        "pacing_reached",
        "slot_full",
        "slot_closed",
    ),
)
def offer_by_hand(request: HttpRequest, slug: str, entry_id: str, body: OfferNew) -> HttpResponse:  # noqa: ARG001
    """Offer somebody a place, whatever the scores say: a start, or a slot. It is held for them and recorded."""
    caller = caller_of(request)
    entry = entry_of(caller)
    wish = replace(wish_of(caller, body), party_size=entry.party_size)

    def create() -> str:
        offer = commands.offer_by_hand(
            actor=caller.actor,
            timetable=caller.timetable,
            entry_id=entry.id,
            service_id=wish.service_id,
            starts_at=wish.starts_at,
            now=caller.now,
            resource_id=wish.resource_id,
            slot_id=wish.slot_id,
        )
        return write(show_made_offer(offer, caller.now))

    with offering_alternatives(caller, wish):
        return create_once(request, caller, create)


def _entry_now(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    entry = entry_by_id(business_id=caller.business_id, entry_id=entry_of(caller).id)
    return write_answer(write(shown_entry(caller, entry)))

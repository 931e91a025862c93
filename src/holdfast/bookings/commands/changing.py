"""Moving and cancelling a booking, and taking a step back (SPEC D5, D7, D11; DESIGN §2)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from holdfast.bookings.commands.making import cleaned_override, override_facts
from holdfast.bookings.commands.paying import settle_money
from holdfast.bookings.commands.people import check_customer_limits, check_slot_limit
from holdfast.bookings.commands.placing import (
    Place,
    Terms,
    Wish,
    agreed_service,
    claim_rows,
    find_place,
    refused_by_guard,
)
from holdfast.bookings.commands.requesting import withdraw_request
from holdfast.bookings.commands.writing import locked, note_change, release_time, update
from holdfast.bookings.errors import IllegalStep, UndoEnded
from holdfast.bookings.events import (
    BookingCancelled,
    BookingCheckedIn,
    BookingCompleted,
    BookingMoved,
    BookingNotKept,
)
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.bookings.rules import UNDO_SECONDS_CUSTOMER, UNDO_SECONDS_DESK, check_notice, next_state
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.sql import give_back_uses
from holdfast.core import outbox, sql
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.payments.commands import withdraw_refunds
from holdfast.schedule.queries import Timetable

# The event that tells of each state that can be undone; steps before it stay told.
_TOLD_BY: dict[str, type] = {
    "cancelled": BookingCancelled,
    "checked_in": BookingCheckedIn,
    "completed": BookingCompleted,
    "no_show": BookingNotKept,
}


def undo_seconds(actor: Actor) -> int:
    """How long the pages let this actor take a step back: 10 seconds at the desk, 2 minutes for customers."""
    return UNDO_SECONDS_DESK if actor.is_staff else UNDO_SECONDS_CUSTOMER


def authorise_holder(actor: Actor, business_id: UUID, booking_id: UUID) -> None:
    """Whoever holds the booking may change it; everybody else needs the desk's permission."""
    if actor.booking_id != booking_id:
        authorise(actor, Action.CHANGE_BOOKINGS, business_id)


@command
def move_booking(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    starts_at: datetime,
    now: datetime,
    resource_id: UUID | None = None,
    any_resource: bool = False,
    slot_id: UUID | None = None,
    chosen: tuple[UUID, ...] = (),
    sequence: int | None = None,
    override_reason: str = "",
    undo: bool = False,
) -> BookingFacts:
    """Give a booking another time, another resource or both; terms, price and payment stay (SPEC D5).

    ``resource_id`` None keeps the resource, unless ``any_resource`` asks for whoever is free; ``slot_id`` names the slot
    to move to, ``chosen`` the tables staff picked by hand. The old time is given back only when the new one is taken.
    With ``undo`` messages wait until the undo window has ended; a move and its undoing tell nobody anything.
    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep`, :class:`TooLate`, :class:`Invalid`,
    :class:`TimeTaken`, :class:`ChangedMeanwhile`.
    """
    business_id = timetable.business.id
    before = _movable(actor, business_id, booking_id, now)
    reason = cleaned_override(actor, business_id, override_reason)
    who = None if any_resource else resource_id or before.resource_id
    place = find_place(
        timetable=timetable,
        service=agreed_service(timetable=timetable, booking=before),
        wish=Wish(before.service_id, starts_at, who, before.party_size, slot_id, chosen),
        terms=Terms(actor, now, bool(reason)),
        moving=before,
    )
    timetable = place.fresh or timetable
    booking = locked(business_id=business_id, booking_id=booking_id, sequence=sequence)
    next_state(booking.state, "move")
    _check_day(actor, timetable, booking, place, now)
    moved = _put(booking, place, timetable)
    note_change(
        moved,
        actor=actor,
        action="move",
        now=now,
        details={**from_and_to(booking, moved), **override_facts(place, reason, booking_id)},
        event=move_to_tell(booking, moved),
        due_at=now + timedelta(seconds=undo_seconds(actor)) if undo else None,
    )
    return moved


def _movable(actor: Actor, business_id: UUID, booking_id: UUID, now: datetime) -> BookingFacts:
    """The booking as it stands, if the actor may still move it."""
    authorise_holder(actor, business_id, booking_id)
    booking = booking_by_id(business_id=business_id, booking_id=booking_id)
    next_state(booking.state, "move")
    if not actor.is_staff and booking.proposed is None:  # who is asked to move may do so at any time
        check_notice(booking.starts_at, booking.policy.reschedule_notice_minutes, now)
    return booking


def _check_day(
    actor: Actor, timetable: Timetable, booking: BookingFacts, place: Place, now: datetime
) -> None:
    """A customer who moves keeps to the limit of another day, and to that of a slot."""
    if not actor.is_staff and booking.customer_id and place.local_on != booking.local_on:
        check_customer_limits(
            timetable=timetable, customer_id=booking.customer_id, on=place.local_on, now=now, but=booking.id
        )
    if booking.customer_id:
        check_slot_limit(
            actor=actor,
            timetable=timetable,
            service_id=booking.service_id,
            slot_id=place.slot_id,
            customer_id=booking.customer_id,
            now=now,
            but=booking.id,
        )


def from_and_to(before: BookingFacts, moved: BookingFacts) -> dict[str, Any]:
    """What the history keeps of a move."""
    return {
        name: {
            "starts_at": booking.starts_at.isoformat(),
            "resource": str(booking.resource_id or ""),
            "also": [str(id) for id in booking.also],
            **({"slot": str(booking.slot_id)} if booking.slot_id else {}),
        }
        for name, booking in (("from", before), ("to", moved))
    }


def move_to_tell(before: BookingFacts, moved: BookingFacts) -> BookingMoved | None:
    """What others are to hear: one move from where they believe the booking to be, or nothing if it is back there.

    Moves that nobody has been told of yet are taken back and folded into this one.
    """
    untold = outbox.take_back(BookingMoved, before.id, before.business_id)
    if untold:
        first: BookingMoved = untold[0]
        old = (first.old_starts_at, first.old_ends_at, first.old_resource_id)
    else:
        old = (before.starts_at, before.ends_at, before.resource_id)
    if old == (moved.starts_at, moved.ends_at, moved.resource_id):
        return None
    return BookingMoved(before.id, moved.sequence, *old)


def _put(booking: BookingFacts, place: Place, timetable: Timetable) -> BookingFacts:
    """Give the booking's claims and row their new time; within its slot it keeps its places."""
    if place.slot_id is None or place.slot_id != booking.slot_id:
        release_time(booking)
    rows = claim_rows(business_id=booking.business_id, booking_id=booking.id, place=place)
    try:
        sql.insert_all([("bookings_claim", rows)])
    except IntegrityError as error:
        raise refused_by_guard(error) from error
    return update(
        booking,
        {
            "starts_at": place.starts_at,
            "ends_at": place.ends_at,
            "resource_id": place.resource_id,
            "also": json.dumps([str(id) for id in place.resource_ids[1:]]),
            "slot_id": place.slot_id,
            "proposed": None,
            "local_start": place.starts_at.astimezone(timetable.tz).strftime("%Y-%m-%dT%H:%M"),
            "local_on": place.local_on,
            "undo_until": None,
            "undo_state": "",
        },
    )


@command
def cancel_booking(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    undo: bool = False,
    sequence: int | None = None,
    together: tuple[UUID, ...] = (),
) -> BookingFacts:
    """Cancel (SPEC D5). ``together`` names what is cancelled in the same step, so that one message tells of all. With ``undo`` the time stays taken and messages wait until the undo window has ended.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep` (also for cancelling twice), :class:`TooLate`,
    :class:`ChangedMeanwhile`.
    """
    business_id = timetable.business.id
    authorise_holder(actor, business_id, booking_id)
    booking = locked(business_id=business_id, booking_id=booking_id, sequence=sequence)
    if booking.state == "requested":
        return withdraw_request(actor=actor, timetable=timetable, booking_id=booking_id, now=now)
    state, stood = next_state(booking.state, "cancel"), booking.state == "confirmed"
    undo = undo and stood  # what never stood is let go at once
    if stood and not actor.is_staff and booking.proposed is None:
        check_notice(booking.starts_at, booking.policy.cancellation_notice_minutes, now)
    until = now + timedelta(seconds=undo_seconds(actor)) if undo else None
    if until is None:
        release_time(booking)
    was = booking.state if undo else ""
    cancelled = update(
        booking, {"state": state, "releases_at": until, "undo_until": until, "undo_state": was}
    )
    if until is None and booking.promo_code:  # else what ends the booking gives its use back
        give_back_uses(uses={(business_id, booking.promo_code): 1})
    returned = settle_money(
        booking, actor=actor, now=now, due_at=until or now, by_staff=actor.is_staff, reason="cancelled"
    )
    note_change(
        cancelled,
        actor=actor,
        action="cancel",
        now=now,
        details={"from": booking.state, **returned},
        event=BookingCancelled(booking_id, cancelled.sequence, by_staff=actor.is_staff, together=together),
        due_at=until,
    )
    return cancelled


@command
def undo_change(*, actor: Actor, timetable: Timetable, booking_id: UUID, now: datetime) -> BookingFacts:
    """Take back the last check-in, completion, no-show or cancellation while its undo window is open (ux §4.9).

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`UndoEnded`.
    """
    business_id = timetable.business.id
    authorise_holder(actor, business_id, booking_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    if booking.undo_until is None or booking.undo_until <= now or not booking.undo_state:
        raise UndoEnded(state=booking.state)
    if not actor.is_staff and booking.state != "cancelled":
        raise UndoEnded(state=booking.state)
    if not actor.is_staff and booking.customer_id:
        check_customer_limits(
            timetable=timetable, customer_id=booking.customer_id, on=booking.local_on, now=now, but=booking_id
        )
        check_slot_limit(
            actor=actor,
            timetable=timetable,
            service_id=booking.service_id,
            slot_id=booking.slot_id,
            customer_id=booking.customer_id,
            now=now,
            but=booking_id,
        )
    state = booking.undo_state
    if next_state(booking.state, "undo") != state:
        raise IllegalStep(state=booking.state, step="undo", possible=[])
    restored = update(booking, {"state": state, "releases_at": None, "undo_until": None, "undo_state": ""})
    if booking.state == "cancelled" and booking.paid_minor:
        withdraw_refunds(business_id=business_id, booking_id=booking_id, reason="cancelled", now=now)
    outbox.withdraw(_TOLD_BY[booking.state], booking_id, business_id)
    note_change(booking, actor=actor, action="undo", now=now, details={"from": booking.state, "to": state})
    return restored

"""Places that are held for somebody who was asked: booked by them, let go, or taken for an earlier booking (SPEC F3, F8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.booking import confirmed, place_booking
from holdfast.bookings.commands.changing import move_booking
from holdfast.bookings.commands.making import Details
from holdfast.bookings.commands.people import agreed_with, customer_with_room
from holdfast.bookings.commands.placing import Wish
from holdfast.bookings.commands.writing import end_dead, locked, note_change, release_time, update
from holdfast.bookings.errors import HoldEnded
from holdfast.bookings.events import HoldLapsed
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.bookings.rules import next_state
from holdfast.core.transactions import command
from holdfast.customers.queries import is_blocked
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor, Role
from holdfast.schedule.queries import Timetable
from holdfast.schedule.sql import lock_slots


@command
def book_for(
    *,
    actor: Actor,
    timetable: Timetable,
    wish: Wish,
    customer_id: UUID,
    contact: Contact,
    now: datetime,
    override_reason: str = "",
) -> BookingFacts:
    """Book for somebody the desk has before it and knows already, even without an address or a phone number (SPEC F7).

    Whoever calls has made sure that the actor is staff. Refusals: as :func:`book`.
    """
    return place_booking(
        actor=actor,
        timetable=timetable,
        wish=wish,
        details=Details(contact),
        now=now,
        override_reason=override_reason,
        customer_id=customer_id,
    )


@command
def confirm_for(
    *,
    actor: Actor,
    timetable: Timetable,
    hold_id: UUID,
    customer_id: UUID,
    contact: Contact,
    account_id: UUID | None,
    now: datetime,
) -> BookingFacts:
    """Turn a place held for somebody into their booking. They were asked, so the service's questions can wait.

    Whoever calls has made sure that the actor may answer for them. Refusals: :class:`Missing`, :class:`HoldEnded`,
    :class:`LimitReached`, :class:`CustomerBlocked`.
    """
    hold = locked(business_id=timetable.business.id, booking_id=hold_id)
    if hold.state_at(now) != "held":
        raise HoldEnded(state=hold.state_at(now))
    who, people = customer_with_room(
        actor=actor,
        timetable=timetable,
        contact=contact,
        on=hold.local_on,
        service_id=hold.service_id,
        slot_id=hold.slot_id,
        now=now,
        met=(customer_id, is_blocked(business_id=timetable.business.id, customer_id=customer_id)),
    )
    people += agreed_with(
        actor=actor, timetable=timetable, customer_id=who, booking_id=hold_id, news=False, now=now
    )
    return confirmed(
        hold,
        actor=actor,
        timetable=timetable,
        details=Details(contact),
        who=(who, people),
        now=now,
        account_id=account_id,
    )


@command
def end_hold(*, actor: Actor, business_id: UUID, hold_id: UUID, now: datetime) -> None:
    """End a hold, before its time or after, and let others know that the time is free. Ending twice is no mistake.

    Refusals: :class:`Missing`.
    """
    hold = locked(business_id=business_id, booking_id=hold_id)
    if hold.state_at(now) == "held":
        _let_go(hold, actor, now, HoldLapsed(hold_id))
    elif hold.state == "held":
        end_dead(booking_ids=[hold_id], now=now)


def _let_go(hold: BookingFacts, actor: Actor, now: datetime, event: HoldLapsed | None) -> None:
    update(hold, {"state": next_state(hold.state, "release"), "releases_at": None})
    release_time(hold)
    note_change(hold, actor=actor, action="release", now=now, details={}, event=event)


@command
def move_to_held(
    *, actor: Actor, timetable: Timetable, booking_id: UUID, hold_id: UUID, now: datetime
) -> BookingFacts:
    """Move a booking to the place that a hold keeps for it; its notice does not count, for its holder was asked.

    In one transaction: nobody gets in between. Refusals: as :func:`move_booking`, and :class:`HoldEnded`.
    """
    business_id = timetable.business.id
    hold = booking_by_id(business_id=business_id, booking_id=hold_id)
    booking = booking_by_id(business_id=business_id, booking_id=booking_id)
    hot.lock_resources([*hold.resource_ids, *booking.resource_ids])
    lock_slots([one.slot_id for one in (hold, booking) if one.slot_id is not None])
    hold = locked(business_id=business_id, booking_id=hold_id)
    if hold.state_at(now) != "held":
        raise HoldEnded(state=hold.state_at(now))
    _let_go(hold, actor, now, None)
    asked = replace(actor, role=Role.OPERATOR, name=actor.label)
    chosen = hold.resource_ids if timetable.service(hold.service_id).mode == "table" else ()
    return move_booking(
        actor=asked,
        timetable=timetable,
        booking_id=booking_id,
        starts_at=hold.starts_at,
        resource_id=None if chosen else hold.resource_id,
        slot_id=hold.slot_id,
        chosen=chosen,
        now=now,
    )

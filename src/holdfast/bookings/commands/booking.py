"""Holding a time and booking it, from the page, the API and the desk (SPEC D1, D6–D8, E1, E2)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.commands.demanding import ask_for_payment, demand_for, standing_on
from holdfast.bookings.commands.making import (
    Details,
    clean_details,
    cleaned_override,
    insert_booking,
    new_booking,
    override_facts,
    with_promotion,
)
from holdfast.bookings.commands.people import (
    NAME_TOKENS,
    Rows,
    agreed_with,
    customer_with_room,
    must_prove_email,
    visitor_of,
)
from holdfast.bookings.commands.placing import Place, Terms, Wish, bookable_service, find_place
from holdfast.bookings.commands.writing import (
    locked,
    note_change,
    release_time,
    sealed_answers,
    sealed_contact,
    sealed_notes,
    update,
)
from holdfast.bookings.errors import HoldAtLimit, HoldEnded
from holdfast.bookings.events import BookingConfirmed, HoldLapsed, PaymentAwaited
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import hold_until, next_state
from holdfast.businesses.rules import Action, authorise
from holdfast.core import sql
from holdfast.core.transactions import command
from holdfast.customers.commands import spend_code
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Missing
from holdfast.schedule.queries import Timetable


@command
def hold_time(
    *, actor: Actor, timetable: Timetable, wish: Wish, now: datetime, until: datetime | None = None
) -> BookingFacts:
    """Hold a time while its details are filled in: it counts against everybody else until ``releases_at`` (SPEC E1).

    ``until`` is when it ends if not after the business's hold minutes. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`, :class:`TimeTaken`, :class:`OnlineBookingOff`.
    """
    business = timetable.business
    authorise(actor, Action.BOOK, business.id)
    service = bookable_service(timetable=timetable, service_id=wish.service_id, actor=actor)
    place = find_place(timetable=timetable, service=service, wish=wish, terms=Terms(actor, now))
    timetable = place.fresh or timetable
    booking = new_booking(
        timetable,
        place,
        wish,
        actor,
        now,
        state="held",
        releases_at=until or hold_until(now, now, business.settings.hold_minutes),
    )
    insert_booking(booking, place, actor, "hold", {})
    return booking


@command
def extend_hold(*, actor: Actor, timetable: Timetable, hold_id: UUID, now: datetime) -> BookingFacts:
    """More time for a hold that is alive, up to 30 minutes after it began (SPEC E2). The actor must hold it.

    Refusals: :class:`Missing`, :class:`HoldEnded`, :class:`HoldAtLimit`.
    """
    hold = _own_hold(actor, timetable, hold_id, now)
    ends = hold_until(now, hold.created_at, timetable.business.settings.hold_minutes)
    if hold.releases_at is not None and ends <= hold.releases_at:
        raise HoldAtLimit(expires_at=hold.releases_at.isoformat())
    extended = update(hold, {"releases_at": ends})
    note_change(extended, actor=actor, action="extend", now=now, details={"to": ends.isoformat()})
    return extended


@command
def release_hold(*, actor: Actor, timetable: Timetable, hold_id: UUID, now: datetime) -> None:
    """Give a held time back at once. The actor must hold it. Releasing twice is no mistake.

    Refusals: :class:`Missing`.
    """
    try:
        hold = _own_hold(actor, timetable, hold_id, now)
    except HoldEnded:
        return
    update(hold, {"state": next_state(hold.state, "release"), "releases_at": None})
    release_time(hold)
    note_change(hold, actor=actor, action="release", now=now, details={}, event=HoldLapsed(hold_id))


@command
def book(
    *,
    actor: Actor,
    timetable: Timetable,
    wish: Wish,
    details: Details,
    now: datetime,
    override_reason: str = "",
) -> BookingFacts:
    """Book a time at once (SPEC D1). Staff may book for others, without an email address, and override a rule with a
    reason that is kept (SPEC D7); nobody overrides that a time is taken.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`, :class:`TimeTaken`, :class:`LimitReached`,
    :class:`CustomerBlocked`, :class:`OnlineBookingOff`, :class:`EmailNotVerified`, :class:`SlotFull`, :class:`SlotClosed`.
    """
    return place_booking(
        actor=actor,
        timetable=timetable,
        wish=wish,
        details=details,
        now=now,
        override_reason=override_reason,
    )


def place_booking(
    *,
    actor: Actor,
    timetable: Timetable,
    wish: Wish,
    details: Details,
    now: datetime,
    override_reason: str = "",
    series_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> BookingFacts:
    """The work of :func:`book`, inside a command; ``series_id`` binds the first booking of a series to the others.

    ``customer_id`` is of somebody the desk has before it, whatever their contact is; only staff says so.
    """
    business = timetable.business
    authorise(actor, Action.BOOK, business.id)
    reason = cleaned_override(actor, business.id, override_reason)
    details = clean_details(
        details, actor=actor, timetable=timetable, service_id=wish.service_id, may_leave_out=bool(reason)
    )
    service = bookable_service(timetable=timetable, service_id=wish.service_id, actor=actor)
    by_code = must_prove_email(
        actor=actor, service=service, email=details.contact.email, code=details.email_code
    )
    visitor = None if customer_id else visitor_of(timetable=timetable, contact=details.contact)
    terms = Terms(actor, now, bool(reason), visitor)
    place = find_place(timetable=timetable, service=service, wish=wish, terms=terms)
    timetable = place.fresh or timetable
    customer_id, people = customer_with_room(
        actor=actor,
        timetable=timetable,
        contact=details.contact,
        on=place.local_on,
        service_id=service.id,
        slot_id=place.slot_id,
        now=now,
        met=(customer_id, False) if customer_id else place.customer,
    )
    booking = new_booking(
        timetable, place, wish, actor, now, state="confirmed", details=details, customer_id=customer_id
    )
    people += _agreed(actor, timetable, details, customer_id, booking.id, now, by_code=by_code)
    booking = with_promotion(booking, timetable=timetable, code=details.promo_code, now=now)
    if series_id is not None:
        booking = replace(booking, series_id=series_id)
    facts = override_facts(place, reason, booking.id)
    return _stood(booking, place, actor=actor, timetable=timetable, facts=facts, people=people)


def _stood(
    booking: BookingFacts,
    place: Place,
    *,
    actor: Actor,
    timetable: Timetable,
    facts: dict[str, Any],
    people: Rows,
) -> BookingFacts:
    """Write a new booking: confirmed, or keeping its time until what is asked for it is paid."""
    now = booking.created_at
    demand = demand_for(booking, actor=actor, timetable=timetable, now=now)
    booking = standing_on(booking, demand, timetable=timetable, now=now)
    event = PaymentAwaited(booking.id) if demand.is_awaited else BookingConfirmed(booking.id)
    insert_booking(booking, place, actor, "book", facts, people=people, event=event)
    if demand.is_awaited:
        ask_for_payment(booking, timetable=timetable, now=now)
    return booking


@command
def confirm_hold(
    *, actor: Actor, timetable: Timetable, hold_id: UUID, details: Details, now: datetime
) -> BookingFacts:
    """Turn a hold into a booking; it keeps its time, service and terms. The actor must hold it.

    Refusals: :class:`Missing`, :class:`Invalid`, :class:`HoldEnded`, :class:`LimitReached`, :class:`CustomerBlocked`,
    :class:`EmailNotVerified`.
    """
    hold = _own_hold(actor, timetable, hold_id, now)
    details = clean_details(details, actor=actor, timetable=timetable, service_id=hold.service_id)
    service = timetable.service(hold.service_id)
    by_code = must_prove_email(
        actor=actor, service=service, email=details.contact.email, code=details.email_code
    )
    customer_id, people = customer_with_room(
        actor=actor,
        timetable=timetable,
        contact=details.contact,
        on=hold.local_on,
        service_id=hold.service_id,
        slot_id=hold.slot_id,
        now=now,
    )
    people += _agreed(actor, timetable, details, customer_id, hold_id, now, by_code=by_code)
    return confirmed(
        hold, actor=actor, timetable=timetable, details=details, who=(customer_id, people), now=now
    )


def confirmed(
    hold: BookingFacts,
    *,
    actor: Actor,
    timetable: Timetable,
    details: Details,
    who: tuple[UUID, Rows],
    now: datetime,
    account_id: UUID | None = None,
) -> BookingFacts:
    """Write a locked hold as a booking of ``who``, a customer and the rows to insert beside it; one that is to be paid
    first goes on keeping its time until then.

    Refusals: :class:`HoldEnded`, :class:`Invalid` on ``promo_code``.
    """
    customer_id, people = who
    sql.insert_all(people, ignoring={NAME_TOKENS})
    known = replace(hold, customer_id=customer_id)
    priced = with_promotion(known, timetable=timetable, code=details.promo_code, now=now)
    demand = demand_for(priced, actor=actor, timetable=timetable, now=now)
    asked = standing_on(priced, demand, timetable=timetable, now=now)
    own = actor.account_id if actor.role is Role.CUSTOMER else None
    # Guarded by state and clock as well as by the lock: what the clock has ended stays ended.
    booking = update(
        hold,
        {
            "state": next_state(hold.state, "await_payment" if demand.is_awaited else "confirm"),
            "releases_at": asked.releases_at if demand.is_awaited else None,
            "customer_id": customer_id,
            "account_id": own or account_id,
            "contact": sealed_contact(details.contact, hold.id),
            "notes": sealed_notes(details.notes, hold.id),
            **_only_if_given(details, asked, was=hold),
        },
        held_at=now,
    )
    told = PaymentAwaited(hold.id) if demand.is_awaited else BookingConfirmed(hold.id)
    note_change(booking, actor=actor, action="book", now=now, details={"from": "held"}, event=told)
    if demand.is_awaited:
        ask_for_payment(booking, timetable=timetable, now=now)
    return booking


def _only_if_given(details: Details, priced: BookingFacts, *, was: BookingFacts) -> dict[str, Any]:
    """The columns of answers, of a promotion and of what is demanded, which most bookings do without."""
    columns: dict[str, Any] = {}
    if details.answers:
        columns["answers"] = sealed_answers(details.answers, priced.id)
    if priced.promo_code:
        columns |= {name: getattr(priced, name) for name in ("promo_code", "price_minor", "deposit_minor")}
    if priced.policy != was.policy:
        columns |= {"policy": json.dumps(priced.policy.write()), "deposit_minor": priced.deposit_minor}
    return columns


def _own_hold(actor: Actor, timetable: Timetable, hold_id: UUID, now: datetime) -> BookingFacts:
    """The hold, locked, if it is the actor's and alive."""
    if actor.booking_id != hold_id:
        raise Missing(what="hold")
    hold = locked(business_id=timetable.business.id, booking_id=hold_id)
    if hold.state_at(now) != "held":
        raise HoldEnded(state=hold.state_at(now))
    return hold


def _agreed(
    actor: Actor,
    timetable: Timetable,
    details: Details,
    customer_id: UUID,
    booking_id: UUID,
    now: datetime,
    *,
    by_code: bool,
) -> Rows:
    """The consents to insert beside the booking, its code spent: after the place is found, whose locks come first."""
    if by_code:
        email, code = details.contact.email, details.email_code
        spend_code(business_id=timetable.business.id, email=email, code=code, now=now)
    return agreed_with(
        actor=actor,
        timetable=timetable,
        customer_id=customer_id,
        booking_id=booking_id,
        news=details.news,
        now=now,
    )

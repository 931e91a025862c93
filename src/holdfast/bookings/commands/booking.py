"""Holding a time and booking it, from the page, the API and the desk (SPEC D1, D6–D8, E1, E2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from holdfast.bookings.commands.people import NAME_TOKENS, agreed_with, known_customer, must_prove_email
from holdfast.bookings.commands.placing import (
    Place,
    Terms,
    Wish,
    bookable_service,
    claim_rows,
    find_place,
    refused_by_guard,
)
from holdfast.bookings.commands.pricing import agreed_price
from holdfast.bookings.commands.writing import (
    CHANGES,
    change_row,
    locked,
    note_change,
    release_time,
    seal_reason,
    sealed_answers,
    sealed_contact,
    sealed_notes,
    update,
)
from holdfast.bookings.errors import HoldAtLimit, HoldEnded
from holdfast.bookings.events import BookingConfirmed
from holdfast.bookings.queries import TABLE, Answer, BookingFacts, reference_key
from holdfast.bookings.rules import Policy, hold_until, next_state
from holdfast.businesses.rules import Action, authorise
from holdfast.core import outbox, sql
from holdfast.core.ids import uuid7
from holdfast.core.transactions import command
from holdfast.customers.commands import spend_code
from holdfast.customers.rules import Contact, clean_contact
from holdfast.lib import text
from holdfast.lib.actors import Actor, Role
from holdfast.lib.references import new_reference
from holdfast.lib.refusals import Missing
from holdfast.schedule.queries import Timetable

NOTES_LIMIT = 1000
_NOBODY = Contact(name="")


@dataclass(frozen=True, slots=True)
class Details:
    """Who books and what they want to say; ``given`` are answers by question id, ``answers`` the same once checked.

    ``email_code`` proves the address where the service asks for that; ``news`` is a yes to news and offers.
    """

    contact: Contact
    notes: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    promo_code: str = ""
    email_code: str = ""
    news: bool = False


@command
def hold_time(*, actor: Actor, timetable: Timetable, wish: Wish, now: datetime) -> BookingFacts:
    """Hold a time while its details are filled in: it counts against everybody else until ``releases_at`` (SPEC E1).

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`, :class:`TimeTaken`, :class:`OnlineBookingOff`.
    """
    business = timetable.business
    authorise(actor, Action.BOOK, business.id)
    service = bookable_service(timetable=timetable, service_id=wish.service_id, actor=actor)
    place = find_place(timetable=timetable, service=service, wish=wish, terms=Terms(actor, now))
    booking = _new_booking(
        timetable,
        place,
        wish,
        actor,
        now,
        state="held",
        releases_at=hold_until(now, now, business.settings.hold_minutes),
    )
    _insert(booking, place, actor, "hold", {})
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
    note_change(hold, actor=actor, action="release", now=now, details={})


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
    :class:`CustomerBlocked`, :class:`OnlineBookingOff`, :class:`EmailNotVerified`.
    """
    business = timetable.business
    authorise(actor, Action.BOOK, business.id)
    details = _clean(details, actor)
    reason = cleaned_override(actor, business.id, override_reason)
    service = bookable_service(timetable=timetable, service_id=wish.service_id, actor=actor)
    by_code = must_prove_email(
        actor=actor,
        service=service,
        email=details.contact.email,
        code=details.email_code,
    )
    place = find_place(timetable=timetable, service=service, wish=wish, terms=Terms(actor, now, bool(reason)))
    customer_id, people = known_customer(
        actor=actor, timetable=timetable, contact=details.contact, on=place.local_on, now=now
    )
    booking = _new_booking(
        timetable, place, wish, actor, now, state="confirmed", details=details, customer_id=customer_id
    )
    people += agreed_with(
        actor=actor,
        timetable=timetable,
        customer_id=customer_id,
        booking_id=booking.id,
        news=details.news,
        now=now,
    )
    if by_code:
        _spend_code(timetable, details, now)
    facts = override_facts(place, reason, booking.id)
    _insert(booking, place, actor, "book", facts, people=people, event=BookingConfirmed(booking.id))
    return booking


@command
def confirm_hold(
    *, actor: Actor, timetable: Timetable, hold_id: UUID, details: Details, now: datetime
) -> BookingFacts:
    """Turn a hold into a booking; it keeps its time, service and terms. The actor must hold it.

    Refusals: :class:`Missing`, :class:`Invalid`, :class:`HoldEnded`, :class:`LimitReached`, :class:`CustomerBlocked`,
    :class:`EmailNotVerified`.
    """
    details = _clean(details, actor)
    hold = _own_hold(actor, timetable, hold_id, now)
    by_code = must_prove_email(
        actor=actor,
        service=timetable.service(hold.service_id),
        email=details.contact.email,
        code=details.email_code,
    )
    customer_id, people = known_customer(
        actor=actor, timetable=timetable, contact=details.contact, on=hold.local_on, now=now
    )
    people += agreed_with(
        actor=actor,
        timetable=timetable,
        customer_id=customer_id,
        booking_id=hold_id,
        news=details.news,
        now=now,
    )
    if by_code:
        _spend_code(timetable, details, now)
    sql.insert_all(people, ignoring={NAME_TOKENS})
    # Guarded by state and clock as well as by the lock: what the clock has ended stays ended.
    booking = update(
        hold,
        {
            "state": next_state(hold.state, "confirm"),
            "releases_at": None,
            "customer_id": customer_id,
            "account_id": actor.account_id if actor.role is Role.CUSTOMER else None,
            "contact": sealed_contact(details.contact, hold_id),
            "notes": sealed_notes(details.notes, hold_id),
        },
        held_at=now,
    )
    note_change(
        booking,
        actor=actor,
        action="book",
        now=now,
        details={"from": "held"},
        event=BookingConfirmed(hold_id),
    )
    return booking


def _own_hold(actor: Actor, timetable: Timetable, hold_id: UUID, now: datetime) -> BookingFacts:
    """The hold, locked, if it is the actor's and alive."""
    if actor.booking_id != hold_id:
        raise Missing(what="hold")
    hold = locked(business_id=timetable.business.id, booking_id=hold_id)
    if hold.state_at(now) != "held":
        raise HoldEnded(state=hold.state_at(now))
    return hold


def _clean(details: Details, actor: Actor) -> Details:
    contact = clean_contact(details.contact, email_required=not actor.is_staff)
    mistakes: text.Mistakes = {}
    notes = text.paragraphs(details.notes, field="notes", mistakes=mistakes, limit=NOTES_LIMIT)
    text.refuse(mistakes)
    return replace(details, contact=contact, notes=notes)


def _spend_code(timetable: Timetable, details: Details, now: datetime) -> None:
    """After the place is found: its locks come first everywhere."""
    spend_code(
        business_id=timetable.business.id, email=details.contact.email, code=details.email_code, now=now
    )


def override_facts(place: Place, reason: str, booking_id: UUID) -> dict[str, Any]:
    """What the history keeps of an override: the rules, and the reason sealed, for it may speak of people."""
    if not place.overridden:
        return {}
    return {"overridden": list(place.overridden), "reason": seal_reason(reason, booking_id)}


def cleaned_override(actor: Actor, business_id: UUID, reason: str) -> str:
    if not reason:
        return ""
    authorise(actor, Action.OVERRIDE_RULES, business_id)
    mistakes: text.Mistakes = {}
    cleaned = text.line(reason, field="override_reason", mistakes=mistakes, limit=200)
    text.refuse(mistakes)
    return cleaned


def _new_booking(
    timetable: Timetable,
    place: Place,
    wish: Wish,
    actor: Actor,
    now: datetime,
    *,
    state: str,
    details: Details | None = None,
    customer_id: UUID | None = None,
    releases_at: datetime | None = None,
) -> BookingFacts:
    business, service = timetable.business, place.service
    return BookingFacts(
        id=uuid7(),
        business_id=business.id,
        reference=new_reference(reference_key()),
        state=state,
        service_id=service.id,
        resource_id=place.resource_id,
        customer_id=customer_id,
        account_id=actor.account_id if actor.role is Role.CUSTOMER else None,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        timezone=business.timezone,
        local_start=place.starts_at.astimezone(timetable.tz).strftime("%Y-%m-%dT%H:%M"),
        local_on=place.local_on,
        party_size=wish.party_size,
        contact=details.contact if details else _NOBODY,
        notes=details.notes if details else "",
        price_minor=agreed_price(timetable=timetable, place=place, party_size=wish.party_size),
        deposit_minor=service.deposit_minor,
        currency=business.currency,
        policy=Policy.of(business.settings),
        any_resource=place.any_resource,
        releases_at=releases_at,
        undo_until=None,
        undo_state="",
        sequence=0,
        via=actor.via,
        created_at=now,
        also=place.resource_ids[1:],
        slot_id=place.slot_id,
        answers=details.answers if details else (),
        promo_code=details.promo_code if details else "",
    )


def _insert(
    booking: BookingFacts,
    place: Place,
    actor: Actor,
    action: str,
    facts: dict[str, Any],
    *,
    people: list[tuple[str, list[dict[str, Any]]]] | None = None,
    event: Any = None,
) -> None:
    """The booking, its claims, its history and its event in one statement where the engine can."""
    business_id = booking.business_id
    change = change_row(
        business_id=business_id,
        booking_id=booking.id,
        actor=actor,
        action=action,
        now=booking.created_at,
        details=facts,
    )
    events = [outbox.row_for(event, business_id=business_id, subject_id=booking.id)] if event else []
    claims = claim_rows(business_id=business_id, booking_id=booking.id, place=place)
    try:
        sql.insert_all(
            [
                *(people or []),
                (TABLE, [_row(booking)]),
                ("bookings_claim", claims),
                (CHANGES, [change]),
                (outbox.TABLE, events),
            ],
            ignoring={NAME_TOKENS},
        )
    except IntegrityError as error:
        raise refused_by_guard(error) from error
    if events:
        outbox.wake()


def _row(booking: BookingFacts) -> dict[str, Any]:
    named = booking.contact.name
    return {
        "id": booking.id,
        "business_id": booking.business_id,
        "reference": booking.reference,
        "state": booking.state,
        "service_id": booking.service_id,
        "resource_id": booking.resource_id,
        "customer_id": booking.customer_id,
        "account_id": booking.account_id,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "timezone": booking.timezone,
        "local_start": booking.local_start,
        "local_on": booking.local_on,
        "party_size": booking.party_size,
        "contact": sealed_contact(booking.contact, booking.id) if named else None,
        "notes": sealed_notes(booking.notes, booking.id),
        "price_minor": booking.price_minor,
        "deposit_minor": booking.deposit_minor,
        "currency": booking.currency,
        "policy": booking.policy.write(),
        "any_resource": booking.any_resource,
        "releases_at": booking.releases_at,
        "undo_until": None,
        "undo_state": "",
        "sequence": booking.sequence,
        "via": booking.via,
        "created_at": booking.created_at,
        # What most bookings do without is left to the database (see ``insert_all``).
        "also": json.dumps([str(id) for id in booking.also]) if booking.also else None,
        "slot_id": booking.slot_id,
        "series_id": booking.series_id,
        "group_id": booking.group_id,
        "answers": sealed_answers(booking.answers, booking.id),
        "promo_code": booking.promo_code or None,
    }

"""What a booking is made of: its details checked, its row put together, everything about it written at once.

Shared by booking one time, a series and a group; not a command by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from holdfast.bookings.commands.people import NAME_TOKENS
from holdfast.bookings.commands.placing import Place, Wish, claim_rows, refused_by_guard
from holdfast.bookings.commands.pricing import agreed_price, redeemed
from holdfast.bookings.commands.writing import (
    CHANGES,
    change_row,
    seal_reason,
    sealed_answers,
    sealed_contact,
    sealed_notes,
)
from holdfast.bookings.queries import TABLE, Answer, BookingFacts, reference_key
from holdfast.bookings.rules import Policy
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.rules import check_answers, deposit_of
from holdfast.core import outbox, sql
from holdfast.core.ids import uuid7
from holdfast.customers.rules import Contact, clean_contact
from holdfast.lib import text
from holdfast.lib.actors import Actor, Role
from holdfast.lib.references import new_reference
from holdfast.lib.refusals import Invalid
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


def clean_details(
    details: Details, *, actor: Actor, timetable: Timetable, service_id: UUID, may_leave_out: bool = False
) -> Details:
    """The details as they are kept, the service's questions answered. ``may_leave_out`` spares the required ones.

    Refusals: :class:`Invalid` with every mistake, answers as ``answers.<id of the question>``.
    """
    mistakes: text.Mistakes = {}
    contact = details.contact
    try:
        contact = clean_contact(contact, email_required=not actor.is_staff)
    except Invalid as refusal:
        mistakes |= refusal.fields
    notes = text.paragraphs(details.notes, field="notes", mistakes=mistakes, limit=NOTES_LIMIT)
    questions = timetable.questions.get(service_id, ())
    answers = details.answers
    if questions or details.given:
        answers, wrong = check_answers(questions, details.given, may_leave_out=may_leave_out)
        mistakes |= wrong
    text.refuse(mistakes)
    return replace(details, contact=contact, notes=notes, answers=answers)


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


def new_booking(
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
    """A booking as it is about to be written, at the price the rules make."""
    business, service = timetable.business, place.service
    price_minor = agreed_price(timetable=timetable, place=place, party_size=wish.party_size)
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
        price_minor=price_minor,
        deposit_minor=deposit_of(
            service.deposit, price_minor=price_minor, party_size=wish.party_size, on=place.local_on
        ),
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
    )


def with_promotion(booking: BookingFacts, *, timetable: Timetable, code: str, now: datetime) -> BookingFacts:
    """The booking at the price a promotion code makes, the use of it counted; the same booking where none is given.

    Call it inside the transaction, after every other lock. Refusals: :class:`Invalid` on ``promo_code``.
    """
    if not code.strip() or booking.customer_id is None:
        return booking
    kept, price_minor = redeemed(
        timetable=timetable,
        service_id=booking.service_id,
        customer_id=booking.customer_id,
        price_minor=booking.price_minor,
        code=code,
        now=now,
    )
    deposit_minor = min(booking.deposit_minor, price_minor) if booking.price_minor else booking.deposit_minor
    return replace(booking, promo_code=kept, price_minor=price_minor, deposit_minor=deposit_minor)


def insert_booking(
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

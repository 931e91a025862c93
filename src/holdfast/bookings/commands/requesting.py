"""Asking for a date, taking the question back, and reminding of questions that nobody answers (S1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.commands.asked import asked, leave_option
from holdfast.bookings.commands.making import Details, clean_details, insert_booking, new_booking
from holdfast.bookings.commands.people import agreed_with, known_customer, must_prove_email
from holdfast.bookings.commands.placing import Terms, Wish, bookable_service
from holdfast.bookings.commands.placing.requests import free_place
from holdfast.bookings.commands.placing.wishes import ON_REQUEST, Place
from holdfast.bookings.commands.writing import note_change, update
from holdfast.bookings.events import RequestMade, RequestUnanswered, RequestWithdrawn
from holdfast.bookings.models import Request, RiderLine
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.bookings.rules import next_state
from holdfast.bookings.rules.requests import (
    Event,
    Span,
    answer_by,
    check_span,
    clean_answers,
    clean_event,
    remind_at,
)
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.queries import ServiceFacts
from holdfast.catalog.queries.riders import rider_for
from holdfast.catalog.rules import deposit_of
from holdfast.core.transactions import command
from holdfast.customers.commands import spend_code
from holdfast.lib import text
from holdfast.lib.actors import WORKER, Actor
from holdfast.lib.refusals import Invalid
from holdfast.schedule.queries import Timetable


@dataclass(frozen=True, slots=True)
class RequestWish:
    """What is asked for: a service on request, when, the event and the fee, of whom (None: whoever is free).

    ``rider`` are answers to the rider's lines by their place: ``{line, answer, comment}``.
    """

    service_id: UUID
    span: Span
    event: Event
    resource_id: UUID | None = None
    rider: Sequence[Mapping[str, Any]] = ()


@command
def request_date(
    *, actor: Actor, timetable: Timetable, wish: RequestWish, details: Details, now: datetime
) -> BookingFacts:
    """Ask for a date (S1). It takes no time from anybody until it is accepted, and expires if nobody answers in time.

    Every field is checked at once. The rider of the service and the artist is copied. Refusals: :class:`Missing`,
    :class:`Forbidden`, :class:`Invalid`, :class:`TimeTaken` for a time that is given already, :class:`LimitReached`,
    :class:`CustomerBlocked`, :class:`OnlineBookingOff`, :class:`EmailNotVerified`.
    """
    business = timetable.business
    authorise(actor, Action.BOOK, business.id)
    service = bookable_service(timetable=timetable, service_id=wish.service_id, actor=actor, modes=ON_REQUEST)
    wish, details, span = _clean(actor, timetable, service, wish, details, now)
    by_code = must_prove_email(
        actor=actor, service=service, email=details.contact.email, code=details.email_code
    )
    place = free_place(
        timetable=timetable,
        service=service,
        resource_id=wish.resource_id,
        span=span,
        on=wish.span.on,
        terms=Terms(actor, now),
    )
    customer_id, people = known_customer(
        actor=actor, timetable=timetable, contact=details.contact, on=place.local_on, now=now
    )
    booking = _requested(timetable, place, wish, actor, details, customer_id, now)
    people += agreed_with(
        actor=actor,
        timetable=timetable,
        customer_id=customer_id,
        booking_id=booking.id,
        news=details.news,
        now=now,
    )
    if by_code:
        spend_code(business_id=business.id, email=details.contact.email, code=details.email_code, now=now)
    untaken = replace(place, resource_ids=())
    insert_booking(booking, untaken, actor, "request", {}, people=people, event=RequestMade(booking.id))
    _write_request(booking, wish, now)
    return booking


def check_request(
    *, actor: Actor, timetable: Timetable, wish: RequestWish, details: Details, now: datetime
) -> Place:
    """What :func:`request_date` would say, without asking: the place it would ask for. Refusals: the same."""
    service = bookable_service(timetable=timetable, service_id=wish.service_id, actor=actor, modes=ON_REQUEST)
    wish, _, span = _clean(actor, timetable, service, wish, details, now)
    return free_place(
        timetable=timetable,
        service=service,
        resource_id=wish.resource_id,
        span=span,
        on=wish.span.on,
        terms=Terms(actor, now),
    )


def _clean(
    actor: Actor,
    timetable: Timetable,
    service: ServiceFacts,
    wish: RequestWish,
    details: Details,
    now: datetime,
) -> tuple[RequestWish, Details, tuple[datetime, datetime] | None]:
    """Everything as it is kept, or every mistake at once."""
    mistakes: text.Mistakes = {}
    today = now.astimezone(timetable.tz).date()
    span = check_span(wish.span, mistakes, service.duration_minutes, now=now, today=today)
    event = clean_event(wish.event, mistakes)
    try:
        details = clean_details(details, actor=actor, timetable=timetable, service_id=service.id)
    except Invalid as refusal:
        mistakes |= refusal.fields
    text.refuse(mistakes)
    return replace(wish, event=event), details, span


def _requested(
    timetable: Timetable,
    place: Place,
    wish: RequestWish,
    actor: Actor,
    details: Details,
    customer_id: UUID,
    now: datetime,
) -> BookingFacts:
    booking = new_booking(
        timetable,
        place,
        Wish(place.service.id, place.starts_at),
        actor,
        now,
        state="requested",
        details=details,
        customer_id=customer_id,
        releases_at=answer_by(now, place.service.answer_within_hours, place.starts_at),
    )
    fee_minor = wish.event.fee_minor or 0
    deposit_minor = deposit_of(place.service.deposit, price_minor=fee_minor, party_size=1, on=place.local_on)
    return replace(booking, price_minor=fee_minor, deposit_minor=deposit_minor if fee_minor else 0)


def _write_request(booking: BookingFacts, wish: RequestWish, now: datetime) -> None:
    assert booking.releases_at is not None
    event = wish.event
    request = Request.objects.create(
        business_id=booking.business_id,
        booking_id=booking.id,
        venue_name=event.venue_name,
        venue_address=event.venue_address,
        details=event.details,
        fee_minor=event.fee_minor or 0,
        whole_day=wish.span.on is not None,
        remind_at=remind_at(now, booking.releases_at),
    )
    lines = rider_for(
        business_id=booking.business_id, service_id=booking.service_id, resource_id=booking.resource_id
    )
    mistakes: text.Mistakes = {}
    answers = clean_answers(wish.rider, range(len(lines)), mistakes)
    text.refuse(mistakes)
    RiderLine.objects.bulk_create(
        RiderLine(
            business_id=booking.business_id,
            request=request,
            position=position,
            section=line.section,
            text=line.text,
            answer=answers.get(position, ("", ""))[0],
            comment=answers.get(position, ("", ""))[1],
        )
        for position, line in enumerate(lines)
    )


@command
def withdraw_request(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    sequence: int | None = None,
) -> BookingFacts:
    """Take a request back while it is one: no notice has to be kept, nothing is to be undone.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep`, :class:`ChangedMeanwhile`.
    """
    business_id = timetable.business.id
    if actor.booking_id != booking_id:
        authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    found = asked(business_id=business_id, booking_id=booking_id, step="cancel", now=now, sequence=sequence)
    off = update(found.booking, {"state": next_state("requested", "cancel"), "releases_at": None})
    leave_option(found, actor=actor, now=now)
    note_change(
        off,
        actor=actor,
        action="withdraw",
        now=now,
        details={},
        event=RequestWithdrawn(booking_id, off.sequence, by_staff=actor.is_staff),
    )
    return off


@command
def remind_of_requests(*, now: datetime, limit: int = 200) -> int:
    """Remind of requests that wait for an answer since their half time or within a day of their end; how many."""
    due = Request.objects.select_for_update(of=("self",)).filter(remind_at__lte=now).order_by("remind_at")
    found = list(due[:limit])
    for request in found:
        request.remind_at = None
        booking = booking_by_id(business_id=request.business_id, booking_id=request.booking_id)
        if booking.state_at(now) == "requested":
            request.reminded_at = now
            note_change(
                booking,
                actor=WORKER,
                action="remind",
                now=now,
                details={},
                event=RequestUnanswered(booking.id),
            )
        request.save(update_fields=["remind_at", "reminded_at"])
    return len(found)

"""Answers to a request: accepted, declined or countered by the business, and the customer's answer to that (S1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from holdfast.bookings.commands.asked import Asked, asked, confirm, leave_option
from holdfast.bookings.commands.placing import Terms
from holdfast.bookings.commands.placing.requests import free_place
from holdfast.bookings.commands.writing import note_change, update
from holdfast.bookings.errors import NothingToAnswer
from holdfast.bookings.events import RequestCountered, RequestDeclined
from holdfast.bookings.models import Request
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import next_state
from holdfast.bookings.rules.requests import (
    MESSAGE_LIMIT,
    Span,
    answer_by,
    check_span,
    clean_fee,
)
from holdfast.businesses.rules import Action, authorise
from holdfast.core.transactions import command
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing
from holdfast.schedule.queries import Timetable


@command
def accept_request(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    sequence: int | None = None,
) -> BookingFacts:
    """Accept what is asked for, at the fee offered: the time is taken now, and nobody else can have it.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep`, :class:`TimeTaken`, :class:`OptionHeld`,
    :class:`ChangedMeanwhile`.
    """
    authorise(actor, Action.CHANGE_BOOKINGS, timetable.business.id)
    found = asked(
        business_id=timetable.business.id,
        booking_id=booking_id,
        step="confirm",
        now=now,
        sequence=sequence,
    )
    if found.request.counter == "open":
        found.request.counter = "declined"  # the business takes the customer's own terms after all
    return confirm(
        found,
        actor=actor,
        timetable=timetable,
        starts_at=found.booking.starts_at,
        ends_at=found.booking.ends_at,
        fee_minor=found.request.fee_minor,
        now=now,
        details={"fee_minor": found.request.fee_minor},
    )


@command
def decline_request(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    reason: str = "",
    sequence: int | None = None,
) -> BookingFacts:
    """Decline, with a reason the customer reads (up to 1000 characters, or none).

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``reason``, :class:`IllegalStep`,
    :class:`ChangedMeanwhile`.
    """
    authorise(actor, Action.CHANGE_BOOKINGS, timetable.business.id)
    return _decline(actor, timetable, booking_id, now, reason, sequence, answers=False)


@command
def counter_request(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    fee_minor: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    message: str = "",
    sequence: int | None = None,
) -> BookingFacts:
    """Offer another fee, another time or both, with a message; what is left out stays as requested.

    The customer has as long to answer as the business had. A new counter-offer takes the place of the one before.
    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`, :class:`IllegalStep`, :class:`TimeTaken`,
    :class:`ChangedMeanwhile`.
    """
    authorise(actor, Action.CHANGE_BOOKINGS, timetable.business.id)
    found = asked(
        business_id=timetable.business.id,
        booking_id=booking_id,
        step="counter",
        now=now,
        sequence=sequence,
    )
    booking, request = found.booking, found.request
    service = timetable.service(booking.service_id)
    span, message = _countered(booking, fee_minor, starts_at, ends_at, message, now)
    if span is not None:
        artist, terms = booking.resource_id, Terms(actor, now)
        free_place(timetable=timetable, service=service, resource_id=artist, span=span, on=None, terms=terms)
    _put_offer(request, fee_minor, span, message, now)
    first = min(booking.starts_at, span[0]) if span else booking.starts_at
    until = answer_by(now, service.answer_within_hours, first)
    countered = update(booking, {"releases_at": booking.releases_at if request.challenged_at else until})
    details = {"fee_minor": fee_minor, "starts_at": span[0].isoformat() if span else None}
    note_change(
        countered,
        actor=actor,
        action="counter",
        now=now,
        details={name: value for name, value in details.items() if value is not None},
        event=RequestCountered(booking_id, countered.sequence),
    )
    return countered


@command
def accept_offer(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    sequence: int | None = None,
) -> BookingFacts:
    """The customer accepts the counter-offer, or confirms a challenged option: the time is theirs.

    The actor must hold the booking. Refusals: :class:`Missing`, :class:`NothingToAnswer`, :class:`IllegalStep`,
    :class:`TimeTaken`, :class:`OptionHeld`, :class:`ChangedMeanwhile`.
    """
    found = _to_answer(actor, timetable, booking_id, now, sequence, "confirm")
    booking, request = found.booking, found.request
    fee_minor = request.fee_minor
    starts_at, ends_at = booking.starts_at, booking.ends_at
    details: dict[str, object] = {"option": True}
    if request.counter == "open":
        request.counter = "accepted"
        fee_minor = request.fee_minor if request.counter_fee_minor is None else request.counter_fee_minor
        starts_at, ends_at = request.counter_starts_at or starts_at, request.counter_ends_at or ends_at
        details = {"counter": True}
    return confirm(
        found,
        actor=actor,
        timetable=timetable,
        starts_at=starts_at,
        ends_at=ends_at,
        fee_minor=fee_minor,
        now=now,
        details=details | {"fee_minor": fee_minor},
    )


@command
def decline_offer(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    reason: str = "",
    sequence: int | None = None,
) -> BookingFacts:
    """The customer declines the counter-offer, or lets a challenged option go: the request is over.

    The actor must hold the booking. Refusals: :class:`Missing`, :class:`NothingToAnswer`, :class:`Invalid` on
    ``reason``, :class:`IllegalStep`, :class:`ChangedMeanwhile`.
    """
    if actor.booking_id != booking_id:
        raise Missing(what="booking")
    return _decline(actor, timetable, booking_id, now, reason, sequence, answers=True)


def _put_offer(
    request: Request,
    fee_minor: int | None,
    span: tuple[datetime, datetime] | None,
    message: str,
    now: datetime,
) -> None:
    """The offer that stands from now on, in place of any before; the ball is with the customer, so nobody reminds us."""
    request.counter, request.countered_at = "open", now
    request.counter_fee_minor, request.counter_message = fee_minor, message
    request.counter_starts_at, request.counter_ends_at = span or (None, None)
    request.remind_at = None
    request.save()


def _countered(
    booking: BookingFacts,
    fee_minor: int | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    message: str,
    now: datetime,
) -> tuple[tuple[datetime, datetime] | None, str]:
    """The time offered instead, if one is, and the message; refuses what offers nothing."""
    mistakes: text.Mistakes = {}
    clean_fee(fee_minor, "fee_minor", mistakes, required=False)
    cleaned = text.paragraphs(message, field="message", mistakes=mistakes, limit=MESSAGE_LIMIT)
    minutes = (booking.ends_at - booking.starts_at) // timedelta(minutes=1)
    span = None
    if starts_at is not None or ends_at is not None:
        wished = Span(starts_at or booking.starts_at, ends_at)
        span = check_span(wished, mistakes, minutes, now=now, today=booking.local_on)
    elif fee_minor is None:
        mistakes["fee_minor"] = [("nothing_offered", {})]
    text.refuse(mistakes)
    return span, cleaned


def _to_answer(
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    sequence: int | None,
    step: str,
) -> Asked:
    """The request, if it is the actor's and has something for the customer to answer."""
    if actor.booking_id != booking_id:
        raise Missing(what="booking")
    found = asked(
        business_id=timetable.business.id,
        booking_id=booking_id,
        step=step,
        now=now,
        sequence=sequence,
    )
    if found.request.counter != "open" and found.request.challenged_at is None:
        raise NothingToAnswer
    return found


def _decline(
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    reason: str,
    sequence: int | None,
    *,
    answers: bool,
) -> BookingFacts:
    mistakes: text.Mistakes = {}
    reason = text.paragraphs(reason, field="reason", mistakes=mistakes, limit=MESSAGE_LIMIT)
    text.refuse(mistakes)
    business_id = timetable.business.id
    if answers:
        found = _to_answer(actor, timetable, booking_id, now, sequence, "decline")
    else:
        found = asked(
            business_id=business_id, booking_id=booking_id, step="decline", now=now, sequence=sequence
        )
    request = found.request
    off = update(found.booking, {"state": next_state("requested", "decline"), "releases_at": None})
    leave_option(found, actor=actor, now=now)
    request.decline_reason = reason or None
    request.challenged_at = request.challenger_id = None
    request.counter = "declined" if request.counter == "open" else request.counter
    request.remind_at = None
    request.save()
    note_change(
        off,
        actor=actor,
        action="decline",
        now=now,
        details={},
        event=RequestDeclined(booking_id, off.sequence, by_staff=not answers),
    )
    return off

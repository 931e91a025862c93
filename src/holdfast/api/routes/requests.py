"""Requests for an artist's date: asking, answering, the rider, the options (S1)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.alternatives import offering_alternatives
from holdfast.api.answers import booking_etag, create_once, wanted_sequence, write, write_answer
from holdfast.api.auth import BookingDoor, Caller, Door
from holdfast.api.counting import count_done
from holdfast.api.operations import operation
from holdfast.api.routes import booking_of, caller_of
from holdfast.api.schemas.bookings import BookingNew, BookingOut, Nothing
from holdfast.api.schemas.requests import ChallengeIn, CheckIn, CounterIn, DeclineIn, RiderAnswersIn
from holdfast.api.showing import shown_booking
from holdfast.api.values import known_id
from holdfast.bookings import commands
from holdfast.bookings.commands.placing.requests import requestable_hours, span_of_date
from holdfast.bookings.queries import BookingFacts, booking_by_reference
from holdfast.bookings.rules.requests import Event, Span
from holdfast.businesses.rules import Action
from holdfast.insights.rules import Step
from holdfast.lib.refusals import Invalid, Missing

router = Router(tags=["Requests"])
HOLDER, DESK = BookingDoor(Action.CHANGE_BOOKINGS), Door(Action.CHANGE_BOOKINGS)
STEP = ("illegal_step", "changed_meanwhile")
# What a request does not know, or what only a booking at once can have.
_NOT_FOR_REQUESTS = ("slot", "promo_code", "override_reason", "party_size")


def is_request(caller: Caller, body: BookingNew) -> bool:
    """Whether a body asks for a date. Refusals: :class:`Invalid` for what only a request may have, or must have."""
    try:
        service = caller.timetable.services.get(known_id(body.service or "", "service"))
    except Missing:
        service = None
    if service is not None and service.mode == "request":
        if body.request is None:
            raise Invalid.field("request", "required")
        return True
    wrong = [name for name in ("request", "date", "ends_at") if getattr(body, name) is not None]
    if wrong and service is not None:
        raise Invalid({name: [("not_allowed", {})] for name in wrong})
    return False


def ask_for_date(
    request: HttpRequest, caller: Caller, body: BookingNew, details: commands.Details
) -> HttpResponse:
    """201 with the request, which waits for an answer; an Idempotency-Key makes it one however often it is sent."""
    wrong = [name for name in _NOT_FOR_REQUESTS if getattr(body, name) is not None]
    if wrong or body.request is None or body.service is None:
        raise Invalid({name: [("not_allowed", {})] for name in wrong})
    wish = commands.RequestWish(
        service_id=known_id(body.service, "service"),
        span=Span(body.starts_at, body.ends_at, body.date),
        event=Event(**body.request.model_dump()),
        resource_id=known_id(body.resource, "resource") if body.resource is not None else None,
    )

    def create() -> str:
        booking = commands.request_date(
            actor=caller.actor, timetable=caller.timetable, wish=wish, details=details, now=caller.now
        )
        count_done(caller, booking.service_id, Step.BOOKED)
        return write(shown_booking(caller, booking))

    with offering_alternatives(caller, _tried(caller, wish)):
        return create_once(request, caller, create)


@operation(
    router,
    "POST",
    "/bookings/{reference}/accept",
    door=HOLDER,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(*STEP, "time_taken", "option_held", "nothing_to_answer"),
)
def accept_request(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,  # noqa: ARG001
    body: Nothing | None = None,  # noqa: ARG001
) -> HttpResponse:
    """Accept: staff a request, its customer a counter-offer or the challenge of their option.

    The time is taken from then on.
    """
    caller = caller_of(request)
    booking = booking_of(caller)
    accept = commands.accept_request if caller.actor.is_staff else commands.accept_offer
    wish = commands.Wish(booking.service_id, booking.starts_at, booking.resource_id)
    with offering_alternatives(caller, wish):
        accepted = accept(
            actor=caller.actor,
            timetable=caller.timetable,
            booking_id=booking.id,
            now=caller.now,
            sequence=wanted_sequence(request, booking),
        )
    return changed(caller, accepted)


@operation(
    router,
    "POST",
    "/bookings/{reference}/decline",
    door=HOLDER,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(*STEP, "nothing_to_answer"),
)
def decline_request(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,  # noqa: ARG001
    body: DeclineIn | None = None,
) -> HttpResponse:
    """Decline: staff a request, its customer a counter-offer or the challenge of their option."""
    caller = caller_of(request)
    booking = booking_of(caller)
    decline = commands.decline_request if caller.actor.is_staff else commands.decline_offer
    declined = decline(
        actor=caller.actor,
        timetable=caller.timetable,
        booking_id=booking.id,
        now=caller.now,
        reason=body.reason if body else "",
        sequence=wanted_sequence(request, booking),
    )
    return changed(caller, declined)


@operation(
    router,
    "POST",
    "/bookings/{reference}/counter",
    door=DESK,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(*STEP, "time_taken"),
)
def counter_request(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,
    body: CounterIn,
) -> HttpResponse:
    """Offer another fee or time. The customer accepts or declines it by their personal link."""
    caller = caller_of(request)
    booking = _named(caller, reference)
    wish = commands.Wish(booking.service_id, body.starts_at or booking.starts_at, booking.resource_id)
    with offering_alternatives(caller, wish):
        countered = commands.counter_request(
            actor=caller.actor,
            timetable=caller.timetable,
            booking_id=booking.id,
            now=caller.now,
            sequence=wanted_sequence(request, booking),
            **body.model_dump(),
        )
    return changed(caller, countered)


@operation(
    router,
    "POST",
    "/bookings/{reference}/option",
    door=DESK,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(*STEP, "time_taken", "no_option_left"),
)
def give_option(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,
    body: Nothing | None = None,  # noqa: ARG001
) -> HttpResponse:
    """Give a request the next option on its date: the first, the second or the third."""
    caller = caller_of(request)
    booking = _named(caller, reference)
    optioned = commands.give_option(
        actor=caller.actor,
        timetable=caller.timetable,
        booking_id=booking.id,
        now=caller.now,
        sequence=wanted_sequence(request, booking),
    )
    return changed(caller, optioned)


@operation(
    router,
    "DELETE",
    "/bookings/{reference}/option",
    door=DESK,
    answers={200: BookingOut},
    matches=True,
    conflicts=(*STEP, "no_option"),
)
def withdraw_option(request: HttpRequest, slug: str, reference: str) -> HttpResponse:  # noqa: ARG001
    """Take an option back; those behind it move up."""
    caller = caller_of(request)
    booking = _named(caller, reference)
    waiting = commands.withdraw_option(
        actor=caller.actor,
        timetable=caller.timetable,
        booking_id=booking.id,
        now=caller.now,
        sequence=wanted_sequence(request, booking),
    )
    return changed(caller, waiting)


@operation(
    router,
    "POST",
    "/bookings/{reference}/challenge",
    door=DESK,
    answers={200: BookingOut},
    body=True,
    matches=True,
    conflicts=(*STEP, "no_option", "option_challenged"),
)
def challenge_option(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,
    body: ChallengeIn | None = None,
) -> HttpResponse:
    """On behalf of a later option, ask the holder of the first to confirm or to lose it. Answers with the one asked."""
    caller = caller_of(request)
    booking = _named(caller, reference)
    challenged = commands.challenge_option(
        actor=caller.actor,
        timetable=caller.timetable,
        booking_id=booking.id,
        now=caller.now,
        hours=body.hours if body else None,
        sequence=wanted_sequence(request, booking),
    )
    return changed(caller, challenged)


@operation(
    router,
    "POST",
    "/bookings/{reference}/rider",
    door=HOLDER,
    answers={200: BookingOut},
    body=True,
    conflicts=("illegal_step",),
)
def answer_rider(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,  # noqa: ARG001
    body: RiderAnswersIn,
) -> HttpResponse:
    """Say which lines of the rider can be provided, and what instead."""
    caller = caller_of(request)
    booking = booking_of(caller)
    lines = []
    for index, line in enumerate(body.lines):
        try:
            lines.append({**line.model_dump(), "line": known_id(line.line, "line")})
        except Missing as refusal:
            raise Invalid.field(f"lines[{index}].line", "unknown") from refusal
    answered = commands.answer_rider(
        actor=caller.actor,
        business_id=caller.business_id,
        booking_id=booking.id,
        lines=lines,
        now=caller.now,
    )
    return changed(caller, answered)


@operation(
    router,
    "POST",
    "/bookings/{reference}/rider/{line_id}/check",
    door=DESK,
    answers={200: BookingOut},
    body=True,
    conflicts=("illegal_step",),
)
def check_rider_line(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    reference: str,
    line_id: str,
    body: CheckIn | None = None,
) -> HttpResponse:
    """Check a line of the rider off, or take that back."""
    caller = caller_of(request)
    booking = _named(caller, reference)
    checked = commands.check_line(
        actor=caller.actor,
        business_id=caller.business_id,
        booking_id=booking.id,
        line_id=known_id(line_id, "line"),
        now=caller.now,
        is_checked=body.checked if body else True,
    )
    return changed(caller, checked)


def changed(caller: Caller, booking: BookingFacts) -> HttpResponse:
    """The booking as it is now, with its ETag."""
    etag = booking_etag(booking, booking.state_at(caller.now))
    return write_answer(write(shown_booking(caller, booking)), etag=etag)


def _named(caller: Caller, reference: str) -> BookingFacts:
    return booking_by_reference(business_id=caller.business_id, reference=reference)


def _tried(caller: Caller, wish: commands.RequestWish) -> commands.Wish:
    """What alternatives are near to: the start that was wished for."""
    starts_at = wish.span.starts_at
    if starts_at is None:
        starts_at = caller.now
        service = caller.timetable.service(wish.service_id)
        artist = wish.resource_id or next(iter(service.resource_ids), None)
        if wish.span.on is not None and artist is not None:
            hours = requestable_hours(timetable=caller.timetable)
            span = span_of_date(timetable=hours, resource_id=artist, on=wish.span.on)
            starts_at = span[0] if span else starts_at
    return commands.Wish(wish.service_id, starts_at, wish.resource_id)

"""Bookings: making, finding, reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from holdfast.api.alternatives import offer_alternatives, offering_alternatives
from holdfast.api.answers import booking_etag, create_once, read_answer, write
from holdfast.api.auth import BookingDoor, Caller, Door, hold_holder
from holdfast.api.counting import count_done
from holdfast.api.guesses import one_code
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit
from holdfast.api.routes import booking_of, caller_of
from holdfast.api.routes.requests import ask_for_date, is_request
from holdfast.api.schemas.bookings import BookingList, BookingNew, BookingOut, CustomerIn, show_booking
from holdfast.api.schemas.verifications import ConsentsIn
from holdfast.api.showing import shown_booking, shown_bookings
from holdfast.api.values import Day, known_id
from holdfast.api.wishes import wish_of
from holdfast.bookings import commands
from holdfast.bookings.commands import Wish
from holdfast.bookings.errors import HoldEnded
from holdfast.bookings.queries import BookingFilter, booking_by_id, list_bookings
from holdfast.businesses.rules import Action
from holdfast.customers.commands import try_code
from holdfast.customers.rules import Contact
from holdfast.insights.rules import Step
from holdfast.lib.refusals import Invalid

router = Router(tags=["Bookings"])

STATES = (
    "held",
    "awaiting_payment",
    "requested",
    "confirmed",
    "checked_in",
    "completed",
    "no_show",
    "cancelled",
    "declined",
    "expired",
)
StatusQuery = Annotated[
    str,
    Query(
        max_length=200,
        description="One or more states, separated by commas.",
        pattern=r"^({0})(,({0}))*$".format("|".join(STATES)),
    ),
]


@operation(
    router,
    "POST",
    "/bookings",
    door=Door(Action.BOOK),
    answers={201: BookingOut},
    body=True,
    creates=True,
    conflicts=(
        "time_taken",
        "pacing_reached",
        "slot_full",
        "slot_closed",
        "hold_ended",
        "limit_reached",
        "customer_blocked",
        "online_booking_off",
    ),
)
def book(request: HttpRequest, slug: str, body: BookingNew) -> HttpResponse:  # noqa: ARG001
    """Book a time, or turn a hold into a booking.

    At once: `service`, `starts_at`, `customer`. From a hold: `hold`, `token`, `customer`; it keeps its time. On
    request: `service`, `request`, `starts_at` and `ends_at` or a `date`, `customer`; it waits for an answer. When the
    time is gone, or its hold has ended, the answer carries `alternatives`.
    """
    caller = caller_of(request)
    details = details_of(caller, body, body.answers)
    if body.hold is not None or body.token is not None:
        return _book_held(request, caller, body, details)
    if is_request(caller, body):
        return ask_for_date(request, caller, body, details)
    wish = wish_of(caller, body)
    reason = caller.overriding(body.override_reason)

    def create() -> str:
        booking = commands.book(
            actor=caller.actor,
            timetable=caller.timetable,
            wish=wish,
            details=details,
            now=caller.now,
            override_reason=reason,
        )
        count_done(caller, booking.service_id, Step.BOOKED)
        return write(show_booking(booking, caller.now))

    with one_code(request, caller, body.promo_code), offering_alternatives(caller, wish):
        return create_once(request, caller, create)


@operation(
    router,
    "GET",
    "/bookings",
    door=Door(Action.SEE_BOOKINGS, customers=True),
    answers={200: BookingList},
)
def list_all_bookings(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    when: Annotated[Literal["upcoming", "past"] | None, Query()] = None,
    status: StatusQuery | None = None,
    from_: Annotated[Day | None, Query(alias="from", description="The first local date.")] = None,
    to: Annotated[Day | None, Query(description="The last local date.")] = None,
    resource: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    q: Annotated[
        str,
        Query(
            max_length=200, description="A reference, an exact email address or phone, or words of a name."
        ),
    ] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Bookings by time, past ones newest first, continued by `next_cursor`."""
    caller = caller_of(request)
    wanted = BookingFilter(
        when=when or "",
        states=tuple(status.split(",")) if status else (),
        from_on=from_,
        to_on=to,
        resource_id=known_id(resource, "resource") if resource is not None else None,
        account_id=None if caller.actor.is_staff else caller.actor.account_id,
        text=q,
    )
    page = list_bookings(
        business_id=caller.business_id, now=caller.now, wanted=wanted, cursor=cursor, limit=limit
    )
    items = shown_bookings(caller, page.items)
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(
    router, "GET", "/bookings/{reference}", door=BookingDoor(Action.SEE_BOOKINGS), answers={200: BookingOut}
)
def get_booking(request: HttpRequest, slug: str, reference: str) -> HttpResponse:  # noqa: ARG001
    """One booking. Its ETag goes into the If-Match of a change."""
    caller = caller_of(request)
    booking = booking_of(caller)
    etag = booking_etag(booking, booking.state_at(caller.now))
    return read_answer(request, write(shown_booking(caller, booking)), etag=etag)


def _book_held(
    request: HttpRequest, caller: Caller, body: BookingNew, details: commands.Details
) -> HttpResponse:
    if not body.hold or not body.token:
        raise Invalid.field("token" if body.hold else "hold", "required")
    if body.override_reason:
        raise Invalid.field("override_reason", "not_allowed")
    actor = hold_holder(request, caller, body.hold, body.token)
    hold_id = known_id(body.hold, "hold")

    def create() -> str:
        # Not before the key is known to be new: a repeat may find the booking moved since.
        _check_agreement(body, caller, hold_id)
        booking = commands.confirm_hold(
            actor=actor, timetable=caller.timetable, hold_id=hold_id, details=details, now=caller.now
        )
        count_done(caller, booking.service_id, Step.BOOKED)
        return write(show_booking(booking, caller.now))

    with one_code(request, caller, body.promo_code):
        try:
            return create_once(request, caller, create)
        except HoldEnded as refusal:
            if refusal.facts.get("state") == "expired":
                offer_alternatives(refusal, caller, _held(caller, hold_id))
            raise


def _held(caller: Caller, hold_id: UUID) -> Wish:
    """What the hold kept, as a wish."""
    hold = booking_by_id(business_id=caller.business_id, booking_id=hold_id)
    return Wish(hold.service_id, hold.starts_at, hold.resource_id, hold.party_size)


def _check_agreement(body: BookingNew, caller: Caller, hold_id: UUID) -> None:
    """What a body says again about a held time must be what is held."""
    if not (body.service or body.starts_at or body.resource or body.slot or body.tables or body.party_size):
        return
    hold = booking_by_id(business_id=caller.business_id, booking_id=hold_id)
    told: dict[str, tuple[Any, Any]] = {
        "service": (body.service, str(hold.service_id)),
        "starts_at": (body.starts_at, hold.starts_at),
        "resource": (body.resource, str(hold.resource_id)),
        "slot": (body.slot, str(hold.slot_id)),
        "tables": (body.tables and sorted(body.tables), sorted(map(str, hold.resource_ids))),
        "party_size": (body.party_size, hold.party_size),
    }
    wrong = [name for name, (said, held) in told.items() if said is not None and said != held]
    if wrong:
        raise Invalid({name: [("differs_from_hold", {})] for name in wrong})


class DetailsBody(Protocol):
    """The fields that bodies of one booking and of several share."""

    @property
    def customer(self) -> CustomerIn: ...
    @property
    def notes(self) -> str | None: ...
    @property
    def promo_code(self) -> str | None: ...
    @property
    def consents(self) -> ConsentsIn | None: ...


def details_of(
    caller: Caller, body: DetailsBody, answers: Mapping[str, Any] | None = None
) -> commands.Details:
    """What the body says of the person. A code is tried here, in a transaction of its own: wrong ones count."""
    contact, code = _contact(body.customer), body.customer.email_code or ""
    if code and contact.email:
        try_code(business_id=caller.business_id, email=contact.email, code=code, now=caller.now)
    return commands.Details(
        contact,
        body.notes or "",
        given=answers or {},
        promo_code=body.promo_code or "",
        email_code=code,
        news=bool(body.consents and body.consents.news),
    )


def _contact(customer: CustomerIn) -> Contact:
    return Contact(customer.name, customer.email or "", customer.phone or "")

"""Holds and bookings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import STRICT, described
from holdfast.api.schemas.catalog import Id
from holdfast.api.schemas.extras import AnswerOut, Answers, PromoCode, show_extras
from holdfast.api.schemas.requests import EventIn, RequestOut, show_request
from holdfast.api.schemas.verifications import ConsentsIn, EmailCode
from holdfast.api.values import Day, Instant, show_instant
from holdfast.bookings.queries import BookingFacts, hold_token, manage_url, pay_url
from holdfast.bookings.queries.requests import RequestFacts, request_url
from holdfast.bookings.rules import MAX_PARTY

State = Literal[
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
]
Party = Annotated[int, Field(ge=1, le=MAX_PARTY)]
Token = Annotated[str, Field(max_length=200)]
OverrideReason = Annotated[
    str, Field(max_length=200, description="Staff only: book against a rule, and say why.")
]


Service = Annotated[Id, Field(description="The id of the service.")]
StartsAt = Annotated[Instant, Field(description="A start from the free times.")]
Resource = Annotated[Id | None, Field(description="The id of a resource; left out: anybody who is free.")]
Slot = Annotated[
    Id | None,
    Field(description="The id of a published slot, instead of a start, for services booked by slot."),
]
Tables = Annotated[
    list[Id] | None,
    Field(
        max_length=8,
        description="The ids of tables, for services booked by table. Staff choose any that are free; everybody else what"
        " would be given to such a party.",
    ),
]
_EXAMPLE_TIME = {"service": "{service}", "starts_at": "2026-11-27T10:00:00Z"}


class HoldNew(BaseModel):
    """The time to hold; without ``resource`` anybody who is free."""

    model_config = described(example=_EXAMPLE_TIME)

    service: Service
    starts_at: StartsAt | None = None
    resource: Resource = None
    slot: Slot = None
    tables: Tables = None
    party_size: Annotated[Party, Field(description="How many come.")] = 1


class HoldOut(BaseModel):
    """A held time. ``token`` proves that it is yours: keep it to extend, release or book."""

    id: str
    token: Annotated[str, Field(description="The personal token of this hold.")]
    status: State
    service: str
    resources: list[str]
    slot: Annotated[str | None, Field(description="The slot it has places in.")] = None
    starts_at: str
    ends_at: str
    timezone: str
    local_start: Annotated[
        str, Field(description="The start as a wall time of the business, `2026-11-27T10:00`.")
    ]
    party_size: int
    price_minor: int
    deposit_minor: int
    currency: str
    created_at: str
    expires_at: Annotated[
        str, Field(description="When the time is free again unless it is booked or extended.")
    ]


class CustomerIn(BaseModel):
    """Who the booking is for. Staff may leave out the email address."""

    model_config = STRICT

    name: Annotated[str, Field(max_length=120, json_schema_extra={"minLength": 1})]
    email: Annotated[str, Field(max_length=254)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    email_code: EmailCode | None = None


class BookingNew(BaseModel):
    """A time to book at once (``service``, ``starts_at``), or a held one (``hold``, ``token``)."""

    model_config = described(
        example=_EXAMPLE_TIME | {"customer": {"name": "Dana Guest", "email": "dana@example.org"}}
    )

    service: Annotated[
        Id | None, Field(description="The id of the service; with a hold it may be left out.")
    ] = None
    starts_at: Annotated[
        Instant | None, Field(description="A start from the free times; with a hold it may be left out.")
    ] = None
    resource: Resource = None
    slot: Slot = None
    tables: Tables = None
    party_size: Annotated[Party | None, Field(description="How many come; 1 if left out.")] = None
    hold: Annotated[Id | None, Field(description="The id of a hold, to book what it holds.")] = None
    token: Annotated[Token | None, Field(description="The hold's token.")] = None
    customer: CustomerIn
    notes: Annotated[
        Annotated[str, Field(max_length=1000)] | None, Field(description="For the business.")
    ] = None
    override_reason: OverrideReason | None = None
    consents: ConsentsIn | None = None
    answers: Answers | None = None
    promo_code: PromoCode | None = None
    ends_at: Annotated[Instant | None, Field(description="For requests: when the event ends.")] = None
    date: Annotated[Day | None, Field(description="For requests: the whole of a local date.")] = None
    request: Annotated[EventIn | None, Field(description="For services booked on request.")] = None


class BookingMove(BaseModel):
    """Another time, or another slot; without ``resource`` the booking keeps its own, unless ``any_resource`` asks for
    whoever is free."""

    model_config = STRICT

    starts_at: StartsAt | None = None
    slot: Slot = None
    resource: Annotated[Id | None, Field(description="Somebody else; left out: the same as now.")] = None
    any_resource: Annotated[bool, Field(description="Whoever is free.")] = False
    tables: Tables = None
    override_reason: OverrideReason | None = None


class Nothing(BaseModel):
    """An empty body."""

    model_config = STRICT


class CustomerOut(BaseModel):
    name: str
    email: str
    phone: str


class PaymentDue(BaseModel):
    """What a booking waits for. At ``url`` its customer pays, or leaves a card; unpaid by ``pay_by`` it is let go."""

    amount_minor: int
    due: Annotated[
        Literal["deposit", "price", "card"],
        Field(description="A deposit, the whole price, or a card to be kept on file."),
    ]
    url: str
    pay_by: str


class BookingOut(BaseModel):
    """A booking. ``manage_url`` is the customer's personal link; its last segment is the personal token."""

    reference: Annotated[str, Field(description="Names the booking; dashes and letter case do not matter.")]
    status: State
    service: str
    resources: list[str]
    slot: Annotated[str | None, Field(description="The slot it has places in.")] = None
    starts_at: str
    ends_at: str
    timezone: str
    local_start: Annotated[
        str, Field(description="The start as a wall time of the business, `2026-11-27T10:00`.")
    ]
    party_size: int
    customer: CustomerOut
    notes: str
    price_minor: int
    deposit_minor: int
    paid_minor: Annotated[int, Field(description="What was paid, less what was given back.")]
    balance_minor: Annotated[int, Field(description="What is still to be paid.")]
    currency: str
    manage_url: Annotated[str, Field(description="The customer's personal link.")]
    created_at: str
    request: Annotated[RequestOut | None, Field(description="What is asked for, where it is on request.")] = (
        None
    )
    expires_at: Annotated[str | None, Field(description="Of what is not confirmed yet.")] = None
    payment: Annotated[PaymentDue | None, Field(description="While it is `awaiting_payment`.")] = None
    undo_until: Annotated[str | None, Field(description="Until when the pages can undo the last step.")] = (
        None
    )
    answers: Annotated[list[AnswerOut] | None, Field(description="To the service's questions.")] = None
    promo_code: Annotated[str | None, Field(description="The code that lowered the price.")] = None
    series: Annotated[str | None, Field(description="The same for all of one series.")] = None
    group: Annotated[str | None, Field(description="The same for all of one group.")] = None


class BookingList(BaseModel):
    items: list[BookingOut]
    next_cursor: str | None


def show_hold(hold: BookingFacts, now: datetime) -> dict[str, Any]:
    """A hold as its holder sees it."""
    return {
        "id": str(hold.id),
        "token": hold_token(booking_id=hold.id),
        "status": hold.state_at(now),
        **_place(hold),
        "price_minor": hold.price_minor,
        "deposit_minor": hold.deposit_minor,
        "currency": hold.currency,
        "created_at": show_instant(hold.created_at),
        "expires_at": show_instant(hold.releases_at or now),
    }


def show_booking(booking: BookingFacts, now: datetime, request: RequestFacts | None = None) -> dict[str, Any]:
    """A booking as its customer and the business's staff see it, with what was asked for if it is on request."""
    state = booking.state_at(now)
    shown = {
        "reference": booking.shown_reference,
        "status": state,
        **_place(booking),
        "customer": {
            "name": booking.contact.name,
            "email": booking.contact.email,
            "phone": booking.contact.phone,
        },
        "notes": booking.notes,
        "price_minor": booking.price_minor,
        "deposit_minor": booking.deposit_minor,
        "paid_minor": booking.paid_minor,
        "balance_minor": booking.balance_minor,
        "currency": booking.currency,
        "manage_url": manage_url(booking_id=booking.id),
        "created_at": show_instant(booking.created_at),
        **show_extras(booking),
    }
    if request is not None:
        shown |= {"manage_url": request_url(booking_id=booking.id), "request": show_request(request)}
    if state in ("held", "awaiting_payment", "requested") and booking.releases_at:
        shown["expires_at"] = show_instant(booking.releases_at)
        if state == "awaiting_payment":
            shown["payment"] = {
                "amount_minor": booking.awaited.amount_minor,
                "due": booking.awaited.kind,
                "url": pay_url(booking_id=booking.id),
                "pay_by": show_instant(booking.releases_at),
            }
    if booking.undo_until and booking.undo_until > now:
        shown["undo_until"] = show_instant(booking.undo_until)
    return shown


def _place(booking: BookingFacts) -> dict[str, Any]:
    return {
        "service": str(booking.service_id),
        "resources": [str(id) for id in booking.resource_ids],
        **({"slot": str(booking.slot_id)} if booking.slot_id else {}),
        "starts_at": show_instant(booking.starts_at),
        "ends_at": show_instant(booking.ends_at),
        "timezone": booking.timezone,
        "local_start": booking.local_start,
        "party_size": booking.party_size,
    }

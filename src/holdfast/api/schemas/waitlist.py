"""The waitlist: joining, one's place, offers, and what the desk sees and does."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.schemas.bookings import (
    CustomerIn,
    CustomerOut,
    OverrideReason,
    Party,
    Resource,
    Slot,
    StartsAt,
    Tables,
    Token,
)
from holdfast.api.schemas.business import STRICT, described
from holdfast.api.schemas.catalog import Id
from holdfast.api.schemas.terms import ClockTime, EndTime, Weekday
from holdfast.api.values import Day, show_instant, show_instant_if_any
from holdfast.waitlist.commands.joining import MOST_SERVICES
from holdfast.waitlist.queries import EntryFacts, GapReport, OfferFacts, Ranked, entry_token, entry_url
from holdfast.waitlist.rules import MOST_RANGES

EntryStatus = Literal["waiting", "offered", "booked", "left", "expired"]
OfferStatus = Literal["pending", "accepted", "declined", "expired", "withdrawn"]
Reason = Annotated[str, Field(max_length=200, description="For colleagues; it is kept.")]
STATUS = {"called": "waiting", "removed": "left", "no_show": "left"}


class WishIn(BaseModel):
    """Starts that would suit: on the dates from ``from`` to ``to``, on some weekdays, at some times of the day."""

    model_config = STRICT

    from_: Annotated[Day, Field(alias="from", description="The first local date.")]
    to: Annotated[Day, Field(description="The last local date.")]
    from_time: Annotated[ClockTime | None, Field(description="The earliest start, `HH:MM`.")] = None
    to_time: Annotated[
        EndTime | None, Field(description="The latest start, `HH:MM`; `24:00`: as late as it gets.")
    ] = None
    weekdays: Annotated[
        Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None,
        Field(description="0 is Monday; left out: any."),
    ] = None


class WaitNew(BaseModel):
    """Who would wait for what. With ``booking``: for an earlier time than that booking has."""

    model_config = described(
        example={
            "services": ["{service}"],
            "wishes": [{"from": "2026-11-27", "to": "2026-11-30", "from_time": "16:00"}],
            "customer": {"name": "Dana Guest", "email": "dana@example.org"},
        }
    )

    services: Annotated[
        list[Id], Field(min_length=1, max_length=MOST_SERVICES, description="One of these will do.")
    ]
    resources: Annotated[
        Annotated[list[Id], Field(min_length=1, max_length=100)] | None,
        Field(description="Only with one of these; left out: anybody."),
    ] = None
    wishes: Annotated[list[WishIn], Field(min_length=1, max_length=MOST_RANGES)]
    party_size: Annotated[Party, Field(description="How many come.")] = 1
    customer: CustomerIn
    walk_in: Annotated[
        bool, Field(description="Waits on the spot: asked for what begins within the hour, today alone.")
    ] = False
    booking: Annotated[
        Annotated[str, Field(min_length=1, max_length=64)] | None,
        Field(description="The reference of a booking that would be moved to an earlier time."),
    ] = None
    token: Annotated[Token | None, Field(description="The booking's personal token.")] = None


class WishOut(BaseModel):
    from_: Annotated[date, Field(alias="from")]
    to: date
    from_time: str
    to_time: str
    weekdays: list[int]


class OfferOut(BaseModel):
    """A place put to one person, and held for them until ``expires_at``."""

    id: str
    status: OfferStatus
    service: str
    resources: list[str]
    starts_at: str
    ends_at: str
    expires_at: Annotated[str, Field(description="Until when it can be accepted.")]


class EstimateOut(BaseModel):
    """How long it may take from now on; ``basis`` says what that rests on."""

    low_minutes: int
    high_minutes: int
    basis: Annotated[
        str, Field(description="`line`: worked out from today's line; `quoted`: what was said on joining.")
    ]


class _Entry(BaseModel):
    id: str
    token: Annotated[str, Field(description="The personal token of this entry.")]
    url: Annotated[str, Field(description="The page where the person follows their place.")]
    status: EntryStatus
    services: list[str]
    resources: list[str] | None
    wishes: list[WishOut]
    party_size: int
    customer: CustomerOut
    walk_in: bool
    earlier_than: Annotated[
        str | None, Field(description="The reference of the booking that would be moved to an earlier time.")
    ]
    joined_at: str
    called_at: Annotated[str | None, Field(description="When the desk last called who waits on the spot.")]
    offer: Annotated[OfferOut | None, Field(description="What waits for an answer.")]


class EntryOut(_Entry):
    """Somebody's place on the waitlist. ``token`` proves that it is theirs."""

    position: Annotated[
        int | None, Field(description="The place among those who wait for the same; null once nobody waits.")
    ]
    estimate: EstimateOut | None
    booking: Annotated[str | None, Field(description="The reference of the booking that came of it.")]
    manage_url: Annotated[str | None, Field(description="That booking's personal link.")]


class FactorsOut(BaseModel):
    """What a score is made of, each from 0 to 1; they count as the settings weigh them."""

    waiting: float
    tier: float
    reliability: float
    fit: float
    urgency: float
    passed_over: float


class ScoreOut(BaseModel):
    """A score for a place that fits well: the weighed factors, what age adds, and what the desk added by hand."""

    total: float
    factors: FactorsOut
    ageing: float
    boost: float


class RankedOut(_Entry):
    """Somebody who waits, as the desk sees them."""

    score: ScoreOut
    tier: int
    visits_kept: int
    visits_missed: int
    passed_over: Annotated[int, Field(description="Places that went to somebody who joined later.")]
    unanswered: Annotated[int, Field(description="Offers left without an answer.")]


class WaitlistList(BaseModel):
    items: list[RankedOut]
    next_cursor: str | None


class MadeOfferOut(OfferOut):
    """An offer, to whom and why. ``breakdown`` is the score it was made by, empty for one made by hand."""

    entry: str
    score: float
    breakdown: dict[str, float]
    by_hand: Annotated[str, Field(description="Who of the desk chose, if anybody did.")]
    made_at: str
    answered_at: str | None


class GapOut(BaseModel):
    """What came free and what became of it. ``reasons`` count those who were looked at and why they were not asked."""

    id: str
    service: Annotated[str | None, Field(description="Null: any.")]
    resource: Annotated[str | None, Field(description="Null: any.")]
    starts_at: str
    ends_at: str
    cause: Literal[
        "cancelled",
        "moved",
        "lapsed",
        "not_kept",
        "completed",
        "slots",
        "offering",
        "answer",
        "joined",
        "sweep",
    ]
    outcome: Annotated[
        Literal["open", "offered", "nobody", "taken", "too_near", "quiet", "paced", "off"],
        Field(description="`open`: being looked at."),
    ]
    reasons: Annotated[
        dict[str, Any],
        Field(
            description="`waiting`: who waits for such a place; of them `limit`: were sent enough for a day, `no_room`: nothing"
            " of it suits, `had_it`: were offered it before; `until`: when it is looked at again."
        ),
    ]
    opened_at: str
    offers: list[MadeOfferOut]


class GapList(BaseModel):
    items: list[GapOut]
    next_cursor: str | None


class Declining(BaseModel):
    """Whether to leave the waitlist, too; without it the place in line is kept."""

    model_config = STRICT

    leave: bool = False


class _Place(BaseModel):
    """A start or a slot."""

    model_config = described(example={"service": "{service}", "starts_at": "2026-11-27T10:00:00Z"})

    service: Annotated[
        Id | None, Field(description="The id of the service; with a slot it may be left out.")
    ] = None
    starts_at: StartsAt | None = None
    slot: Slot = None
    resource: Resource = None


class OfferNew(_Place):
    """The place to offer by hand, for as many as wait."""

    @property
    def tables(self) -> None:
        """The house chooses them."""

    @property
    def party_size(self) -> None:
        """The entry knows."""


class Seating(_Place):
    """Where somebody is seated; without ``party_size`` as many as wait."""

    tables: Tables = None
    party_size: Party | None = None
    override_reason: OverrideReason | None = None


class Removal(BaseModel):
    """Why somebody is taken off the list; ``no_show``: they did not come when called."""

    model_config = STRICT

    reason: Reason = ""
    no_show: bool = False


class Reorder(BaseModel):
    """Before whom somebody is put, and why; without ``before``: first of all."""

    model_config = STRICT

    reason: Annotated[Reason, Field(json_schema_extra={"minLength": 1})]
    before: Annotated[Id | None, Field(description="The id of another entry.")] = None


def show_offer(offer: OfferFacts, now: datetime) -> dict[str, Any]:
    """An offer as whoever it is for sees it."""
    return {
        "id": str(offer.id),
        "status": offer.state_at(now),
        "service": str(offer.service_id),
        "resources": [str(id) for id in offer.resource_ids],
        "starts_at": show_instant(offer.starts_at),
        "ends_at": show_instant(offer.ends_at),
        "expires_at": show_instant(offer.expires_at),
    }


def show_waiting(
    entry: EntryFacts, *, now: datetime, offer: OfferFacts | None, earlier_than: str | None
) -> dict[str, Any]:
    """What the person and the desk both see of an entry. ``offer`` is the one that waits for an answer."""
    status = STATUS.get(entry.state, entry.state)
    if entry.is_live and offer is not None:
        status = "offered"
    elif entry.is_live and entry.ends_at <= now:
        status = "expired"
    return {
        "id": str(entry.id),
        "token": entry_token(entry_id=entry.id),
        "url": entry_url(entry_id=entry.id),
        "status": status,
        "services": [str(id) for id in entry.services],
        "resources": None if entry.resources is None else [str(id) for id in entry.resources],
        "wishes": [one.as_json() for one in entry.ranges],
        "party_size": entry.party_size,
        "customer": {
            "name": entry.contact.name,
            "email": entry.contact.email,
            "phone": entry.contact.phone,
        },
        "walk_in": entry.walk_in,
        "earlier_than": earlier_than,
        "joined_at": show_instant(entry.joined_at),
        "called_at": show_instant_if_any(entry.called_at),
        "offer": None if offer is None else show_offer(offer, now),
    }


def show_rank(one: Ranked) -> dict[str, Any]:
    """What the desk alone sees of somebody who waits."""
    return {
        "score": {
            "total": one.score.total,
            "factors": dict(one.score.factors),
            "ageing": one.score.ageing,
            "boost": one.score.boost,
        },
        "tier": one.tier,
        "visits_kept": one.shows,
        "visits_missed": one.no_shows,
        "passed_over": one.entry.passed_over,
        "unanswered": one.entry.unanswered,
    }


def show_gap(gap: GapReport, now: datetime) -> dict[str, Any]:
    """What came free, with the offers it led to."""
    return {
        "id": str(gap.id),
        "service": str(gap.service_id) if gap.service_id else None,
        "resource": str(gap.resource_id) if gap.resource_id else None,
        "starts_at": show_instant(gap.starts_at),
        "ends_at": show_instant(gap.ends_at),
        "cause": gap.cause,
        "outcome": gap.outcome or "open",
        "reasons": gap.details,
        "opened_at": show_instant(gap.opened_at),
        "offers": [show_made_offer(offer, now) for offer in gap.offers],
    }


def show_made_offer(offer: OfferFacts, now: datetime) -> dict[str, Any]:
    """An offer as the desk sees it."""
    return {
        **show_offer(offer, now),
        "entry": str(offer.entry_id),
        "score": offer.score,
        "breakdown": offer.breakdown,
        "by_hand": offer.by_hand,
        "made_at": show_instant(offer.made_at),
        "answered_at": show_instant_if_any(offer.answered_at),
    }

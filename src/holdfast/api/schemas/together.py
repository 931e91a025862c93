"""Series and groups: several bookings made at once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.schemas.availability import NearestOut, show_alternative
from holdfast.api.schemas.bookings import BookingOut, CustomerIn, Party, StartsAt, Token, show_booking
from holdfast.api.schemas.business import STRICT, described
from holdfast.api.schemas.catalog import Id
from holdfast.api.schemas.extras import Answers, PromoCode
from holdfast.api.schemas.verifications import ConsentsIn
from holdfast.api.sentences import field_sentence
from holdfast.api.values import Day, Instant, show_instant
from holdfast.availability.queries.groups import GroupTime
from holdfast.availability.queries.series import SeriesOccurrence
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules.together import (
    FEWEST_MEMBERS,
    FEWEST_TIMES,
    MOST_MEMBERS,
    MOST_TIMES,
    MOST_WEEKS_BETWEEN,
)

Notes = Annotated[str, Field(max_length=1000, description="For the business.")]
Resource = Annotated[Id | None, Field(description="The id of a resource; left out: anybody who is free.")]
_DANA = {"name": "Dana Guest", "email": "dana@example.org"}


class BookingSeriesPreview(BaseModel):
    """A first time, how often it comes again, and when that ends: by `until` or by `times`."""

    model_config = described(
        example={
            "service": "{service}",
            "starts_at": "2026-11-27T10:00:00Z",
            "every_weeks": 4,
            "times": 6,
        }
    )

    service: Annotated[Id, Field(description="The id of the service.")]
    starts_at: StartsAt
    resource: Resource = None
    party_size: Party = 1
    every_weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS_BETWEEN)]
    until: Annotated[Day | None, Field(description="The last local date that counts.")] = None
    times: Annotated[int | None, Field(ge=FEWEST_TIMES, le=MOST_TIMES, description="How many in all.")] = None


class OccurrenceOut(BaseModel):
    """One time of a series: free, or why not, with free times near it."""

    number: int
    starts_at: str
    date: str
    free: bool
    why: Annotated[str | None, Field(description="The code of what stands in the way.")] = None
    detail: str | None = None
    alternatives: list[NearestOut] | None = None


class BookingSeriesPreviewOut(BaseModel):
    timezone: str
    occurrences: list[OccurrenceOut]


class BookingSeriesTimeIn(BaseModel):
    """One time of a series as it was chosen."""

    model_config = STRICT

    starts_at: Annotated[Instant, Field(description="The time itself, or one of the alternatives to it.")]
    resource: Resource = None


class BookingSeriesNew(BaseModel):
    """The times of a series, all booked or none; with `hold` and `token` the first is the held one."""

    model_config = described(
        example={
            "service": "{service}",
            "times": [{"starts_at": "2026-11-27T10:00:00Z"}, {"starts_at": "2026-12-25T10:00:00Z"}],
            "customer": _DANA,
        }
    )

    service: Annotated[Id, Field(description="The id of the service.")]
    times: Annotated[list[BookingSeriesTimeIn], Field(max_length=MOST_TIMES, min_length=FEWEST_TIMES)]
    party_size: Party = 1
    hold: Annotated[Id | None, Field(description="The id of a hold of the first time.")] = None
    token: Annotated[Token | None, Field(description="The hold's token.")] = None
    customer: CustomerIn
    notes: Notes | None = None
    answers: Answers | None = None
    promo_code: Annotated[PromoCode | None, Field(description="Lowers the first booking's price.")] = None
    consents: ConsentsIn | None = None


class BookingSeriesOut(BaseModel):
    """The bookings of a series, by time."""

    series: str
    bookings: list[BookingOut]


class BookingGroupMemberIn(BaseModel):
    """One of those who come: what for, with whom, under which name."""

    model_config = STRICT

    service: Annotated[Id, Field(description="The id of the service.")]
    resource: Resource = None
    name: Annotated[str | None, Field(max_length=120)] = None
    answers: Answers | None = None


class BookingGroupNew(BaseModel):
    """People who come together for one start, each served by somebody else; all are booked or nobody."""

    model_config = described(
        example={
            "starts_at": "2026-11-27T10:00:00Z",
            "members": [{"service": "{service}", "name": "Dana"}, {"service": "{service}", "name": "Dara"}],
            "customer": _DANA,
        }
    )

    starts_at: StartsAt
    members: Annotated[list[BookingGroupMemberIn], Field(max_length=MOST_MEMBERS, min_length=FEWEST_MEMBERS)]
    customer: CustomerIn
    notes: Notes | None = None
    promo_code: Annotated[PromoCode | None, Field(description="Lowers the first booking's price.")] = None
    consents: ConsentsIn | None = None


class BookingGroupOut(BaseModel):
    """The bookings of a group, in the order of its members."""

    group: str
    bookings: list[BookingOut]


class CancelTogether(BaseModel):
    """Which of the bookings that belong together: this one and the `following` of its series, or `all`."""

    model_config = STRICT

    which: Literal["following", "all"]


class CancelledOut(BaseModel):
    bookings: list[BookingOut]


def show_occurrence(occurrence: SeriesOccurrence) -> dict[str, Any]:
    """One time of a previewed series."""
    shown: dict[str, Any] = {
        "number": occurrence.number,
        "starts_at": show_instant(occurrence.starts_at),
        "date": occurrence.local_on.isoformat(),
        "free": occurrence.is_free,
    }
    if occurrence.is_free:
        return shown
    return shown | {
        "why": occurrence.why,
        "detail": field_sentence(occurrence.why, occurrence.facts),
        "alternatives": [show_alternative(one) for one in occurrence.alternatives],
    }


def show_bookings(bookings: list[BookingFacts], now: datetime) -> list[dict[str, Any]]:
    """Several bookings, in their order."""
    return [show_booking(booking, now) for booking in bookings]


def show_group_time(time: GroupTime, on: str) -> dict[str, Any]:
    """Another start at which a whole group could come."""
    return {"starts_at": show_instant(time.starts_at), "date": on, "local_time": time.local_time}

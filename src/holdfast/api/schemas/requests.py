"""Requests for an artist's date: the event, the answers to it, the rider, the options (S1)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import PARTIAL, STRICT, described
from holdfast.api.schemas.catalog import Id
from holdfast.api.values import Instant, show_instant
from holdfast.bookings.queries.requests import RequestFacts, TemplateFacts
from holdfast.bookings.rules.requests import (
    ADDRESS_LIMIT,
    COMMENT_LIMIT,
    DETAILS_LIMIT,
    MESSAGE_LIMIT,
    TEMPLATE_NAME_LIMIT,
    VENUE_LIMIT,
)
from holdfast.businesses.rules import BOUNDS
from holdfast.lib.money import MAX_MINOR

_HOURS = BOUNDS["challenge_hours"]
_REQUIRED = {"minLength": 1}
# What is wrong with a fee or a text is said by the rules of requests, in the same words on the pages.
Fee = Annotated[int, Field(json_schema_extra={"minimum": 0, "maximum": MAX_MINOR})]
VenueName = Annotated[str, Field(max_length=VENUE_LIMIT, json_schema_extra=_REQUIRED)]
VenueAddress = Annotated[str, Field(max_length=ADDRESS_LIMIT, json_schema_extra=_REQUIRED)]
EventDetails = Annotated[str, Field(max_length=DETAILS_LIMIT, json_schema_extra=_REQUIRED)]
Clock = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")]
Section = Literal["technical", "hospitality", "travel"]
LineAnswer = Literal["", "yes", "different"]


class EventIn(BaseModel):
    """The event, and the fee offered for it in minor units."""

    model_config = STRICT

    venue_name: VenueName
    venue_address: VenueAddress
    details: EventDetails
    fee_minor: Fee


class CounterIn(BaseModel):
    """Another fee, another time, or both; what is left out stays as requested."""

    model_config = described(example={"fee_minor": 95_000, "message": "For the longer set"})

    fee_minor: Fee | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    message: Annotated[str, Field(max_length=MESSAGE_LIMIT)] = ""


class DeclineIn(BaseModel):
    """Why; the other side reads it."""

    model_config = STRICT

    reason: Annotated[str, Field(max_length=MESSAGE_LIMIT)] = ""


class ChallengeIn(BaseModel):
    """How long the holder of the first option has; left out: as long as the business's settings say."""

    model_config = STRICT

    hours: Annotated[int | None, Field(ge=_HOURS[0], le=_HOURS[1])] = None


class RiderAnswerIn(BaseModel):
    """Whether a line can be provided, or what instead."""

    model_config = STRICT

    line: Id
    answer: LineAnswer
    comment: Annotated[str, Field(max_length=COMMENT_LIMIT)] = ""


class RiderAnswersIn(BaseModel):
    """Answers to some lines of the rider; the others stay as they are."""

    model_config = STRICT

    lines: Annotated[list[RiderAnswerIn], Field(max_length=100)]


class CheckIn(BaseModel):
    """Check a line off, or take that back."""

    model_config = STRICT

    checked: bool = True


class RiderLineOut(BaseModel):
    """One requirement: the customer's answer, and when staff checked it off."""

    id: str
    section: Section
    text: str
    answer: LineAnswer
    comment: str
    checked_at: str | None


class CounterOut(BaseModel):
    """The business's latest counter-offer; what is null stays as requested."""

    status: Literal["open", "accepted", "declined"]
    fee_minor: int | None
    starts_at: str | None
    ends_at: str | None
    message: str
    created_at: str


class OptionOut(BaseModel):
    """Whose turn it is on this date: 1 for the first option. ``confirm_by``: confirm by then, or lose it."""

    rank: int
    confirm_by: str | None


class RequestOut(BaseModel):
    """What is asked for. ``fee_minor`` is what was offered at first; the booking's price is what holds."""

    venue_name: str
    venue_address: str
    details: str
    fee_minor: int
    whole_day: Annotated[bool, Field(description="Asked for by date, not by time.")]
    decline_reason: str
    counter: CounterOut | None
    option: OptionOut | None
    rider: list[RiderLineOut]


class TemplateChange(BaseModel):
    """Event details to fill the form with; times of the day are ``HH:MM`` or empty."""

    model_config = PARTIAL

    name: Annotated[str, Field(max_length=TEMPLATE_NAME_LIMIT, json_schema_extra=_REQUIRED)] = ""
    venue_name: Annotated[str, Field(max_length=VENUE_LIMIT)] = ""
    venue_address: Annotated[str, Field(max_length=ADDRESS_LIMIT)] = ""
    details: Annotated[str, Field(max_length=DETAILS_LIMIT)] = ""
    fee_minor: Fee | None = None
    from_time: Clock = ""
    to_time: Clock = ""


class TemplateNew(TemplateChange):
    """Event details to keep: a name at least."""

    name: Annotated[str, Field(max_length=TEMPLATE_NAME_LIMIT, json_schema_extra=_REQUIRED)]


class TemplateOut(BaseModel):
    id: str
    name: str
    venue_name: str
    venue_address: str
    details: str
    fee_minor: int | None
    from_time: str
    to_time: str


class TemplateList(BaseModel):
    items: list[TemplateOut]
    next_cursor: str | None


def show_request(request: RequestFacts) -> dict[str, Any]:
    """What is asked for, as its customer and staff see it."""
    counter, option = request.counter, request.option
    return {
        "venue_name": request.venue_name,
        "venue_address": request.venue_address,
        "details": request.details,
        "fee_minor": request.fee_minor,
        "whole_day": request.whole_day,
        "decline_reason": request.decline_reason,
        "counter": counter
        and {
            "status": counter.state,
            "fee_minor": counter.fee_minor,
            "starts_at": counter.starts_at and show_instant(counter.starts_at),
            "ends_at": counter.ends_at and show_instant(counter.ends_at),
            "message": counter.message,
            "created_at": show_instant(counter.at),
        },
        "option": option
        and {"rank": option.rank, "confirm_by": option.confirm_by and show_instant(option.confirm_by)},
        "rider": [
            {
                "id": str(line.id),
                "section": line.section,
                "text": line.text,
                "answer": line.answer,
                "comment": line.comment,
                "checked_at": line.checked_at and show_instant(line.checked_at),
            }
            for line in request.rider
        ],
    }


def show_template(template: TemplateFacts) -> dict[str, Any]:
    """A template as its owner sees it."""
    return {
        "id": str(template.id),
        "name": template.name,
        "venue_name": template.venue_name,
        "venue_address": template.venue_address,
        "details": template.details,
        "fee_minor": template.fee_minor,
        "from_time": template.from_time,
        "to_time": template.to_time,
    }

"""Letters: what a business's messages say, by event and language (SPEC H2)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import ReminderMinutes, described
from holdfast.bookings.queries.ratings import RatingFacts
from holdfast.notifications.queries.templates import TemplateFacts
from holdfast.notifications.rules.substitution import MOST_CHARACTERS

_LETTER = {
    "subject": "See you {{ soon }}",
    "body": "<h1>Hello {{ name }}</h1>\n<p>We look forward to it.</p>\n{{ details }}\n{{ button }}",
    "sms": "{{ business }}: see you {{ soon }}. {{ link }}",
}


class LetterWords(BaseModel):
    """A letter whole: what is sent replaces what was there."""

    model_config = described(example=_LETTER)

    subject: Annotated[str, Field(max_length=600, description="One line.")]
    body: Annotated[
        str,
        Field(
            max_length=MOST_CHARACTERS,
            description="HTML of paragraphs, headings, lists and links, with variables and sections. The plain text is made of it.",
        ),
    ]
    sms: Annotated[str, Field(max_length=1200, description="The same in the length of a text message.")]


class LetterOut(BaseModel):
    event: str
    language: str
    for_staff: bool
    is_own: Annotated[
        bool, Field(description="Whether the business wrote any of it; else it is the default.")
    ]
    subject: str
    body: str
    sms: str
    variables: Annotated[list[str], Field(description="What it may speak of.")]


class LetterList(BaseModel):
    items: list[LetterOut]


class LetterPreview(BaseModel):
    """The letter about a made-up booking of tomorrow."""

    subject: str
    text: str
    html: str
    sms: str


def show_letter(letter: TemplateFacts) -> dict[str, Any]:
    """A letter as the API shows it."""
    return {
        "event": letter.event.name,
        "language": letter.language,
        "for_staff": letter.event.for_staff,
        "is_own": letter.is_own,
        "subject": letter.source.subject,
        "body": letter.source.body,
        "sms": letter.source.sms,
        "variables": sorted(letter.event.variables),
    }


class Reminders(BaseModel):
    """When customers of a service are reminded."""

    model_config = described(example={"minutes": [2880, 120]})

    minutes: Annotated[
        list[ReminderMinutes] | None,
        Field(
            max_length=5,
            description="Minutes before the start; none for an empty list, as the business says for null.",
        ),
    ]


class RatingOut(BaseModel):
    """What somebody said of a visit."""

    id: str
    reference: str
    stars: int
    comment: str
    rated_at: str


class RatingList(BaseModel):
    """The average is the sum of the stars divided by the number of ratings; null without any."""

    count: int
    average: float | None
    by_stars: Annotated[list[int], Field(description="How many with one star, two, … five.")]
    items: list[RatingOut]


def show_rating(one: RatingFacts) -> dict[str, Any]:
    """A rating as the API shows it."""
    return {
        "id": str(one.id),
        "reference": one.reference,
        "stars": one.stars,
        "comment": one.comment,
        "rated_at": one.rated_at.isoformat().replace("+00:00", "Z"),
    }

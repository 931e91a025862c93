"""Letters: what a business's messages say, by event and language (SPEC H2)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import described
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

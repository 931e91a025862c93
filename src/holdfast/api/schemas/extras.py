"""What goes with a booking beside its time: answers to a service's questions, a promotion code."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from holdfast.bookings.queries import BookingFacts
from holdfast.catalog.rules.questions import MOST_QUESTIONS


def read_answer_value(value: Any) -> Any:
    """Text, a whole number, true or false."""
    if value is not None and not isinstance(value, (str, int, bool)):
        raise PydanticCustomError("wrong_type", "an answer is text, a whole number, true or false")
    return value


AnswerValue = Annotated[
    Any,
    BeforeValidator(read_answer_value),
    WithJsonSchema({"type": ["string", "integer", "boolean", "null"], "maxLength": 4000}),
]
Answers = Annotated[
    dict[Annotated[str, Field(max_length=64)], AnswerValue],
    Field(
        max_length=2 * MOST_QUESTIONS,
        description="Answers to the service's questions by their id: text, a whole number, or true for a consent.",
    ),
]
PromoCode = Annotated[
    str, Field(max_length=80, description="A promotion code; capitals do not matter. It lowers the price.")
]


class AnswerOut(BaseModel):
    """What was answered to a question, with its words as they were asked; a consent is `yes` or `no`."""

    question: str
    label: str
    answer: str


def show_extras(booking: BookingFacts) -> dict[str, Any]:
    """What most bookings do without; left out where there is nothing."""
    shown: dict[str, Any] = {}
    if booking.answers:
        shown["answers"] = [
            {"question": one.question, "label": one.label, "answer": one.answer} for one in booking.answers
        ]
    if booking.promo_code:
        shown["promo_code"] = booking.promo_code
    if booking.series_id is not None:
        shown["series"] = str(booking.series_id)
    if booking.group_id is not None:
        shown["group"] = str(booking.group_id)
    return shown

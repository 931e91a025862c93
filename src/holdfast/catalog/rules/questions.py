"""A service's own questions, and what an answer to them may be (SPEC B6). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from holdfast.lib.text import Mistakes, line, paragraphs

KINDS = ("text", "paragraph", "choice", "number", "consent")
LABEL_LIMIT, HINT_LIMIT, CHOICE_LIMIT = 200, 200, 100
MOST_QUESTIONS, MOST_CHOICES = 20, 30
TEXT_LIMIT, PARAGRAPH_LIMIT = 200, 1000
_NUMBER_BOUND = 1_000_000_000
# What a ticked and an unticked consent is kept as.
AGREED, NOT_AGREED = "yes", "no"


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """A question as plain values. ``choices`` are the texts of a choice, ``least`` and ``most`` bound a number."""

    id: UUID
    service_id: UUID
    label: str
    hint: str
    kind: str
    choices: tuple[str, ...]
    least: int | None
    most: int | None
    is_required: bool
    position: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a service's own question, with the question's words as they were asked."""

    question: str
    label: str
    answer: str


def field_of(question_id: UUID | str) -> str:
    """What mistakes in the answer to a question are called."""
    return f"answers.{question_id}"


def check_answers(
    questions: Sequence[QuestionFacts], given: Mapping[str, Any], *, may_leave_out: bool = False
) -> tuple[tuple[Answer, ...], Mistakes]:
    """The answers in the order of the questions, and what is wrong, as ``answers.<id>``.

    ``given`` holds values by question id: text, a whole number (typed or not), true or false. What is empty is no
    answer. ``may_leave_out`` spares the required ones, for staff who override.
    """
    mistakes: Mistakes = {}
    asked = {str(question.id): question for question in questions}
    for name in given:
        if name not in asked:
            mistakes[field_of(name[:64])] = [("unknown", {})]
    answers = []
    for name, question in asked.items():
        said = _READERS[question.kind](question, given.get(name), mistakes)
        is_given = said not in ("", NOT_AGREED) if question.kind == "consent" else said != ""
        if question.is_required and not is_given and not may_leave_out:
            mistakes.setdefault(field_of(name), [("required", {})])
        if said:
            answers.append(Answer(name, question.label, said))
    return tuple(answers), mistakes


def _read_text(question: QuestionFacts, value: Any, mistakes: Mistakes) -> str:
    field = field_of(question.id)
    if value is None:
        return ""
    if not isinstance(value, str):
        mistakes[field] = [("wrong_type", {})]
        return ""
    clean, limit = (paragraphs, PARAGRAPH_LIMIT) if question.kind == "paragraph" else (line, TEXT_LIMIT)
    return clean(value, field=field, mistakes=mistakes, limit=limit, required=False)


def _read_choice(question: QuestionFacts, value: Any, mistakes: Mistakes) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        mistakes[field_of(question.id)] = [("wrong_type", {})]
        return ""
    if value not in question.choices:
        mistakes[field_of(question.id)] = [("unknown_choice", {"choices": list(question.choices)})]
        return ""
    return value


def _read_number(question: QuestionFacts, value: Any, mistakes: Mistakes) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    number = _whole(value)
    if number is None:
        mistakes[field_of(question.id)] = [("wrong_type", {})]
        return ""
    least = -_NUMBER_BOUND if question.least is None else question.least
    most = _NUMBER_BOUND if question.most is None else question.most
    if not least <= number <= most:
        mistakes[field_of(question.id)] = [("out_of_bounds", {"least": least, "most": most})]
        return ""
    return str(number)


def _read_consent(question: QuestionFacts, value: Any, mistakes: Mistakes) -> str:
    if value is None or value == "":
        return ""
    if value is True or value is False:
        return AGREED if value else NOT_AGREED
    if value in (AGREED, NOT_AGREED, "on"):  # as a form sends it
        return NOT_AGREED if value == NOT_AGREED else AGREED
    mistakes[field_of(question.id)] = [("wrong_type", {})]
    return ""


_READERS = {
    "text": _read_text,
    "paragraph": _read_text,
    "choice": _read_choice,
    "number": _read_number,
    "consent": _read_consent,
}


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    digits = value.strip().removeprefix("-") if isinstance(value, str) else ""
    return int(value) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None


def clean_question(wanted: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The accepted columns of a question; what is wrong is added to ``mistakes`` by field."""
    accepted: dict[str, Any] = {}
    for name, value in wanted.items():
        if name in ("label", "hint") and isinstance(value, str):
            limit = LABEL_LIMIT if name == "label" else HINT_LIMIT
            accepted[name] = line(value, field=name, mistakes=mistakes, limit=limit, required=name == "label")
        elif name == "kind" and value not in KINDS:
            mistakes[name] = [("unknown_choice", {"choices": list(KINDS)})]
        elif name == "choices":
            accepted[name] = _clean_choices(value, mistakes)
        elif name in ("least", "most") and value is not None:
            accepted[name] = _bounded(name, value, -_NUMBER_BOUND, _NUMBER_BOUND, mistakes)
        elif name == "position":
            accepted[name] = _bounded(name, value, 0, 100_000, mistakes)
        elif name in ("is_required", "is_active") and not isinstance(value, bool):
            mistakes[name] = [("wrong_type", {})]
        elif name in ("kind", "least", "most", "is_required", "is_active"):
            accepted[name] = value
        else:
            mistakes[name] = [("wrong_type" if name in ("label", "hint") else "unknown_field", {})]
    return accepted


def question_contradictions(columns: Mapping[str, Any]) -> Mistakes:
    """What no single column shows: a choice without choices, bounds the wrong way round."""
    mistakes: Mistakes = {}
    if columns["kind"] == "choice" and len(columns["choices"]) < 2:
        mistakes["choices"] = [("too_few", {"limit": 2})]
    least, most = columns["least"], columns["most"]
    if least is not None and most is not None and least > most:
        mistakes["most"] = [("less_than_least", {})]
    return mistakes


def _clean_choices(value: Any, mistakes: Mistakes) -> list[str]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        mistakes["choices"] = [("wrong_type", {})]
        return []
    if len(value) > MOST_CHOICES:
        mistakes["choices"] = [("too_many", {"limit": MOST_CHOICES})]
        return []
    cleaned = [
        line(one, field="choices", mistakes=mistakes, limit=CHOICE_LIMIT, required=True) for one in value
    ]
    if len(set(cleaned)) < len(cleaned):
        mistakes["choices"] = [("twice", {})]
    return cleaned


def _bounded(name: str, value: Any, least: int, most: int, mistakes: Mistakes) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        mistakes[name] = [("wrong_type", {})]
    elif not least <= value <= most:
        mistakes[name] = [("out_of_bounds", {"least": least, "most": most})]
    return value

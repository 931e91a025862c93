"""A service's own questions as fields of a form, for customers and for the desk, and the answers in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from holdfast.catalog.rules import Answer, QuestionFacts
from holdfast.catalog.rules.questions import AGREED, NOT_AGREED, PARAGRAPH_LIMIT, TEXT_LIMIT

ANSWER = "q-"


@dataclass(frozen=True, slots=True)
class QuestionField:
    """One question as its template shows it; ``value`` is what was typed, right or wrong."""

    name: str
    label: str
    hint: str
    kind: str
    choices: tuple[str, ...]
    least: int | None
    most: int | None
    is_required: bool
    value: str
    limit: int
    errors: Sequence[str] = ()

    @property
    def id(self) -> str:
        return f"field-{self.name}"

    @property
    def icon(self) -> str:
        return "note"

    @property
    def shown(self) -> str:
        """The value in words, for the page before booking."""
        return _("Yes") if self.kind == "consent" and self.value else self.value

    @property
    def described_by(self) -> str:
        about = [f"{self.id}-hint"] if self.hint else []
        return " ".join([*about, *([f"{self.id}-error"] if self.errors else [])])


def name_of(question: QuestionFacts, prefix: str = "") -> str:
    """What the field of a question is called in a form."""
    return f"{prefix}{ANSWER}{question.id}"


def question_fields(
    questions: Iterable[QuestionFacts],
    values: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
    *,
    prefix: str = "",
) -> list[QuestionField]:
    """The fields of a service's questions; ``values`` are by field name, ``errors`` by the question's id."""
    return [
        QuestionField(
            name=name_of(question, prefix),
            label=question.label,
            hint=question.hint,
            kind=question.kind,
            choices=question.choices,
            least=question.least,
            most=question.most,
            is_required=question.is_required,
            value=values.get(name_of(question, prefix), ""),
            limit=PARAGRAPH_LIMIT if question.kind == "paragraph" else TEXT_LIMIT,
            errors=errors.get(str(question.id), ()),
        )
        for question in questions
    ]


def given_answers(
    questions: Iterable[QuestionFacts], values: Mapping[str, str], *, prefix: str = ""
) -> dict[str, Any]:
    """What was typed, by question id, as a booking takes it; what was left empty is left out."""
    return {
        str(question.id): values[name_of(question, prefix)]
        for question in questions
        if values.get(name_of(question, prefix))
    }


def shown_answers(answers: Iterable[Answer]) -> list[dict[str, str]]:
    """Questions and answers for people's eyes."""
    said = {AGREED: _("Yes"), NOT_AGREED: _("No")}
    return [{"label": one.label, "answer": said.get(one.answer, one.answer)} for one in answers]

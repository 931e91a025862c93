"""Writes to the questions that a service asks (SPEC B6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.businesses.commands import offer_changed
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.models import Question, Service
from holdfast.catalog.queries.terms import question_facts
from holdfast.catalog.rules.questions import (
    MOST_QUESTIONS,
    QuestionFacts,
    clean_question,
    question_contradictions,
)
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.text import Mistakes, refuse


@command
def add_question(
    *, actor: Actor, business_id: UUID, service_id: UUID, wanted: dict[str, Any]
) -> QuestionFacts:
    """A new question at the end of a service's list; ``label`` is required, ``kind`` is text if it is not named.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    # The service's row is locked, so that two questions added at once do not share a place.
    found = Service.objects.select_for_update(no_key=True).filter(business_id=business_id, id=service_id)
    if not list(found.values_list("id")):
        raise Missing(what="service")
    others = Question.objects.filter(business_id=business_id, service_id=service_id).count()
    if others >= MOST_QUESTIONS:
        raise Invalid.field("label", "too_many", limit=MOST_QUESTIONS)
    question = Question(business_id=business_id, service_id=service_id, position=others)
    _apply(question, {"label": "", **wanted})
    question.save(force_insert=True)
    offer_changed(business_id=business_id)
    return question_facts(question=question)


@command
def change_question(
    *, actor: Actor, business_id: UUID, question_id: UUID, wanted: dict[str, Any]
) -> QuestionFacts:
    """Change some columns of a question; ``is_active: false`` asks it no more. Answers keep the words they were given to.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    question = Question.objects.select_for_update().filter(business_id=business_id, id=question_id).first()
    if question is None:
        raise Missing(what="question")
    _apply(question, wanted)
    question.save()
    offer_changed(business_id=business_id)
    return question_facts(question=question)


@command
def delete_question(*, actor: Actor, business_id: UUID, question_id: UUID) -> None:
    """Delete a question; what was answered stays with its bookings. Refusals: :class:`Missing`, :class:`Forbidden`."""
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    deleted, _ = Question.objects.filter(business_id=business_id, id=question_id).delete()
    if not deleted:
        raise Missing(what="question")
    offer_changed(business_id=business_id)


def _apply(question: Question, wanted: dict[str, Any]) -> None:
    mistakes: Mistakes = {}
    columns = clean_question(wanted, mistakes)
    refuse(mistakes)
    for name, value in columns.items():
        setattr(question, name, value)
    refuse(
        question_contradictions(
            {name: getattr(question, name) for name in ("kind", "choices", "least", "most")}
        )
    )

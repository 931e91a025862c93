"""What a service asks and on which terms it is sold: questions, price rules, promotion codes (SPEC B6, B7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import PUBLIC, create_once, no_content, read_answer, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory, position_key
from holdfast.api.routes import caller_of
from holdfast.api.schemas.terms import (
    PriceRuleChange,
    PriceRuleList,
    PriceRuleNew,
    PriceRuleOut,
    PromotionChange,
    PromotionList,
    PromotionNew,
    PromotionOut,
    QuestionChange,
    QuestionList,
    QuestionNew,
    QuestionOut,
    show_price_rule,
    show_promotion,
    show_question,
    wanted_price_rule,
    wanted_promotion,
    wanted_question,
)
from holdfast.api.values import known_id
from holdfast.businesses.rules import Action
from holdfast.catalog import commands
from holdfast.catalog.queries import price_rules_of, promotion_by_id, promotions_of, questions_of
from holdfast.lib.pages import MAX_LIMIT
from holdfast.lib.refusals import Invalid, Missing

questions = Router(tags=["Questions"])
prices = Router(tags=["Prices"])
SEE, STAFF, CHANGE = Door(Action.SEE_PROFILE), Door(Action.SEE_SETTINGS), Door(Action.CHANGE_CATALOG)
Row = TypeVar("Row")
# What the domain calls a column, and what the wire does.
_WIRE = {
    "is_required": "required",
    "is_active": "active",
    "service_id": "service",
    "resource_id": "resource",
    "from_minute": "from_time",
    "until_minute": "until_time",
    "service_ids": "services",
}


@contextmanager
def _wire_names() -> Iterator[None]:
    """Name mistakes as the body does."""
    try:
        yield
    except Invalid as refusal:
        fields = {_WIRE.get(name, name): found for name, found in refusal.fields.items()}
        raise Invalid(fields, **refusal.facts) from refusal


def _page(
    rows: list[Row],
    key: Callable[[Row], tuple[datetime, UUID]],
    show: Callable[[Row], object],
    cursor: str,
    limit: int,
) -> str:
    page = page_in_memory(rows, key=key, cursor=cursor, limit=limit)
    return write({"items": [show(row) for row in page.items], "next_cursor": page.next_cursor})


def _only(rows: list[Row], what: str) -> Row:
    if not rows:
        raise Missing(what=what)
    return rows[0]


@operation(questions, "GET", "/services/{service_id}/questions", door=SEE, answers={200: QuestionList})
def list_questions(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    service_id: str,
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """What a service asks, in order. The business's people also see what is not asked any more."""
    caller = caller_of(request)
    service = caller.timetable.service(known_id(service_id, "service"))
    if not (service.is_active or caller.actor.is_staff):
        raise Missing(what="service")
    rows = list(
        questions_of(business_id=caller.business_id).get(service.id, ())
        if caller.actor.is_staff
        else caller.timetable.questions.get(service.id, ())
    )
    shown = _page(rows, lambda row: position_key(row.position, row.id), show_question, cursor, limit)
    return read_answer(request, shown, cache=PUBLIC)


@operation(
    questions,
    "POST",
    "/services/{service_id}/questions",
    door=CHANGE,
    answers={201: QuestionOut},
    body=True,
    creates=True,
)
def add_question(request: HttpRequest, slug: str, service_id: str, body: QuestionNew) -> HttpResponse:  # noqa: ARG001
    """Add a question to a service."""
    caller = caller_of(request)

    def create() -> str:
        with _wire_names():
            question = commands.add_question(
                actor=caller.actor,
                business_id=caller.business_id,
                service_id=known_id(service_id, "service"),
                wanted=wanted_question(body),
            )
        return write(show_question(question))

    return create_once(request, caller, create)


@operation(questions, "PATCH", "/questions/{question_id}", door=CHANGE, answers={200: QuestionOut}, body=True)
def change_question(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    question_id: str,
    body: QuestionChange,
) -> HttpResponse:
    """Change a question. Answers keep the words they were given to."""
    caller = caller_of(request)
    with _wire_names():
        question = commands.change_question(
            actor=caller.actor,
            business_id=caller.business_id,
            question_id=known_id(question_id, "question"),
            wanted=wanted_question(body),
        )
    return write_answer(write(show_question(question)))


@operation(questions, "DELETE", "/questions/{question_id}", door=CHANGE, answers={204: None})
def delete_question(request: HttpRequest, slug: str, question_id: str) -> HttpResponse:  # noqa: ARG001
    """Delete a question; what was answered stays with its bookings."""
    caller = caller_of(request)
    commands.delete_question(
        actor=caller.actor,
        business_id=caller.business_id,
        question_id=known_id(question_id, "question"),
    )
    return no_content()


@operation(prices, "GET", "/price-rules", door=STAFF, answers={200: PriceRuleList})
def list_price_rules(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """The price rules in the order in which they count."""
    caller = caller_of(request)
    rows = list(price_rules_of(business_id=caller.business_id))
    shown = _page(rows, lambda row: position_key(row.position, row.id), show_price_rule, cursor, limit)
    return read_answer(request, shown)


@operation(prices, "GET", "/price-rules/{rule_id}", door=STAFF, answers={200: PriceRuleOut})
def get_price_rule(request: HttpRequest, slug: str, rule_id: str) -> HttpResponse:  # noqa: ARG001
    """One price rule."""
    caller = caller_of(request)
    id = known_id(rule_id, "price_rule")
    rows = [row for row in price_rules_of(business_id=caller.business_id) if row.id == id]
    return read_answer(request, write(show_price_rule(_only(rows, "price_rule"))))


@operation(prices, "POST", "/price-rules", door=CHANGE, answers={201: PriceRuleOut}, body=True, creates=True)
def create_price_rule(request: HttpRequest, slug: str, body: PriceRuleNew) -> HttpResponse:  # noqa: ARG001
    """Add a price rule."""
    caller = caller_of(request)

    def create() -> str:
        with _wire_names():
            rule = commands.create_price_rule(
                actor=caller.actor, business_id=caller.business_id, wanted=wanted_price_rule(body)
            )
        return write(show_price_rule(rule))

    return create_once(request, caller, create)


@operation(prices, "PATCH", "/price-rules/{rule_id}", door=CHANGE, answers={200: PriceRuleOut}, body=True)
def change_price_rule(request: HttpRequest, slug: str, rule_id: str, body: PriceRuleChange) -> HttpResponse:  # noqa: ARG001
    """Change a price rule; bookings keep the price they were made for."""
    caller = caller_of(request)
    with _wire_names():
        rule = commands.change_price_rule(
            actor=caller.actor,
            business_id=caller.business_id,
            rule_id=known_id(rule_id, "price_rule"),
            wanted=wanted_price_rule(body),
        )
    return write_answer(write(show_price_rule(rule)))


@operation(prices, "DELETE", "/price-rules/{rule_id}", door=CHANGE, answers={204: None})
def delete_price_rule(request: HttpRequest, slug: str, rule_id: str) -> HttpResponse:  # noqa: ARG001
    """Delete a price rule."""
    caller = caller_of(request)
    id = known_id(rule_id, "price_rule")
    commands.delete_price_rule(actor=caller.actor, business_id=caller.business_id, rule_id=id)
    return no_content()


@operation(prices, "GET", "/promotions", door=STAFF, answers={200: PromotionList})
def list_promotions(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """The promotion codes in the order in which they were made, with their uses."""
    caller = caller_of(request)
    rows = list(promotions_of(business_id=caller.business_id).values())
    shown = _page(rows, lambda row: position_key(0, row.id), show_promotion, cursor, limit)
    return read_answer(request, shown)


@operation(prices, "GET", "/promotions/{promotion_id}", door=STAFF, answers={200: PromotionOut})
def get_promotion(request: HttpRequest, slug: str, promotion_id: str) -> HttpResponse:  # noqa: ARG001
    """One promotion code."""
    caller = caller_of(request)
    id = known_id(promotion_id, "promotion")
    found = promotion_by_id(business_id=caller.business_id, promotion_id=id)
    return read_answer(request, write(show_promotion(found)))


@operation(prices, "POST", "/promotions", door=CHANGE, answers={201: PromotionOut}, body=True, creates=True)
def create_promotion(request: HttpRequest, slug: str, body: PromotionNew) -> HttpResponse:  # noqa: ARG001
    """Add a promotion code."""
    caller = caller_of(request)

    def create() -> str:
        with _wire_names():
            promotion = commands.create_promotion(
                actor=caller.actor, business_id=caller.business_id, wanted=wanted_promotion(body)
            )
        return write(show_promotion(promotion))

    return create_once(request, caller, create)


@operation(prices, "PATCH", "/promotions/{promotion_id}", door=CHANGE, answers={200: PromotionOut}, body=True)
def change_promotion(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    promotion_id: str,
    body: PromotionChange,
) -> HttpResponse:
    """Change a promotion, but not its code."""
    caller = caller_of(request)
    with _wire_names():
        promotion = commands.change_promotion(
            actor=caller.actor,
            business_id=caller.business_id,
            promotion_id=known_id(promotion_id, "promotion"),
            wanted=wanted_promotion(body),
        )
    return write_answer(write(show_promotion(promotion)))


@operation(
    prices, "DELETE", "/promotions/{promotion_id}", door=CHANGE, answers={204: None}, conflicts=("in_use",)
)
def delete_promotion(request: HttpRequest, slug: str, promotion_id: str) -> HttpResponse:  # noqa: ARG001
    """Delete a promotion that no standing booking uses."""
    caller = caller_of(request)
    id = known_id(promotion_id, "promotion")
    commands.delete_promotion(actor=caller.actor, business_id=caller.business_id, promotion_id=id)
    return no_content()

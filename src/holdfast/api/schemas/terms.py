"""Questions, price rules and promotions. On the wire a row is ``active``, and times of day are ``HH:MM``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import PARTIAL
from holdfast.api.schemas.catalog import Id, Minor, Position
from holdfast.api.values import Day, known_id
from holdfast.catalog.rules import PriceRuleFacts, PromotionFacts, QuestionFacts
from holdfast.catalog.rules.prices import LEAST_PERCENT, MOST_PERCENT
from holdfast.catalog.rules.questions import CHOICE_LIMIT, MOST_CHOICES
from holdfast.lib.money import MAX_MINOR
from holdfast.lib.refusals import Invalid, Missing

QuestionKind = Literal["text", "paragraph", "choice", "number", "consent"]
RuleEffect = Literal["fixed", "amount", "percent"]
PromotionEffect = Literal["amount", "percent"]
Label = Annotated[str, Field(max_length=200, json_schema_extra={"minLength": 1})]
Whole = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
EndTime = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Party = Annotated[int, Field(ge=1, le=10_000)]
Signed = Annotated[int, Field(ge=-MAX_MINOR, le=MAX_MINOR)]
PercentOff = Annotated[int, Field(ge=0, le=100)]
Uses = Annotated[int, Field(ge=0, le=1_000_000)]
Weekday = Annotated[int, Field(ge=0, le=6)]
Code = Annotated[str, Field(max_length=40, json_schema_extra={"minLength": 2})]


class QuestionOut(BaseModel):
    """What a service asks of whoever books it. A booking's ``answers`` name questions by ``id``."""

    id: str
    service: str
    label: str
    hint: str
    kind: QuestionKind
    choices: list[str]
    least: int | None
    most: int | None
    required: bool
    position: int
    active: bool


class QuestionChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = PARTIAL

    label: Label = ""
    hint: Annotated[str, Field(max_length=200)] = ""
    kind: QuestionKind = "text"
    choices: Annotated[
        list[Annotated[str, Field(max_length=CHOICE_LIMIT)]],
        Field(max_length=MOST_CHOICES, description="What can be answered to a `choice`, two at least."),
    ] = []
    least: Annotated[Whole | None, Field(description="The smallest `number` that is taken.")] = None
    most: Annotated[Whole | None, Field(description="The largest.")] = None
    required: Annotated[bool, Field(description="A `consent` must be ticked then.")] = False
    position: Position = 0
    active: Annotated[bool, Field(description="False: not asked any more.")] = True


class QuestionNew(QuestionChange):
    """A new question: a label at least."""

    label: Label


class QuestionList(BaseModel):
    items: list[QuestionOut]
    next_cursor: str | None


class PriceRuleOut(BaseModel):
    """When a price differs from the service's own."""

    id: str
    name: str
    service: str | None
    resource: str | None
    weekdays: list[int]
    from_time: str | None
    until_time: str | None
    party_least: int | None
    party_most: int | None
    effect: RuleEffect
    amount_minor: int
    percent: int
    position: int
    active: bool


class PriceRuleChange(BaseModel):
    """What to change; what is left out stays. What is null or empty does not narrow."""

    model_config = PARTIAL

    name: Annotated[str, Field(max_length=80, json_schema_extra={"minLength": 1})] = ""
    service: Annotated[Id | None, Field(description="Only this service.")] = None
    resource: Annotated[Id | None, Field(description="Only with this resource.")] = None
    weekdays: Annotated[list[Weekday], Field(max_length=7, description="0 is Monday.")] = []
    from_time: Annotated[ClockTime | None, Field(description="Starts from this time of day on.")] = None
    until_time: Annotated[
        EndTime | None, Field(description="Starts before this time; earlier than `from_time`: the next day.")
    ] = None
    party_least: Party | None = None
    party_most: Party | None = None
    effect: Annotated[
        RuleEffect,
        Field(description="The first `fixed` price that matches counts; then each `amount` and `percent`."),
    ] = "amount"
    amount_minor: Annotated[Signed, Field(description="The fixed price, or what is added.")] = 0
    percent: Annotated[
        int,
        Field(ge=LEAST_PERCENT, le=MOST_PERCENT, description="What is added, in hundredths of the price."),
    ] = 0
    position: Position = 0
    active: bool = True


class PriceRuleNew(PriceRuleChange):
    """A new rule: a name and an effect at least."""

    name: Annotated[str, Field(max_length=80, json_schema_extra={"minLength": 1})]
    effect: RuleEffect


class PriceRuleList(BaseModel):
    items: list[PriceRuleOut]
    next_cursor: str | None


class PromotionOut(BaseModel):
    """A code that lowers the price; ``uses`` counts the bookings that stand."""

    id: str
    code: str
    effect: PromotionEffect
    amount_minor: int
    percent: int
    services: list[str]
    valid_from: str | None
    valid_until: str | None
    most_uses: int
    most_uses_per_customer: int
    uses: int
    active: bool


class PromotionChange(BaseModel):
    """What to change; what is left out stays. The code itself cannot change: bookings name it."""

    model_config = PARTIAL

    effect: PromotionEffect = "percent"
    amount_minor: Annotated[Minor, Field(description="What an `amount` takes off.")] = 0
    percent: Annotated[PercentOff, Field(description="What a `percent` takes off.")] = 0
    services: Annotated[list[Id], Field(max_length=1000, description="Only these; empty: all.")] = []
    valid_from: Annotated[Day | None, Field(description="The first local date.")] = None
    valid_until: Annotated[Day | None, Field(description="The last local date.")] = None
    most_uses: Annotated[Uses, Field(description="0: no limit.")] = 0
    most_uses_per_customer: Annotated[int, Field(ge=0, le=1000, description="0: no limit.")] = 0
    active: bool = True


class PromotionNew(PromotionChange):
    """A new code: itself and an effect at least."""

    code: Annotated[Code, Field(description="Letters, digits and dashes; capitals do not matter.")]
    effect: PromotionEffect


class PromotionList(BaseModel):
    items: list[PromotionOut]
    next_cursor: str | None


def show_question(question: QuestionFacts) -> dict[str, Any]:
    """A question as the API shows it."""
    return {
        "id": str(question.id),
        "service": str(question.service_id),
        "label": question.label,
        "hint": question.hint,
        "kind": question.kind,
        "choices": list(question.choices),
        "least": question.least,
        "most": question.most,
        "required": question.is_required,
        "position": question.position,
        "active": question.is_active,
    }


def show_price_rule(rule: PriceRuleFacts) -> dict[str, Any]:
    """A price rule as the API shows it."""
    return {
        "id": str(rule.id),
        "name": rule.name,
        "service": str(rule.service_id) if rule.service_id else None,
        "resource": str(rule.resource_id) if rule.resource_id else None,
        "weekdays": list(rule.weekdays),
        "from_time": _show_clock(rule.from_minute),
        "until_time": _show_clock(rule.until_minute),
        "party_least": rule.party_least,
        "party_most": rule.party_most,
        "effect": rule.effect,
        "amount_minor": rule.amount_minor,
        "percent": rule.percent,
        "position": rule.position,
        "active": rule.is_active,
    }


def show_promotion(promotion: PromotionFacts) -> dict[str, Any]:
    """A promotion as the API shows it."""
    return {
        "id": str(promotion.id),
        "code": promotion.code,
        "effect": promotion.effect,
        "amount_minor": promotion.amount_minor,
        "percent": promotion.percent,
        "services": [str(id) for id in promotion.service_ids],
        "valid_from": promotion.valid_from.isoformat() if promotion.valid_from else None,
        "valid_until": promotion.valid_until.isoformat() if promotion.valid_until else None,
        "most_uses": promotion.most_uses,
        "most_uses_per_customer": promotion.most_uses_per_customer,
        "uses": promotion.uses,
        "active": promotion.is_active,
    }


def wanted_question(body: QuestionChange) -> dict[str, Any]:
    """What the body sets, under the domain's names."""
    return _renamed(body.model_dump(exclude_unset=True), {"required": "is_required", "active": "is_active"})


def wanted_price_rule(body: PriceRuleChange) -> dict[str, Any]:
    """The same for a price rule. Refusals: :class:`Invalid` for ids that are none."""
    wanted = body.model_dump(exclude_unset=True)
    for name in ("service", "resource"):
        if wanted.get(name) is not None:
            wanted[name] = _id(wanted[name], name)
    for name in ("from_time", "until_time"):
        if wanted.get(name) is not None:
            hours, minutes = wanted[name].split(":")
            wanted[name] = int(hours) * 60 + int(minutes)
    return _renamed(
        wanted,
        {
            "service": "service_id",
            "resource": "resource_id",
            "from_time": "from_minute",
            "until_time": "until_minute",
            "active": "is_active",
        },
    )


def wanted_promotion(body: PromotionChange) -> dict[str, Any]:
    """The same for a promotion. Refusals: :class:`Invalid` for ids that are none."""
    wanted = body.model_dump(exclude_unset=True)
    if "services" in wanted:
        wanted["services"] = [_id(text, "services") for text in wanted["services"]]
    return _renamed(wanted, {"services": "service_ids", "active": "is_active"})


def _renamed(wanted: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in wanted.items()}


def _id(text: str, field: str) -> Any:
    try:
        return known_id(text, field)
    except Missing as refusal:
        raise Invalid.field(field, "unknown") from refusal


def _show_clock(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60:02}:{minute % 60:02}"

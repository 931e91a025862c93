"""Reads of what a service asks and on which terms it is sold: questions, price rules, promotions."""

from __future__ import annotations

from uuid import UUID

from holdfast.catalog.models import PriceRule, Promotion, Question
from holdfast.catalog.rules.prices import PriceRuleFacts
from holdfast.catalog.rules.promotions import PromotionFacts
from holdfast.catalog.rules.questions import QuestionFacts
from holdfast.lib.refusals import Missing


def questions_of(*, business_id: UUID) -> dict[UUID, tuple[QuestionFacts, ...]]:
    """All questions of a business by service, retired ones too, in their order; one statement."""
    found: dict[UUID, list[QuestionFacts]] = {}
    for question in Question.objects.filter(business_id=business_id).order_by("position", "id"):
        found.setdefault(question.service_id, []).append(question_facts(question=question))
    return {service_id: tuple(questions) for service_id, questions in found.items()}


def price_rules_of(*, business_id: UUID) -> tuple[PriceRuleFacts, ...]:
    """All price rules of a business, those switched off too, in their order; one statement."""
    rows = PriceRule.objects.filter(business_id=business_id).order_by("position", "id")
    return tuple(price_rule_facts(rule=rule) for rule in rows)


def promotions_of(*, business_id: UUID) -> dict[str, PromotionFacts]:
    """All promotions of a business by code; one statement. Where exact ``uses`` matter, ask the table."""
    rows = Promotion.objects.filter(business_id=business_id).order_by("code")
    return {promotion.code: promotion_facts(promotion=promotion) for promotion in rows}


def promotion_by_id(*, business_id: UUID, promotion_id: UUID) -> PromotionFacts:
    """One promotion as it is now. Refusals: :class:`Missing`."""
    promotion = Promotion.objects.filter(business_id=business_id, id=promotion_id).first()
    if promotion is None:
        raise Missing(what="promotion")
    return promotion_facts(promotion=promotion)


def question_facts(*, question: Question) -> QuestionFacts:
    """The plain values of a loaded row."""
    return QuestionFacts(
        id=question.id,
        service_id=question.service_id,
        label=question.label,
        hint=question.hint,
        kind=question.kind,
        choices=tuple(question.choices),
        least=question.least,
        most=question.most,
        is_required=question.is_required,
        position=question.position,
        is_active=question.is_active,
    )


def price_rule_facts(*, rule: PriceRule) -> PriceRuleFacts:
    """The plain values of a loaded row."""
    return PriceRuleFacts(
        id=rule.id,
        name=rule.name,
        service_id=rule.service_id,
        resource_id=rule.resource_id,
        weekdays=tuple(rule.weekdays),
        from_minute=rule.from_minute,
        until_minute=rule.until_minute,
        party_least=rule.party_least,
        party_most=rule.party_most,
        effect=rule.effect,
        amount_minor=rule.amount_minor,
        percent=rule.percent,
        position=rule.position,
        is_active=rule.is_active,
    )


def promotion_facts(*, promotion: Promotion) -> PromotionFacts:
    """The plain values of a loaded row."""
    return PromotionFacts(
        id=promotion.id,
        code=promotion.code,
        effect=promotion.effect,
        amount_minor=promotion.amount_minor,
        percent=promotion.percent,
        service_ids=tuple(UUID(id) for id in promotion.service_ids),
        valid_from=promotion.valid_from,
        valid_until=promotion.valid_until,
        most_uses=promotion.most_uses,
        most_uses_per_customer=promotion.most_uses_per_customer,
        uses=promotion.uses,
        is_active=promotion.is_active,
    )

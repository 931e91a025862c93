"""What may be offered: resources and services, deposits, questions, price rules, promotion codes. Pure."""

from holdfast.catalog.rules.deposits import GUARDS, DepositTerms, deposit_of
from holdfast.catalog.rules.offers import (
    RESOURCE_KINDS,
    SERVICE_MODES,
    WHO_MAY_BOOK,
    clean_resource,
    clean_service,
    contradictions,
)
from holdfast.catalog.rules.prices import Occasion, PriceRuleFacts, price_of, rules_for
from holdfast.catalog.rules.promotions import PromotionFacts, discount, read_code
from holdfast.catalog.rules.questions import Answer, QuestionFacts, check_answers
from holdfast.catalog.rules.tables import turn_for

__all__ = [
    "GUARDS",
    "RESOURCE_KINDS",
    "SERVICE_MODES",
    "WHO_MAY_BOOK",
    "Answer",
    "DepositTerms",
    "Occasion",
    "PriceRuleFacts",
    "PromotionFacts",
    "QuestionFacts",
    "check_answers",
    "clean_resource",
    "clean_service",
    "contradictions",
    "deposit_of",
    "discount",
    "price_of",
    "read_code",
    "rules_for",
    "turn_for",
]

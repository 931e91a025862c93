"""Reads of payments, refunds and balances."""

from holdfast.payments.queries.facts import (
    Balance,
    CardFacts,
    PaymentFacts,
    RefundFacts,
    money_of,
    payment_by_id,
    payments_of,
    refund_by_id,
    refunds_of,
    ways,
)
from holdfast.payments.queries.lists import PaymentFilter, payment_page

__all__ = [
    "Balance",
    "CardFacts",
    "PaymentFacts",
    "PaymentFilter",
    "RefundFacts",
    "money_of",
    "payment_by_id",
    "payment_page",
    "payments_of",
    "refund_by_id",
    "refunds_of",
    "ways",
]

"""Decisions about money: values in, answers out."""

from holdfast.payments.rules.amounts import (
    Source,
    again_at,
    checkout_ends_at,
    is_long_enough,
    look_again_at,
    spread,
)
from holdfast.payments.rules.orders import CheckoutOrder
from holdfast.payments.rules.states import (
    WAITING,
    Outcome,
    RefundOutcome,
    Seen,
    next_refund_state,
    next_state,
)

__all__ = [
    "WAITING",
    "CheckoutOrder",
    "Outcome",
    "RefundOutcome",
    "Seen",
    "Source",
    "again_at",
    "checkout_ends_at",
    "is_long_enough",
    "look_again_at",
    "next_refund_state",
    "next_state",
    "spread",
]

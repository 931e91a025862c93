"""Decisions about money: values in, answers out."""

from holdfast.payments.rules.amounts import Source, again_at, checkout_ends_at, look_again_at, spread
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
    "Outcome",
    "RefundOutcome",
    "Seen",
    "Source",
    "again_at",
    "checkout_ends_at",
    "look_again_at",
    "next_refund_state",
    "next_state",
    "spread",
]

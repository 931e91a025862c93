"""Writes about money."""

from holdfast.payments.commands.giving_back import give_back, retry_refund, withdraw_refunds
from holdfast.payments.commands.starting import (
    charge_card,
    record_at_counter,
    start_payment,
    stop_charge,
    stop_payments,
)

__all__ = [
    "charge_card",
    "give_back",
    "record_at_counter",
    "retry_refund",
    "start_payment",
    "stop_charge",
    "stop_payments",
    "withdraw_refunds",
]

"""Payments, refunds and what of them a booking has (SPEC G1–G3)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import STRICT
from holdfast.api.values import show_instant, show_instant_if_any
from holdfast.payments.queries import PaymentFacts, RefundFacts

Minor = Annotated[int, Field(ge=1, le=10**12, description="In minor units of the booking's currency.")]


class PaymentOut(BaseModel):
    """One attempt to collect money. `amount_minor` is what is asked, `paid_minor` what came."""

    id: str
    kind: Literal["deposit", "price", "balance", "no_show_fee", "card"]
    provider: Literal["stripe", "demo", "counter"]
    method: str
    status: Literal["opening", "open", "paid", "failed", "expired"]
    amount_minor: int
    paid_minor: int
    currency: str
    created_at: str
    paid_at: str | None


class RefundOut(BaseModel):
    """Money given back, or on its way back."""

    id: str
    payment: str
    amount_minor: int
    currency: str
    status: Literal["due", "sent", "done", "failed"]
    reason: str
    note: str
    created_at: str
    done_at: str | None


class MoneyOut(BaseModel):
    """A booking's money: its sums, and every payment and refund, the earliest first."""

    paid_minor: int
    refunded_minor: int
    refund_due_minor: int
    currency: str
    payments: list[PaymentOut]
    refunds: list[RefundOut]


class PaymentList(BaseModel):
    items: list[PaymentOut]
    next_cursor: str | None


class PaymentNew(BaseModel):
    """Money that was taken at the counter."""

    model_config = STRICT

    amount_minor: Minor
    method: Literal["cash", "card", "transfer", "other"] = "cash"


class RefundNew(BaseModel):
    """How much to give back, and why; colleagues see the note."""

    model_config = STRICT

    amount_minor: Minor
    note: Annotated[str, Field(max_length=200, json_schema_extra={"minLength": 1})]


def show_payment(payment: PaymentFacts) -> dict[str, Any]:
    """A payment as the API shows it: without what only its provider understands."""
    return {
        "id": str(payment.id),
        "kind": payment.kind,
        "provider": payment.provider,
        "method": payment.method,
        "status": payment.state,
        "amount_minor": payment.amount_minor,
        "paid_minor": payment.paid_minor,
        "currency": payment.currency,
        "created_at": show_instant(payment.created_at),
        "paid_at": show_instant_if_any(payment.paid_at),
    }


def show_refund(refund: RefundFacts) -> dict[str, Any]:
    """A refund as the API shows it."""
    return {
        "id": str(refund.id),
        "payment": str(refund.payment_id),
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "status": refund.state,
        "reason": refund.reason,
        "note": refund.note,
        "created_at": show_instant(refund.created_at),
        "done_at": show_instant_if_any(refund.done_at),
    }

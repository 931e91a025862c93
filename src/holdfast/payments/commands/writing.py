"""What several commands write: the ledger's entries, and money given back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from holdfast.core import outbox
from holdfast.payments.events import RefundMade
from holdfast.payments.models import LedgerEntry, Payment, Provider, Refund

Kind = LedgerEntry.Kind


def locked_of(*, business_id: UUID, booking_id: UUID) -> list[Payment]:
    """A booking's payments, locked in the order of their ids: whoever decides about its money waits here."""
    rows = Payment.objects.select_for_update().filter(business_id=business_id, booking_id=booking_id)
    return list(rows.order_by("id"))


def enter(*, payment: Payment, now: datetime, refund: Refund | None = None, came_back: bool = False) -> bool:
    """Add what was taken, or with ``refund`` what was given back (or came back); False where it stands already."""
    kind = Kind.FEE if payment.kind == Payment.Kind.NO_SHOW_FEE else Kind.CHARGE
    amount = payment.paid_minor
    if refund is not None:
        kind = Kind.REVERSAL if came_back else Kind.REFUND
        amount = refund.amount_minor if came_back else -refund.amount_minor
    _, made = LedgerEntry.objects.get_or_create(
        payment=payment,
        refund=refund,
        kind=kind,
        defaults={
            "business_id": payment.business_id,
            "booking_id": payment.booking_id,
            "at": now,
            "amount_minor": amount,
            "currency": payment.currency,
        },
    )
    return made


def left_of(*, payments: list[Payment]) -> dict[UUID, int]:
    """What of each payment was neither given back nor is to be."""
    left = {row.id: row.paid_minor for row in payments}
    taken = Refund.objects.filter(payment_id__in=left).exclude(state=Refund.State.FAILED)
    for id, amount in taken.values_list("payment_id").annotate(Sum("amount_minor")):
        left[id] -= amount
    return left


def make_refund(
    *, payment: Payment, amount_minor: int, reason: str, note: str, due_at: datetime, now: datetime
) -> Refund:
    """Money to be given back out of a payment; at the counter it is given back at once."""
    at_counter = payment.provider == Provider.COUNTER
    refund = Refund.objects.create(
        business_id=payment.business_id,
        booking_id=payment.booking_id,
        payment=payment,
        amount_minor=amount_minor,
        reason=reason,
        note=note or None,
        state=Refund.State.DONE if at_counter else Refund.State.DUE,
        due_at=now if at_counter else due_at,
        next_attempt_at=None if at_counter else due_at,
        created_at=now,
        done_at=now if at_counter else None,
    )
    if at_counter:
        note_given_back(refund=refund, now=now)
    return refund


def note_given_back(*, refund: Refund, now: datetime) -> None:
    """The ledger and whoever is concerned learn of it, once."""
    if enter(payment=refund.payment, refund=refund, now=now):
        outbox.record(
            RefundMade(refund.id, refund.booking_id, refund.amount_minor),
            business_id=refund.business_id,
            subject_id=refund.id,
        )

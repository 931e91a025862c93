"""What several commands write: the ledger's entries."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.payments.models import LedgerEntry, Payment, Refund


def locked_of(*, business_id: UUID, booking_id: UUID) -> list[Payment]:
    """A booking's payments, locked in the order of their ids: whoever decides about its money waits here."""
    rows = Payment.objects.select_for_update().filter(business_id=business_id, booking_id=booking_id)
    return list(rows.order_by("id"))


def enter(*, payment: Payment, now: datetime, refund: Refund | None = None) -> bool:
    """Add what was taken, or with ``refund`` what was given back; False where it stands already."""
    is_fee = payment.kind == Payment.Kind.NO_SHOW_FEE
    kind = LedgerEntry.Kind.FEE if is_fee else LedgerEntry.Kind.CHARGE
    _, made = LedgerEntry.objects.get_or_create(
        payment=payment,
        refund=refund,
        defaults={
            "business_id": payment.business_id,
            "booking_id": payment.booking_id,
            "at": now,
            "kind": LedgerEntry.Kind.REFUND if refund else kind,
            "amount_minor": -refund.amount_minor if refund else payment.paid_minor,
            "currency": payment.currency,
        },
    )
    return made

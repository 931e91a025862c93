"""What payments hold about the people who made bookings (SPEC K2)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from holdfast.payments.models import Payment, Refund, SavedCard


def about_bookings(*, business_id: UUID, booking_ids: Collection[UUID]) -> dict[str, list[dict[str, Any]]]:
    """Payments, refunds and cards on file of these bookings, JSON-ready."""
    here = {"business_id": business_id, "booking_id__in": booking_ids}
    payments = Payment.objects.filter(**here).order_by("created_at", "id")
    refunds = Refund.objects.filter(**here).select_related("payment").order_by("created_at", "id")
    return {
        "payments": [
            {
                "kind": one.kind,
                "via": one.provider,
                "state": one.state,
                "amount_minor": one.amount_minor,
                "currency": one.currency,
                "made_at": one.created_at,
                "paid_at": one.paid_at,
                "email": (one.asked or {}).get("email", ""),
            }
            for one in payments
        ],
        "refunds": [
            {
                "state": one.state,
                "amount_minor": one.amount_minor,
                "currency": one.payment.currency,
                "reason": one.reason,
                "notes": one.note or "",
                "made_at": one.created_at,
                "done_at": one.done_at,
            }
            for one in refunds
        ],
        "cards": [
            {"via": one.provider, "brand": one.brand, "last4": one.last4, "saved_at": one.saved_at}
            for one in SavedCard.objects.filter(**here).order_by("saved_at", "id")
        ],
    }

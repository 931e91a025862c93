"""Money in tests: a shop that takes it online, and a payment that the provider says was made."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.commands import take_payment
from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.commands import change_service
from holdfast.core import clock
from holdfast.payments.commands.writing import enter
from holdfast.payments.models import LedgerEntry, Payment, Refund
from tests.cast import OPERATOR, Shop


def takes_money(shop: Shop, wanted: dict[str, Any] | None = None, **settings: Any) -> None:
    """The shop takes money by the demo provider; ``wanted`` are columns of the cut."""
    change_business_settings(
        actor=OPERATOR, business_id=shop.business_id, wanted={"payments": "demo", **settings}
    )
    if wanted:
        change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)


def payment_for(booking_id: UUID) -> Payment:
    """The latest payment begun for a booking."""
    return Payment.objects.filter(booking_id=booking_id).order_by("created_at", "id").last()  # type: ignore[return-value]


def provider_says_paid(payment: Payment, now: datetime | None = None) -> Payment:
    """What the room of payments writes when the provider has the money."""
    now = now or clock.now()
    payment.refresh_from_db()
    payment.state, payment.paid_minor, payment.paid_at = "paid", payment.amount_minor, now
    payment.save()
    if payment.amount_minor:
        enter(payment=payment, now=now)
    return payment


def pay(shop: Shop, booking_id: UUID, now: datetime | None = None) -> str:
    """The customer pays, and the booking hears of it; what became of it."""
    now = now or clock.now()
    paid = provider_says_paid(payment_for(booking_id), now)
    return take_payment(timetable=shop.timetable, booking_id=booking_id, payment_id=paid.id, now=now)


def ledger_of(booking_id: UUID) -> int:
    """The sum of a booking's entries, with what is about to be given back taken off."""
    entries = LedgerEntry.objects.filter(booking_id=booking_id).values_list("amount_minor", flat=True)
    due = Refund.objects.filter(booking_id=booking_id, state__in=("due", "sent"))
    return sum(entries) - sum(due.values_list("amount_minor", flat=True))

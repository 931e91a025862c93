"""What there is to do for the worker, and what it needs to know for it. Of all businesses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from holdfast.payments.models import LedgerEntry, Payment, Provider, ProviderEvent, Refund
from holdfast.payments.queries.facts import PaymentFacts, payment_facts


def payments_are_due(*, now: datetime) -> bool:
    """Whether a payment waits to be attended to; a look that takes no lock."""
    return Payment.objects.filter(next_attempt_at__lte=now).exists()


def refunds_are_due(*, now: datetime) -> bool:
    """Whether a refund waits to be sent, or looked after."""
    return Refund.objects.filter(next_attempt_at__lte=now).exists()


def words_are_due(*, now: datetime) -> bool:
    """Whether something in the inbox waits."""
    return ProviderEvent.objects.filter(next_attempt_at__lte=now).exists()


def word_about(*, provider: str, checkout_ref: str) -> dict[str, Any] | None:
    """The word in the inbox that a checkout was paid, if there is one."""
    rows = ProviderEvent.objects.filter(
        provider=provider, told__checkout_ref=checkout_ref, told__outcome="paid"
    )
    return rows.values_list("told", flat=True).first()


def payment_told_of(*, provider: str, facts: dict[str, Any]) -> Payment | None:
    """The payment an event is about: by our own mark, else by the provider's references."""
    try:
        marked = UUID(str(facts.get("payment_id", "")))
    except ValueError:
        marked = None
    if marked is not None:
        return Payment.objects.filter(provider=provider, id=marked).first()
    for name in ("checkout_ref", "charge_ref"):
        if ref := facts.get(name):
            found = Payment.objects.filter(provider=provider, **{name: ref}).first()
            if found is not None:
                return found
    return None


def refund_told_of(*, provider: str, facts: dict[str, Any]) -> Refund | None:
    """The refund an event is about: by our own mark, else by the provider's reference."""
    rows = Refund.objects.filter(payment__provider=provider)
    try:
        return rows.filter(id=UUID(str(facts.get("refund_id", "")))).first()
    except ValueError:
        return rows.filter(provider_ref=facts.get("refund_ref") or "-").first()


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry beside what the provider knows it by."""

    payment_id: UUID
    charge_ref: str
    refund_id: UUID | None
    refund_ref: str
    kind: str
    amount_minor: int
    currency: str
    at: datetime


def ledger_since(*, provider: str, since: datetime) -> Iterator[LedgerLine]:
    """Every entry of a provider's payments since, the earliest first."""
    rows = LedgerEntry.objects.filter(payment__provider=provider, at__gte=since).order_by("at", "id")
    columns = (
        *("payment_id", "payment__charge_ref", "refund_id", "refund__provider_ref"),
        *("kind", "amount_minor", "currency", "at"),
    )
    for row in rows.values_list(*columns).iterator(chunk_size=1000):
        yield LedgerLine(row[0], row[1], row[2], row[3] or "", *row[4:])


def entered(*, payment_ids: list[UUID]) -> dict[tuple[UUID, UUID | None, str], int]:
    """The entries of these payments: amounts by ``(payment, refund, kind)``."""
    rows = LedgerEntry.objects.filter(payment_id__in=payment_ids)
    return {
        (payment, refund, kind): amount
        for payment, refund, kind, amount in rows.values_list(
            "payment_id", "refund_id", "kind", "amount_minor"
        )
    }


def unfinished(*, provider: str, before: datetime) -> list[Payment]:
    """Payments that have waited since before: what became of them is for their provider to say."""
    waiting = Q(state__in=("opening", "open")) & ~Q(checkout_ref="", charge_ref="")
    return list(Payment.objects.filter(waiting, provider=provider, created_at__lt=before).order_by("id"))


def payments_known(*, ids: list[UUID], state: str) -> set[UUID]:
    """Those of the payments that are in a state."""
    return set(Payment.objects.filter(id__in=ids, state=state).values_list("id", flat=True))


def demo_payment(*, payment_id: UUID) -> PaymentFacts | None:
    """A payment that is only played; its address is the proof that one may see it."""
    row = Payment.objects.filter(id=payment_id, provider=Provider.DEMO).first()
    return None if row is None else payment_facts(row)

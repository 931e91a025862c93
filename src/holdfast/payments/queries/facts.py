"""What is known of payments, refunds, cards and a booking's money, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, Sum

from holdfast.lib.refusals import Missing
from holdfast.payments.models import LedgerEntry, Payment, Provider, Refund, SavedCard

State = Payment.State


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """One attempt to collect money. ``amount_minor`` is what is asked, ``paid_minor`` what came."""

    id: UUID
    business_id: UUID
    booking_id: UUID
    kind: str
    provider: str
    amount_minor: int
    paid_minor: int
    currency: str
    state: str
    method: str
    failure: str
    checkout_url: str
    checkout_ref: str
    charge_ref: str
    expires_at: datetime | None
    due_at: datetime | None
    created_at: datetime
    paid_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in (State.PAID, State.FAILED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """Money to be given back, or given back; ``reason`` is a code, ``note`` what staff wrote."""

    id: UUID
    business_id: UUID
    booking_id: UUID
    payment_id: UUID
    amount_minor: int
    currency: str
    provider: str
    reason: str
    note: str
    state: str
    due_at: datetime
    last_error: str
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class CardFacts:
    """A card on file, as people know it."""

    id: UUID
    provider: str
    brand: str
    last4: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """A booking's money, in minor units of its currency.

    ``paid_minor`` is all that was taken, ``refunded_minor`` what of it was given back, ``refund_due_minor`` what is to
    be. ``open`` is the attempt that waits to be paid, ``charge`` a charge of the saved card that is planned or under
    way, ``failed`` the code of the latest refusal, when nothing came after it.
    """

    paid_minor: int = 0
    refunded_minor: int = 0
    refund_due_minor: int = 0
    open: PaymentFacts | None = None
    charge: PaymentFacts | None = None
    card: CardFacts | None = None
    failed: str = ""

    @property
    def kept_minor(self) -> int:
        """What is left with the business once everything due has been given back."""
        return self.paid_minor - self.refunded_minor - self.refund_due_minor


def ways() -> tuple[str, ...]:
    """How this installation can take money: ``counter`` always, ``stripe`` with a key, ``demo`` outside production or
    where ``DEMO_PAYMENTS`` is on.
    """
    found = [str(Provider.COUNTER)]
    if settings.STRIPE_SECRET_KEY:
        found.append(str(Provider.STRIPE))
    if settings.DEMO_PAYMENTS:
        found.append(str(Provider.DEMO))
    return tuple(found)


def money_of(*, business_id: UUID, booking_ids: Iterable[UUID]) -> Mapping[UUID, Balance]:
    """The money of each of these bookings; those without any have an empty one. Four statements, however many."""
    ids = list(dict.fromkeys(booking_ids))
    if not ids:
        return {}
    here = {"business_id": business_id, "booking_id__in": ids}
    sums: dict[UUID, list[int]] = {id: [0, 0, 0] for id in ids}
    moved = LedgerEntry.objects.filter(**here).values_list("booking_id", "kind").annotate(Sum("amount_minor"))
    for booking_id, kind, amount in moved:
        is_back = kind in (LedgerEntry.Kind.REFUND, LedgerEntry.Kind.REVERSAL)
        sums[booking_id][1 if is_back else 0] += -amount if is_back else amount
    due = Refund.objects.filter(**here, state__in=(Refund.State.DUE, Refund.State.SENT))
    for booking_id, amount in due.values_list("booking_id").annotate(Sum("amount_minor")):
        sums[booking_id][2] = amount
    attempts: dict[UUID, list[PaymentFacts]] = {id: [] for id in ids}
    for row in Payment.objects.filter(**here).order_by("created_at", "id"):
        attempts[row.booking_id].append(payment_facts(row))
    cards = {row.booking_id: card_facts(row) for row in SavedCard.objects.filter(**here)}
    return {id: _balance(*sums[id], attempts=attempts[id], card=cards.get(id)) for id in ids}


def _balance(
    paid: int, refunded: int, due: int, *, attempts: list[PaymentFacts], card: CardFacts | None
) -> Balance:
    waiting = [one for one in attempts if one.state in (State.OPENING, State.OPEN)]
    last = attempts[-1] if attempts else None
    return Balance(
        paid_minor=paid,
        refunded_minor=refunded,
        refund_due_minor=due,
        open=next((one for one in reversed(waiting) if one.due_at is None), None),
        charge=next((one for one in reversed(waiting) if one.due_at is not None), None),
        card=card,
        failed=last.failure if last is not None and last.state != State.PAID else "",
    )


def payments_of(*, business_id: UUID, booking_id: UUID) -> list[PaymentFacts]:
    """Every attempt to collect money for a booking, the earliest first."""
    rows = Payment.objects.filter(business_id=business_id, booking_id=booking_id)
    return [payment_facts(row) for row in rows.order_by("created_at", "id")]


def refunds_of(*, business_id: UUID, booking_id: UUID) -> list[RefundFacts]:
    """Everything given back or to be given back for a booking, the earliest first."""
    rows = Refund.objects.filter(business_id=business_id, booking_id=booking_id).select_related("payment")
    return [refund_facts(row) for row in rows.order_by("created_at", "id")]


def payment_by_id(*, business_id: UUID, payment_id: UUID) -> PaymentFacts:
    """One payment of a business. Refusals: :class:`Missing`."""
    row = Payment.objects.filter(business_id=business_id, id=payment_id).first()
    if row is None:
        raise Missing(what="payment")
    return payment_facts(row)


def refund_by_id(*, business_id: UUID, refund_id: UUID) -> RefundFacts:
    """One refund of a business. Refusals: :class:`Missing`."""
    rows: QuerySet[Refund] = Refund.objects.filter(business_id=business_id, id=refund_id)
    row = rows.select_related("payment").first()
    if row is None:
        raise Missing(what="refund")
    return refund_facts(row)


def payment_facts(row: Payment) -> PaymentFacts:
    """The row as a value."""
    return PaymentFacts(
        id=row.id,
        business_id=row.business_id,
        booking_id=row.booking_id,
        kind=row.kind,
        provider=row.provider,
        amount_minor=row.amount_minor,
        paid_minor=row.paid_minor,
        currency=row.currency,
        state=row.state,
        method=row.method,
        failure=row.failure,
        checkout_url=row.checkout_url,
        checkout_ref=row.checkout_ref,
        charge_ref=row.charge_ref,
        expires_at=row.expires_at,
        due_at=row.due_at,
        created_at=row.created_at,
        paid_at=row.paid_at,
    )


def refund_facts(row: Refund) -> RefundFacts:
    """The row, with its payment, as a value."""
    return RefundFacts(
        id=row.id,
        business_id=row.business_id,
        booking_id=row.booking_id,
        payment_id=row.payment_id,
        amount_minor=row.amount_minor,
        currency=row.payment.currency,
        provider=row.payment.provider,
        reason=row.reason,
        note=row.note or "",
        state=row.state,
        due_at=row.due_at,
        last_error=row.last_error,
        created_at=row.created_at,
        done_at=row.done_at,
    )


def card_facts(row: SavedCard) -> CardFacts:
    """The row as a value."""
    return CardFacts(
        id=row.id, provider=row.provider, brand=row.brand, last4=row.last4, saved_at=row.saved_at
    )

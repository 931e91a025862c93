"""The till of the tests: one booking's payments, the double behind them, and a worker that can be made to hurry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Sum

from holdfast.core import clock
from holdfast.core.ids import uuid7
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import Actor, Role
from holdfast.payments import commands, jobs
from holdfast.payments.models import LedgerEntry, Payment, ProviderEvent, Refund
from holdfast.payments.queries import Balance, PaymentFacts, money_of
from tests.stripe_double.ledger import signed
from tests.stripe_double.server import Double

SECRET = "whsec_the_one_in_use"


@dataclass
class Till:
    """A booking that is to be paid; no such booking need exist, for payments know it by its id alone."""

    business_id: UUID
    double: Double | None = None
    booking_id: UUID = field(default_factory=uuid7)

    @property
    def staff(self) -> Actor:
        return Actor(role=Role.STAFF, business_id=self.business_id, via="page", name="Bob")

    @property
    def money(self) -> Balance:
        return money_of(business_id=self.business_id, booking_ids=[self.booking_id])[self.booking_id]

    def start(
        self,
        amount_minor: int = 1500,
        *,
        kind: str = "deposit",
        provider: str = "stripe",
        minutes: float = 10,
        now: datetime | None = None,
    ) -> PaymentFacts:
        now = now or clock.now()
        return commands.start_payment(
            business_id=self.business_id,
            booking_id=self.booking_id,
            kind=kind,
            provider=provider,
            amount_minor=amount_minor,
            currency="GBP",
            expires_at=now + timedelta(minutes=minutes),
            now=now,
        )

    def open(self, payment: PaymentFacts) -> str | None:
        return jobs.open_checkout(
            payment_id=payment.id,
            title="Classic cut",
            return_url="https://book.example.com/back",
            cancel_url="https://book.example.com/cancel",
            email="dana@example.org",
        )

    def row(self, payment: PaymentFacts) -> Payment:
        return Payment.objects.get(id=payment.id)

    def paid(self, amount_minor: int = 1500, **how: Any) -> PaymentFacts:
        """A payment that is paid and known to be."""
        assert self.double is not None
        payment = self.start(amount_minor, **how)
        assert self.open(payment)
        self.double.books.pay(self.row(payment).checkout_ref)
        self.deliver()
        return payment

    def give_back(
        self, amount_minor: int, *, later: timedelta = timedelta(0), reason: str = "cancelled"
    ) -> None:
        now = clock.now()
        commands.give_back(
            business_id=self.business_id,
            booking_id=self.booking_id,
            amount_minor=amount_minor,
            reason=reason,
            due_at=now + later,
            now=now,
            actor=self.staff,
        )

    def deliver(self) -> None:
        """Every webhook of the double that has not come, in its order."""
        assert self.double is not None
        come = set(ProviderEvent.objects.values_list("event_id", flat=True))
        for event in self.double.books.events:
            if event["id"] not in come:
                self.take_in(event)
        self.work()

    def take_in(self, event: dict[str, Any], secret: str = SECRET) -> bool:
        body, signature = signed(event, secret)
        return jobs.take_in("stripe", body, {"Stripe-Signature": signature})

    def work(self) -> None:
        """Whatever is due, until nothing is."""
        for _ in range(50):
            if not (jobs.process_inbox() + jobs.run_payments() + jobs.run_refunds()):
                return
        raise AssertionError("the worker never comes to rest")

    def time_passes(self) -> None:
        """Leases and pauses end, polls are due; what is planned for later stays."""
        now = clock.now()
        Payment.objects.filter(next_attempt_at__gt=now).exclude(due_at__gt=now).exclude(
            state="opening", asked__isnull=True, due_at=None, expires_at__gt=now
        ).update(next_attempt_at=now)
        Refund.objects.filter(next_attempt_at__gt=now, due_at__lte=now).update(next_attempt_at=now)
        ProviderEvent.objects.filter(next_attempt_at__gt=now).update(next_attempt_at=now)
        self.work()

    def deal_with_words(self) -> None:
        """What waits in the inbox is looked at, until nothing does; nobody asks Stripe."""
        waiting = ProviderEvent.objects.filter(next_attempt_at__isnull=False)
        while waiting.update(next_attempt_at=clock.now()):
            jobs.process_inbox()

    def hold_ends(self, payment: PaymentFacts) -> None:
        """What it pays for is let go."""
        now = clock.now()
        Payment.objects.filter(id=payment.id).update(expires_at=now, next_attempt_at=now)
        self.work()

    def told(self) -> list[str]:
        """The names of the events about money, in their order."""
        rows = OutboxEvent.objects.filter(business_id=self.business_id).order_by("created_at", "id")
        wanted = ("Payment", "Card", "Refund")
        return [kind for kind in rows.values_list("kind", flat=True) if kind.startswith(wanted)]


def ledger_minor() -> int:
    """The sum of our ledger."""
    return LedgerEntry.objects.aggregate(Sum("amount_minor"))["amount_minor__sum"] or 0


def agrees(double: Double) -> bool:
    """Whether our ledger is the double's."""
    return ledger_minor() == double.books.taken_minor - double.books.given_back_minor

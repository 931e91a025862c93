"""What somebody plays on the page of a demo payment: a word in the inbox, at once or later."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from holdfast.core import clock
from holdfast.payments.commands.working import receive_word
from holdfast.payments.jobs.inbox import process_inbox
from holdfast.payments.models import Payment, Provider
from holdfast.payments.providers.demo import CARD, DemoCheckout
from holdfast.payments.queries.facts import PaymentFacts
from holdfast.payments.queries.work import demo_payment
from holdfast.payments.rules import Outcome, Seen

LATE = timedelta(seconds=20)
PLAYS = ("success", "failure", "late", "leave")


def can_be_paid(payment: PaymentFacts) -> bool:
    """Whether somebody may pay still."""
    return payment.state == Payment.State.OPEN and (
        payment.expires_at is None or payment.expires_at > clock.now()
    )


def play(*, checkout: DemoCheckout, what: str) -> bool:
    """Play one of ``PLAYS``; False when it is over already."""
    payment = demo_payment(payment_id=checkout.payment_id)
    if payment is None or not can_be_paid(payment):
        return False
    if what == "leave":
        return True
    now = clock.now()
    if what == "failure":
        seen = Seen(Outcome.DECLINED, checkout_ref=checkout.ref, failure="card_declined")
        event_id = f"{checkout.ref}_{now.timestamp()}"
    else:
        card = CARD if payment.kind == Payment.Kind.CARD else {}
        seen = Seen(
            Outcome.PAID,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            checkout_ref=checkout.ref,
            charge_ref=f"{checkout.ref}_charge",
            **card,
        )
        event_id = f"{checkout.ref}_paid"
    facts = {"about": "payment", "payment_id": str(payment.id), **asdict(seen), "outcome": str(seen.outcome)}
    receive_word(
        provider=Provider.DEMO,
        event_id=event_id,
        kind=f"demo.{what}",
        facts=facts,
        now=now,
        due_at=now + LATE if what == "late" else now,
    )
    if what != "late":
        process_inbox()
    return True

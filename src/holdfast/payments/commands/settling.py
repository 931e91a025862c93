"""What a provider's answer or event makes of a payment or a refund. The same word may come any number of times."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.core import outbox
from holdfast.core.transactions import command
from holdfast.payments.commands.writing import enter, left_of, locked_of, make_refund, note_given_back
from holdfast.payments.events import CardSaved, PaymentFailed, PaymentLapsed, PaymentReceived, RefundFailed
from holdfast.payments.models import Payment, Provider, Refund, SavedCard
from holdfast.payments.rules import (
    Outcome,
    RefundOutcome,
    Seen,
    again_at,
    look_again_at,
    next_refund_state,
    next_state,
)

State, Kind = Payment.State, Payment.Kind
PAID_TWICE, AT_PROVIDER = "paid_twice", "at_provider"


@command
def settle_payment(*, payment_id: UUID, seen: Seen, now: datetime) -> str:
    """Let a payment be what was seen of it; its state afterwards, empty where there is no such payment.

    Money goes into the ledger and is told of once. A second payment for what another has paid meanwhile is given back.
    """
    known = Payment.objects.filter(id=payment_id).values_list("business_id", "booking_id").first()
    if known is None:
        return ""
    rows = locked_of(business_id=known[0], booking_id=known[1])
    row = next(one for one in rows if one.id == payment_id)
    outcome = seen.outcome
    if outcome is Outcome.DECLINED and row.due_at is not None:
        outcome = Outcome.FAILED  # nobody is there to try another card
    before, row.state = row.state, next_state(row.state, outcome)
    if before != State.PAID:
        row.checkout_ref = row.checkout_ref or seen.checkout_ref
        row.charge_ref = seen.charge_ref or row.charge_ref
    if seen.failure and row.state != State.PAID:
        row.failure = seen.failure
    if row.state == before and row.state not in (State.OPENING, State.OPEN):
        if row.next_attempt_at is not None and outcome is not Outcome.OPEN:
            row.next_attempt_at = None
            row.save(update_fields=["next_attempt_at", "charge_ref", "checkout_ref"])
        return row.state
    if row.state == State.PAID:
        _paid(row, seen, rows, now)
    elif row.state in (State.EXPIRED, State.FAILED):
        _ended(row)
    else:
        row.attempts = 0
        # What a bank is still at cannot be ended: it is looked after again, whatever the time is.
        until = None if outcome is Outcome.PROCESSING else row.expires_at
        row.next_attempt_at = look_again_at(until, now)
    row.save()
    return row.state


def _paid(row: Payment, seen: Seen, rows: list[Payment], now: datetime) -> None:
    row.paid_minor, row.paid_at = seen.amount_minor, now
    row.failure, row.checkout_url, row.asked, row.next_attempt_at = "", "", None, None
    row.save()
    if row.kind == Kind.CARD:
        _keep_card(row, seen, now)
        return
    enter(payment=row, now=now)
    if _is_second(row, rows):
        make_refund(payment=row, amount_minor=row.paid_minor, reason=PAID_TWICE, note="", due_at=now, now=now)
        outbox.wake()
        return
    _tell(row, PaymentReceived(row.id, row.booking_id, row.paid_minor))


def _is_second(row: Payment, rows: list[Payment]) -> bool:
    """Whether another payment of the kind came in while this one was under way, and is kept."""
    others = [
        one
        for one in rows
        if one.id != row.id
        and one.kind == row.kind
        and one.state == State.PAID
        and one.provider != Provider.COUNTER
        and one.paid_at is not None
        and one.paid_at >= row.created_at
    ]
    return any(amount > 0 for amount in left_of(payments=others).values())


def _keep_card(row: Payment, seen: Seen, now: datetime) -> None:
    SavedCard.objects.update_or_create(
        business_id=row.business_id,
        booking_id=row.booking_id,
        defaults={
            "provider": row.provider,
            "customer_ref": seen.customer_ref,
            "method_ref": seen.method_ref,
            "brand": seen.brand,
            "last4": seen.last4,
            "saved_at": now,
        },
    )
    _tell(row, CardSaved(row.id, row.booking_id))


def _ended(row: Payment) -> None:
    row.checkout_url, row.asked, row.next_attempt_at = "", None, None
    ended = PaymentLapsed if row.state == State.EXPIRED else PaymentFailed
    _tell(row, ended(row.id, row.booking_id))


def _tell(row: Payment, event: object) -> None:
    outbox.record(event, business_id=row.business_id, subject_id=row.id)


@command
def settle_refund(
    *, refund_id: UUID, provider_ref: str, outcome: RefundOutcome, failure: str, now: datetime
) -> str:
    """Let a refund be what was seen of it; its state afterwards, empty where there is no such refund."""
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment")
    row = refund.filter(id=refund_id).first()
    if row is None:
        return ""
    before, row.state = row.state, next_refund_state(row.state, outcome)
    row.provider_ref = row.provider_ref or provider_ref
    if row.state == Refund.State.SENT:
        row.attempts += 1
        row.next_attempt_at = again_at(row.attempts + 3, now)  # banks take their time; an event may be sooner
    else:
        row.next_attempt_at = None
    if row.state == before:
        row.save()
        return row.state
    if row.state == Refund.State.DONE:
        row.done_at, row.last_error = now, ""
        row.save()
        note_given_back(refund=row, now=now)
    elif row.state == Refund.State.FAILED:
        row.last_error = failure or "failed"
        row.save()
        if before == Refund.State.DONE:
            enter(payment=row.payment, refund=row, now=now, came_back=True)
        outbox.record(RefundFailed(row.id, row.booking_id), business_id=row.business_id, subject_id=row.id)
    else:
        row.save()
    return row.state


@command
def note_foreign_refund(
    *, payment_id: UUID, provider_ref: str, amount_minor: int, outcome: RefundOutcome, now: datetime
) -> UUID:
    """Money that was given back at the provider itself, by hand: a refund of ours from now on."""
    payment = Payment.objects.select_for_update().get(id=payment_id)
    row, _ = Refund.objects.get_or_create(
        payment=payment,
        provider_ref=provider_ref,
        defaults={
            "business_id": payment.business_id,
            "booking_id": payment.booking_id,
            "amount_minor": amount_minor,
            "reason": AT_PROVIDER,
            "state": Refund.State.SENT,
            "due_at": now,
            "created_at": now,
        },
    )
    settle_refund(refund_id=row.id, provider_ref=provider_ref, outcome=outcome, failure="", now=now)
    return row.id

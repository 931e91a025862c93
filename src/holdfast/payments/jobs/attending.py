"""Opening, ending, polling and charging; giving back. Whoever dies in between is followed by somebody who asks again."""

from __future__ import annotations

from uuid import UUID

import structlog

from holdfast.core import clock
from holdfast.core.metrics import counter
from holdfast.payments.commands.settling import settle_payment, settle_refund
from holdfast.payments.commands.working import (
    begin_opening,
    key_of,
    let_go_unasked,
    postpone_payment,
    postpone_refund,
    record_opened,
    take_due_payments,
    take_due_refunds,
)
from holdfast.payments.models import Payment, Refund
from holdfast.payments.providers import (
    CardOrder,
    CheckoutOrder,
    Known,
    ProviderFault,
    RefundOrder,
    Refused,
    Unreachable,
    provider_of,
)
from holdfast.payments.queries.work import payments_are_due, refunds_are_due
from holdfast.payments.rules import Outcome, RefundOutcome, Seen

log = structlog.get_logger("holdfast.payments")

BATCH = 10
State = Payment.State
_asked = counter("holdfast_provider_calls_total", "Questions to payment providers", ("what", "outcome"))


def open_checkout(
    *, payment_id: UUID, title: str, return_url: str, cancel_url: str, email: str
) -> str | None:
    """The address at which a payment can be paid, asked of its provider if need be: for a page, outside any transaction.

    Idempotent; at most 10 seconds. None when the provider cannot be reached (the worker goes on trying) or when nobody
    is to pay it any more.
    """
    asked = {"title": title[:200], "return_url": return_url, "cancel_url": cancel_url, "email": email}
    opening = begin_opening(payment_id=payment_id, asked=asked, now=clock.now())
    if opening.order is None:
        return opening.url or None
    return _open(opening.order, opening.provider) or None


def run_payments(limit: int = BATCH) -> int:
    """Attend to payments that are due; how many were taken. The worker calls it until it returns 0."""
    if not payments_are_due(now=clock.now()):
        return 0
    taken = take_due_payments(now=clock.now(), limit=limit)
    for row in taken:
        _attend(row)
    return len(taken)


def run_refunds(limit: int = BATCH) -> int:
    """Send refunds that are due, and look after those that are on their way; how many were taken."""
    if not refunds_are_due(now=clock.now()):
        return 0
    taken = take_due_refunds(now=clock.now(), limit=limit)
    for row in taken:
        _give_back(row)
    return len(taken)


def _attend(row: Payment) -> None:
    if row.state == State.OPENING and row.due_at is None:
        opening = begin_opening(payment_id=row.id, now=clock.now())
        if opening.order is not None:
            _open(opening.order, opening.provider)
        elif not opening.url:
            let_go_unasked(payment_id=row.id, now=clock.now())
        return
    provider = provider_of(row.provider)
    known = Known(row.id, row.checkout_ref, row.charge_ref)
    try:
        if row.state == State.OPENING:
            what, seen = "charge", provider.charge(_card_order(row))
        elif row.expires_at is not None and row.expires_at <= clock.now() and row.checkout_ref:
            what, seen = "expire", provider.expire(known)
        else:
            what, seen = "look", provider.look(known)
        if seen.outcome is Outcome.PAID and row.kind == Payment.Kind.CARD and not seen.brand:
            seen = provider.look(known)
    except (Unreachable, Refused) as error:
        _trouble(row, error)
    else:
        _asked.labels(what, seen.outcome).inc()
        settle_payment(payment_id=row.id, seen=seen, now=clock.now())


def _card_order(row: Payment) -> CardOrder:
    if row.card is None:
        raise Refused("no_saved_card")
    return CardOrder(
        payment_id=row.id,
        key=key_of(id=row.id, number=row.key_no),
        amount_minor=row.amount_minor,
        currency=row.currency,
        customer_ref=row.card.customer_ref,
        method_ref=row.card.method_ref,
        is_again=row.attempts > 0,
    )


def _open(order: CheckoutOrder, provider: str) -> str:
    """Open a checkout and record it; the address to pay at, empty if there is none."""
    try:
        opened = provider_of(provider).open(order)
    except Unreachable as error:
        _asked.labels("open", "unreachable").inc()
        log.warning("checkout_not_opened", payment_id=str(order.payment_id), error=str(error))
        is_fault = isinstance(error, ProviderFault)
        postpone_payment(payment_id=order.payment_id, is_fault=is_fault, now=clock.now())
        return ""
    except Refused as error:
        _asked.labels("open", "refused").inc()
        log.error("checkout_refused", payment_id=str(order.payment_id), error=error.code)
        seen = Seen(Outcome.FAILED, failure=error.code)
        settle_payment(payment_id=order.payment_id, seen=seen, now=clock.now())
        return ""
    _asked.labels("open", "open").inc()
    return record_opened(payment_id=order.payment_id, ref=opened.ref, url=opened.url, now=clock.now())


def _trouble(row: Payment, error: Unreachable | Refused) -> None:
    name = error.code if isinstance(error, Refused) else "unreachable"
    _asked.labels("attend", "refused" if isinstance(error, Refused) else "unreachable").inc()
    log.warning("provider_gave_no_answer", payment_id=str(row.id), state=row.state, error=name)
    if isinstance(error, Refused) and row.state == State.OPENING:
        settle_payment(payment_id=row.id, seen=Seen(Outcome.FAILED, failure=name), now=clock.now())
        return
    is_fault = isinstance(error, ProviderFault)
    postpone_payment(payment_id=row.id, is_fault=is_fault, now=clock.now())


def _give_back(row: Refund) -> None:
    provider = provider_of(row.payment.provider)
    order = RefundOrder(
        refund_id=row.id,
        key=key_of(id=row.id, number=row.key_no),
        charge_ref=row.payment.charge_ref,
        amount_minor=row.amount_minor,
        is_again=row.attempts > 0,
    )
    try:
        known = row.provider_ref
        seen = provider.look_at_refund(known) if known else provider.give_back(order)
    except Unreachable as error:
        _asked.labels("refund", "unreachable").inc()
        log.warning("refund_not_sent", refund_id=str(row.id), error=str(error))
        is_fault = isinstance(error, ProviderFault)
        postpone_refund(refund_id=row.id, is_fault=is_fault, code="unreachable", now=clock.now())
        return
    except Refused as error:
        _asked.labels("refund", "refused").inc()
        log.error("refund_refused", refund_id=str(row.id), error=error.code)
        settle_refund(
            refund_id=row.id,
            provider_ref="",
            outcome=RefundOutcome.FAILED,
            failure=error.code,
            now=clock.now(),
        )
        return
    _asked.labels("refund", seen.outcome).inc()
    settle_refund(
        refund_id=row.id,
        provider_ref=seen.ref,
        outcome=seen.outcome,
        failure=seen.failure,
        now=clock.now(),
    )

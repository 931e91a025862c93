"""Giving money back: spread over what was paid, sent by the worker, withdrawn while it has not left."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.core import outbox
from holdfast.core.transactions import command
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.payments.commands.writing import left_of, locked_of, make_refund
from holdfast.payments.errors import ChargeUnderWay
from holdfast.payments.models import Payment, Refund
from holdfast.payments.queries.facts import RefundFacts, refund_facts
from holdfast.payments.rules import Source, spread

State = Refund.State
MOST_NOTE = 500


@command
def give_back(
    *,
    business_id: UUID,
    booking_id: UUID,
    amount_minor: int,
    reason: str,
    note: str = "",
    due_at: datetime,
    now: datetime,
    actor: Actor | None = None,  # noqa: ARG001 - for the audit trail
) -> tuple[RefundFacts, ...]:
    """Give money back, out of what was paid last first. The caller has decided who may; ``reason`` is a code.

    A provider is asked at ``due_at``; what was paid at the counter is given back there, and stands in the ledger at once.
    Refusals: :class:`Invalid` on ``amount_minor`` (``not_positive``, ``more_than_paid``) or ``note``.
    """
    mistakes: text.Mistakes = {}
    note = text.paragraphs(note, field="note", mistakes=mistakes, limit=MOST_NOTE)
    text.refuse(mistakes)
    rows = locked_of(business_id=business_id, booking_id=booking_id)
    paid = {row.id: row for row in reversed(rows) if row.state == Payment.State.PAID and row.paid_minor}
    left = left_of(payments=list(paid.values()))
    parts = spread(amount_minor, [Source(id, left[id]) for id in paid])
    made = [
        make_refund(payment=paid[id], amount_minor=part, reason=reason, note=note, due_at=due_at, now=now)
        for id, part in parts
    ]
    outbox.wake()
    return tuple(refund_facts(refund) for refund in made)


@command
def withdraw_refunds(*, business_id: UUID, booking_id: UUID, reason: str, now: datetime) -> int:
    """Take back refunds for ``reason`` that no provider has been asked for: their cause was undone. How many."""
    locked_of(business_id=business_id, booking_id=booking_id)
    rows = Refund.objects.select_for_update().filter(
        business_id=business_id,
        booking_id=booking_id,
        reason=reason,
        state=State.DUE,
        attempts=0,
        due_at__gt=now,
    )
    return rows.delete()[0]


@command
def retry_refund(*, actor: Actor, business_id: UUID, refund_id: UUID, now: datetime) -> RefundFacts:  # noqa: ARG001
    """Ask the provider once more for a refund that failed. The caller has decided who may.

    Refusals: :class:`Missing`, :class:`ChargeUnderWay`, :class:`Invalid` on ``amount_minor`` when the money was given
    back in another way meanwhile.
    """
    refund = Refund.objects.filter(business_id=business_id, id=refund_id).first()
    if refund is None:
        raise Missing(what="refund")
    locked_of(business_id=business_id, booking_id=refund.booking_id)
    refund = Refund.objects.select_for_update().select_related("payment").get(id=refund.id)
    if refund.state != State.FAILED:
        raise ChargeUnderWay
    left = left_of(payments=[refund.payment])[refund.payment_id]
    if refund.amount_minor > left:
        raise Invalid.field("amount_minor", "more_than_paid", most=left)
    again = make_refund(
        payment=refund.payment,
        amount_minor=refund.amount_minor,
        reason=refund.reason,
        note=refund.note or "",
        due_at=now,
        now=now,
    )
    outbox.wake()
    return refund_facts(again)

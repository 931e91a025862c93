"""Holding our ledger against the provider's, difference by difference, and repairing what can be (SPEC G4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.core import clock
from holdfast.payments.commands.settling import note_foreign_refund, settle_payment, settle_refund
from holdfast.payments.models import LedgerEntry, Payment
from holdfast.payments.providers import Known, Moved, PaymentProvider, Refused, provider_of
from holdfast.payments.queries.work import (
    entered,
    ledger_since,
    payment_told_of,
    payments_known,
    refund_told_of,
    unfinished,
)
from holdfast.payments.rules import Outcome, RefundOutcome, Seen

Kind = LedgerEntry.Kind
#: An entry and what it stands for are made at two clocks; a webhook may be under way.
SLACK = timedelta(days=1)
UNDER_WAY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the two ledgers differ. ``what`` is a code; amounts in minor units; ``is_repaired`` by this run.

    ``charge_missing``, ``refund_missing``: the provider has it and we had not. ``unknown_there``: we have it and the provider
    has not. ``amount_differs``. ``still_waiting``: it is over there and we still wait. ``stranger``: it bears our mark, and
    we know no such payment.
    """

    what: str
    payment_id: UUID | None
    ref: str
    currency: str
    ours_minor: int
    theirs_minor: int
    is_repaired: bool = False


def reconcile(*, provider: str, since: datetime, is_repairing: bool) -> Iterator[Difference]:
    """Every difference since, each repaired if asked and possible. Raises :class:`Unreachable`."""
    speaker = provider_of(provider)
    moved = list(speaker.moved_since(since - SLACK))
    charges = {one.charge_ref: one for one in moved if not one.refund_ref}
    refunds = {one.refund_ref: one for one in moved if one.refund_ref}
    for charge in charges.values():
        if charge.at >= since:
            yield from _charge(provider, charge, is_repairing=is_repairing)
    for refund in refunds.values():
        if refund.at >= since:
            yield from _refund(provider, refund, is_repairing=is_repairing)
    yield from _unknown_there(provider, since, charges, refunds)
    yield from _still_waiting(provider, speaker, is_repairing=is_repairing)


def _charge(provider: str, charge: Moved, *, is_repairing: bool) -> Iterator[Difference]:
    facts = {"payment_id": charge.payment_id or "", "charge_ref": charge.charge_ref}
    payment = payment_told_of(provider=provider, facts=facts)
    if payment is None:
        yield _difference("stranger", charge, payment_id=charge.payment_id, ours=0)
        return
    ours = sum(
        amount
        for (_, _, kind), amount in entered(payment_ids=[payment.id]).items()
        if kind in ("charge", "fee")
    )
    if not ours:
        if is_repairing:
            seen = Seen(Outcome.PAID, charge.amount_minor, charge.currency, charge_ref=charge.charge_ref)
            settle_payment(payment_id=payment.id, seen=seen, now=clock.now())
        yield _difference("charge_missing", charge, payment_id=payment.id, ours=0, done=is_repairing)
    elif ours != charge.amount_minor or payment.charge_ref != charge.charge_ref:
        yield _difference("amount_differs", charge, payment_id=payment.id, ours=ours)


def _refund(provider: str, refund: Moved, *, is_repairing: bool) -> Iterator[Difference]:
    mark = {"refund_id": refund.refund_id or "", "refund_ref": refund.refund_ref}
    known = refund_told_of(provider=provider, facts=mark)
    payment: Payment | None
    if known is None:
        payment = payment_told_of(provider=provider, facts={"charge_ref": refund.charge_ref})
        if payment is None:
            return  # of somebody else's charge in the same account
        if refund.outcome is not RefundOutcome.DONE:
            return
        if is_repairing:
            note_foreign_refund(
                payment_id=payment.id,
                provider_ref=refund.refund_ref,
                amount_minor=refund.amount_minor,
                outcome=refund.outcome,
                now=clock.now(),
            )
        yield _difference("refund_missing", refund, payment_id=payment.id, ours=0, done=is_repairing)
        return
    rows = entered(payment_ids=[known.payment_id])
    ours = -sum(amount for (_, id, _), amount in rows.items() if id == known.id)
    theirs = refund.amount_minor if refund.outcome is RefundOutcome.DONE else 0
    if ours == theirs:
        return
    what = "refund_missing" if not ours else "amount_differs" if theirs else "unknown_there"
    can = is_repairing and (not ours or not theirs)
    if can:
        settle_refund(
            refund_id=known.id,
            provider_ref=refund.refund_ref,
            outcome=refund.outcome,
            failure="failed" if refund.outcome is RefundOutcome.FAILED else "",
            now=clock.now(),
        )
    yield _difference(what, refund, payment_id=known.payment_id, ours=ours, done=can)


def _unknown_there(
    provider: str, since: datetime, charges: dict[str, Moved], refunds: dict[str, Moved]
) -> Iterator[Difference]:
    """Entries for which the provider has nothing. Nobody but people can say what happened, so none is repaired."""
    for line in ledger_since(provider=provider, since=since):
        if line.kind == Kind.REVERSAL:
            continue
        ref = line.refund_ref if line.refund_id else line.charge_ref
        if ref in (refunds if line.refund_id else charges):
            continue
        yield Difference("unknown_there", line.payment_id, ref, line.currency, abs(line.amount_minor), 0)


def _still_waiting(provider: str, speaker: PaymentProvider, *, is_repairing: bool) -> Iterator[Difference]:
    for payment in unfinished(provider=provider, before=clock.now() - UNDER_WAY):
        try:
            seen = speaker.look(Known(payment.id, payment.checkout_ref, payment.charge_ref))
        except Refused:
            seen = Seen(Outcome.UNKNOWN)
        if seen.outcome in (Outcome.OPEN, Outcome.PROCESSING, Outcome.DECLINED):
            continue
        if seen.outcome is Outcome.PAID and payment.id in payments_known(ids=[payment.id], state="paid"):
            continue  # repaired above
        can = is_repairing and seen.outcome is not Outcome.UNKNOWN
        if can:
            settle_payment(payment_id=payment.id, seen=seen, now=clock.now())
        ref = payment.checkout_ref or payment.charge_ref
        theirs = seen.amount_minor if seen.outcome is Outcome.PAID else 0
        yield Difference("still_waiting", payment.id, ref, payment.currency, 0, theirs, is_repaired=can)


def _difference(
    what: str, moved: Moved, *, payment_id: UUID | None, ours: int, done: bool = False
) -> Difference:
    ref = moved.refund_ref or moved.charge_ref
    return Difference(what, payment_id, ref, moved.currency, ours, moved.amount_minor, is_repaired=done)

"""Beginning to collect money: a checkout to be paid, a payment at the counter, a charge of a saved card."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.businesses.rules import Action, authorise
from holdfast.core import outbox
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.money import MAX_MINOR
from holdfast.lib.refusals import Invalid, Missing
from holdfast.payments.commands.writing import enter, locked_of
from holdfast.payments.errors import ChargeUnderWay, NoSavedCard
from holdfast.payments.events import PaymentReceived
from holdfast.payments.models import Payment, Provider, SavedCard
from holdfast.payments.queries.facts import PaymentFacts, payment_facts, ways
from holdfast.payments.rules import WAITING

Kind, State = Payment.Kind, Payment.State


@command
def start_payment(
    *,
    business_id: UUID,
    booking_id: UUID,
    kind: str,
    provider: str,
    amount_minor: int,
    currency: str,
    expires_at: datetime | None,
    now: datetime,
) -> PaymentFacts:
    """Ask for money (or, kind ``card``, for a card to keep) by a provider's checkout, to be paid until ``expires_at``.

    Joins the caller's transaction; the caller has decided who may. What is asked for already is not asked for twice: an
    open attempt of the same kind, provider and amount is returned, with the later end; any other of that kind is stopped.
    Refusals: :class:`Invalid` on ``kind``, ``provider`` or ``amount_minor``.
    """
    _check(kind, amount_minor)
    if provider not in ways() or provider == Provider.COUNTER:
        raise Invalid.field("provider", "unknown_choice", choices=[w for w in ways() if w != "counter"])
    same: Payment | None = None
    for row in locked_of(business_id=business_id, booking_id=booking_id):
        if row.kind != kind or row.state not in WAITING or row.due_at is not None:
            continue
        is_alive = row.expires_at is None or row.expires_at > now
        if is_alive and (row.provider, row.amount_minor) == (provider, amount_minor):
            same = row
        elif is_alive:
            _stop(row, now)
    if same is not None:
        if same.expires_at is not None and (expires_at is None or expires_at > same.expires_at):
            same.expires_at = expires_at
            same.save(update_fields=["expires_at"])
        return payment_facts(same)
    return payment_facts(
        Payment.objects.create(
            business_id=business_id,
            booking_id=booking_id,
            kind=kind,
            provider=provider,
            amount_minor=amount_minor,
            currency=currency,
            state=State.OPENING,
            expires_at=expires_at,
            created_at=now,
            next_attempt_at=expires_at,
        )
    )


@command
def record_at_counter(
    *,
    actor: Actor,
    business_id: UUID,
    booking_id: UUID,
    kind: str,
    amount_minor: int,
    currency: str,
    method: str,
    now: datetime,
) -> PaymentFacts:
    """Write down money taken at the counter: paid at once, in the ledger at once.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``kind``, ``method`` or ``amount_minor``.
    """
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    _check(kind, amount_minor)
    if kind == Kind.CARD:
        raise Invalid.field("kind", "unknown_choice", choices=[k for k in Kind.values if k != Kind.CARD])
    if method not in Payment.Method.values:
        raise Invalid.field("method", "unknown_choice", choices=list(Payment.Method.values))
    row = Payment.objects.create(
        business_id=business_id,
        booking_id=booking_id,
        kind=kind,
        provider=Provider.COUNTER,
        amount_minor=amount_minor,
        paid_minor=amount_minor,
        currency=currency,
        state=State.PAID,
        method=method,
        created_at=now,
        paid_at=now,
    )
    enter(payment=row, now=now)
    outbox.record(
        PaymentReceived(row.id, booking_id, amount_minor), business_id=business_id, subject_id=row.id
    )
    return payment_facts(row)


@command
def stop_payments(*, business_id: UUID, booking_id: UUID, now: datetime) -> int:
    """End what a booking waits to be paid by, because nobody is to pay it any more; how many attempts.

    The worker ends the checkouts at their providers; whoever paid meanwhile has paid, and it is told as received.
    """
    stopped = 0
    for row in locked_of(business_id=business_id, booking_id=booking_id):
        if row.state in WAITING and row.due_at is None:
            _stop(row, now)
            stopped += 1
    if stopped:
        outbox.wake()
    return stopped


@command
def charge_card(
    *,
    actor: Actor,
    business_id: UUID,
    booking_id: UUID,
    amount_minor: int,
    currency: str,
    due_at: datetime,
    now: datetime,
) -> PaymentFacts:
    """Charge the card on file with a no-show fee, at ``due_at``; until then ``stop_charge`` undoes it.

    One that is planned or under way is returned as it is. Refusals: :class:`Missing`, :class:`Forbidden`,
    :class:`Invalid` on ``amount_minor``, :class:`NoSavedCard`.
    """
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    _check(Kind.NO_SHOW_FEE, amount_minor)
    for row in locked_of(business_id=business_id, booking_id=booking_id):
        if row.due_at is not None and row.state in WAITING:
            return payment_facts(row)
    card = SavedCard.objects.filter(business_id=business_id, booking_id=booking_id).first()
    if card is None:
        raise NoSavedCard
    row = Payment.objects.create(
        business_id=business_id,
        booking_id=booking_id,
        kind=Kind.NO_SHOW_FEE,
        provider=card.provider,
        amount_minor=amount_minor,
        currency=currency,
        state=State.OPENING,
        card=card,
        due_at=due_at,
        created_at=now,
        next_attempt_at=due_at,
    )
    outbox.wake()
    return payment_facts(row)


@command
def stop_charge(*, business_id: UUID, payment_id: UUID, now: datetime) -> PaymentFacts:
    """Undo a charge of the card before it is due. Refusals: :class:`Missing`, :class:`ChargeUnderWay`."""
    row = Payment.objects.select_for_update().filter(business_id=business_id, id=payment_id).first()
    if row is None or row.due_at is None:
        raise Missing(what="payment")
    if row.state != State.OPENING or row.attempts or row.due_at <= now:
        if row.state == State.EXPIRED:
            return payment_facts(row)  # undone already
        raise ChargeUnderWay
    row.state, row.next_attempt_at = State.EXPIRED, None
    row.save(update_fields=["state", "next_attempt_at"])
    return payment_facts(row)


def _check(kind: str, amount_minor: int) -> None:
    """Refusals: :class:`Invalid`."""
    if kind not in Kind.values:
        raise Invalid.field("kind", "unknown_choice", choices=list(Kind.values))
    least = 0 if kind == Kind.CARD else 1
    most = 0 if kind == Kind.CARD else MAX_MINOR
    if not least <= amount_minor <= most:
        raise Invalid.field("amount_minor", "out_of_bounds", least=least, most=most)


def _stop(row: Payment, now: datetime) -> None:
    if row.expires_at is None or row.expires_at > now:
        row.expires_at = now
    row.next_attempt_at = now
    row.save(update_fields=["expires_at", "next_attempt_at"])

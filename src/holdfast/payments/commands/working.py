"""The worker's hold on what it attends to: rows are leased, and given back with what is known.

A row in somebody's hands has its ``next_attempt_at`` at the end of the lease: should the worker die, it is due again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from holdfast.core.ids import uuid7
from holdfast.core.transactions import command
from holdfast.payments.commands.settling import settle_payment
from holdfast.payments.models import Payment, ProviderEvent, Refund
from holdfast.payments.rules import (
    CheckoutOrder,
    Outcome,
    Seen,
    again_at,
    checkout_ends_at,
    is_long_enough,
    look_again_at,
)

LEASE = timedelta(minutes=2)
State = Payment.State


@dataclass(frozen=True, slots=True)
class Opening:
    """What became of the wish to open a checkout: an order to carry out, or an address that is there already."""

    order: CheckoutOrder | None = None
    provider: str = ""
    url: str = ""


@command
def take_due_payments(*, now: datetime, limit: int) -> list[Payment]:
    """Lease up to ``limit`` payments that are due, the longest due first; no two workers get the same one."""
    due = Payment.objects.select_for_update(skip_locked=True).filter(next_attempt_at__lte=now)
    rows = list(due.order_by("next_attempt_at", "id")[:limit])
    ids = [row.id for row in rows]
    Payment.objects.filter(id__in=ids).update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1)
    return rows


@command
def take_due_refunds(*, now: datetime, limit: int) -> list[Refund]:
    """The same for refunds."""
    due = Refund.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_attempt_at__lte=now)
    rows = list(due.select_related("payment").order_by("next_attempt_at", "id")[:limit])
    ids = [row.id for row in rows]
    Refund.objects.filter(id__in=ids).update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1)
    return rows


@command
def take_due_words(*, now: datetime, limit: int) -> list[ProviderEvent]:
    """The same for the inbox, in the order of arrival."""
    due = ProviderEvent.objects.select_for_update(skip_locked=True).filter(next_attempt_at__lte=now)
    rows = list(due.order_by("received_at", "id")[:limit])
    ids = [row.id for row in rows]
    ProviderEvent.objects.filter(id__in=ids).update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1)
    return rows


@command
def begin_opening(*, payment_id: UUID, now: datetime, asked: dict[str, str] | None = None) -> Opening:
    """Write down what a checkout is to be opened with, so that whoever asks again asks in the same words.

    ``asked`` has ``title``, ``return_url``, ``cancel_url`` and ``email``; None to go on with what was written.
    """
    row = Payment.objects.select_for_update().filter(id=payment_id).first()
    if row is None or row.due_at is not None:
        return Opening()
    is_late = row.expires_at is not None and row.expires_at <= now
    if row.state == State.OPEN and not is_late:
        return Opening(url=row.checkout_url)
    if row.state != State.OPENING or (is_late and row.asked is None):
        return Opening()
    words: dict[str, Any] | None = row.asked
    if words is None:
        if asked is None:
            return Opening()
        words = {**asked, "ends_at": checkout_ends_at(row.expires_at, now).isoformat()}
    elif not is_long_enough(datetime.fromisoformat(words["ends_at"]), now):
        # Nobody was ever shown what an earlier try may have opened: another one is opened.
        words = {**words, "ends_at": checkout_ends_at(row.expires_at, now).isoformat()}
        row.key_no += 1
    row.asked = words
    row.next_attempt_at = now + LEASE
    row.save(update_fields=["asked", "key_no", "next_attempt_at"])
    order = CheckoutOrder(
        payment_id=row.id,
        key=key_of(id=row.id, number=row.key_no),
        amount_minor=row.amount_minor,
        currency=row.currency,
        title=words["title"],
        return_url=words["return_url"],
        cancel_url=words["cancel_url"],
        email=words["email"],
        ends_at=datetime.fromisoformat(words["ends_at"]),
        saves_card=row.kind == Payment.Kind.CARD,
    )
    return Opening(order=order, provider=row.provider)


@command
def record_opened(*, payment_id: UUID, ref: str, url: str, now: datetime) -> str:
    """The checkout is there; the address to pay at, empty when nobody is to pay it any more."""
    row = Payment.objects.select_for_update().get(id=payment_id)
    is_late = row.expires_at is not None and row.expires_at <= now
    if row.state == State.OPEN and row.checkout_url:
        return "" if is_late else row.checkout_url
    if row.state in (State.PAID, State.FAILED):
        return ""
    row.checkout_ref = row.checkout_ref or ref
    if row.state == State.EXPIRED:
        row.next_attempt_at = now  # it was let go meanwhile: the worker ends it
    else:
        row.state, row.checkout_url, row.asked, row.attempts = State.OPEN, url, None, 0
        row.next_attempt_at = look_again_at(row.expires_at, now)
    row.save()
    return url if row.state == State.OPEN and not is_late else ""


@command
def let_go_unasked(*, payment_id: UUID, now: datetime) -> bool:
    """End a payment for which no checkout was ever asked; whether that is so."""
    row = Payment.objects.select_for_update().get(id=payment_id)
    if row.state != State.OPENING or row.asked is not None:
        return False
    if row.expires_at is None or row.expires_at > now:
        Payment.objects.filter(id=row.id).update(next_attempt_at=row.expires_at, attempts=0)
        return True
    settle_payment(payment_id=payment_id, seen=Seen(Outcome.EXPIRED), now=now)
    return True


@command
def postpone_payment(*, payment_id: UUID, is_fault: bool, now: datetime) -> None:
    """The provider could not be asked: again later, with another key if the fault was its own."""
    row = Payment.objects.select_for_update().get(id=payment_id)
    if row.next_attempt_at is None:
        return  # somebody else heard the answer
    row.next_attempt_at = again_at(row.attempts, now)
    row.key_no += is_fault
    row.save(update_fields=["next_attempt_at", "key_no"])


@command
def postpone_refund(*, refund_id: UUID, is_fault: bool, code: str, now: datetime) -> None:
    """The same for a refund."""
    row = Refund.objects.select_for_update().get(id=refund_id)
    if row.next_attempt_at is None:
        return
    row.next_attempt_at = again_at(row.attempts, now)
    row.key_no += is_fault
    row.last_error = code[:60]
    row.save(update_fields=["next_attempt_at", "key_no", "last_error"])


@command
def receive_word(
    *, provider: str, event_id: str, kind: str, facts: dict[str, Any], now: datetime, due_at: datetime | None
) -> bool:
    """Put an event into the inbox, once by its id; whether it is new. ``due_at`` None: nothing is to be done about it."""
    made = ProviderEvent.objects.bulk_create(
        [
            ProviderEvent(
                id=uuid7(),
                provider=provider,
                event_id=event_id[:255],
                kind=kind,
                told=facts,
                received_at=now,
                next_attempt_at=due_at,
                processed_at=None if due_at else now,
            )
        ],
        ignore_conflicts=True,
    )
    rows = ProviderEvent.objects.filter(provider=provider, event_id=event_id[:255])
    return rows.values_list("id", flat=True).first() == made[0].id


@command
def finish_word(*, word_id: UUID, error: str, again: bool, now: datetime) -> None:
    """An event was dealt with, or (``again``) could not be yet."""
    row = ProviderEvent.objects.select_for_update().get(id=word_id)
    row.last_error = error[:60]
    row.next_attempt_at = again_at(row.attempts, now) if again else None
    row.processed_at = None if again else now
    row.save(update_fields=["last_error", "next_attempt_at", "processed_at"])


@command
def forget_old_words(*, before: datetime) -> int:
    """Delete what was in the inbox and was dealt with before; how many."""
    rows = ProviderEvent.objects.filter(received_at__lt=before, next_attempt_at__isnull=True)
    return rows.delete()[0]


def key_of(*, id: UUID, number: int) -> str:
    """Under which key a provider is asked: the row's id, and a number where it had faults of its own."""
    return f"holdfast-{id}" if not number else f"holdfast-{id}-{number}"

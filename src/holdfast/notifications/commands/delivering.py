"""Handing due messages to one sender at a time, and recording what became of each (SPEC H3).

A message in somebody's hands is leased: should its worker die, it is due again when the lease ends. So delivery is at
least once, and every attempt carries the same Message-ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from holdfast.bookings.queries import booking_by_id
from holdfast.businesses.queries import business_facts
from holdfast.businesses.rules import Action, authorise
from holdfast.core.ids import uuid7
from holdfast.core.outbox import wake
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing
from holdfast.lib.retries import next_attempt
from holdfast.notifications.errors import AddressSuppressed, MessageNotNeeded
from holdfast.notifications.models import Message
from holdfast.notifications.queries.fates import booking_fate
from holdfast.notifications.queries.suppressions import reason_against
from holdfast.notifications.queries.waiting_fate import matter_of
from holdfast.notifications.rules.delivery import Drop, Fate, dedupe_key
from holdfast.notifications.rules.states import BEYOND, GONE
from holdfast.notifications.rules.waiting import WAITING_KINDS

State = Message.State
ERROR_LIMIT = 120


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """A message this worker may try to send until its lease ends; ``attempt`` counts from 1."""

    id: UUID
    business_id: UUID
    attempt: int
    leased_until: datetime
    channel: str
    audience: str
    kind: str


@command
def take_due_messages(*, now: datetime, limit: int, lease_minutes: int) -> list[TakenMessage]:
    """Lease up to ``limit`` due messages, the longest due first; no two workers get the same one."""
    due = (
        Message.objects.select_for_update(skip_locked=True)
        .filter(state=State.QUEUED, next_attempt_at__lte=now)
        .order_by("next_attempt_at", "id")
    )
    rows = list(due.values_list("id", "business_id", "attempts", "channel", "audience", "kind")[:limit])
    leased_until = now + timedelta(minutes=lease_minutes)
    Message.objects.filter(id__in=[row[0] for row in rows]).update(
        next_attempt_at=leased_until, locked_until=leased_until, attempts=F("attempts") + 1
    )
    return [
        TakenMessage(id, business_id, attempts + 1, leased_until, *kept)
        for id, business_id, attempts, *kept in rows
    ]


@command
def record_sent(*, business_id: UUID, message_id: UUID, provider_message_id: str, now: datetime) -> None:
    """The mail server took the message. True whoever holds the lease by now, so it is recorded in any case; only a
    provider's news that came first stands.
    """
    rows = Message.objects.filter(business_id=business_id, id=message_id)
    told = rows.filter(sent_at__isnull=False, state__in=BEYOND)
    recorded = rows.exclude(sent_at__isnull=False, state__in=BEYOND).update(
        state=State.SENT,
        sent_at=now,
        provider_message_id=provider_message_id[:200],
        last_error="",
        locked_until=None,
    )
    if not recorded:
        told.update(provider_message_id=provider_message_id[:200], locked_until=None)


@command
def record_failure(
    *,
    business_id: UUID,
    message_id: UUID,
    attempt: int,
    error: str,
    is_permanent: bool,
    now: datetime,
    chance: float,
) -> None:
    """The mail did not go: try again later, or, after the last attempt or a final refusal, leave it to staff.

    ``error`` names the failure without personal data; ``chance`` in [0, 1) spreads the retries. A worker that lost its
    lease (another ``attempt`` is on) changes nothing.
    """
    again_at = None if is_permanent else next_attempt(attempt, now, chance)
    _held(business_id, message_id, attempt).update(
        state=State.FAILED if again_at is None else State.QUEUED,
        next_attempt_at=again_at or now,
        last_error=error[:ERROR_LIMIT],
        locked_until=None,
    )


@command
def drop_message(*, business_id: UUID, message_id: UUID, attempt: int, reason: str) -> None:
    """What the message says is not true any more; ``reason`` is a code of ``rules.delivery``."""
    _held(business_id, message_id, attempt).update(
        state=State.DROPPED, last_error=reason[:ERROR_LIMIT], locked_until=None
    )


@command
def postpone_message(*, business_id: UUID, message_id: UUID, attempt: int, until: datetime) -> None:
    """Give the message back untried, due at ``until``; the taking does not count as an attempt."""
    _held(business_id, message_id, attempt).update(
        next_attempt_at=until, locked_until=None, attempts=F("attempts") - 1
    )


@command
def resend_message(*, actor: Actor, business_id: UUID, message_id: UUID, now: datetime) -> UUID:
    """Send a message (again) at once: one that failed, came back or is overdue itself, one that was sent or is planned
    for later as a copy, so that a reminder still comes when it should. Quiet hours do not hold it up.

    Returns the id of the message that will go. Refusals: :class:`Forbidden`, :class:`Missing`,
    :class:`MessageNotNeeded` when what it says is not true any more, :class:`AddressSuppressed` when nothing goes to
    that address.
    """
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    message = Message.objects.select_for_update().filter(business_id=business_id, id=message_id).first()
    if message is None:
        raise Missing(what="message")
    if message.state == State.DROPPED:
        raise MessageNotNeeded(reason=message.last_error)
    _check_true(message, now)
    against = reason_against(business_id=business_id, channel=message.channel, address=message.recipient)
    if against:
        raise AddressSuppressed(reason=against)
    has_gone = message.state in GONE and message.state != State.BOUNCED
    if has_gone or (message.state == State.QUEUED and message.send_after > now):
        return _copy(message, now)
    if message.locked_until is None or message.locked_until <= now:
        message.state, message.attempts, message.last_error = State.QUEUED, 0, ""
        message.next_attempt_at, message.sent_at = now, None
        message.context = _by_hand(message)
        message.save(
            update_fields=["state", "attempts", "last_error", "next_attempt_at", "sent_at", "context"]
        )
        wake()
    return message.id


def _check_true(message: Message, now: datetime) -> None:
    """Refusals: :class:`Missing`, :class:`MessageNotNeeded`."""
    fate = _fate(message, now)
    if isinstance(fate, Drop):
        raise MessageNotNeeded(reason=fate.reason)


def _fate(message: Message, now: datetime) -> Fate:
    if message.kind in WAITING_KINDS:
        business = business_facts(business_id=message.business_id)
        return matter_of(message=message, business=business, now=now).fate
    if message.booking_id is None:
        raise Missing(what="booking")
    booking = booking_by_id(business_id=message.business_id, booking_id=message.booking_id)
    return booking_fate(message=message, booking=booking, now=now)


def _held(business_id: UUID, message_id: UUID, attempt: int) -> QuerySet[Message]:
    return Message.objects.filter(
        business_id=business_id, id=message_id, state=State.QUEUED, attempts=attempt
    )


def _copy(message: Message, now: datetime) -> UUID:
    id = uuid7()
    Message.objects.create(
        id=id,
        business_id=message.business_id,
        booking_id=message.booking_id,
        entry_id=message.entry_id,
        kind=message.kind,
        audience=message.audience,
        channel=message.channel,
        recipient=message.recipient,
        locale=message.locale,
        context=_by_hand(message),
        told_at=message.told_at,
        dedupe_key=dedupe_key("again", id),
        send_after=now,
        next_attempt_at=now,
    )
    wake()
    return id


def _by_hand(message: Message) -> dict[str, Any]:
    return (message.context or {}) | {"by_hand": True}

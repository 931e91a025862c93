"""What was told to whom, for staff's eyes, and how much is waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from holdfast.lib.refusals import Missing
from holdfast.notifications.models import Message
from holdfast.waitlist.rules import LIVE

_UNSENT = (Message.State.FAILED, Message.State.BOUNCED)


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """One message as plain values. ``reference`` is its booking's, ``entry_id`` who waits, if it is about that; ``problem``
    why it failed, came back or was dropped; ``next_attempt_at`` only while it waits.
    """

    id: UUID
    booking_id: UUID | None
    entry_id: UUID | None
    reference: str
    kind: str
    kind_label: str
    audience: str
    recipient: str
    state: str
    state_label: str
    send_after: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    attempts: int
    problem: str
    channel: str
    created_at: datetime


def messages_of_booking(*, business_id: UUID, booking_id: UUID) -> list[MessageFacts]:
    """Every message about one booking, oldest first (SPEC H3: visible)."""
    return facts_of_messages(
        rows=Message.objects.filter(business_id=business_id, booking_id=booking_id).order_by("id")
    )


def messages_of_entry(*, business_id: UUID, entry_id: UUID) -> list[MessageFacts]:
    """Every message to somebody who waits about that, oldest first."""
    return facts_of_messages(
        rows=Message.objects.filter(business_id=business_id, entry_id=entry_id).order_by("id")
    )


def waitlist_messages(*, business_id: UUID, since: datetime, limit: int = 100) -> list[MessageFacts]:
    """The newest messages to those who wait, or waited, written since then: what became of each, and why (SPEC F6)."""
    rows = Message.objects.filter(business_id=business_id, entry__isnull=False, send_after__gte=since)
    return facts_of_messages(rows=rows.order_by("-id")[:limit])


def message_by_id(*, business_id: UUID, message_id: UUID) -> MessageFacts:
    """One message. Refusals: :class:`Missing`."""
    found = facts_of_messages(rows=Message.objects.filter(business_id=business_id, id=message_id))
    if not found:
        raise Missing(what="message")
    return found[0]


def failed_messages(
    *, business_id: UUID, now: datetime | None = None, limit: int = 100
) -> list[MessageFacts]:
    """The newest messages that could not be delivered and wait for somebody to look.

    With ``now`` only those about bookings that are not over and to people who still wait: of the others nobody needs to
    hear any more.
    """
    return facts_of_messages(rows=_failed(business_id, now).order_by("-id")[:limit])


def failed_count_of(*, business_id: UUID, now: datetime) -> int:
    """How many messages of one business about bookings that are not over, or to people who still wait, were given up."""
    return _failed(business_id, now).count()


def _failed(business_id: UUID, now: datetime | None) -> QuerySet[Message]:
    # A code that did not arrive is asked for again by whoever waits for it: nothing for the desk to do.
    failed = Message.objects.filter(business_id=business_id, state__in=_UNSENT).exclude(
        kind=Message.Kind.CODE
    )
    if now is None:
        return failed
    return failed.filter(Q(booking__ends_at__gt=now) | Q(entry__state__in=LIVE))


def queue_size(*, now: datetime) -> int:
    """How many messages of all businesses should be gone by now and are not (metric ``email_queue_size``)."""
    return Message.objects.filter(state=Message.State.QUEUED, send_after__lte=now).count()


def failed_count() -> int:
    """How many messages of all businesses were given up and wait for somebody to look."""
    return Message.objects.filter(state=Message.State.FAILED).count()


def something_is_due(*, now: datetime) -> bool:
    """Whether a look for due messages would find any."""
    return Message.objects.filter(state=Message.State.QUEUED, next_attempt_at__lte=now).exists()


def facts_of_messages(*, rows: QuerySet[Message]) -> list[MessageFacts]:
    """The rows as plain values, in their order."""
    return [
        MessageFacts(
            id=row.id,
            booking_id=row.booking_id,
            entry_id=row.entry_id,
            reference=row.booking_reference or "",
            kind=row.kind,
            kind_label=row.get_kind_display(),
            audience=row.audience,
            recipient=row.recipient,
            state=row.state,
            state_label=row.get_state_display(),
            send_after=row.send_after,
            next_attempt_at=row.next_attempt_at if row.state == Message.State.QUEUED else None,
            sent_at=row.sent_at,
            attempts=row.attempts,
            problem=row.last_error,
            channel=row.channel,
            created_at=row.created_at,
        )
        for row in rows.annotate(booking_reference=F("booking__reference"))
    ]

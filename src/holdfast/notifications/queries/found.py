"""Messages found by what is known of them, their delivery log, and how many arrive (SPEC H4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from holdfast.bookings.queries import reference_key
from holdfast.lib.pages import Page, page_of
from holdfast.lib.references import read_reference
from holdfast.notifications.models import Channel, DeliveryEvent, Message, reader_index
from holdfast.notifications.queries.messages import MessageFacts, facts_of_messages
from holdfast.notifications.rules.states import UNREACHED

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages are wanted; empty means all. ``state`` may also be ``unreached``: failed, came back, reported as spam.

    ``text`` is a booking's reference, or an address or number in full.
    """

    state: str = ""
    kind: str = ""
    channel: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a message's delivery log. ``detail`` is a code such as ``5.1.1``, or what somebody answered."""

    what: str
    label: str
    provider: str
    detail: str
    at: datetime


def find_messages(
    *, business_id: UUID, wanted: MessageFilter, cursor: str = "", limit: int = 50
) -> Page[MessageFacts]:
    """A page of a business's messages, the latest written first. Refusals: :class:`Invalid` on ``cursor``, ``limit``."""
    rows = _matching(business_id, wanted)

    def after(instant: datetime | None, id: UUID | None, count: int) -> list[MessageFacts]:  # noqa: ARG001
        beyond = rows if id is None else rows.filter(id__lt=id)
        return facts_of_messages(rows=beyond.order_by("-id")[:count])

    return page_of(cursor=cursor, limit=limit, after=after, key=lambda one: (one.created_at, one.id))


def log_of(*, business_id: UUID, message_id: UUID) -> list[LogLine]:
    """What was heard of a message after it went, the earliest first."""
    rows = DeliveryEvent.objects.filter(business_id=business_id, message_id=message_id)
    return [
        LogLine(row.what, row.get_what_display(), row.provider, row.detail, row.happened_at)
        for row in rows.order_by("happened_at", "id")
    ]


def delivery_rate(*, now: datetime) -> float | None:
    """The share of the last day's messages that went and did not come back; None without any.

    Where providers tell nothing, a message that a server took counts as arrived.
    """
    recent = Message.objects.filter(send_after__gt=now - _DAY, send_after__lte=now)
    counted = recent.aggregate(
        arrived=Count("id", filter=Q(state__in=("sent", "delivered", "opened", "complained"))),
        lost=Count("id", filter=Q(state__in=("failed", "bounced"))),
    )
    total = counted["arrived"] + counted["lost"]
    return counted["arrived"] / total if total else None


def _matching(business_id: UUID, wanted: MessageFilter) -> QuerySet[Message]:
    rows = Message.objects.filter(business_id=business_id)
    if wanted.state == "unreached":
        rows = rows.filter(state__in=UNREACHED)
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    text = wanted.text.strip()
    if not text:
        return rows
    if "@" in text:
        index = reader_index(business_id=business_id, channel=Channel.EMAIL, address=text)
        return rows.filter(reader_index=index)
    reference = read_reference(text, reference_key())
    number = reader_index(business_id=business_id, channel=Channel.SMS, address=text)
    found = Q(pk=None)
    if reference:
        found |= Q(booking__reference=reference)
    if number:
        found |= Q(channel=Channel.SMS, reader_index=number)
    return rows.filter(found)

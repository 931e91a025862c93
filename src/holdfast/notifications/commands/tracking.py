"""Recording what providers say about messages, and whom a business writes to no more (SPEC H4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Coalesce

from holdfast.businesses.rules import Action, authorise
from holdfast.core import audit
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing
from holdfast.notifications.errors import StoppedByPerson
from holdfast.notifications.models import Channel, DeliveryEvent, Message, Suppression, reader_index
from holdfast.notifications.rules.states import News, state_after_all, suppression_for


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many pieces of news were new, known already, or about no message of ours."""

    fresh: int
    known: int
    foreign: int


@command
def record_news(*, provider: str, news: Sequence[News], now: datetime) -> Recorded:
    """Write down what a provider says, each piece once by its id, and move the messages on, never back.

    A final bounce or a complaint also stops the business from writing to that address.
    """
    rows = Message.objects.select_for_update().filter(id__in={one.message_id for one in news})
    messages = {row.id: row for row in rows.order_by("id")}
    known = set(
        DeliveryEvent.objects.filter(
            provider=provider, event_id__in={one.event_id for one in news}
        ).values_list("event_id", flat=True)
    )
    fresh: dict[str, News] = {
        one.event_id: one for one in news if one.message_id in messages and one.event_id not in known
    }
    DeliveryEvent.objects.bulk_create(
        [
            DeliveryEvent(
                business_id=messages[one.message_id].business_id,
                message_id=one.message_id,
                what=one.what,
                provider=provider,
                event_id=one.event_id,
                detail=one.detail[:60],
                happened_at=one.happened_at,
                recorded_at=now,
            )
            for one in fresh.values()
        ],
        ignore_conflicts=True,
    )
    _move_on(messages, list(fresh.values()), now)
    foreign = sum(one.message_id not in messages for one in news)
    return Recorded(len(fresh), len(news) - len(fresh) - foreign, foreign)


@command
def suppress(*, business_id: UUID, channel: str, address: str, reason: str, now: datetime) -> None:
    """Write to this address no more; ``reason`` is one of :class:`Suppression.Reason`. Doing it twice changes nothing.

    A person's STOP stands above whatever else is known of a number.
    """
    index = reader_index(business_id=business_id, channel=channel, address=address)
    if not index:
        return
    fresh = Suppression(
        business_id=business_id,
        channel=channel,
        reader_index=index,
        address=address,
        reason=reason,
        since=now,
    )
    Suppression.objects.bulk_create([fresh], ignore_conflicts=True)
    held = Suppression.objects.filter(business_id=business_id, channel=channel, reader_index=index)
    held.exclude(lifted_at=None).update(reason=reason, since=now, lifted_at=None)
    if reason == Suppression.Reason.STOPPED:
        held.exclude(reason=reason).update(reason=reason, since=now)


@command
def lift_suppression(*, actor: Actor, business_id: UUID, suppression_id: UUID, now: datetime) -> None:
    """Write to this address again. Lifting twice is no mistake.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`StoppedByPerson` when the person asked for it themselves.
    """
    authorise(actor, Action.CHANGE_CUSTOMERS, business_id)
    row = Suppression.objects.select_for_update().filter(business_id=business_id, id=suppression_id).first()
    if row is None:
        raise Missing(what="suppression")
    if row.reason == Suppression.Reason.STOPPED:
        raise StoppedByPerson
    audit.note_subject("suppression", row.id)
    if row.lifted_at is None:
        row.lifted_at = now
        row.save(update_fields=["lifted_at"])


@command
def stop_texts(*, phone: str, now: datetime) -> int:
    """Somebody answered STOP: no business that ever texted this number does so again; how many did."""
    index = reader_index(business_id=_NOBODY, channel=Channel.SMS, address=phone)
    texted = (
        Message.objects.filter(reader_index=index, channel=Channel.SMS) if index else Message.objects.none()
    )
    businesses = list(texted.order_by().values_list("business_id", flat=True).distinct())
    for business_id in businesses:
        suppress(
            business_id=business_id,
            channel=Channel.SMS,
            address=phone,
            reason=Suppression.Reason.STOPPED,
            now=now,
        )
    return len(businesses)


@command
def start_texts(*, phone: str, now: datetime) -> int:
    """Somebody answered START: whoever texted them may again; how many."""
    index = reader_index(business_id=_NOBODY, channel=Channel.SMS, address=phone)
    held = Suppression.objects.filter(
        channel=Channel.SMS, reader_index=index, reason=Suppression.Reason.STOPPED, lifted_at=None
    )
    return held.update(lifted_at=now) if index else 0


_NOBODY = UUID(int=0)  # numbers are found across businesses


def _move_on(messages: dict[UUID, Message], news: list[News], now: datetime) -> None:
    told: dict[UUID, list[News]] = defaultdict(list)
    for one in news:
        told[one.message_id].append(one)
    moved: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    for id, pieces in told.items():
        message = messages[id]
        state = state_after_all(
            message.state, [one.what for one in pieces], was_sent=message.sent_at is not None
        )
        if state != message.state:
            detail = next((one.detail for one in pieces if one.what == state), "")
            moved[state, detail].append(id)
        reason = next(filter(None, map(suppression_for, pieces)), "")
        if reason:
            suppress(
                business_id=message.business_id,
                channel=message.channel,
                address=message.recipient,
                reason=reason,
                now=now,
            )
    for (state, detail), ids in moved.items():
        Message.objects.filter(id__in=ids).update(
            state=state,
            last_error=detail if state in ("bounced", "failed") else "",
            sent_at=Coalesce("sent_at", Value(now)),
            locked_until=None,
        )

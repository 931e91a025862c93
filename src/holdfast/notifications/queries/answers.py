"""What somebody who answers a text was asked (SPEC H5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.notifications.models import Channel, DeliveryEvent, Message, reader_index
from holdfast.notifications.rules.states import GONE
from holdfast.waitlist.models import Offer
from holdfast.waitlist.queries import entry_url

_LATELY = timedelta(days=7)
_MOST = 10
_NOBODY = UUID(int=0)  # numbers are found across businesses


@dataclass(frozen=True, slots=True)
class AskedFor:
    """The offer that was last put to a number; ``link`` is the page of whoever waits."""

    message_id: UUID
    business_id: UUID
    entry_id: UUID
    offer_id: UUID
    locale: str
    link: str


def offer_asked_of(*, phone: str, now: datetime) -> AskedFor | None:
    """The offer an answer from this number is about: the last one that is open, else the last of all; None for none.

    Whoever waits at two businesses that text from one number answers the one that asked last.
    """
    index = reader_index(business_id=_NOBODY, channel=Channel.SMS, address=phone)
    if not index:
        return None
    told = Message.objects.filter(
        reader_index=index,
        channel=Channel.SMS,
        kind=Message.Kind.OFFER,
        entry__isnull=False,
        state__in=GONE,
        sent_at__gt=now - _LATELY,
    )
    messages = {
        UUID(message.context["offer"]): message
        for message in reversed(list(told.order_by("-sent_at")[:_MOST]))
        if message.context and message.context.get("offer")
    }
    if not messages:
        return None
    open_ones = set(
        Offer.objects.filter(id__in=messages, state="pending", expires_at__gt=now).values_list(
            "id", flat=True
        )
    )
    chosen = next((id for id in reversed(messages) if id in open_ones), next(reversed(messages)))
    message = messages[chosen]
    assert message.entry_id is not None
    return AskedFor(
        message_id=message.id,
        business_id=message.business_id,
        entry_id=message.entry_id,
        offer_id=chosen,
        locale=message.locale,
        link=entry_url(entry_id=message.entry_id),
    )


def was_answered(*, provider: str, event_id: str) -> bool:
    """Whether this very answer has been dealt with."""
    return DeliveryEvent.objects.filter(
        provider=provider, event_id=event_id, what=DeliveryEvent.What.REPLIED
    ).exists()

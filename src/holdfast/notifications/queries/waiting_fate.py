"""What a message to somebody who waits is about, read when it goes, and whether it is still true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from holdfast.businesses.queries import BusinessFacts
from holdfast.lib.quiet import quiet_until
from holdfast.lib.refusals import Missing
from holdfast.notifications.models import Message
from holdfast.notifications.rules.delivery import Fate
from holdfast.notifications.rules.states import GONE
from holdfast.notifications.rules.waiting import fate_of_waiting
from holdfast.waitlist.queries import EntryFacts, OfferFacts, entry_by_id, offer_by_id, offer_of_entry


@dataclass(frozen=True, slots=True)
class Matter:
    """What a message about an entry speaks of."""

    entry: EntryFacts
    offer: OfferFacts | None
    fate: Fate


def matter_of(*, message: Message, business: BusinessFacts, now: datetime) -> Matter:
    """The entry and the offer as they are now, and whether the message should go. Refusals: :class:`Missing`."""
    if message.entry_id is None:
        raise Missing(what="entry")
    entry = entry_by_id(business_id=business.id, entry_id=message.entry_id)
    context = message.context or {}
    offer = None
    if context.get("offer"):
        offer = offer_by_id(business_id=business.id, offer_id=UUID(context["offer"]))
    out = offer_of_entry(business_id=business.id, entry_id=entry.id, now=now)
    by_hand = bool(context.get("by_hand"))
    fate = fate_of_waiting(
        message.kind,
        entry_state=entry.state,
        offer_state=offer.state_at(now) if offer is not None else "",
        was_told=_was_told(message),
        has_another=out is not None and (offer is None or out.id != offer.id),
        told_at=message.told_at,
        called_at=entry.called_at,
        quiet_until=quiet_until(now, None if by_hand else business.settings.quiet_hours, business.timezone),
    )
    return Matter(entry, offer, fate)


def _was_told(message: Message) -> bool:
    """Whether the letter of the offer that is over has gone: of what somebody never heard of nothing needs to be said."""
    if message.kind != Message.Kind.OFFER_OVER or message.entry_id is None:
        return True
    return Message.objects.filter(
        business_id=message.business_id,
        entry_id=message.entry_id,
        kind=Message.Kind.OFFER,
        told_at=message.told_at,
        state__in=GONE,
    ).exists()

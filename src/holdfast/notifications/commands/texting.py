"""Writing the texts that go beside, or instead of, mail; and what somebody answers one (SPEC H5).

A business that has texts switched on sends reminders, offers and calls to whoever gave a number that can be dialled and
did not answer STOP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.models import Booking
from holdfast.businesses.queries import BusinessFacts, business_facts
from holdfast.core.outbox import wake
from holdfast.core.transactions import command
from holdfast.notifications.models import Channel, DeliveryEvent, Message
from holdfast.notifications.queries.suppressions import reason_against
from holdfast.notifications.rules.delivery import dedupe_key
from holdfast.notifications.rules.texts import dialable
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.queries import entry_facts

Kind, Audience = Message.Kind, Message.Audience


@dataclass(frozen=True, slots=True)
class _Text:
    kind: str
    number: str
    key: str
    booking_id: UUID | None = None
    entry_id: UUID | None = None
    locale: str = ""
    told_at: datetime | None = None
    context: Mapping[str, Any] | None = None


@command
def text_reminder(*, business_id: UUID, message_id: UUID, now: datetime) -> int:
    """Write the text beside a reminder by mail whose time has come; 1 if it is new."""
    mail = Message.objects.filter(business_id=business_id, id=message_id, kind=Kind.REMINDER).first()
    if mail is None or mail.booking_id is None or mail.audience != Audience.CUSTOMER:
        return 0
    booking = Booking.objects.filter(business_id=business_id, id=mail.booking_id).first()
    if booking is None:
        return 0
    business = business_facts(business_id=business_id)
    return _write(
        business,
        _Text(
            Kind.REMINDER,
            str(booking.contact.get("phone", "")),
            dedupe_key("text", mail.id),
            booking_id=booking.id,
            locale=mail.locale,
            told_at=mail.told_at,
        ),
        now,
    )


@command
def text_offer(*, offer_id: UUID, now: datetime) -> int:
    """Write the text with which somebody is asked whether they want a place; 1 if it is new."""
    offer = Offer.objects.filter(id=offer_id).first()
    if offer is None:
        return 0
    row = Entry.objects.get(id=offer.entry_id)
    return _write(
        business_facts(business_id=row.business_id),
        _Text(
            Kind.OFFER,
            entry_facts(row=row).contact.phone,
            dedupe_key("text", Kind.OFFER, offer.id),
            entry_id=row.id,
            told_at=offer.starts_at,
            context={"offer": str(offer.id)},
        ),
        now,
    )


@command
def text_call(*, entry_id: UUID, now: datetime) -> int:
    """Write the text that somebody's place is ready, at every call; 1 if it is new."""
    row = Entry.objects.filter(id=entry_id).first()
    if row is None or row.called_at is None:
        return 0
    return _write(
        business_facts(business_id=row.business_id),
        _Text(
            Kind.CALLED,
            entry_facts(row=row).contact.phone,
            dedupe_key("text", Kind.CALLED, row.id, row.called_at.isoformat()),
            entry_id=row.id,
            told_at=row.called_at,
        ),
        now,
    )


@command
def note_answer(*, message_id: UUID, event_id: str, answer: str, provider: str, now: datetime) -> bool:
    """Write into the log of a text what was answered, once; ``answer`` is a word of ours. Whether it is new."""
    message = Message.objects.select_for_update().filter(id=message_id).first()
    if message is None or DeliveryEvent.objects.filter(provider=provider, event_id=event_id).exists():
        return False
    DeliveryEvent.objects.create(
        business_id=message.business_id,
        message_id=message.id,
        what=DeliveryEvent.What.REPLIED,
        provider=provider,
        event_id=event_id,
        detail=answer,
        happened_at=now,
        recorded_at=now,
    )
    return True


def _write(business: BusinessFacts, text: _Text, now: datetime) -> int:
    if not business.settings.sms:
        return 0
    number = dialable(text.number, business.settings.sms_prefix)
    if not number or reason_against(business_id=business.id, channel=Channel.SMS, address=number):
        return 0
    if Message.objects.filter(business_id=business.id, dedupe_key=text.key).exists():
        return 0
    message = Message(
        business_id=business.id,
        booking_id=text.booking_id,
        entry_id=text.entry_id,
        kind=text.kind,
        audience=Audience.CUSTOMER,
        channel=Channel.SMS,
        recipient=number,
        locale=text.locale or business.language,
        context=dict(text.context or {}),
        told_at=text.told_at,
        dedupe_key=text.key,
        send_after=now,
        next_attempt_at=now,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    wake()
    return 1

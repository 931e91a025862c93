"""Writing the messages to those who wait (SPEC F3, F7, H1): their receipt, offers, calls, and the end of either.

Whoever gave no email address gets none. Nothing here asks anybody for a place by itself: the waitlist decides whom it
asks and how often (SPEC F6), and every offer has one letter. Staff get no copies: the board at the desk shows it all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.models import Booking
from holdfast.businesses.queries import business_facts
from holdfast.core.encryption import blind_index
from holdfast.core.transactions import command
from holdfast.notifications.commands.announcing import _write
from holdfast.notifications.models import Message
from holdfast.notifications.rules.delivery import dedupe_key
from holdfast.notifications.rules.waiting import TOLD_WHEN_OFF
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.queries import EntryFacts, entry_facts

Kind, Audience = Message.Kind, Message.Audience


@command
def announce_entry(*, entry_id: UUID, now: datetime) -> int:
    """Somebody waits: a receipt that says for what, with the link to follow it. How many messages are new."""
    entry = _load(entry_id)
    return 0 if entry is None else _tell(entry, Kind.JOINED, now)


@command
def announce_offer(*, offer_id: UUID, now: datetime) -> int:
    """A place is put to somebody: what, until when, and the link to answer. How many messages are new."""
    offer = Offer.objects.filter(id=offer_id).first()
    entry = _load(offer.entry_id) if offer is not None else None
    if offer is None or entry is None:
        return 0
    return _tell(entry, Kind.OFFER, now, offer.id, told_at=offer.starts_at, offer=str(offer.id))


@command
def announce_offer_end(*, offer_id: UUID, state: str, now: datetime) -> int:
    """An offer ran out or was withdrawn: tell whoever had it, if they still wait. Who passed it knows.

    How many messages are new.
    """
    offer = Offer.objects.filter(id=offer_id).first()
    if offer is None or state not in ("expired", "withdrawn"):
        return 0
    entry = _load(offer.entry_id)
    if entry is None or not entry.is_live:
        return 0
    return _tell(entry, Kind.OFFER_OVER, now, offer.id, told_at=offer.starts_at, offer=str(offer.id))


@command
def announce_call(*, entry_id: UUID, now: datetime) -> int:
    """Somebody who waits on the spot is called: tell them, at every call. How many messages are new."""
    entry = _load(entry_id)
    if entry is None or entry.called_at is None:
        return 0
    return _tell(entry, Kind.CALLED, now, entry.called_at.isoformat(), told_at=entry.called_at)


@command
def announce_off(*, entry_id: UUID, state: str, now: datetime) -> int:
    """Somebody is off the list and did not do it themselves: tell them, unless they know. How many messages are new."""
    entry = _load(entry_id)
    if entry is None or state not in TOLD_WHEN_OFF or (state == "expired" and _knows(entry)):
        return 0
    return _tell(entry, Kind.OFF, now, state)


def _knows(entry: EntryFacts) -> bool:
    """Whether somebody whose wait ended by itself knows so: they waited on the spot until the end of the day, or wanted an
    earlier time than a booking of which they were told that it is off."""
    if entry.earlier_than_id is None:
        return entry.walk_in
    return not Booking.objects.filter(id=entry.earlier_than_id, state="confirmed").exists()


def _load(entry_id: UUID) -> EntryFacts | None:
    """The entry; None once it is erased: then there is nobody to tell."""
    row = Entry.objects.filter(id=entry_id).first()
    return None if row is None else entry_facts(row=row)


def _tell(
    entry: EntryFacts,
    kind: str,
    now: datetime,
    *identity: object,
    told_at: datetime | None = None,
    **context: Any,
) -> int:
    """Write the message, once for this fact. ``identity`` makes it this fact and no other."""
    address = entry.contact.email
    if not address:
        return 0
    business = business_facts(business_id=entry.business_id)
    reader = blind_index(address.casefold(), purpose="message_recipient", business_id=business.id)
    message = Message(
        business_id=business.id,
        entry_id=entry.id,
        kind=kind,
        audience=Audience.CUSTOMER,
        recipient=address,
        locale=business.language,
        context=context,
        told_at=told_at,
        dedupe_key=dedupe_key(kind, entry.id, *identity, Audience.CUSTOMER, reader),
        send_after=now,
        next_attempt_at=now,
    )
    return _write(business, [message])

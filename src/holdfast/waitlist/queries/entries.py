"""Reads of those who wait: one entry, its history and its offers; the links by which people come back."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from holdfast.bookings.queries import reference_key
from holdfast.core.fields import CannotDecrypt, decrypt
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor
from holdfast.lib.references import read_link, sign_link
from holdfast.lib.refusals import Missing
from holdfast.waitlist.models import Entry, EntryChange, Offer
from holdfast.waitlist.rules import LIVE, DateRange, offer_state_at

_PURPOSE = "waitlist"


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """An entry as plain values, personal data opened; see :class:`models.Entry`."""

    id: UUID
    business_id: UUID
    customer_id: UUID
    account_id: UUID | None
    state: str
    services: tuple[UUID, ...]
    resources: tuple[UUID, ...] | None
    ranges: tuple[DateRange, ...]
    party_size: int
    contact: Contact
    earlier_than_id: UUID | None
    walk_in: bool
    boost: float
    passed_over: int
    unanswered: int
    passes: int
    quoted_low: int | None
    quoted_high: int | None
    joined_at: datetime
    ends_at: datetime
    called_at: datetime | None
    closed_at: datetime | None
    booking_id: UUID | None
    via: str

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer as plain values; ``breakdown`` is its score as staff may see it."""

    id: UUID
    business_id: UUID
    entry_id: UUID
    gap_id: UUID | None
    booking_id: UUID | None
    service_id: UUID
    state: str
    starts_at: datetime
    ends_at: datetime
    resource_ids: tuple[UUID, ...]
    expires_at: datetime
    score: float
    breakdown: dict[str, float]
    by_hand: str
    made_at: datetime
    answered_at: datetime | None

    def state_at(self, now: datetime) -> str:
        """The state by the clock: what nobody answered in time is expired, tidied away or not."""
        return offer_state_at(self.state, self.expires_at, now)


@dataclass(frozen=True, slots=True)
class EntryChangeFacts:
    """One line of an entry's history."""

    at: datetime
    action: str
    actor: str
    via: str
    details: dict[str, Any]


def entry_facts(*, row: Entry) -> EntryFacts:
    """The plain values of a loaded row."""
    said = row.contact
    return EntryFacts(
        id=row.id,
        business_id=row.business_id,
        customer_id=row.customer_id,
        account_id=row.account_id,
        state=row.state,
        services=tuple(map(UUID, row.services)),
        resources=None if row.resources is None else tuple(map(UUID, row.resources)),
        ranges=tuple(DateRange.read(one) for one in row.ranges),
        party_size=row.party_size,
        contact=Contact(said["name"], said["email"], said["phone"]),
        earlier_than_id=row.earlier_than_id,
        walk_in=row.walk_in,
        boost=row.boost,
        passed_over=row.passed_over,
        unanswered=row.unanswered,
        passes=row.passes,
        quoted_low=row.quoted_low,
        quoted_high=row.quoted_high,
        joined_at=row.joined_at,
        ends_at=row.ends_at,
        called_at=row.called_at,
        closed_at=row.closed_at,
        booking_id=row.booking_id,
        via=row.via,
    )


def offer_facts(*, row: Offer) -> OfferFacts:
    """The plain values of a loaded row."""
    return OfferFacts(
        id=row.id,
        business_id=row.business_id,
        entry_id=row.entry_id,
        gap_id=row.gap_id,
        booking_id=row.booking_id,
        service_id=row.service_id,
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        resource_ids=tuple(map(UUID, row.resources)),
        expires_at=row.expires_at,
        score=row.score,
        breakdown=row.breakdown,
        by_hand=row.by_hand,
        made_at=row.made_at,
        answered_at=row.answered_at,
    )


def entry_by_id(*, business_id: UUID, entry_id: UUID) -> EntryFacts:
    """One entry. Refusals: :class:`Missing`."""
    row = Entry.objects.filter(business_id=business_id, id=entry_id).first()
    if row is None:
        raise Missing(what="entry")
    return entry_facts(row=row)


def entry_by_link(*, token: str) -> EntryFacts:
    """The entry behind a personal link. Refusals: :class:`Missing` for anything else."""
    entry_id = read_link(_PURPOSE, token, reference_key())
    row = Entry.objects.filter(id=entry_id).first() if entry_id else None
    if row is None:
        raise Missing(what="entry")
    return entry_facts(row=row)


def entry_token(*, entry_id: UUID) -> str:
    """The personal link's token: it proves that its bearer is who waits."""
    return sign_link(_PURPOSE, entry_id, reference_key())


def entry_url(*, entry_id: UUID) -> str:
    """The page where somebody follows their place and answers offers."""
    return f"{settings.BASE_URL}/w/{entry_token(entry_id=entry_id)}"


def waiter(*, actor: Actor, entry_id: UUID, token: str) -> Actor:
    """The actor as who waits, if the token proves it. Refusals: :class:`Missing` for a wrong token."""
    if read_link(_PURPOSE, token, reference_key()) != entry_id:
        raise Missing(what="entry")
    return actor.waiting_as(entry_id)


def history_of_entry(*, business_id: UUID, entry_id: UUID) -> list[EntryChangeFacts]:
    """What happened to an entry, the earliest first."""
    rows = EntryChange.objects.filter(business_id=business_id, entry_id=entry_id).order_by("id")
    return [EntryChangeFacts(row.at, row.action, row.actor, row.via, row.details) for row in rows]


def reason_given(*, entry_id: UUID, change: EntryChangeFacts) -> str:
    """What staff wrote for their colleagues when they moved somebody or took them off; empty where nothing was written."""
    sealed = change.details.get("reason", "")
    if not sealed:
        return ""
    try:
        opened = decrypt(
            base64.b64decode(sealed), table=EntryChange._meta.db_table, column="reason", row_id=entry_id
        )
    except CannotDecrypt:
        return ""
    return str(opened)


def waiting_count(*, business_id: UUID) -> int:
    """How many wait."""
    return Entry.objects.filter(business_id=business_id, state__in=LIVE).count()


def offers_of(*, business_id: UUID, entry_id: UUID) -> list[OfferFacts]:
    """The offers an entry had, the latest first."""
    rows = Offer.objects.filter(business_id=business_id, entry_id=entry_id).order_by("-made_at", "-id")
    return [offer_facts(row=row) for row in rows]


def booking_led_to(*, entry: EntryFacts) -> UUID | None:
    """The booking that its person made of an entry, which their link may show.

    Somebody who only knows an address can wait in its name. Whoever books by themselves is taken off the list by that
    address: their booking is the desk's to see, not the entry's, unless an offer of the entry led to it.
    """
    if entry.booking_id is None or entry.booking_id == entry.earlier_than_id:
        return entry.booking_id
    led = Offer.objects.filter(
        business_id=entry.business_id, entry_id=entry.id, state="accepted", booking_id=entry.booking_id
    )
    return entry.booking_id if led.exists() else None


def offer_by_id(*, business_id: UUID, offer_id: UUID) -> OfferFacts:
    """One offer. Refusals: :class:`Missing`."""
    row = Offer.objects.filter(business_id=business_id, id=offer_id).first()
    if row is None:
        raise Missing(what="offer")
    return offer_facts(row=row)


def offer_of_entry(*, business_id: UUID, entry_id: UUID, now: datetime) -> OfferFacts | None:
    """The offer that waits for this person's answer, if there is one."""
    row = Offer.objects.filter(
        business_id=business_id, entry_id=entry_id, state="pending", expires_at__gt=now
    ).first()
    return None if row is None else offer_facts(row=row)


def offers_out(*, business_id: UUID, since: datetime, until: datetime, now: datetime) -> list[OfferFacts]:
    """The offers out now for places that begin from ``since`` to before ``until``, in order of time."""
    rows = Offer.objects.filter(
        business_id=business_id,
        state="pending",
        expires_at__gt=now,
        starts_at__gte=since,
        starts_at__lt=until,
    ).order_by("starts_at", "id")
    return [offer_facts(row=row) for row in rows]


def entries_of_customer(*, business_id: UUID, customer_id: UUID) -> list[EntryFacts]:
    """All entries of a person, the latest first."""
    rows = Entry.objects.filter(business_id=business_id, customer_id=customer_id).order_by(
        "-joined_at", "-id"
    )
    return [entry_facts(row=row) for row in rows]


def live_entries(*, business_id: UUID, services: Sequence[UUID] | None = None) -> list[EntryFacts]:
    """Everybody who waits, in the order in which they joined; for some services only where given."""
    rows = Entry.objects.filter(business_id=business_id, state__in=LIVE).order_by("joined_at", "id")
    found = [entry_facts(row=row) for row in rows]
    if services is None:
        return found
    wanted = set(services)
    return [one for one in found if wanted & set(one.services)]

"""Letters to those who wait for a place: read at the moment they go, with clock times, not countdowns (SPEC F, ux 4.7)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import translation

from holdfast.bookings.models import Booking
from holdfast.businesses.queries import BusinessFacts
from holdfast.catalog.models import Resource, Service
from holdfast.lib.money import Money
from holdfast.notifications.models import Message
from holdfast.notifications.queries.waiting_fate import Matter, matter_of
from holdfast.notifications.queries.waiting_words import WaitLetterFacts, words_of_waiting
from holdfast.notifications.queries.writing import plain_letter, source_of
from holdfast.notifications.rules.defaults import known_language
from holdfast.notifications.rules.delivery import Drop, Wait
from holdfast.notifications.rules.letters import Letter
from holdfast.waitlist.queries import entry_url

_PERSONS = frozenset({Resource.Kind.STAFF, Resource.Kind.ARTIST})


def waiting_letter(*, message: Message, business: BusinessFacts, now: datetime) -> Letter | Drop | Wait:
    """The letter, or why it should not go (now). Refusals: :class:`Missing`."""
    matter = matter_of(message=message, business=business, now=now)
    if isinstance(matter.fate, Drop | Wait):
        return matter.fate
    with translation.override(known_language(message.locale)):
        facts = _facts(message, matter, business, now)
        return plain_letter(
            message_id=message.id,
            to=message.recipient,
            reply_to=business.email,
            language=message.locale,
            event=message.kind,
            source=source_of(business_id=business.id, event=message.kind, language=message.locale),
            words=words_of_waiting(facts=facts),
            facts=facts,
        )


def _facts(message: Message, matter: Matter, business: BusinessFacts, now: datetime) -> WaitLetterFacts:
    entry, offer = matter.entry, matter.offer
    wanted = offer.resource_ids if offer is not None else entry.resources or ()
    resources = Resource.objects.filter(business_id=business.id).in_bulk(list(wanted))
    taken = [resources[id] for id in wanted if id in resources]
    asked_for = entry.services if offer is None else (offer.service_id,)
    names = dict(Service.objects.filter(business_id=business.id, id__in=asked_for).values_list("id", "name"))
    held = Booking.objects.filter(id=offer.booking_id).first() if offer and offer.booking_id else None
    before = Booking.objects.filter(id=entry.earlier_than_id).first() if entry.earlier_than_id else None
    return WaitLetterFacts(
        kind=message.kind,
        language=message.locale,
        now=now,
        timezone=business.timezone,
        business_name=business.name,
        business_address=business.address,
        business_phone=business.phone,
        logo_url=f"{settings.BASE_URL}/logo/{business.logo}.png" if business.logo else "",
        book_url=f"{settings.BASE_URL}/b/{business.slug}/",
        entry_url=entry_url(entry_id=entry.id),
        entry=entry,
        offer=offer,
        service_names=()
        if business.settings.discreet_messages
        else tuple(names[id] for id in asked_for if id in names),
        resource_names=tuple(resource.name for resource in taken),
        resource_is_person=bool(taken) and taken[0].kind in _PERSONS,
        # Who moves to an earlier time keeps the terms of their booking.
        price=Money(held.price_minor, held.currency) if held is not None and before is None else None,
        before=before.starts_at if before is not None else None,
        signature=business.settings.signature,
    )

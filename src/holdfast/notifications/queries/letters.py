"""A message as the letter it becomes: read at the moment it goes, so that it tells what is true then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation

from holdfast.bookings.queries import BookingFacts, booking_by_id, manage_url
from holdfast.bookings.queries.requests import requests_of
from holdfast.businesses.queries import BusinessFacts, business_facts
from holdfast.calendars.rules import CalendarEvent, Method, bookings_calendar
from holdfast.catalog.models import Resource, Service
from holdfast.lib.money import Money
from holdfast.lib.quiet import quiet_until
from holdfast.lib.refusals import Missing
from holdfast.notifications.models import Message
from holdfast.notifications.queries.codes import code_letter
from holdfast.notifications.queries.fates import booking_fate
from holdfast.notifications.queries.requests import event_rows, request_letter
from holdfast.notifications.queries.templates import trial_letter
from holdfast.notifications.queries.together import several_of
from holdfast.notifications.queries.waiting import waiting_letter
from holdfast.notifications.queries.words import Words, event_summary, words_of
from holdfast.notifications.queries.writing import framed, plain_letter, source_of, values_of, written
from holdfast.notifications.rules import letters
from holdfast.notifications.rules.defaults import default_of, known_language
from holdfast.notifications.rules.defaults.parts import Source
from holdfast.notifications.rules.delivery import Drop, Send, Wait
from holdfast.notifications.rules.letters import Letter, LetterFacts, changes_until
from holdfast.notifications.rules.requests import REQUEST_KINDS
from holdfast.notifications.rules.vocabulary import event_name
from holdfast.notifications.rules.waiting import WAITING_KINDS

_PERSONS = frozenset({Resource.Kind.STAFF, Resource.Kind.ARTIST})


def letter_of(*, business_id: UUID, message_id: UUID, now: datetime) -> Letter | Drop | Wait:
    """The letter of a message, or why it should not go (now). Refusals: :class:`Missing`."""
    message = Message.objects.filter(business_id=business_id, id=message_id).first()
    if message is not None and message.kind == Message.Kind.CODE:
        return code_letter(message=message, business=business_facts(business_id=business_id), now=now)
    if message is not None and message.kind == Message.Kind.TEST:
        return trial_letter(message=message, business=business_facts(business_id=business_id), now=now)
    if message is not None and message.kind in WAITING_KINDS:
        return waiting_letter(message=message, business=business_facts(business_id=business_id), now=now)
    if message is None or message.booking_id is None:
        raise Missing(what="message")
    booking = booking_by_id(business_id=business_id, booking_id=message.booking_id)
    business = business_facts(business_id=business_id)
    if message.kind in REQUEST_KINDS - {Message.Kind.ACCEPTED}:
        facts = _facts(message, booking, business, now)
        return request_letter(message=message, booking=booking, business=business, facts=facts, now=now)
    # Somebody at the desk who sends a message again means now.
    quiet_hours = None if (message.context or {}).get("by_hand") else business.settings.quiet_hours
    until = quiet_until(now, quiet_hours, business.timezone)
    fate = booking_fate(message=message, booking=booking, now=now, quiet_until=until)
    if not isinstance(fate, Send):
        return fate
    facts = _facts(message, booking, business, now)
    event = event_name(facts.kind, facts.audience)
    return compose(facts, source_of(business_id=business.id, event=event, language=facts.language))


def compose(facts: LetterFacts, source: Source | None = None) -> Letter:
    """The letter in its reader's language: subject, text, HTML and calendar file. Without a source it is the default."""
    event = event_name(facts.kind, facts.audience)
    source = source or default_of(event, facts.language)
    with translation.override(known_language(facts.language)):
        words = words_of(facts)
        if not facts.has_file:
            return plain_letter(
                message_id=facts.message_id,
                to=facts.to,
                reply_to=_reply_to(facts),
                language=facts.language,
                event=event,
                source=source,
                words=words,
                facts=facts,
            )
        values = values_of(words=words, facts=facts)
        parts = written(event=event, source=source, values=values, language=facts.language)
        text, html = framed(parts=parts, facts=facts, language=facts.language, without_file=False)
        # Several events in one file are nobody's invitation to one thing: they are published.
        method: Method = "CANCEL" if facts.kind == "cancelled" else "PUBLISH" if facts.several else "REQUEST"
        return Letter(
            message_id=facts.message_id,
            to=facts.to,
            from_name=facts.business_name,
            reply_to=_reply_to(facts),
            subject=letters.header(parts.subject),
            text=text,
            html=html,
            calendar=bookings_calendar(_events(facts, words), method),
            calendar_method=method,
            short=parts.sms,
        )


def _facts(message: Message, booking: BookingFacts, business: BusinessFacts, now: datetime) -> LetterFacts:
    """What the letter may speak of: to customers of a discreet business not what for."""
    facts = _all_facts(message, booking, business, now)
    if facts.kind == Message.Kind.THANKS:
        facts = replace(facts, book_url=f"{facts.book_url}times?service={booking.service_id}")
    is_discreet = business.settings.discreet_messages and not facts.for_staff
    return letters.discreet(facts) if is_discreet else facts


def _all_facts(
    message: Message, booking: BookingFacts, business: BusinessFacts, now: datetime
) -> LetterFacts:
    context = message.context or {}
    old_id, old_starts_at = context.get("old_resource_id"), context.get("old_starts_at")
    wanted = {*booking.resource_ids, *([UUID(old_id)] if old_id else [])}
    resources = Resource.objects.filter(business_id=business.id).in_bulk(list(wanted))
    taken = [resources[id] for id in booking.resource_ids]
    old_resource = resources.get(UUID(old_id)) if old_id else None
    service_name, mode = Service.objects.values_list("name", "mode").get(
        business_id=business.id, id=booking.service_id
    )
    return LetterFacts(
        message_id=message.id,
        kind=message.kind,
        audience=message.audience,
        language=message.locale,
        to=message.recipient,
        now=now,
        **_of_business(business),
        timezone=booking.timezone,
        booking_id=booking.id,
        reference=booking.shown_reference,
        sequence=booking.sequence,
        service_name=service_name,
        resource_name=" + ".join(resource.name for resource in taken),
        resource_is_person=bool(taken) and taken[0].kind in _PERSONS,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        party_size=booking.party_size,
        price=Money(booking.price_minor, booking.currency),
        customer_name=booking.contact.name,
        customer_email=booking.contact.email,
        customer_phone=booking.contact.phone,
        notes=booking.notes,
        move_until=changes_until(booking.starts_at, booking.policy.reschedule_notice_minutes),
        cancel_until=changes_until(booking.starts_at, booking.policy.cancellation_notice_minutes),
        manage_url=manage_url(booking_id=booking.id),
        desk_url=f"{settings.BASE_URL}/desk/{business.slug}/b/{booking.shown_reference}",
        old_starts_at=datetime.fromisoformat(old_starts_at) if old_starts_at else None,
        old_resource_name=old_resource.name if old_resource else "",
        by_staff=bool(context.get("by_staff")),
        answers=tuple((one.label, one.answer) for one in booking.answers),
        promo_code=booking.promo_code,
        several=several_of(message=message, booking=booking, business=business),
        **(_event_of(booking, message.locale, now) if mode == Service.Mode.REQUEST else {}),
        amount=Money(context["amount_minor"], context["currency"]) if "amount_minor" in context else None,
    )


def _of_business(business: BusinessFacts) -> dict[str, Any]:
    return {
        "business_name": business.name,
        "business_email": business.email,
        "business_phone": business.phone,
        "business_address": business.address,
        "book_url": f"{settings.BASE_URL}/b/{business.slug}/",
        "logo_url": f"{settings.BASE_URL}/logo/{business.logo}.png" if business.logo else "",
        "signature": business.settings.signature,
    }


def _event_of(booking: BookingFacts, language: str, now: datetime) -> dict[str, Any]:
    """Where and what a booking is that was asked for."""
    found = requests_of(business_id=booking.business_id, bookings=[booking], now=now).get(booking.id)
    if found is None:
        return {}
    with translation.override(language):
        return {
            "venue": f"{found.venue_name}, {found.venue_address}",
            "event": tuple(event_rows(request=found)),
        }


def _reply_to(facts: LetterFacts) -> str:
    """Answers go to the other side: a customer's to the business, staff's to the customer."""
    return facts.customer_email if facts.for_staff else facts.business_email


def _events(facts: LetterFacts, words: Words) -> list[CalendarEvent]:
    """The booking's event, or those of all that the letter tells of."""
    event = _event(facts, words)
    return [
        replace(
            event,
            booking_id=one.booking_id,
            sequence=one.sequence,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            summary=", ".join(filter(None, [one.service_name, one.resource_name, one.person])),
            url=facts.desk_url if facts.for_staff else one.manage_url,
            description="",
        )
        for one in facts.several
    ] or [event]


def _event(facts: LetterFacts, words: Words) -> CalendarEvent:
    return CalendarEvent(
        booking_id=facts.booking_id,
        sequence=facts.sequence,
        stamped_at=facts.now,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        summary=event_summary(facts),
        description="\n".join(f"{label}: {value}" for label, value in words.rows[1:]),
        location=facts.venue or facts.business_address or facts.business_name,
        url=facts.desk_url if facts.for_staff else facts.manage_url,
        organizer_name=facts.business_name,
        # An invitation without an organizer is refused by calendars, so the sender stands in for a silent business.
        organizer_email=facts.business_email or settings.MAIL_FROM_EMAIL,
        attendee_name="" if facts.for_staff else facts.customer_name,
        attendee_email=facts.to,
        is_cancelled=facts.kind == "cancelled",
    )

"""Reads of a business's own letters: all of them, one to be edited, and how it looks with a made-up booking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from holdfast.businesses.queries import BusinessFacts, business_facts
from holdfast.catalog.models import Resource, Service
from holdfast.lib import walltime
from holdfast.lib.money import Money
from holdfast.lib.refusals import Missing
from holdfast.notifications.models import Message, ServiceReminders, Template
from holdfast.notifications.queries.words import Words, words_of
from holdfast.notifications.queries.writing import framed, plain_letter, values_of, with_row
from holdfast.notifications.rules.defaults import LANGUAGES, default_of
from holdfast.notifications.rules.defaults.parts import Source
from holdfast.notifications.rules.letters import Letter, LetterFacts
from holdfast.notifications.rules.vocabulary import EVENTS, Event, check_source
from holdfast.notifications.rules.writing import Written, write

# Letters that speak of what is over or yet to be are shown as if it were so.
_SAMPLE_ID = UUID("01932f9e-0000-7000-8000-000000000000")


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """A letter as it is written for an event in a language; ``is_own`` if the business wrote any of it."""

    event: Event
    language: str
    source: Source
    is_own: bool


def templates_of(*, business_id: UUID, language: str) -> list[TemplateFacts]:
    """Every letter in one language, in the order of the vocabulary. Refusals: :class:`Missing` for a language."""
    if language not in LANGUAGES:
        raise Missing(what="template")
    own: dict[str, list[Template]] = {}
    for row in Template.objects.filter(business_id=business_id, language=language):
        own.setdefault(row.event, []).append(row)
    return [_facts(event, language, own.get(event.name, [])) for event in EVENTS.values()]


def template_of(*, business_id: UUID, event: str, language: str) -> TemplateFacts:
    """One letter. Refusals: :class:`Missing`."""
    if event not in EVENTS or language not in LANGUAGES:
        raise Missing(what="template")
    rows = Template.objects.filter(business_id=business_id, event=event, language=language)
    return _facts(EVENTS[event], language, list(rows))


def _facts(event: Event, language: str, rows: list[Template]) -> TemplateFacts:
    source = default_of(event.name, language)
    for row in rows:
        source = with_row(source=source, row=row)
    return TemplateFacts(event, language, source, bool(rows))


def sample_values(*, business_id: UUID, event: str, language: str, now: datetime) -> dict[str, str]:
    """What the variables of an event stand for in the preview, the blocks among them."""
    with translation.override(language):
        facts, words = _sample(business_facts(business_id=business_id), EVENTS[event], language, now)
        values = values_of(words=words, facts=facts)
    return {name: values.get(name, "") for name in EVENTS[event].variables}


def preview(
    *, business_id: UUID, event: str, language: str, source: Source, now: datetime
) -> tuple[Written, str]:
    """The letter of a made-up booking, and its HTML as a mail program gets it.

    Refusals: :class:`Missing`, :class:`Invalid` for a source that could not be sent.
    """
    if event not in EVENTS or language not in LANGUAGES:
        raise Missing(what="template")
    check_source(EVENTS[event], source)
    with translation.override(language):
        facts, words = _sample(business_facts(business_id=business_id), EVENTS[event], language, now)
        parts = write(event, source, values_of(words=words, facts=facts))
        _, html = framed(parts=parts, facts=facts, language=language, without_file=not facts.has_file)
    return parts, html


def trial_letter(*, message: Message, business: BusinessFacts, now: datetime) -> Letter:
    """The letter somebody tries on themselves, as it was written when they asked."""
    context = message.context or {}
    source = Source(str(context["subject"]), str(context["body"]), str(context["sms"]))
    event, language = str(context["event"]), message.locale
    with translation.override(language):
        facts, words = _sample(business, EVENTS[event], language, now)
        letter = plain_letter(
            message_id=message.id,
            to=message.recipient,
            reply_to=business.email,
            language=language,
            event=event,
            source=source,
            words=words,
            facts=facts,
        )
    return replace(letter, subject=_("Test: %(subject)s") % {"subject": letter.subject})


def _sample(business: BusinessFacts, event: Event, language: str, now: datetime) -> tuple[LetterFacts, Words]:
    """A letter about nobody: tomorrow's booking of the business's first service."""
    service = (
        Service.objects.filter(business_id=business.id, is_active=True).order_by("position", "id").first()
    )
    found = (
        Resource.objects.filter(business_id=business.id, is_active=True).order_by("position", "id").first()
    )
    starts_at = _tomorrow(business, now)
    minutes = service.duration_minutes if service else 45
    facts = LetterFacts(
        message_id=_SAMPLE_ID,
        kind=event.kind,
        audience="staff" if event.for_staff else "customer",
        language=language,
        to="dana@example.com",
        now=now,
        business_name=business.name,
        business_email=business.email,
        business_phone=business.phone,
        business_address=business.address,
        timezone=business.timezone,
        booking_id=_SAMPLE_ID,
        reference="FR7K2-M94AB",
        sequence=1,
        service_name="" if business.settings.discreet_messages else service.name if service else _("Service"),
        resource_name=found.name if found else "",
        resource_is_person=found is not None and found.kind in (Resource.Kind.STAFF, Resource.Kind.ARTIST),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        party_size=2 if event.group == "waitlist" else 1,
        price=Money(service.price_minor if service else 0, business.currency),
        customer_name="Dana Guest",
        customer_email="dana@example.com",
        customer_phone="",
        notes="",
        move_until=starts_at - timedelta(hours=12),
        cancel_until=starts_at - timedelta(hours=12),
        manage_url=f"{settings.BASE_URL}/b/{business.slug}/#sample",
        desk_url=f"{settings.BASE_URL}/desk/{business.slug}/",
        book_url=f"{settings.BASE_URL}/b/{business.slug}/",
        old_starts_at=starts_at - timedelta(hours=1) if event.kind == "changed" else None,
        logo_url=f"{settings.BASE_URL}/logo/{business.logo}.png" if business.logo else "",
        amount=Money(2000, business.currency) if event.group == "money" else None,
        signature=business.settings.signature,
    )
    words = words_of(facts)
    return facts, replace(words, values=words.values | _elsewhere(words, event))


def _elsewhere(words: Words, event: Event) -> dict[str, str]:
    """What only letters about requests and about waiting speak of."""
    if event.group not in ("requests", "waitlist"):
        return {}
    return {
        "venue": _("Town Hall"),
        "until": words.values["when"],
        "rank": _("first") if event.kind == "option" else "",
        "old_when": "",
    }


def _tomorrow(business: BusinessFacts, now: datetime) -> datetime:
    local = now.astimezone(walltime.zone(business.timezone)) + timedelta(days=1)
    return local.replace(hour=10, minute=30, second=0, microsecond=0).astimezone(now.tzinfo)


def service_reminders(*, business_id: UUID) -> dict[UUID, tuple[int, ...]]:
    """By service when its customers are reminded, of those that do not follow the business."""
    rows = ServiceReminders.objects.filter(business_id=business_id)
    return {id: tuple(minutes) for id, minutes in rows.values_list("service_id", "minutes")}


def reminders_of(*, business_id: UUID, service_id: UUID) -> tuple[int, ...] | None:
    """When one service's customers are reminded; None while it is as the business says. Refusals: :class:`Missing`."""
    if not Service.objects.filter(business_id=business_id, id=service_id).exists():
        raise Missing(what="service")
    return service_reminders(business_id=business_id).get(service_id)

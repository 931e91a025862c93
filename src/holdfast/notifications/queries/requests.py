"""Letters about requests (S1): read at the moment they go, with everything that is needed to answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.requests import RequestFacts, request_of, request_url
from holdfast.businesses.queries import BusinessFacts
from holdfast.lib.money import Money
from holdfast.notifications.models import Message
from holdfast.notifications.queries.words import Words
from holdfast.notifications.queries.writing import plain_letter, source_of
from holdfast.notifications.rules import formats
from holdfast.notifications.rules.defaults import known_language
from holdfast.notifications.rules.delivery import Drop, Send, Wait
from holdfast.notifications.rules.letters import Letter, LetterFacts, first_name
from holdfast.notifications.rules.requests import fate_of_request
from holdfast.notifications.rules.vocabulary import event_name


def request_letter(
    *,
    message: Message,
    booking: BookingFacts,
    business: BusinessFacts,
    facts: LetterFacts,
    now: datetime,
) -> Letter | Drop | Wait:
    """The letter about a request, or why it should not go. Refusals: :class:`Missing`."""
    request = request_of(business_id=business.id, booking=booking, now=now)
    context = message.context or {}
    fate = fate_of_request(
        message.kind,
        state=booking.state_at(now),
        counter_is_open=request.counter_is_open,
        is_challenged=request.is_challenged,
        rank=request.option.rank if request.option else 0,
        told_rank=context.get("rank"),
    )
    if not isinstance(fate, Send):
        return fate
    event = event_name(facts.kind, facts.audience)
    with translation.override(known_language(facts.language)):
        return plain_letter(
            message_id=facts.message_id,
            to=facts.to,
            reply_to=facts.customer_email if facts.for_staff else facts.business_email,
            language=facts.language,
            event=event,
            source=source_of(business_id=business.id, event=event, language=facts.language),
            words=_words(facts, booking, request, context, business),
            facts=facts,
        )


def event_rows(*, request: RequestFacts) -> list[tuple[str, str]]:
    """What is asked for, as (label, value) in the active language: venue, details, rider, line by line."""
    rows = [
        (_("Venue"), f"{request.venue_name}\n{request.venue_address}"),
        (_("Details"), request.details),
    ]
    sections = {
        "technical": _("Rider, technical"),
        "hospitality": _("Rider, hospitality"),
        "travel": _("Rider, travel"),
    }
    for section, label in sections.items():
        lines = [_rider_line(line) for line in request.rider if line.section == section]
        rows.append((label, "\n".join(lines)))
    return [(label, value) for label, value in rows if value]


def _people_rows(facts: LetterFacts) -> list[tuple[str, str]]:
    rows = []
    if facts.for_staff:
        rows += [
            (_("Customer"), facts.customer_name),
            (_("Email"), facts.customer_email),
            (_("Phone"), facts.customer_phone),
        ]
    rows.append((_("Note") if facts.for_staff else _("Your note"), facts.notes))
    rows.append((_("Reference"), facts.reference))
    return rows


def _rider_line(line: Any) -> str:
    said = {"yes": _("can be provided"), "different": line.comment or _("different")}.get(line.answer)
    return f"{line.text} ({said})" if said else str(line.text)


def _words(
    facts: LetterFacts,
    booking: BookingFacts,
    request: RequestFacts,
    context: dict[str, Any],
    business: BusinessFacts,
) -> Words:
    values = {
        "name": first_name(facts.customer_name),
        "customer": facts.customer_name or _("Somebody"),
        "artist": facts.resource_name or facts.business_name,
        "service": facts.service_name,
        "short_day": _day(facts, facts.starts_at),
        "venue": request.venue_name,
        "until": _moment(facts, booking.releases_at) if booking.releases_at else "",
        "rank": _rank(int(context.get("rank") or 0)),
        "lost": "1" if context.get("challenged") else "",
        "reference": facts.reference,
    }
    rows = [
        (_("When"), _when(facts, facts.starts_at, facts.ends_at)),
        (_("Service"), facts.service_name),
        (_("Artist"), facts.resource_name),
        (_("Fee offered"), formats.money(Money(request.fee_minor, booking.currency), facts.language)),
        *_answer_rows(facts, booking, request),
        *(
            event_rows(request=request) if facts.service_name else []
        ),  # a discreet letter says when and with whom
        *_people_rows(facts),
    ]
    link_label, link = (
        (_("Open the request"), f"{settings.BASE_URL}/desk/{business.slug}/requests/{facts.reference}")
        if facts.for_staff
        else (_("See your request"), request_url(booking_id=booking.id))
    )
    if facts.kind in ("countered", "challenged"):
        link_label = _("Answer")
    return Words(values, [row for row in rows if row[1]], link_label, link)


def _answer_rows(facts: LetterFacts, booking: BookingFacts, request: RequestFacts) -> list[tuple[str, str]]:
    if facts.kind == "declined":
        return [(_("Reason"), request.decline_reason)]
    counter = request.counter
    if facts.kind != "countered" or counter is None:
        return []
    fee = request.fee_minor if counter.fee_minor is None else counter.fee_minor
    starts_at, ends_at = counter.starts_at or facts.starts_at, counter.ends_at or facts.ends_at
    return [
        (_("Offered instead: when"), _when(facts, starts_at, ends_at)),
        (_("Offered instead: fee"), formats.money(Money(fee, booking.currency), facts.language)),
        (_("Message"), counter.message),
    ]


def _rank(rank: int) -> str:
    return {1: _("first"), 2: _("second"), 3: _("third")}.get(rank, "")


def _day(facts: LetterFacts, at: datetime) -> str:
    return formats.day(formats.wall(at, facts.timezone), facts.language)


def _moment(facts: LetterFacts, at: datetime) -> str:
    wall = formats.wall(at, facts.timezone)
    return _("%(day)s, %(time)s") % {
        "day": formats.day(wall, facts.language),
        "time": formats.clock(wall, facts.language),
    }


def _when(facts: LetterFacts, starts_at: datetime, ends_at: datetime) -> str:
    starts, ends = formats.wall(starts_at, facts.timezone), formats.wall(ends_at, facts.timezone)
    until = formats.clock(ends, facts.language)
    if ends.date() != starts.date():
        until = _("%(time)s on %(day)s") % {"time": until, "day": formats.weekday(ends, facts.language)}
    return _("%(day)s, %(from)s to %(until)s, %(place)s time") % {
        "day": formats.day_in_full(starts, facts.language),
        "from": formats.clock(starts, facts.language),
        "until": until,
        "place": formats.place_of_zone(facts.timezone, facts.language),
    }

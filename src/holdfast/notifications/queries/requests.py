"""Letters about requests (S1): read at the moment they go, with everything that is needed to answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.requests import RequestFacts, request_of, request_url
from holdfast.businesses.queries import BusinessFacts
from holdfast.lib.money import Money
from holdfast.notifications.models import Message
from holdfast.notifications.queries.words import Words
from holdfast.notifications.rules import formats, letters
from holdfast.notifications.rules.delivery import Drop, Send, Wait
from holdfast.notifications.rules.letters import Letter, LetterFacts, first_name
from holdfast.notifications.rules.requests import fate_of_request

# By what happened and whether the business reads it: subject, heading and opening.
Said = dict[tuple[str, bool], tuple[str, str, str]]


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
    with translation.override(facts.language):
        words = _words(facts, booking, request, context, business)
        shown = {"facts": facts, "words": words, "language": facts.language, "without_file": True}
        return Letter(
            message_id=facts.message_id,
            to=facts.to,
            from_name=facts.business_name,
            reply_to=facts.customer_email if facts.for_staff else facts.business_email,
            subject=letters.header(words.subject),
            text=render_to_string("notifications/letter.txt", shown).strip() + "\n",
            html=render_to_string("notifications/letter.html", shown),
            calendar=b"",
            calendar_method="REQUEST",
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
    names = {
        "name": first_name(facts.customer_name),
        "customer": facts.customer_name or _("Somebody"),
        "artist": facts.resource_name or facts.business_name,
        "business": facts.business_name,
        "day": _day(facts, facts.starts_at),
        "venue": request.venue_name,
        "until": _moment(facts, booking.releases_at) if booking.releases_at else "",
        "rank": _rank(int(context.get("rank") or 0)),
    }
    subject, heading, opening = _said(facts, context, names)
    rows = [
        (_("When"), _when(facts, facts.starts_at, facts.ends_at)),
        (_("Service"), facts.service_name),
        (_("Artist"), facts.resource_name),
        (_("Fee offered"), formats.money(Money(request.fee_minor, booking.currency), facts.language)),
        *_answer_rows(facts, booking, request),
        *event_rows(request=request),
        *_people_rows(facts),
    ]
    link_label, link = (
        (_("Open the request"), f"{settings.BASE_URL}/desk/{business.slug}/requests/{facts.reference}")
        if facts.for_staff
        else (_("See your request"), request_url(booking_id=booking.id))
    )
    if facts.kind in ("countered", "challenged"):
        link_label = _("Answer")
    return Words(
        subject, heading, opening, [row for row in rows if row[1]], _closing(facts, names), link_label, link
    )


def _said(facts: LetterFacts, context: dict[str, Any], names: dict[str, str]) -> tuple[str, str, str]:
    """Subject, heading and opening of a letter: by what happened, and whether the business or the customer reads it."""
    said = (
        _of_asking()
        | _of_answers()
        | _of_endings(lost=bool(context.get("challenged")))
        | _of_options(has_rank=bool(context.get("rank")))
    )
    return tuple(text % names for text in said[facts.kind, facts.for_staff])  # type: ignore[return-value]


def _of_asking() -> Said:
    """A request was made, and waits."""
    return {
        ("requested", True): (
            _("Request: %(venue)s, %(day)s"),
            _("A new request"),
            _("%(customer)s asks for %(artist)s on %(day)s. Please answer by %(until)s."),
        ),
        ("requested", False): (
            _("Your request to %(business)s, %(day)s"),
            _("We have your request, %(name)s"),
            _("%(artist)s answers by %(until)s: yes, no, or another offer. Nothing is booked until then."),
        ),
        ("unanswered", True): (
            _("Still to answer: %(venue)s, %(day)s"),
            _("A request is waiting"),
            _("%(customer)s is waiting for an answer. The request expires at %(until)s."),
        ),
    }


def _of_answers() -> Said:
    """It was answered, or withdrawn."""
    return {
        ("countered", False): (
            _("Another offer from %(business)s, %(day)s"),
            _("Another offer, %(name)s"),
            _("%(artist)s would come on other terms. Please accept or decline by %(until)s."),
        ),
        ("declined", False): (
            _("Declined: %(day)s, %(business)s"),
            _("It cannot be this time"),
            _("We are sorry: %(artist)s cannot take your request for %(day)s."),
        ),
        ("declined", True): (
            _("Your offer was declined: %(venue)s, %(day)s"),
            _("Declined"),
            _("%(customer)s declined. The request is closed."),
        ),
        ("withdrawn", False): (
            _("Withdrawn: your request for %(day)s"),
            _("Your request is withdrawn"),
            _("Nothing is booked, and there is nothing more to do."),
        ),
        ("withdrawn", True): (
            _("Withdrawn: %(venue)s, %(day)s"),
            _("A request was withdrawn"),
            _("%(customer)s does not need the date any more."),
        ),
    }


def _of_endings(*, lost: bool) -> Said:
    """Its time ran out; ``lost``: because whoever had the option did not confirm."""
    return {
        ("expired", False): (
            _("Expired: your request for %(day)s"),
            _("Your option has ended") if lost else _("Your request has expired"),
            _("It was not confirmed in time, so the date is open to others again.")
            if lost
            else _("It was not answered in time. Nothing is booked; you can ask again."),
        ),
        ("expired", True): (
            _("Expired: %(venue)s, %(day)s"),
            _("An option was lost") if lost else _("A request has expired"),
            _("%(customer)s did not confirm in time.")
            if lost
            else _("Nobody answered %(customer)s in time."),
        ),
    }


def _of_options(*, has_rank: bool) -> Said:
    """Its place among the options on the date; without a rank it has none any more."""
    return {
        ("option", False): (
            _("Your option on %(day)s: %(rank)s"),
            _("You have the %(rank)s option") if has_rank else _("Your option has ended"),
            _("%(artist)s keeps %(day)s for you in this order. You hear from us when it changes.")
            if has_rank
            else _("The option on %(day)s is no longer yours. Your request stands and waits for an answer."),
        ),
        ("challenged", False): (
            _("Please confirm %(day)s by %(until)s"),
            _("Somebody else would like your date"),
            _("You have the first option on %(day)s. Confirm by %(until)s and it is yours, or it goes on."),
        ),
    }


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


def _closing(facts: LetterFacts, names: dict[str, str]) -> str:
    if facts.kind == "requested" and not facts.for_staff:
        return _("You can withdraw it at any time before it is accepted.")
    if facts.kind == "declined" and not facts.for_staff:
        return _("You are welcome to ask %(artist)s for another date.") % names
    return ""


def _rank(rank: int) -> str:
    return {1: _("first"), 2: _("second"), 3: _("third")}.get(rank, _("none"))


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

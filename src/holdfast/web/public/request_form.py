"""The form of a request: its fields, what fills them, and how typed text becomes a wish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from holdfast.bookings.commands import Details, RequestWish
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.requests import RequestFacts, TemplateFacts
from holdfast.bookings.rules.requests import (
    ADDRESS_LIMIT,
    DETAILS_LIMIT,
    VENUE_LIMIT,
    Event,
    Span,
)
from holdfast.catalog.queries import ServiceFacts
from holdfast.catalog.rules.riders import RiderLine
from holdfast.customers.rules import NAME_LIMIT, Contact
from holdfast.lib import text
from holdfast.lib.money import Money, parse_minor
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import minute_at
from holdfast.web.public.details import Field, Form
from holdfast.web.public.frame import Visit

NAMES = (
    "date", "from", "until", "venue_name", "venue_address", "details", "fee", "name", "email", "phone", "notes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RiderField:
    """One line of the rider in the form, with what was answered."""

    number: int
    section: str
    text: str
    answer: str = ""
    comment: str = ""


def request_form(values: Mapping[str, str], service: ServiceFacts, currency: str, artist: str) -> Form:
    """The fields of a request filled with ``values``."""
    fields = (
        Field("date", _("Date"), type="date", limit=10, icon="calendar"),
        Field(
            "from", _("From"), type="time", limit=5, required=False, hint=_("Empty: the whole day."), icon="clock"
        ),
        Field(
            "until", _("Until"), type="time", limit=5, required=False, hint=_("After midnight: the next day."),
            icon="clock",
        ),
        Field("venue_name", _("Venue"), limit=VENUE_LIMIT, icon="business"),
        Field("venue_address", _("Address of the venue"), limit=ADDRESS_LIMIT, rows=2, icon="pin"),
        Field("details", _("About the event"), limit=DETAILS_LIMIT, rows=4, icon="note"),
        Field(
            "fee", _("Fee you offer, %(currency)s") % {"currency": currency}, limit=14, inputmode="decimal",
            icon="ticket", hint=_usual(service, currency),
        ),
        Field("name", _("Your name"), limit=NAME_LIMIT, autocomplete="name"),
        Field("email", _("Email"), type="email", autocomplete="email", icon="mail"),
        Field(
            "phone", _("Mobile"), type="tel", limit=40, required=False, aside=_("optional"), autocomplete="tel",
            icon="phone",
        ),
        Field(
            "notes", _("Anything else for %(artist)s?") % {"artist": artist}, limit=1000, required=False,
            aside=_("optional"), rows=2, icon="note",
        ),
    )  # fmt: skip
    return Form({one.name: replace(one, value=values.get(one.name, "")) for one in fields})


def posted(given: Mapping[str, str]) -> dict[str, str]:
    """What the form carried, as typed; a date chosen from the alternatives takes the place of the typed one."""
    values = {name: given.get(name, "") for name in NAMES}
    if given.get("other"):
        values["date"] = given["other"]
    return values


def rider_fields(lines: list[RiderLine], given: Mapping[str, str]) -> list[RiderField]:
    """The lines of the rider with what was answered."""
    return [
        RiderField(
            number,
            line.section,
            line.text,
            given.get(f"rider-{number}", ""),
            given.get(f"instead-{number}", ""),
        )
        for number, line in enumerate(lines)
    ]


def wish_of(
    visit: Visit, service: ServiceFacts, values: Mapping[str, str], rider: list[RiderField]
) -> tuple[RequestWish, text.Mistakes]:
    """What is asked for as the command takes it, and the mistakes that reading it found."""
    mistakes: text.Mistakes = {}
    span = _span(visit, values, mistakes)
    event = Event(
        venue_name=values["venue_name"],
        venue_address=values["venue_address"],
        details=values["details"],
        fee_minor=_fee(values["fee"], visit.business.currency, mistakes),
    )
    answers = [
        {"line": line.number, "answer": line.answer, "comment": line.comment}
        for line in rider
        if line.answer or line.comment.strip()
    ]
    return RequestWish(service.id, span, event, rider=answers), mistakes


def details_of(values: Mapping[str, str]) -> Details:
    """Who asks."""
    return Details(Contact(values["name"], values["email"], values["phone"]), values["notes"])


def from_template(template: TemplateFacts, currency: str) -> dict[str, str]:
    """The values that a saved template fills in."""
    return {
        "venue_name": template.venue_name,
        "venue_address": template.venue_address,
        "details": template.details,
        "fee": _amount(template.fee_minor, currency),
        "from": template.from_time,
        "until": template.to_time,
    }


def from_request(booking: BookingFacts, request: RequestFacts, zone: Any) -> dict[str, str]:
    """The values that somebody's last request fills in; its date is over, so that stays empty."""
    values = event_values(booking, request, zone)
    contact = booking.contact
    return values | {"name": contact.name, "email": contact.email, "phone": contact.phone}


def event_values(booking: BookingFacts, request: RequestFacts, zone: Any) -> dict[str, str]:
    """The event of a request, as the form and a template hold it."""
    starts, ends = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    times = {} if request.whole_day else {"from": f"{starts:%H:%M}", "until": f"{ends:%H:%M}"}
    return {
        "venue_name": request.venue_name,
        "venue_address": request.venue_address,
        "details": request.details,
        "fee": _amount(request.fee_minor, booking.currency),
        **times,
    }


def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else Money(minor, currency).decimal


def _usual(service: ServiceFacts, currency: str) -> str:
    if not service.price_minor:
        return ""
    return _("Usually %(fee)s.") % {"fee": Money(service.price_minor, currency).decimal}


def _fee(typed: str, currency: str, mistakes: text.Mistakes) -> int | None:
    typed = typed.strip()
    if not typed:
        return None
    sign, digits = (-1, typed[1:]) if typed[0] in "-\N{MINUS SIGN}" else (1, typed)
    try:
        return sign * parse_minor(digits, currency)
    except ValueError:
        mistakes["fee"] = [("not_an_amount", {})]
        return None


def _span(visit: Visit, values: Mapping[str, str], mistakes: text.Mistakes) -> Span:
    on = _read(date.fromisoformat, values["date"], "date", "wrong_date", mistakes)
    begins = _read(time.fromisoformat, values["from"], "from", "wrong_time", mistakes)
    ends = _read(time.fromisoformat, values["until"], "until", "wrong_time", mistakes)
    if on is None or not 1971 <= on.year <= 8999:
        if on is not None:
            mistakes["date"] = [("wrong_date", {})]
        elif "date" not in mistakes:
            mistakes["date"] = [("required", {})]
        return Span()
    if begins is None:
        if ends is not None and "from" not in mistakes:
            mistakes["from"] = [("required", {})]
        return Span(on=on)
    starts_at = _instant(visit, on, begins)
    if ends is None:
        return Span(starts_at)
    return Span(starts_at, _instant(visit, on + timedelta(days=int(ends <= begins)), ends))


def _instant(visit: Visit, on: date, at: time) -> datetime:
    return instant_of(minute_at(on, at.hour * 60 + at.minute, visit.timetable.tz)).astimezone(UTC)


def _read(parse: Any, typed: str, field: str, code: str, mistakes: text.Mistakes) -> Any:
    """What browsers send of a date or a time; None for nothing, and for nonsense with a mistake."""
    if not typed.strip():
        return None
    try:
        return parse(typed.strip())
    except ValueError:
        mistakes[field] = [(code, {})]
        return None


def chosen_id(typed: str) -> UUID | None:
    """An id from an address; None for anything else."""
    try:
        return UUID(typed)
    except ValueError:
        return None

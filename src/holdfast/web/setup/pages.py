"""What the templates of the set-up need, worked out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from holdfast.availability.queries import next_open_day, open_times
from holdfast.blueprints.rules import BLUEPRINTS
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import HOUR_TEMPLATES
from holdfast.web import formats
from holdfast.web.desk.fields import Choice, Errors, Field
from holdfast.web.desk.settings_hours import MONDAY, template_names
from holdfast.web.setup.draft import OWN_HOURS, Draft
from holdfast.web.setup.places import currencies, currency_at, place_of, zones
from holdfast.web.setup.reading import has_seats, takes_slots
from holdfast.web.setup.words import KINDS, KindWords
from holdfast.web.share import share_of


def kind_context(draft: Draft) -> dict[str, Any]:
    """The tiles. The first is chosen until somebody chooses another."""
    chosen = draft.kind or next(iter(BLUEPRINTS))
    return {"tiles": [(kind, KINDS[kind], kind == chosen) for kind in BLUEPRINTS]}


def about_context(draft: Draft, on: date, errors: Errors) -> dict[str, Any]:
    """Name and hours."""
    zone = draft.timezone or settings.DEFAULT_TIME_ZONE
    listed = {place for places in zones().values() for place in places}
    grouped = [(continent, [_zone(name, zone, on) for name in names]) for continent, names in zones().items()]
    if zone not in listed:
        grouped.insert(0, ("", [_zone(zone, zone, on)]))
    currency = draft.currency if draft.is_described else currency_at(zone, on)
    return {
        "draft": draft,
        "about": KINDS[draft.kind],
        "base_url": settings.BASE_URL.split("//", 1)[-1] + "/b/",
        "name": _name_field(draft, errors),
        "slug": Field("slug", _("Web address"), draft.slug, limit=63, errors=errors.get("slug", ())),
        "zones": grouped,
        "zone_errors": errors.get("timezone", ()),
        "is_first_time": not draft.is_described,
        "currency": Field(
            "currency",
            _("Currency"),
            kind="select",
            choices=[
                Choice("", _("The usual one there"), not currency),
                *(Choice(code, name, code == currency) for code, name in currencies(on).items()),
            ],
            errors=errors.get("currency", ()),
        ),
        "templates": _hour_choices(draft),
        "own_hours": OWN_HOURS,
        "hours_errors": errors.get("hours", ()),
        "days": [_day(number, draft, errors) for number in range(7)],
    }


def _name_field(draft: Draft, errors: Errors) -> Field:
    return Field(
        "name",
        _("Name of your business"),
        draft.name,
        required=True,
        limit=120,
        autocomplete="organization",
        errors=errors.get("name", ()),
    )


def _zone(name: str, chosen: str, on: date) -> dict[str, Any]:
    return {
        "value": name,
        "label": place_of(name),
        "currency": currency_at(name, on),
        "is_chosen": name == chosen,
    }


def _hour_choices(draft: Draft) -> list[Choice]:
    """The ready-made weeks, the kind's own first; a barber's week is offered to barbers alone."""
    own = draft.blueprint.hours
    names = template_names()
    offered = [own, *(name for name in HOUR_TEMPLATES if name not in (own, "barbershop"))]
    chips = [Choice(name, names[name], draft.hours == name) for name in offered]
    return [*chips, Choice(OWN_HOURS, _("Our own hours"), draft.hours == OWN_HOURS)]


def _day(number: int, draft: Draft, errors: Errors) -> dict[str, Any]:
    name = formats.weekday(MONDAY.replace(day=number + 1))
    row = draft.days[number] if number < len(draft.days) else {"opens": "", "closes": ""}
    return {
        "name": name,
        "opens": Field(
            f"opens-{number}",
            _("%(day)s opens") % {"day": name},
            row["opens"],
            "time",
            errors=errors.get(f"opens-{number}", ()),
        ),
        "closes": Field(
            f"closes-{number}",
            _("%(day)s closes") % {"day": name},
            row["closes"],
            "time",
            errors=errors.get(f"closes-{number}", ()),
        ),
    }


def services_context(draft: Draft, errors: Errors, added: str) -> dict[str, Any]:
    """Rows of resources and services. ``added`` is the group that has just got a row: it takes the focus."""
    words = KINDS[draft.kind]
    return {
        "draft": draft,
        "about": words,
        "groups": [
            _services(draft, words, errors, added == "services"),
            _resources(draft, words, errors, added == "resources"),
        ],
        "capacity": Field(
            "capacity",
            _("Places in each slot"),
            draft.capacity,
            "number",
            required=True,
            least="1",
            most="10000",
            errors=errors.get("capacity", ()),
        )
        if takes_slots(draft.blueprint)
        else None,
    }


def _resources(draft: Draft, words: KindWords, errors: Errors, is_new: bool) -> dict[str, Any]:
    rows = []
    for index, row in enumerate(draft.resources):
        fields = [_cell(f"resources-{index}-name", _("Name"), row["name"], errors)]
        if has_seats(draft.blueprint):
            fields.append(_cell(f"resources-{index}-seats", _("Seats"), row["seats"], errors, "number"))
        rows.append(_row(str(words.resource), index, fields, is_new and index == len(draft.resources) - 1))
    return {"name": "resources", "title": words.resources, "add": words.add_resource, "rows": rows}


def _services(draft: Draft, words: KindWords, errors: Errors, is_new: bool) -> dict[str, Any]:
    rows = []
    price = _("%(price)s in %(currency)s") % {"price": words.price, "currency": draft.currency}
    for index, row in enumerate(draft.services):
        fields = [
            _cell(f"services-{index}-name", _("Name"), row["name"], errors),
            _cell(f"services-{index}-minutes", _("Minutes"), row["minutes"], errors, "number"),
            _cell(f"services-{index}-price", price, row["price"], errors, "amount"),
        ]
        rows.append(_row(str(words.service), index, fields, is_new and index == len(draft.services) - 1))
    return {"name": "services", "title": words.services, "add": words.add_service, "rows": rows}


def _row(noun: str, index: int, fields: Sequence[Field], is_new: bool) -> dict[str, Any]:
    label = _("%(noun)s %(number)s") % {"noun": noun, "number": index + 1}
    return {"label": label, "index": index, "fields": fields, "is_new": is_new}


def _cell(name: str, label: str, value: str, errors: Errors, kind: str = "text") -> Field:
    typed = "text" if kind == "amount" else kind
    return Field(
        name,
        label,
        value,
        typed,
        required=True,
        limit=120 if kind == "text" else 12,
        errors=errors.get(name, ()),
        least="1" if kind == "number" else "",
    )


def opened_context(timetable: Timetable, now: datetime) -> dict[str, Any]:
    """The link, its code, the first free time, and what to do next."""
    slug = timetable.business.slug
    share = share_of(slug)
    return {
        "business": timetable.business,
        "about": KINDS[timetable.business.blueprint],
        "share": share,
        "first_free": first_free(timetable, now),
        "todo": [
            *_proof(timetable),
            (_("Book a time yourself"), _("See what your customers see. You can cancel it again."), share.url, _("Try it")),
            (_("Days off and breaks"), _("Holidays, lunch, who is away when"), reverse("desk:exceptions", args=[slug]), _("Enter")),
            (_("Address, phone and logo"), _("Shown on your page and in messages"), reverse("desk:profile", args=[slug]), _("Add")),
            (_("Booking rules"), _("How late one may book, move and cancel"), reverse("desk:rules", args=[slug]), _("Check")),
        ],
    }  # fmt: skip


def _proof(timetable: Timetable) -> list[tuple[str, str, str, str]]:
    """Where places are counted per person, people had better be who they say (SPEC D1)."""
    counted = [s for s in timetable.services.values() if s.mode == "slot" and s.who_may_book == "anyone"]
    if not counted:
        return []
    url = reverse("desk:service", args=[timetable.business.slug, counted[0].id])
    words = _("A code by mail makes the limit of places per person mean something")
    return [(_("Ask for a proven email address"), words, url, _("Choose"))]


def first_free(timetable: Timetable, now: datetime) -> str:
    """What can be booked first, as a sentence; empty while nothing can."""
    yesterday = now.astimezone(timetable.tz).date() - timedelta(days=1)
    found: list[tuple[datetime, str]] = []
    for service in timetable.services.values():
        day = next_open_day(timetable=timetable, service_id=service.id, after=yesterday, now=now)
        if day is not None:
            [on] = open_times(timetable=timetable, service_id=service.id, first=day, last=day, now=now)
            found.append((on.times[0].starts_at, service.mode))
    if not found:
        return ""
    starts_at, mode = min(found)
    local = formats.local(starts_at, timetable.business.timezone)
    if mode == "request":
        return _("The first free date is %(day)s.") % {"day": formats.day_in_full(local.date())}
    return _("The first free time is %(time)s.") % {"time": formats.day_and_clock(local)}

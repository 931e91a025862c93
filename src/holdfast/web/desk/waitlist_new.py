"""Somebody put on the waitlist by the desk: who called, or who stands there and was told how long it may take (SPEC F1, F7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.bookings.rules import MAX_PARTY
from holdfast.businesses.rules import Action
from holdfast.catalog.queries import ServiceFacts
from holdfast.customers.rules import Contact
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.waitlist.commands import Waiter, WaitWish, join_waitlist
from holdfast.waitlist.queries import WAITED_FOR
from holdfast.waitlist.rules import RangeWish
from holdfast.web.desk import waitlist_words as said
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import (
    Choice,
    Errors,
    Field,
    Mistakes,
    as_errors,
    identity,
    summary,
    typed_date,
    whole_number,
)
from holdfast.web.desk.waitlist import way_back
from holdfast.web.once import new_key, once

_NAMES = (
    "here", "name", "phone", "email", "party_size", "quoted_low", "quoted_high", "first", "last", "from_time",
    "to_time", "first_2", "last_2", "from_time_2", "to_time_2",
)  # fmt: skip
# The command's names for what the form calls otherwise.
_SHOWN_AT = {
    "wishes[0].from": "first", "wishes[0].to": "last", "wishes[0].from_time": "from_time", "wishes[0].to_time": "to_time",
    "wishes[0].weekdays": "weekdays", "wishes[1].from": "first_2", "wishes[1].to": "last_2",
    "wishes[1].from_time": "from_time_2", "wishes[1].to_time": "to_time_2", "wishes[1].weekdays": "weekdays",
    "quoted": "quoted_low", "customer": "name",
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def add(desk: Desk) -> HttpResponse:
    """The form; a POST puts them on the list."""
    desk.require(Action.CHANGE_WAITLIST)
    services = [one for one in desk.timetable.services.values() if one.is_active and one.mode in WAITED_FOR]
    if not services:
        return desk.render(
            "desk/new_nothing.html", {"section": "waitlist", "title": _("Add to the waitlist")}
        )
    sent = desk.request.POST if desk.request.method == "POST" else desk.request.GET
    values: dict[str, Any] = {name: sent.get(name, "").strip() for name in _NAMES}
    values |= {name: sent.getlist(name) for name in ("services", "resources", "weekdays")}
    if desk.request.method == "POST":
        return _add(desk, services, values)
    today = desk.today.isoformat()
    values["first"] = values["first"] or today
    values["last"] = values["last"] or values["first"]
    values["party_size"] = values["party_size"] or ("2" if services[0].mode == "table" else "1")
    values["services"] = values["services"] or [str(services[0].id)]
    values["weekdays"] = [str(day) for day in range(7)]
    return _form(desk, services, values)


def _add(desk: Desk, services: Sequence[ServiceFacts], values: dict[str, Any]) -> HttpResponse:
    mistakes: Mistakes = {}
    wish = _wish(desk, services, values, mistakes)
    if wish is None or mistakes:
        return _form(desk, services, values, errors=as_errors(mistakes))
    who = Waiter(Contact(values["name"], values["email"], values["phone"]))

    def work() -> str:
        made = join_waitlist(actor=desk.actor, timetable=desk.timetable, wish=wish, who=who, now=desk.now)
        return way_back(desk, "add", made.id)

    try:
        # Who leaves neither address nor number is a new person every time: the same form sent twice would add two.
        fields = desk.request.POST.dict()
        return redirect(once(business_id=desk.business.id, route="desk-waitlist", fields=fields, work=work))
    except Invalid as refusal:
        found = {
            _SHOWN_AT.get(name, name.removeprefix("customer.")): sentences
            for name, sentences in words.mistakes(refusal).items()
        }
        return _form(desk, services, values, errors=found)
    except Conflict as refusal:
        return _form(desk, services, values, refused=words.sentence(refusal))


def _wish(
    desk: Desk, services: Sequence[ServiceFacts], values: Mapping[str, Any], mistakes: Mistakes
) -> WaitWish | None:
    ticked = set(values["services"])
    chosen = tuple(one.id for one in services if str(one.id) in ticked)
    if not chosen:
        mistakes["services"] = [("required", {})]
    people: list[UUID] = [id for text in values["resources"] if (id := identity(text)) is not None]
    party = whole_number(values["party_size"] or "1", "party_size", mistakes)
    ranges: tuple[RangeWish, ...] = (RangeWish(desk.today, desk.today),)
    quoted = None
    if values["here"]:
        quoted = _quoted(values, mistakes)
    else:
        ranges = _ranges(values, mistakes)
    if mistakes or party is None:
        return None
    return WaitWish(
        services=chosen,
        ranges=ranges,
        party_size=party,
        resources=tuple(people) or None,
        walk_in=bool(values["here"]),
        quoted=quoted,
    )


def _quoted(values: Mapping[str, Any], mistakes: Mistakes) -> tuple[int, int] | None:
    """The wait that somebody was told; one number is both ends."""
    typed = [
        whole_number(values[name], name, mistakes) if values[name] else None
        for name in ("quoted_low", "quoted_high")
    ]
    given = [minutes for minutes in typed if minutes is not None]
    if len(given) == 2 and given[1] < given[0]:
        mistakes["quoted_high"] = [("less_than_least", {})]
    return (given[0], given[-1]) if given else None


def _ranges(values: Mapping[str, Any], mistakes: Mistakes) -> tuple[RangeWish, ...]:
    found = []
    days = sorted({int(day) for day in values["weekdays"] if day.isdigit() and int(day) < 7})
    if not days:
        mistakes["weekdays"] = [("required", {})]
    for suffix, required in (("", True), ("_2", False)):
        first = typed_date(values[f"first{suffix}"], f"first{suffix}", mistakes, required=required)
        last = typed_date(values[f"last{suffix}"], f"last{suffix}", mistakes, required=False) or first
        if first is not None and last is not None:
            # Of one day it is known which day of the week it is.
            of_these = days if last > first else None
            times = values[f"from_time{suffix}"][:5], values[f"to_time{suffix}"][:5]
            found.append(RangeWish(first, last, *times, of_these))
    return tuple(found)


def _form(
    desk: Desk,
    services: Sequence[ServiceFacts],
    values: Mapping[str, Any],
    *,
    errors: Errors | None = None,
    refused: str = "",
) -> HttpResponse:
    errors = errors or {}
    context = {
        "section": "waitlist",
        "title": _("Add to the waitlist"),
        "idempotency_key": new_key(),
        "is_here": bool(values["here"]),
        "mistakes": summary(errors),
        "refused": refused,
        "second_open": any(values[name] for name in ("first_2", "last_2", "from_time_2", "to_time_2")),
        **_fields(desk, services, values, errors),
    }
    return desk.render("desk/waitlist_new.html", context, status=422 if errors else 409 if refused else 200)


def _fields(
    desk: Desk, services: Sequence[ServiceFacts], values: Mapping[str, Any], errors: Errors
) -> dict[str, Any]:
    def make(name: str, label: str, kind: str = "text", hint: str = "", **more: Any) -> Field:
        return Field(name, label, values[name], kind, hint, errors=errors.get(name, ()), **more)

    def boxes(name: str, label: str, options: Mapping[str, str], hint: str = "") -> Field:
        found = [Choice(value, text, value in values[name]) for value, text in options.items()]
        return Field(name, label, kind="boxes", choices=found, hint=hint, errors=errors.get(name, ()))

    giving = {id for one in services if one.mode != "slot" for id in desk.timetable.giving(one)}
    people = {str(one.id): one.name for one in desk.timetable.resources.values() if one.id in giving}
    seats = max((desk.timetable.resources[id].seats_max for id in giving), default=1)
    is_slot = any(one.mode == "slot" for one in services)
    return {
        "what": [
            boxes("services", _("What for"), {str(one.id): one.name for one in services}),
            *([make("party_size", _("People"), "number", required=True, least="1", most=str(MAX_PARTY))]
              if seats > 1 or is_slot else []),
            *([boxes("resources", _("With whom"), people, _("None ticked: anybody."))] if len(people) > 1 else []),
        ],
        "person_fields": [
            make("name", _("Name"), required=True, limit=120),
            make("phone", _("Phone"), "tel", limit=40),
            make("email", _("Email"), "email", _("Offers go there. Without one, the desk calls."), limit=254),
        ],
        "here_fields": [
            make("quoted_low", _("Told to wait, at least"), "number", unit=_("minutes"), least="0", most="1440"),
            make("quoted_high", _("Told to wait, at most"), "number", unit=_("minutes"), least="0", most="1440"),
        ],
        "ranges": [
            make("first", _("From day"), "date", required=not values["here"]), make("last", _("To day"), "date"),
            make("from_time", _("Earliest start"), "time"), make("to_time", _("Latest start"), "time"),
        ],
        "second": [
            make("first_2", _("From day"), "date"), make("last_2", _("To day"), "date"),
            make("from_time_2", _("Earliest start"), "time"), make("to_time_2", _("Latest start"), "time"),
        ],
        "weekdays": boxes("weekdays", _("On"), {str(day): said.short_weekday(day) for day in range(7)}),
    }  # fmt: skip

"""Why a time can or cannot be booked: the rules in order, and what would have to change least (SPEC C5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from holdfast.availability.queries import Explanation, Freeing, explain, least_change
from holdfast.availability.rules import Remedy
from holdfast.bookings.commands import Wish
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.text import Mistakes
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import minute_at
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import (
    Errors,
    Field,
    as_errors,
    choices,
    identity,
    typed_date,
    typed_minute,
    whole_number,
)

# A rule in words: while it holds, and while it does not.
_RULES: Mapping[str, tuple[Any, Any]] = {
    "in_future": (gettext_lazy("It lies ahead."), gettext_lazy("It has passed.")),
    "notice": (gettext_lazy("Customers can still book it."), gettext_lazy("It is too soon for customers.")),
    "horizon": (
        gettext_lazy("It is within the days that can be booked."),
        gettext_lazy("It is too far ahead."),
    ),
    "open": (gettext_lazy("Open then."), gettext_lazy("Closed then.")),
    "grid": (gettext_lazy("Bookings start at this minute."), gettext_lazy("Bookings do not start then.")),
    "fits_hours": (
        gettext_lazy("It ends within opening hours."),
        gettext_lazy("It would end after closing."),
    ),
    "not_absent": (gettext_lazy("Nobody is away."), gettext_lazy("Away then.")),
    "unclaimed": (gettext_lazy("Nobody else has it."), gettext_lazy("Somebody has it already.")),
    "seats": (gettext_lazy("Large enough."), gettext_lazy("Not made for a party of this size.")),
    "pacing": (gettext_lazy("The kitchen can keep up."), gettext_lazy("Too many guests start at once.")),
    "published": (gettext_lazy("A slot is published."), gettext_lazy("No slot is published then.")),
    "slot_open": (gettext_lazy("The slot is open."), gettext_lazy("The slot is closed.")),
    "places": (gettext_lazy("There are places left."), gettext_lazy("Not enough places are left.")),
}
_NAMES = ("service", "resource", "date", "time", "party")


@require_safe
@at_desk
def why(desk: Desk) -> HttpResponse:
    """Asks for a service and a time, and says for everybody who gives it which rules hold."""
    desk.require(Action.SEE_BOOKINGS)
    values = {name: desk.request.GET.get(name, "").strip() for name in _NAMES}
    errors: Errors = {}
    answer: dict[str, Any] = {}
    if values["service"]:
        mistakes: Mistakes = {}
        wish = _wish(desk, values, mistakes)
        errors = as_errors(mistakes)
        if wish is not None and not errors:
            try:
                answer = _answer(desk, wish)
            except Invalid as refusal:
                shown_at = {"starts_at": "time", "party_size": "party"}
                found = words.mistakes(refusal).items()
                errors = {shown_at.get(name, name): sentences for name, sentences in found}
            except Missing as refusal:
                errors = {"resource": [words.mistake("unknown", refusal.facts)]}
    context = {
        "section": "bookings",
        "fields": _fields(desk, values, errors),
        "answer": answer,
        "bookings_url": reverse("desk:bookings", args=[desk.business.slug]),
    }
    return desk.render("desk/why.html", context, status=422 if errors else 200)


def _wish(desk: Desk, values: Mapping[str, str], mistakes: Mistakes) -> Wish | None:
    service_id = identity(values["service"])
    if service_id is None or service_id not in desk.timetable.services:
        mistakes["service"] = [("unknown", {})]
    on = typed_date(values["date"], "date", mistakes)
    minute = typed_minute(values["time"], "time", mistakes)
    party = whole_number(values["party"] or "1", "party", mistakes)
    if service_id is None or on is None or minute is None or party is None or mistakes:
        return None
    starts_at = instant_of(minute_at(on, minute, desk.timetable.tz))
    return Wish(service_id, starts_at, identity(values["resource"]), party)


def _answer(desk: Desk, wish: Wish) -> dict[str, Any]:
    found = explain(timetable=desk.timetable, actor=desk.actor, wish=wish, now=desk.now)
    least = least_change(timetable=desk.timetable, wish=wish, explanations=found)
    when = formats.day_and_clock(formats.local(wish.starts_at, desk.business.timezone))
    bookable = any(each.bookable for each in found)
    return {
        "title": _("%(when)s can be booked") % {"when": when}
        if bookable
        else _("%(when)s cannot be booked") % {"when": when},
        "bookable": bookable,
        "rows": [_row(desk, each) for each in found],
        "least": _least(desk, least) if least else "",
    }


def _row(desk: Desk, explained: Explanation) -> dict[str, Any]:
    return {
        "name": _name(desk, explained),
        "bookable": explained.bookable,
        "rules": [
            {
                "passed": check.passed,
                "words": str(_RULES[check.rule][0 if check.passed else 1]),
                "more": _more(check.facts),
            }
            for check in explained.checks
            if check.rule in _RULES
        ],
    }


def _name(desk: Desk, explained: Explanation | Freeing) -> str:
    ids = () if explained.resource_id is None else (explained.resource_id,)
    also = explained.also if isinstance(explained, Explanation) else ()
    resource = desk.timetable.taken_by((*ids, *also))
    return resource.name if resource else _("Slot")


def _more(facts: Mapping[str, Any]) -> str:
    """What stands in the way by name: bookings, a note."""
    references = ", ".join(booking["reference"] for booking in facts.get("bookings", ()))
    return references or str(facts.get("note", ""))


def _least(desk: Desk, least: Freeing) -> str:
    changes = [_change(desk, change) for change in least.changes]
    return f"{_name(desk, least)}: {' '.join(changes)}"


def _change(desk: Desk, change: Remedy) -> str:
    def clock(name: str) -> str:
        at = datetime.fromisoformat(change.facts[name])
        return formats.clock(formats.local(at, desk.business.timezone))

    said: Mapping[str, Callable[[], str]] = {
        "shorter_notice": lambda: (
            _("Let customers book %(minutes)s minutes ahead.")
            % {"minutes": change.facts["earliest_notice_minutes"]}
        ),
        "further_ahead": lambda: (
            _("Take bookings %(days)s days ahead.") % {"days": change.facts["furthest_ahead_days"]}
        ),
        "other_start": lambda: _("Start at %(time)s.") % {"time": clock("starts_at")},
        "close_later": lambda: _("Close at %(time)s.") % {"time": clock("closes_at")},
        "open": lambda: (
            _("Open from %(opens)s to %(closes)s.")
            % {"opens": clock("opens_at"), "closes": clock("closes_at")}
        ),
        "shorten_absence": lambda: _("Shorten the absence."),
        "move_bookings": lambda: (
            _("Move %(references)s.") % {"references": ", ".join(change.facts["references"])}
        ),
        "more_guests_at_once": lambda: _("Let more guests start at once."),
        "open_slot": lambda: _("Open the slot."),
        "more_places": lambda: _("Give the slot more places."),
        "publish_slot": lambda: _("Publish a slot."),
    }
    return said[change.change]()


def _fields(desk: Desk, values: Mapping[str, str], errors: Errors) -> list[Field]:
    services = {str(s.id): s.name for s in desk.timetable.services.values() if s.is_active}
    resources = {"": _("Anybody")} | {
        str(r.id): r.name for r in desk.timetable.resources.values() if r.is_active
    }
    return [
        Field("service", _("Service"), kind="select", choices=choices(services, values["service"]), errors=errors.get("service", ())),
        Field("resource", _("With"), kind="select", choices=choices(resources, values["resource"]), errors=errors.get("resource", ())),
        Field("date", _("Date"), values["date"] or desk.today.isoformat(), "date", required=True, errors=errors.get("date", ())),
        Field("time", _("Time"), values["time"], "time", required=True, errors=errors.get("time", ())),
        Field("party", _("How many people"), values["party"] or "1", "number", required=True, least="1", errors=errors.get("party", ())),
    ]  # fmt: skip

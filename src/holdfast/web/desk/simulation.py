"""Trying other rules of the waitlist on what happened, beside first come first served and telling everybody (SPEC F9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from babel.numbers import format_decimal
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from holdfast.businesses.rules import BOUNDS, WEIGHT_NAMES, Action, Settings, change_settings
from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import minute_at
from holdfast.waitlist.queries.accuracy import quoted
from holdfast.waitlist.queries.replay import recorded_world
from holdfast.waitlist.rules.estimates import Accuracy, accuracy
from holdfast.waitlist.rules.simulation import (
    NOTICES,
    Figures,
    Finding,
    Policy,
    Shape,
    Way,
    World,
    compare,
    findings,
    shipped,
)
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import (
    Errors,
    Field,
    Mistakes,
    as_errors,
    choices,
    summary,
    typed_date,
    whole_number,
)
from holdfast.web.desk.settings_pages import Group

# What fits into a couple of seconds; the command line has no such bounds.
MOST_DAYS = 92
MOST_ENTRIES = 1500
_USUAL_DAYS = 28
_NUMBERS = ("hold_minutes", *WEIGHT_NAMES)
_NAMES = ("demand", "from", "to", *_NUMBERS)


@require_safe
@at_desk
def simulation(desk: Desk) -> HttpResponse:
    """The form, and below it what came out once it was sent."""
    desk.require(Action.SEE_INSIGHTS)
    given = desk.request.GET
    values = _first_values(desk) | {name: given[name].strip() for name in _NAMES if name in given}
    errors: Errors = {}
    result: dict[str, Any] = {}
    if "from" in given:
        mistakes: Mistakes = {}
        first, last = _period(values, mistakes)
        wanted = {name: whole_number(values[name], name, mistakes) for name in _NUMBERS}
        errors = as_errors(mistakes)
        if first is not None and last is not None and not errors:
            try:
                settings = change_settings(desk.business.settings, wanted)
            except Invalid as refusal:
                errors = words.mistakes(refusal)
            else:
                result = _result(desk, values["demand"], first, last, settings)
    context = {
        "section": "waitlist",
        "title": _("Try other rules"),
        "groups": _groups(values, errors),
        "mistakes": summary(errors),
        **result,
    }
    return desk.render("desk/simulation.html", context, status=422 if errors else 200)


def _first_values(desk: Desk) -> dict[str, str]:
    settings = desk.business.settings
    values = {name: str(getattr(settings, name)) for name in _NUMBERS}
    values |= {"demand": "recorded", "to": desk.today.isoformat()}
    values["from"] = (desk.today - timedelta(days=_USUAL_DAYS - 1)).isoformat()
    return values


def _period(values: Mapping[str, str], mistakes: Mistakes) -> tuple[date | None, date | None]:
    first = typed_date(values["from"], "from", mistakes)
    last = typed_date(values["to"], "to", mistakes)
    if values["demand"] not in ("recorded", "shipped"):
        mistakes["demand"] = [("unknown_choice", {})]
    if first and last and last < first:
        mistakes["to"] = [("before_start", {})]
    elif first and last and (last - first).days >= MOST_DAYS:
        mistakes["to"] = [("too_far", {"limit": MOST_DAYS})]
    return first, last


def _world(desk: Desk, demand: str, first: date, last: date) -> World:
    if demand == "shipped":
        return shipped(shape=Shape(first, (last - first).days + 1))
    return recorded_world(timetable=desk.timetable, first=first, last=last, most_entries=MOST_ENTRIES)


def _result(desk: Desk, demand: str, first: date, last: date, settings: Settings) -> dict[str, Any]:
    world = _world(desk, demand, first, last)
    found = compare(world, [Policy.of(settings, way) for way in Way])
    since, until = (
        instant_of(minute_at(on, 0, desk.timetable.tz)) for on in (first, last + timedelta(days=1))
    )
    told = accuracy(quoted(business_id=desk.business.id, since=since, until=until))
    return {
        "has_result": True,
        "about": _about(found[0], first, last),
        "cards": _cards(found, findings(found)),
        "rows": [_row(one) for one in found],
        "notices": _notices(found),
        "accuracy": None if told is None else _accuracy(told),
    }


def _about(one: Figures, first: date, last: date) -> str:
    freed = ngettext("%(count)s place came free", "%(count)s places came free", one.freed)
    joined = ngettext("%(count)s person joined", "%(count)s people joined", one.entries)
    return _("%(first)s to %(last)s: %(freed)s, %(joined)s.") % {
        "first": formats.day(first),
        "last": formats.day(last),
        "freed": freed % {"count": formats.number(one.freed)},
        "joined": joined % {"count": formats.number(one.entries)},
    }


def _ways() -> dict[str, str]:
    return {
        Way.SCORE: _("By score"),
        Way.ORDER: _("First come, first served"),
        Way.BROADCAST: _("Telling everybody"),
    }


# Cards: what is found, and the bars that show it -------------------------------------------------------------------


def _cards(found: Sequence[Figures], said: Sequence[Finding]) -> list[dict[str, Any]]:
    """One card for what was compared, headed by the finding; a plain name where there is none."""
    if any(one.code == "too_little" for one in said):
        return []
    filled = [_sentence(one) for one in said if one.code.startswith("fills_")]
    sent = [_sentence(one) for one in said if one.code == "fewer_messages"]
    waited = [_sentence(one) for one in said if one.code.startswith("longest_waits_")]
    return [
        {
            "heading": filled[0] if filled else _("Freed time filled"),
            "about": " ".join([*filled[1:], _("Share of the freed minutes in which somebody came.")]),
            "bars": _bars(found, lambda one: one.fill_rate, lambda one: formats.percent(one.fill_rate), 1.0),
        },
        {
            "heading": sent[0] if sent else _("Messages sent"),
            "about": _("Who says yes in vain finds the place gone."),
            "bars": _bars(found, lambda one: one.messages, _messages),
        },
        {
            "heading": waited[0] if waited else _("Waits of those served"),
            "about": _("95 of 100 who got a place had it within this time."),
            "bars": _bars(found, lambda one: one.wait_p95 or 0, lambda one: _span(one.wait_p95)),
        },
    ]


def _bars(
    found: Sequence[Figures],
    size: Callable[[Figures], float],
    said: Callable[[Figures], str],
    most: float | None = None,
) -> list[dict[str, Any]]:
    longest = most or max(map(size, found)) or 1
    names = _ways()
    return [
        {"name": names[one.way], "percent": round(100 * size(one) / longest), "words": said(one)}
        for one in found
    ]


def _messages(one: Figures) -> str:
    return _("%(count)s, %(vain)s yes in vain") % {
        "count": formats.number(one.messages),
        "vain": formats.number(one.in_vain),
    }


def _sentence(finding: Finding) -> str:
    said = {
        "fills_more_than_order": _("Your rules fill more than first come, first served"),
        "fills_same_than_order": _("Your rules fill as much as first come, first served"),
        "fills_less_than_order": _("Your rules fill less than first come, first served"),
        "fills_more_than_broadcast": _("They fill more than telling everybody."),
        "fills_same_than_broadcast": _("They fill as much as telling everybody."),
        "fills_less_than_broadcast": _("They fill less than telling everybody."),
        "fewer_messages": _("Telling everybody takes %(times)s times as many messages"),
        "longest_waits_same": _("The longest waits stay as they are"),
        "longest_waits_longer": _("The longest waits are longer than first come, first served"),
        "longest_waits_shorter": _("The longest waits are shorter than first come, first served"),
    }[finding.code]
    return said % {
        "times": format_decimal(round(finding.facts.get("times", 0.0), 1), locale=formats.locale())
    }


def _row(one: Figures) -> dict[str, str]:
    return {
        "name": _ways()[one.way],
        "filled": formats.percent(one.fill_rate),
        "served": formats.number(one.served),
        "never": formats.number(one.never_served),
        "median": _span(one.wait_median),
        "p95": _span(one.wait_p95),
        "messages": formats.number(one.messages),
        "in_vain": formats.number(one.in_vain),
    }


def _notices(found: Sequence[Figures]) -> list[dict[str, Any]]:
    """The share filled by how long before its start time came free."""
    names = [
        _("Within %(time)s of the start") % {"time": formats.short_duration(most)} if most else _("Earlier")
        for most in NOTICES
    ]
    return [
        {
            "name": name,
            "shares": [
                "–" if one.by_notice[number] is None else formats.percent(one.by_notice[number] or 0.0)
                for one in found
            ],
        }
        for number, name in enumerate(names)
    ]


def _accuracy(told: Accuracy) -> dict[str, str]:
    return {
        "heading": _("%(share)s of quoted waits came true") % {"share": formats.percent(told.inside)},
        "words": _(
            "Of %(count)s quoted, %(sooner)s were shorter and %(later)s longer than said;"
            " half were within %(error)s minutes of the middle."
        )
        % {
            "count": formats.number(told.count),
            "sooner": formats.percent(told.sooner),
            "later": formats.percent(told.later),
            "error": formats.number(round(told.median_error)),
        },
    }


def _span(minutes: int | None) -> str:
    if minutes is None:
        return "–"
    if minutes < 2 * 1440:
        return formats.short_duration(minutes if minutes < 60 else round(minutes / 60) * 60)
    days = round(minutes / 1440)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": formats.number(days)}


def _groups(values: Mapping[str, str], errors: Errors) -> list[Group]:
    def number(name: str, label: str, unit: str = "") -> Field:
        least, most = map(str, BOUNDS[name])
        return Field(
            name, label, values[name], "number", unit=unit, required=True, least=least, most=most,
            errors=errors.get(name, ()),
        )  # fmt: skip

    def day(name: str, label: str) -> Field:
        return Field(name, label, values[name], "date", required=True, errors=errors.get(name, ()))

    demand = {"recorded": _("What happened here"), "shipped": _("The example of a barbershop")}
    return [
        Group(
            _("What is replayed"),
            [
                Field(
                    "demand", _("Demand"), kind="select", choices=choices(demand, values["demand"]),
                    errors=errors.get("demand", ()),
                ),
                day("from", _("From")),
                day("to", _("To")),
            ],
            _("At most %(days)s days here; longer on the command line.") % {"days": MOST_DAYS},
        ),
        Group(
            _("The rules to try"),
            [
                number("hold_minutes", _("An offer holds the place"), _("minutes")),
                number("weight_waiting", _("Weight of the waiting time")),
                number("weight_tier", _("Weight of the tier")),
                number("weight_reliability", _("Weight of reliability")),
                number("weight_fit", _("Weight of the fit")),
                number("weight_urgency", _("Weight of urgency")),
                number("weight_passed_over", _("Weight of being passed over")),
            ],
            _("Nothing is changed: these numbers count for this page alone."),
        ),
    ]  # fmt: skip

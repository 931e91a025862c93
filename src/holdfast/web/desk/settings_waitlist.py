"""Settings of the waitlist: the switch, how much is sent and when, and what puts somebody before others (SPEC F2, F6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.businesses.rules import BOUNDS, WEIGHT_NAMES, Action, Settings
from holdfast.web import formats
from holdfast.web.desk import waitlist_words as said
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Field, Mistakes, whole_number
from holdfast.web.desk.settings_pages import Group, saved, settings_page, write_settings

WAITLIST_NUMBERS = tuple(name for name in BOUNDS if name.startswith(("waitlist_", "weight_")))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def waitlist(desk: Desk) -> HttpResponse:
    """How people wait and who is asked first, each with its help and its bounds."""
    values = _typed(desk.business.settings)
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_SETTINGS)
        mistakes: Mistakes = {}
        if desk.request.POST.get("do") == "defaults":
            wanted = _read(_typed(Settings()), mistakes)
        else:
            values = {name: desk.request.POST.get(name, "") for name in values}
            wanted = _read(values, mistakes)
        errors = write_settings(desk, wanted, mistakes)
        if not errors:
            return saved(desk, "settings_waitlist")
    fixed = not desk.may(Action.CHANGE_SETTINGS)
    context = {
        "groups": _groups(values, errors, is_fixed=fixed),
        "is_default": _typed(desk.business.settings) == _typed(Settings()),
    }
    return settings_page(
        desk, "desk/settings_waitlist.html", "settings_waitlist", _("Waitlist"), context, errors=errors
    )


def _typed(settings: Settings) -> dict[str, str]:
    """The settings as they stand in the form."""
    values = {name: str(getattr(settings, name)) for name in WAITLIST_NUMBERS}
    return values | {"waitlist": "on" if settings.waitlist else ""}


def _read(values: dict[str, str], mistakes: Mistakes) -> dict[str, Any]:
    wanted: dict[str, Any] = {name: whole_number(values[name], name, mistakes) for name in WAITLIST_NUMBERS}
    return wanted | {"waitlist": bool(values["waitlist"])}


def _shares(values: dict[str, str]) -> tuple[int, dict[str, str]]:
    """The sum of the weights and what part of it each is, as far as they are numbers."""
    numbers = {name: int(values[name]) if values[name].strip().isdecimal() else 0 for name in WEIGHT_NAMES}
    total = sum(numbers.values())
    return total, {name: formats.percent(number / total) if total else "" for name, number in numbers.items()}


def _groups(values: dict[str, str], errors: Errors, *, is_fixed: bool) -> list[Group]:
    total, shares = _shares(values)

    def number(name: str, label: str, unit: str, hint: str) -> Field:
        least, most = BOUNDS[name]
        return Field(
            name, label, values[name], "number", hint, unit, required=True, least=str(least), most=str(most),
            errors=errors.get(name, ()), is_fixed=is_fixed,
        )  # fmt: skip

    def weight(name: str, hint: str) -> Field:
        label = str(said.FACTOR_NAMES[name.removeprefix("weight_")])
        return replace(number(name, label, "", hint), unit=shares[name])

    minutes = _("minutes")
    switch = Field(
        "waitlist", _("People can wait for a place"), kind="checkbox", is_checked=bool(values["waitlist"]),
        hint=_("Off, nobody joins online and nothing is offered. Who waits stays on the list, and the desk can still add people."),
        is_fixed=is_fixed,
    )  # fmt: skip
    return [
        Group(_("On or off"), [switch]),
        Group(_("How much is sent"), [
            number("waitlist_cutoff_minutes", _("Ask nobody later than"), minutes, _("Before the start. What comes free after that is for whoever books it.")),
            number("waitlist_messages_per_day", _("Offers to one person a day"), "", _("Whoever had so many within 24 hours is asked again later.")),
            number("waitlist_messages_per_minute", _("Offers a minute"), "", _("Of the whole business, so that a cancelled day does not mail everybody at once.")),
        ], _("How long an offer is held is the hold time of the booking rules. In quiet hours only those who wait on the spot are asked.")),
        Group(_("Who is asked first"), [
            weight("weight_waiting", _("Whoever waits longer comes first; each hour counts a little less than the one before.")),
            weight("weight_tier", _("Set on a customer's page: regular, valued, VIP.")),
            weight("weight_reliability", _("The share of visits somebody kept. Who is new counts as most people.")),
            weight("weight_fit", _("How little of the time, the table or the slot would be left over for nobody.")),
            weight("weight_urgency", _("A wish that ends tomorrow before one that ends next month.")),
            weight("weight_passed_over", _("How often a place they could have had went to somebody who came later.")),
        ], _("What each weighs, 0 to 100; 0 leaves it out. Together they weigh %(total)s: the share of each stands beside it. Nothing about what a person is like counts.") % {"total": total}),
        Group(_("Time"), [
            number("waitlist_half_minutes", _("Time waited counts half after"), minutes, _("2880 minutes are two days. Short for walk-ins, long for dates weeks ahead.")),
            number("waitlist_ageing_minutes", _("Nobody waits for ever"), minutes, _("Whoever has waited so much longer than somebody else is asked before them, whatever else counts. 20160 minutes are two weeks.")),
        ]),
    ]  # fmt: skip

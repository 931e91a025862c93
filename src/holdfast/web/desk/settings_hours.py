"""Opening hours of the business and of each resource, and dated exceptions (SPEC C1, C2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.availability.commands import apply_hour_template, replace_hours
from holdfast.businesses.rules import Action
from holdfast.catalog.queries import ResourceFacts
from holdfast.lib.refusals import Invalid
from holdfast.schedule.queries import weekly_hours
from holdfast.schedule.rules import HOUR_TEMPLATES, WeeklyWindow, format_hhmm
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Choice
from holdfast.web.desk.impact import care_of
from holdfast.web.desk.settings_pages import saved, settings_page

# Empty lines under the windows of a day, so that a second window can be written without script.
_SPARE_LINES = 1
MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One window of the form as typed."""

    id: str
    opens: str
    closes: str
    errors: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def hours(desk: Desk, resource: UUID | None = None) -> HttpResponse:
    """The weekly hours of the business, or of one resource."""
    owner = _owner(desk, resource)
    owner_id = owner.id if owner else None
    current = weekly_hours(business_id=desk.business.id, resource_id=owner_id)
    typed = [_as_typed(window) for window in current]
    errors: dict[str, list[str]] = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_HOURS)
        try:
            if desk.request.POST.get("do") == "template":
                apply_hour_template(
                    actor=desk.actor,
                    business_id=desk.business.id,
                    template=desk.request.POST.get("template", ""),
                    resource_id=owner_id,
                    care=care_of(desk),
                )
            else:
                typed = _typed_windows(desk)
                replace_hours(
                    actor=desk.actor,
                    business_id=desk.business.id,
                    windows=typed,
                    resource_id=owner_id,
                    care=care_of(desk),
                )
            return saved(desk, "resource_hours", owner_id) if owner else saved(desk, "hours")
        except Invalid as refusal:
            errors = words.mistakes(refusal)
    context = {
        "resource": owner,
        "whose": _whose(desk, owner),
        "week": _week(typed, errors),
        "has_windows": bool(current),
        "templates": [Choice(name, label) for name, label in template_names().items()],
        "about": _about(owner),
    }
    title = _("Hours of %(name)s") % {"name": owner.name} if owner else _("Opening hours")
    errors = {"": [sentence for found in errors.values() for sentence in found]} if errors else {}
    return settings_page(
        desk, "desk/settings_hours.html", "hours", title, context, action=Action.CHANGE_HOURS, errors=errors
    )


def template_names() -> dict[str, str]:
    """What the ready-made weeks are called, by their names in :data:`HOUR_TEMPLATES`."""
    names = {
        "weekday_9to5": _("Monday to Friday, 9 to 5"),
        "every_day_9to5": _("Every day, 9 to 5"),
        "weekend": _("Weekend, 10 to 4"),
        "evenings": _("Every evening, 17 to 22"),
        "club_nights": _("Thursday to Saturday nights, 22 to 4"),
        "24_7": _("Always open"),
        "barbershop": _("Barbershop: Tuesday to Saturday"),
    }
    return {name: names.get(name, name) for name in HOUR_TEMPLATES}


def _about(owner: ResourceFacts | None) -> str:
    if owner is None:
        return _("When you are open in an ordinary week. Days off and holidays have a page of their own.")
    return _("Only what differs from the business. Without hours of their own, people follow the business.")


def _owner(desk: Desk, resource: UUID | None) -> ResourceFacts | None:
    return desk.timetable.resource(resource) if resource else None


def _whose(desk: Desk, owner: ResourceFacts | None) -> list[dict[str, Any]]:
    slug = desk.business.slug
    whose: list[dict[str, Any]] = [
        {"label": _("Business"), "url": reverse("desk:hours", args=[slug]), "is_chosen": owner is None}
    ]
    for resource in desk.timetable.resources.values():
        if resource.is_active:
            url = reverse("desk:resource_hours", args=[slug, resource.id])
            chosen = owner is not None and owner.id == resource.id
            whose.append({"label": resource.name, "url": url, "is_chosen": chosen})
    return whose


def _as_typed(window: WeeklyWindow) -> dict[str, Any]:
    closes = "00:00" if window.closes == 1440 else format_hhmm(window.closes)
    return {"weekday": window.weekday, "opens": format_hhmm(window.opens), "closes": closes}


def _typed_windows(desk: Desk) -> list[dict[str, Any]]:
    """The lines somebody wrote in; empty ones mean nothing."""
    post = desk.request.POST
    lines = zip(post.getlist("weekday"), post.getlist("opens"), post.getlist("closes"), strict=False)
    windows: list[dict[str, Any]] = []
    for weekday, opens, closes in lines:
        if opens or closes:
            number = int(weekday) if weekday.isascii() and weekday.isdigit() else None
            windows.append({"weekday": number, "opens": opens[:5], "closes": closes[:5]})
    return windows


def _week(typed: list[dict[str, Any]], errors: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Seven days with their lines and a spare one each."""
    lines: dict[int, list[Line]] = defaultdict(list)
    for index, window in enumerate(typed):
        found = [
            sentence
            for name, sentences in errors.items()
            if name.startswith(f"windows[{index}]")
            for sentence in sentences
        ]
        day = window["weekday"]
        if day in range(7):
            line_id = f"w{day}-{len(lines[day])}"
            lines[day].append(
                Line(line_id, window["opens"], window["closes"], " ".join(dict.fromkeys(found)))
            )
    week = []
    for day in range(7):
        spare = [Line(f"w{day}-{len(lines[day]) + n}", "", "") for n in range(_SPARE_LINES)]
        name = formats.weekday(MONDAY.replace(day=day + 1))
        week.append(
            {"number": day, "name": name, "windows": [*lines[day], *spare], "is_open": bool(lines[day])}
        )
    return week

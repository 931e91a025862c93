"""Riders: what an artist needs at an event, edited line by line as plain text (SPEC B4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from holdfast.businesses.rules import Action
from holdfast.catalog.commands.riders import change_rider, create_rider, delete_rider
from holdfast.catalog.queries.riders import RiderFacts, rider_by_id, riders_of
from holdfast.catalog.rules.riders import SECTIONS
from holdfast.lib.refusals import Invalid
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Choice, Errors, Field, identity
from holdfast.web.desk.settings_pages import Group, saved, settings_page
from holdfast.web.public import request_words


@require_http_methods(["GET", "HEAD"])
@at_desk
def riders(desk: Desk) -> HttpResponse:
    """The riders in their order."""
    rows = [
        {
            "id": rider.id,
            "name": rider.name,
            "facts": ngettext("%(count)s line", "%(count)s lines", len(rider.lines))
            % {"count": len(rider.lines)},
            "url": reverse("desk:rider", args=[desk.business.slug, rider.id]),
        }
        for rider in riders_of(business_id=desk.business.id)
    ]
    context = {"rows": rows, "new_url": reverse("desk:new_rider", args=[desk.business.slug])}
    return settings_page(
        desk, "desk/riders.html", "riders", _("Riders"), context, action=Action.CHANGE_CATALOG
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def rider(desk: Desk, rider: UUID | None = None) -> HttpResponse:
    """One rider: its lines by section, and what it goes with."""
    item = rider_by_id(business_id=desk.business.id, rider_id=rider) if rider else None
    if desk.request.method != "POST":
        return _page(desk, item, _values(desk, item))
    desk.require(Action.CHANGE_CATALOG)
    if desk.request.POST.get("do") == "delete" and item is not None:
        delete_rider(actor=desk.actor, business_id=desk.business.id, rider_id=item.id)
        return saved(desk, "riders")
    values = _posted(desk)
    try:
        kept = _save(desk, item, values)
    except Invalid as refusal:
        return _page(desk, item, values, errors=_errors(refusal, values))
    return saved(desk, "rider", kept.id)


def _save(desk: Desk, item: RiderFacts | None, values: Mapping[str, Any]) -> RiderFacts:
    wanted = {
        "name": values["name"],
        "lines": [
            {"section": section, "text": line}
            for section in SECTIONS
            for line in values[section].splitlines()
            if line.strip()
        ],
        "services": _ids(values["services"], "services"),
        "resources": _ids(values["resources"], "resources"),
    }
    if item is None:
        return create_rider(actor=desk.actor, business_id=desk.business.id, wanted=wanted)
    return change_rider(actor=desk.actor, business_id=desk.business.id, rider_id=item.id, wanted=wanted)


def _ids(texts: list[str], field: str) -> list[UUID]:
    found = [identity(text) for text in texts]
    if None in found:
        raise Invalid.field(field, "unknown")
    return [id for id in found if id is not None]


def _errors(refusal: Invalid, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Sentences by the form's fields: a mistake in line 7 belongs to the section it was typed in."""
    sections = [section for section in SECTIONS for line in values[section].splitlines() if line.strip()]
    found: dict[str, list[str]] = {}
    for name, said in words.mistakes(refusal).items():
        number = name.partition("[")[2].partition("]")[0]
        field = sections[int(number)] if name.startswith("lines[") and number.isdigit() else name
        found.setdefault("technical" if field == "lines" else field, []).extend(said)
    return found


def _values(desk: Desk, item: RiderFacts | None) -> dict[str, Any]:
    if item is None:
        services = [s for s in desk.timetable.services.values() if s.mode == "request" and s.is_active]
        empty: dict[str, Any] = dict.fromkeys(("name", *SECTIONS), "")
        return empty | {"services": [str(service.id) for service in services], "resources": []}
    lines = {
        section: "\n".join(line.text for line in item.lines if line.section == section)
        for section in SECTIONS
    }
    return {
        "name": item.name,
        **lines,
        "services": [str(id) for id in item.service_ids],
        "resources": [str(id) for id in item.resource_ids],
    }


def _posted(desk: Desk) -> dict[str, Any]:
    given = desk.request.POST
    return {name: given.get(name, "") for name in ("name", *SECTIONS)} | {
        name: given.getlist(name) for name in ("services", "resources")
    }


def _page(
    desk: Desk, item: RiderFacts | None, values: Mapping[str, Any], *, errors: Errors | None = None
) -> HttpResponse:
    is_fixed = not desk.may(Action.CHANGE_CATALOG)
    found = errors or {}

    def boxes(name: str, label: str, options: list[tuple[UUID, str]]) -> Field:
        chosen = [Choice(str(id), text, str(id) in values[name]) for id, text in options]
        return Field(name, label, kind="boxes", choices=chosen, errors=found.get(name, ()), is_fixed=is_fixed)

    hint = _("One requirement a line.")
    sections = [
        Field(
            section,
            str(request_words.SECTIONS[section]),
            values[section],
            "textarea",
            hint,
            errors=found.get(section, ()),
            is_fixed=is_fixed,
        )
        for section in SECTIONS
    ]
    name = Field(
        "name", _("Name"), values["name"], required=True, limit=120, errors=found.get("name", ()), is_fixed=is_fixed
    )  # fmt: skip
    timetable = desk.timetable
    services = [(s.id, s.name) for s in timetable.services.values() if s.mode == "request"]
    artists = [(r.id, r.name) for r in timetable.resources.values() if r.kind == "artist"]
    groups = [
        Group(_("Rider"), [name, *sections]),
        Group(
            _("Goes with"),
            [boxes("services", _("Services"), services), boxes("resources", _("Artists"), artists)],
            _("Requests get a copy of the lines when they are made. Changes here do not touch them."),
        ),
    ]
    title = item.name if item else _("New rider")
    context = {"groups": groups, "item": item, "back_url": reverse("desk:riders", args=[desk.business.slug])}
    return settings_page(
        desk, "desk/rider.html", "riders", title, context, action=Action.CHANGE_CATALOG, errors=errors
    )

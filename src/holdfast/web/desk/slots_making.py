"""Publishing slots from the desk: a range of dates with a preview, and series that go on by themselves (SPEC C3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.schedule.commands import (
    Generation,
    SlotPlan,
    change_series,
    create_series,
    delete_series,
    generate_slots,
)
from holdfast.schedule.queries import SeriesFacts, series_of
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import (
    Choice,
    Errors,
    Field,
    Mistakes,
    as_errors,
    choices,
    identity,
    summary,
    typed_date,
    whole_number,
)
from holdfast.web.desk.slots import slot_services, to_slots

_NAMES = ("service", "resource", "from", "to", "slot_minutes", "gap_minutes", "capacity", "days_ahead")
_MONDAY = date(2024, 1, 1)
# What the command calls a field, and where the form shows it.
_SHOWN_AT = {"starts_on": "from", "ends_on": "to"}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def publish(desk: Desk) -> HttpResponse:
    """The form of what to publish; a preview of it; then the slots themselves, or a series."""
    desk.require(Action.CHANGE_SLOTS)
    if not slot_services(desk):
        return redirect("desk:slots", desk.business.slug)
    if desk.request.method != "POST":
        return _form(desk, _first_values(desk))
    values = {name: desk.request.POST.get(name, "").strip() for name in _NAMES}
    do = desk.request.POST.get("do", "preview")
    mistakes: Mistakes = {}
    plan, first, last, days_ahead = _wanted(desk, values, mistakes, for_series=do == "series")
    if mistakes or plan is None or first is None:
        return _form(desk, values, errors=as_errors(mistakes))
    try:
        if do == "series":
            create_series(
                actor=desk.actor,
                timetable=desk.timetable,
                plan=plan,
                now=desk.now,
                starts_on=first,
                ends_on=last,
                days_ahead=days_ahead,
            )
            return redirect(f"{reverse('desk:slot_series', args=[desk.business.slug])}?saved=1")
        made = generate_slots(
            actor=desk.actor,
            timetable=desk.timetable,
            plan=plan,
            first=first,
            last=last or first,
            now=desk.now,
            preview=do != "create",
        )
    except Invalid as refusal:
        found = words.mistakes(refusal).items()
        return _form(desk, values, errors={_SHOWN_AT.get(name, name): lines for name, lines in found})
    except Conflict as refusal:
        return _form(desk, values, refused=words.sentence(refusal))
    if do == "create":
        return to_slots(desk, {"from": first.isoformat()}, said="created", created=made.created)
    return _form(desk, values, preview=made)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def series(desk: Desk) -> HttpResponse:
    """The series there are; posted, one is stopped, started again or forgotten."""
    desk.require(Action.SEE_SETTINGS)
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_SLOTS)
        wanted = identity(desk.request.POST.get("series", "")) or UUID(int=0)
        do = desk.request.POST.get("do", "")
        if do == "forget":
            delete_series(actor=desk.actor, business_id=desk.business.id, series_id=wanted)
        elif do in ("stop", "start"):
            change_series(
                actor=desk.actor,
                timetable=desk.timetable,
                series_id=wanted,
                wanted={"is_active": do == "start"},
                now=desk.now,
            )
        return redirect(f"{reverse('desk:slot_series', args=[desk.business.slug])}?saved=1")
    context = {
        "section": "slots",
        "title": _("Series"),
        "rows": [_series_row(desk, one) for one in series_of(business_id=desk.business.id)],
        "read_only": not desk.may(Action.CHANGE_SLOTS),
        "saved": _("Saved.") if desk.request.GET.get("saved") else "",
    }
    return desk.render("desk/slots_series.html", context)


def _first_values(desk: Desk) -> dict[str, str]:
    service = slot_services(desk)[0]
    givers = desk.timetable.giving(service)
    return {
        "service": str(service.id),
        "resource": str(givers[0]) if givers else "",
        "from": desk.today.isoformat(),
        "to": (desk.today + timedelta(days=27)).isoformat(),
        "slot_minutes": str(service.duration_minutes),
        "gap_minutes": "0",
        "capacity": "6",
        "days_ahead": "30",
    }


def _weekdays(desk: Desk) -> list[str]:
    """The weekdays that are ticked; on a fresh page all."""
    if desk.request.method != "POST":
        return [str(day) for day in range(7)]
    return [day for day in desk.request.POST.getlist("weekdays") if day in "0123456" and len(day) == 1]


def _wanted(
    desk: Desk, values: Mapping[str, str], mistakes: Mistakes, *, for_series: bool
) -> tuple[SlotPlan | None, date | None, date | None, int]:
    numbers = {
        name: whole_number(values[name], name, mistakes)
        for name in ("slot_minutes", "gap_minutes", "capacity")
    }
    ahead = whole_number(values["days_ahead"], "days_ahead", mistakes) if for_series else 30
    first = typed_date(values["from"], "from", mistakes)
    last = typed_date(values["to"], "to", mistakes, required=not for_series)
    weekdays = tuple(int(day) for day in _weekdays(desk))
    if not weekdays:
        mistakes["weekdays"] = [("required", {})]
    service_id = identity(values["service"])
    if service_id not in {service.id for service in slot_services(desk)}:
        mistakes["service"] = [("unknown", {})]
    resource_id = identity(values["resource"]) if values["resource"] else None
    if service_id is None or mistakes:
        return None, first, last, ahead or 30
    if resource_id is not None and resource_id not in desk.timetable.givers[service_id]:
        mistakes["resource"] = [("does_not_give", {})]
    plan = SlotPlan(
        service_id=service_id,
        slot_minutes=numbers["slot_minutes"] or 0,
        capacity=numbers["capacity"] or 0,
        resource_id=resource_id,
        gap_minutes=numbers["gap_minutes"] or 0,
        weekdays=weekdays if len(weekdays) < 7 else (),
    )
    return plan, first, last, ahead or 0


def _form(
    desk: Desk,
    values: Mapping[str, str],
    *,
    errors: Errors | None = None,
    refused: str = "",
    preview: Generation | None = None,
) -> HttpResponse:
    errors = errors or {}
    context: dict[str, Any] = {
        "section": "slots",
        "title": _("Publish slots"),
        "mistakes": summary(errors),
        "refused": refused,
        "groups": _fields(desk, values, errors),
        "preview": _shown(preview) if preview else None,
        "back_url": reverse("desk:slots", args=[desk.business.slug]),
    }
    return desk.render("desk/slots_new.html", context, status=422 if errors else 409 if refused else 200)


def _fields(desk: Desk, values: Mapping[str, str], errors: Errors) -> list[dict[str, Any]]:
    def make(name: str, label: str, kind: str = "number", hint: str = "", **more: Any) -> Field:
        return Field(name, label, values[name], kind, hint, errors=errors.get(name, ()), **more)

    services = {str(one.id): one.name for one in slot_services(desk)}
    given = {str(id) for one in slot_services(desk) for id in one.resource_ids}
    owners = {"": _("Nowhere in particular")} | {
        str(r.id): r.name for r in desk.timetable.resources.values() if str(r.id) in given and r.is_active
    }
    ticked, minutes = _weekdays(desk), _("minutes")
    days = [
        Choice(str(day), formats.short_weekday(_MONDAY + timedelta(days=day)), str(day) in ticked)
        for day in range(7)
    ]
    return [
        {"title": _("What"), "fields": [
            make("service", _("Service"), "select", choices=choices(services, values["service"])),
            make("resource", _("Where"), "select", _("Slots of one place never overlap."), choices=choices(owners, values["resource"])),
        ]},
        {"title": _("Each slot"), "fields": [
            make("slot_minutes", _("Lasts"), unit=minutes, required=True, least="1", most="1440"),
            make("gap_minutes", _("Pause after it"), unit=minutes, required=True, least="0", most="1440"),
            make("capacity", _("Places"), required=True, least="1", most="10000"),
        ]},
        {"title": _("When"), "about": _("Within the opening hours. Days off and holidays are left out."), "fields": [
            make("from", _("First day"), "date", required=True),
            make("to", _("Last day"), "date"),
            Field("weekdays", _("Weekdays"), kind="boxes", choices=days, errors=errors.get("weekdays", ())),
        ]},
        {"title": _("Keep it going"), "about": _("For a series: new days are published by themselves."), "fields": [
            make("days_ahead", _("Always published ahead"), unit=_("days"), least="1", most="365"),
        ]},
    ]  # fmt: skip


def _shown(made: Generation) -> dict[str, Any]:
    """The preview: how many slots, day by day."""
    counts = Counter(span.on for span in made.new)
    return {
        "count": len(made.new),
        "existing": made.existing,
        "days": [{"day": formats.day(on), "count": count} for on, count in sorted(counts.items())],
    }


def _series_row(desk: Desk, one: SeriesFacts) -> dict[str, Any]:
    service = desk.timetable.services[one.service_id]
    resource = desk.timetable.resources.get(one.resource_id) if one.resource_id else None
    days = [formats.short_weekday(_MONDAY + timedelta(days=day)) for day in one.weekdays]
    said = _("%(minutes)s, %(places)s places, %(days)s, %(ahead)s days ahead") % {
        "minutes": formats.short_duration(one.slot_minutes),
        "places": one.capacity,
        "days": ", ".join(days) or _("every open day"),
        "ahead": one.days_ahead,
    }
    until = _("Published until %(day)s") % {"day": formats.day(one.published_on)} if one.published_on else ""
    return {
        "id": one.id,
        "name": " · ".join(filter(None, [service.name, resource.name if resource else ""])),
        "what": said,
        "until": until,
        "is_active": one.is_active,
    }

"""Days off, different hours, extra openings and absences (SPEC C2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.availability.commands import add_exception, change_exception, remove_exception
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import minute_at
from holdfast.schedule.commands import ExceptionWish
from holdfast.schedule.models import DatedException
from holdfast.schedule.queries import exception_by_id, exceptions_of
from holdfast.schedule.rules import format_hhmm
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import (
    Errors,
    Field,
    Mistakes,
    as_errors,
    choices,
    identity,
    typed_date,
    typed_minute,
)
from holdfast.web.desk.impact import care_of
from holdfast.web.desk.settings_pages import saved, settings_page

_NAMES = ("kind", "resource", "starts_on", "ends_on", "from_time", "to_time", "note")
# What the command calls a field, and where the form shows it.
_SHOWN_AT = {"starts_at": "from_time", "ends_at": "to_time", "windows": "from_time"}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def exceptions(desk: Desk, exception: UUID | None = None) -> HttpResponse:
    """The exceptions from today on, and the form of a new one or of the one in the address."""
    row = exception_by_id(business_id=desk.business.id, exception_id=exception) if exception else None
    values = _typed(desk, row) if row else dict.fromkeys(_NAMES, "") | {"kind": "closed"}
    values |= {
        name: desk.request.GET[name]
        for name in ("resource", "starts_on")
        if not row and name in desk.request.GET
    }
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_HOURS)
        if desk.request.POST.get("do") == "remove":
            wanted = identity(desk.request.POST.get("exception", ""))
            remove_exception(
                actor=desk.actor,
                business_id=desk.business.id,
                exception_id=wanted or UUID(int=0),
                care=care_of(desk),
            )
            return saved(desk, "exceptions")
        values = {name: desk.request.POST.get(name, "").strip() for name in _NAMES}
        errors = _save(desk, row, values)
        if not errors:
            return saved(desk, "exceptions")
    shown = [] if row else exceptions_of(business_id=desk.business.id, since=desk.today)
    context = {
        "rows": [_row(desk, one) for one in shown],
        "holidays": desk.business.settings.public_holidays,
        "form_title": _("Change") if row else _("Add one"),
        "back": reverse("desk:exceptions", args=[desk.business.slug]) if row else "",
    } | _fields(desk, values, errors)
    return settings_page(
        desk, "desk/settings_exceptions.html", "exceptions", _("Days off and breaks"), context,
        action=Action.CHANGE_HOURS, errors=errors,
    )  # fmt: skip


def _save(desk: Desk, row: DatedException | None, values: Mapping[str, str]) -> dict[str, list[str]]:
    """Store it, or say what has to be fixed."""
    mistakes: Mistakes = {}
    wish = _wish(desk, values, mistakes)
    if mistakes:
        return as_errors(mistakes)
    try:
        if row:
            change_exception(
                actor=desk.actor,
                business_id=desk.business.id,
                exception_id=row.id,
                wish=wish,
                care=care_of(desk),
            )
        else:
            add_exception(actor=desk.actor, business_id=desk.business.id, wish=wish, care=care_of(desk))
    except Invalid as refusal:
        found = words.mistakes(refusal).items()
        return {_SHOWN_AT.get(name.split("[")[0], name): sentences for name, sentences in found}
    return {}


def _wish(desk: Desk, values: Mapping[str, str], mistakes: Mistakes) -> ExceptionWish:
    kind, timed = values["kind"], bool(values["from_time"] or values["to_time"])
    starts_on = typed_date(values["starts_on"], "starts_on", mistakes)
    ends_on = typed_date(values["ends_on"], "ends_on", mistakes, required=False)
    resource_id = identity(values["resource"]) if values["resource"] else None
    if values["resource"] and resource_id is None:
        mistakes["resource"] = [("unknown", {})]
    opens = typed_minute(values["from_time"], "from_time", mistakes) if timed else None
    closes = typed_minute(values["to_time"], "to_time", mistakes) if timed else None
    if mistakes or starts_on is None:
        return ExceptionWish(kind)
    if kind == "absence" and opens is not None and closes is not None:
        last = ends_on or starts_on
        return ExceptionWish(
            kind,
            resource_id,
            starts_at=_instant(desk, starts_on, opens),
            ends_at=_instant(desk, last, closes),
            note=values["note"],
        )
    windows = []
    if opens is not None and closes is not None:
        windows = [{"opens": format_hhmm(opens), "closes": format_hhmm(closes)}]
    return ExceptionWish(kind, resource_id, starts_on, ends_on, windows=windows, note=values["note"])


def _instant(desk: Desk, on: date, minute_of_day: int) -> datetime:
    return instant_of(minute_at(on, minute_of_day, desk.timetable.tz))


def _typed(desk: Desk, row: DatedException) -> dict[str, str]:
    """A stored exception as it stands in the form."""
    values = {"kind": str(row.kind), "resource": str(row.resource_id or ""), "note": row.note}
    if row.starts_at and row.ends_at:
        starts, ends = (at.astimezone(desk.timetable.tz) for at in (row.starts_at, row.ends_at))
        days = (starts.date(), ends.date())
        times = (starts.strftime("%H:%M"), ends.strftime("%H:%M"))
    else:
        assert row.starts_on is not None  # the table's own constraint: dates or instants
        assert row.ends_on is not None
        days = (row.starts_on, row.ends_on)
        times = _edges(row.windows[0]) if row.windows else ("", "")
    return values | {
        "starts_on": days[0].isoformat(),
        "ends_on": days[1].isoformat() if days[1] != days[0] else "",
        "from_time": times[0],
        "to_time": times[1],
    }


def _edges(window: list[int]) -> tuple[str, str]:
    return format_hhmm(window[0] % 1440), format_hhmm(window[1] % 1440)


def _row(desk: Desk, row: DatedException) -> dict[str, Any]:
    """One line of the list."""
    values = _typed(desk, row)
    first = formats.day(date.fromisoformat(values["starts_on"]))
    when = first
    if values["ends_on"]:
        last = formats.day(date.fromisoformat(values["ends_on"]))
        when = _("%(first)s to %(last)s") % {"first": first, "last": last}
    if values["from_time"]:
        times = _("%(opens)s to %(closes)s") % {"opens": values["from_time"], "closes": values["to_time"]}
        when = f"{when}, {times}"
    resource = desk.timetable.resources.get(row.resource_id) if row.resource_id else None
    whose = resource.name if resource else _("Everybody")
    return {
        "id": row.id,
        "when": when,
        "what": f"{row.get_kind_display()} · {whose}",
        "note": row.note,
        "url": reverse("desk:exception", args=[desk.business.slug, row.id]),
    }


def _fields(desk: Desk, values: Mapping[str, str], errors: Errors) -> dict[str, list[Field]]:
    def make(name: str, label: str, kind: str, hint: str = "", **more: Any) -> Field:
        return Field(name, label, values[name], kind, hint, errors=errors.get(name, ()), **more)

    kinds = {value: str(label) for value, label in DatedException.Kind.choices}
    people = {"": _("Everybody")} | {
        str(r.id): r.name for r in desk.timetable.resources.values() if r.is_active
    }
    return {
        "what": [
            make("kind", _("Kind"), "select", choices=choices(kinds, values["kind"])),
            make("resource", _("For whom"), "select", choices=choices(people, values["resource"])),
        ],
        "dates": [
            make("starts_on", _("First day"), "date", required=True),
            make("ends_on", _("Last day"), "date", _("Empty for a single day.")),
        ],
        "times": [make("from_time", _("From"), "time"), make("to_time", _("Until"), "time")],
        "note": [make("note", _("Note"), "text", _("Such as Lunch. Shown on the day view."), limit=120)],
    }

"""All bookings: searched, filtered, page by page (SPEC D13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, BookingFilter, list_bookings
from holdfast.businesses.rules import Action
from holdfast.insights.commands import Exported, note_export
from holdfast.insights.queries import BOOKING_COLUMNS, booking_sheet, funnel
from holdfast.lib.refusals import Invalid
from holdfast.lib.spreadsheets import XLSX_TYPE, xlsx_file
from holdfast.notifications.queries import failed_count_of
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import name_of
from holdfast.web.desk.fields import (
    Errors,
    Field,
    Mistakes,
    as_errors,
    choices,
    identity,
    summary,
    typed_date,
)
from holdfast.web.desk.files import csv_file, kept

_PAGE = 50
_FUNNEL_DAYS = 30
_NAMES = ("q", "when", "status", "resource", "from", "to")
# What the columns of an export are called.
_HEAD = {
    "reference": gettext_lazy("Reference"), "status": gettext_lazy("Status"), "date": gettext_lazy("Date"),
    "start": gettext_lazy("Start"), "end": gettext_lazy("End"), "service": gettext_lazy("Service"),
    "with": gettext_lazy("With"), "name": gettext_lazy("Name"), "email": gettext_lazy("Email"),
    "phone": gettext_lazy("Phone"), "people": gettext_lazy("People"), "price": gettext_lazy("Price"),
    "currency": gettext_lazy("Currency"), "notes": gettext_lazy("Notes"),
    "answers": gettext_lazy("Answers"), "code": gettext_lazy("Code"),
}  # fmt: skip
# Holds are on the day view while they last; a list of bookings does not show them.
_LISTED = [state for state in Booking.State.values if state not in ("held", "expired")]


@require_safe
@at_desk
def bookings(desk: Desk) -> HttpResponse:
    """A page of the list."""
    desk.require(Action.SEE_BOOKINGS)
    values = {name: desk.request.GET.get(name, "").strip() for name in _NAMES}
    if not any(name in desk.request.GET for name in _NAMES):
        values["when"] = "upcoming"
    mistakes: Mistakes = {}
    wanted = read_filter(desk, values, mistakes)
    errors = as_errors(mistakes)
    rows: list[BookingFacts] = []
    next_cursor: str | None = None
    if not errors:
        try:
            page = list_bookings(
                business_id=desk.business.id,
                now=desk.now,
                wanted=wanted,
                cursor=desk.request.GET.get("cursor", ""),
                limit=_PAGE,
            )
            rows, next_cursor = page.items, page.next_cursor
        except Invalid as refusal:
            errors = words.mistakes(refusal)
    base = reverse("desk:bookings", args=[desk.business.slug])
    kept = {name: value for name, value in values.items() if value}
    context = {
        "section": "bookings",
        "title": _("Bookings"),
        "rows": [_row(desk, row) for row in rows],
        "q": values["q"],
        "fields": _fields(desk, values, errors),
        "mistakes": summary(errors),
        "is_filtered": any(values[name] for name in _NAMES if name != "when"),
        "first_url": f"{base}?{urlencode(kept)}" if desk.request.GET.get("cursor") else "",
        "next_url": f"{base}?{urlencode(kept | {'cursor': next_cursor})}" if next_cursor else "",
        "export_urls": [
            (kind, f"{reverse(f'desk:{route}', args=[desk.business.slug])}?{urlencode(kept)}")
            for kind, route in (("CSV", "export"), ("XLSX", "export_xlsx"))
        ],
        "unsent": failed_count_of(business_id=desk.business.id, now=desk.now),
        "may_export": desk.may(Action.EXPORT_BOOKINGS),
        "funnel": _funnel(desk),
    }
    return desk.render("desk/bookings.html", context, status=422 if errors else 200)


@require_safe
@at_desk
def export(desk: Desk, kind: str) -> HttpResponseBase:
    """The whole list as a file for spreadsheets, ``csv`` or ``xlsx``, written while it is read."""
    desk.require(Action.EXPORT_BOOKINGS)
    mistakes: Mistakes = {}
    values = {name: desk.request.GET.get(name, "").strip() for name in _NAMES}
    wanted = read_filter(desk, values, mistakes)
    if mistakes:
        return bookings(desk.request, desk.business.slug)
    note_export(actor=desk.actor, business_id=desk.business.id, what=Exported.BOOKINGS)
    states = {state: str(label) for state, label in words.STATES.items()}
    rows = booking_sheet(timetable=desk.timetable, now=desk.now, wanted=wanted, status_words=states)
    head = [str(_HEAD[column]) for column in BOOKING_COLUMNS]
    if kind == "csv":
        return csv_file(desk, "bookings", head, rows)
    sheet = FileResponse(xlsx_file(head, rows, title=_("Bookings")), content_type=XLSX_TYPE)
    return kept(desk, "bookings", kind, sheet)


def _funnel(desk: Desk) -> list[dict[str, Any]]:
    """What became of those who looked, in the last 30 days; nothing to show while nobody did."""
    if not desk.may(Action.SEE_INSIGHTS):
        return []
    counted = funnel(
        business_id=desk.business.id, from_on=desk.today - timedelta(days=_FUNNEL_DAYS - 1), to_on=desk.today
    )
    if not counted.views:
        return []
    share = "" if counted.conversion is None else formats.percent(counted.conversion)
    return [
        {"name": _("Looked at times"), "count": formats.number(counted.views), "share": ""},
        {"name": _("Held a time"), "count": formats.number(counted.holds), "share": ""},
        {"name": _("Booked"), "count": formats.number(counted.booked), "share": share},
    ]


def read_filter(desk: Desk, values: Mapping[str, str], mistakes: Mistakes) -> BookingFilter:
    """What the address narrows the list to."""
    if values["when"] not in ("", "upcoming", "past"):
        mistakes["when"] = [("unknown_choice", {})]
    if values["status"] and values["status"] not in _LISTED:
        mistakes["status"] = [("unknown_choice", {})]
    resource_id = identity(values["resource"]) if values["resource"] else None
    if values["resource"] and resource_id not in desk.timetable.resources:
        mistakes["resource"] = [("unknown", {})]
    return BookingFilter(
        when=values["when"],
        states=[values["status"]] if values["status"] else (),
        from_on=typed_date(values["from"], "from", mistakes, required=False),
        to_on=typed_date(values["to"], "to", mistakes, required=False),
        resource_id=resource_id,
        text=values["q"][:200],
    )


def _row(desk: Desk, booking: BookingFacts) -> dict[str, Any]:
    zone, timetable = desk.business.timezone, desk.timetable
    tone, icon = words.LOOKS.get(booking.state, ("mute", "clock"))
    service, resource = (
        timetable.services.get(booking.service_id),
        timetable.taken_by(booking.resource_ids),
    )
    return {
        "reference": booking.shown_reference,
        "url": reverse("desk:booking", args=[desk.business.slug, booking.reference]),
        "name": name_of(booking),
        "contact": booking.contact.phone or booking.contact.email,
        "when": formats.day_and_clock(formats.local(booking.starts_at, zone)),
        "year": booking.local_on.year if booking.local_on.year != desk.today.year else "",
        "service": service.name if service else "",
        "resource": resource.name if resource else "",
        "price": formats.money(booking.price_minor, booking.currency, brief=True),
        "status": {"label": str(words.STATES.get(booking.state, booking.state)), "tone": tone, "icon": icon},
    }


def _fields(desk: Desk, values: Mapping[str, str], errors: Errors) -> list[Field]:
    when = {"": _("All"), "upcoming": _("Upcoming"), "past": _("Past")}
    # What is off is no longer ahead of anybody: the list of what is upcoming shows it only when asked for.
    any_state = _("Any still on") if values["when"] == "upcoming" else _("Any")
    states = {"": any_state} | {state: str(words.STATES[state]) for state in _LISTED}
    people = {"": _("Anybody")} | {str(r.id): r.name for r in desk.timetable.resources.values()}

    def make(name: str, label: str, options: Mapping[str, str]) -> Field:
        return Field(
            name, label, kind="select", choices=choices(options, values[name]), errors=errors.get(name, ())
        )

    return [
        make("when", _("When"), when),
        make("status", _("Status"), states),
        make("resource", _("With"), people),
        Field("from", _("From"), values["from"], "date", errors=errors.get("from", ()), required=True),
        Field("to", _("Until"), values["to"], "date", errors=errors.get("to", ()), required=True),
    ]

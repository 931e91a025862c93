"""All payments of a business: filtered, page by page; revenue as a file; receipts; refunds that failed (SPEC G5)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from holdfast.bookings.queries import bookings_by_ids
from holdfast.businesses.rules import Action
from holdfast.insights.commands import Exported, note_export
from holdfast.insights.queries import REVENUE_BY, REVENUE_COLUMNS, revenue_sheet
from holdfast.lib.refusals import Invalid
from holdfast.lib.spreadsheets import XLSX_TYPE, xlsx_file
from holdfast.payments.commands import retry_refund
from holdfast.payments.queries import PaymentFilter, payment_page
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import name_of, read_booking
from holdfast.web.desk.fields import Errors, Field, Mistakes, as_errors, choices, summary, typed_date
from holdfast.web.desk.files import csv_file, kept
from holdfast.web.desk.money import KINDS, PROVIDERS, STATES, payment_line
from holdfast.web.receipts import receipt_answer

_PAGE = 50
_NAMES = ("state", "provider", "kind", "from", "to")
_HEAD = {
    "of": gettext_lazy("Of"), "currency": gettext_lazy("Currency"), "payments": gettext_lazy("Payments"),
    "taken": gettext_lazy("Taken"), "given_back": gettext_lazy("Given back"),
    "revenue": gettext_lazy("Revenue"), "tax": gettext_lazy("Tax in it"),
}  # fmt: skip
_BY = {
    "day": gettext_lazy("Day"),
    "service": gettext_lazy("Service"),
    "resource": gettext_lazy("Person or place"),
}


@require_safe
@at_desk
def payments(desk: Desk) -> HttpResponse:
    """A page of the list, the latest first."""
    desk.require(Action.SEE_PAYMENTS)
    values = {name: desk.request.GET.get(name, "").strip() for name in _NAMES}
    mistakes: Mistakes = {}
    wanted = _filter(desk, values, mistakes)
    errors = as_errors(mistakes)
    rows: list[dict[str, Any]] = []
    next_cursor: str | None = None
    if not errors:
        try:
            page = payment_page(
                business_id=desk.business.id,
                filters=wanted,
                cursor=desk.request.GET.get("cursor", ""),
                limit=_PAGE,
            )
            rows, next_cursor = _rows(desk, page.items), page.next_cursor
        except Invalid as refusal:
            errors = words.mistakes(refusal)
    base = reverse("desk:payments", args=[desk.business.slug])
    given = {name: value for name, value in values.items() if value}
    month = {"from": desk.today.replace(day=1).isoformat(), "to": desk.today.isoformat()}
    period = {name: values[name] or month[name] for name in ("from", "to")}
    context = {
        "section": "bookings",
        "title": _("Payments"),
        "rows": rows,
        "fields": _fields(values, errors),
        "mistakes": summary(errors),
        "is_filtered": bool(given),
        "first_url": f"{base}?{urlencode(given)}" if desk.request.GET.get("cursor") else "",
        "next_url": f"{base}?{urlencode(given | {'cursor': next_cursor})}" if next_cursor else "",
        "revenue_urls": [
            (
                f"{reverse('desk:revenue', args=[desk.business.slug, sheet])}?{urlencode({'by': name, **period})}",
                f"{label} {sheet.upper()}",
            )
            for name, label in _BY.items()
            for sheet in ("csv", "xlsx")
        ],
    }
    return desk.render("desk/payments.html", context, status=422 if errors else 200)


@require_POST
@at_desk
def retry(desk: Desk, refund: UUID) -> HttpResponse:
    """Ask the provider once more for a refund that failed."""
    desk.require(Action.REFUND)
    again = retry_refund(actor=desk.actor, business_id=desk.business.id, refund_id=refund, now=desk.now)
    (booking,) = bookings_by_ids(business_id=desk.business.id, booking_ids=[again.booking_id])
    return redirect(f"{reverse('desk:booking', args=[desk.business.slug, booking.reference])}?did=refund")


@require_safe
@at_desk
def revenue(desk: Desk, sheet: str) -> HttpResponseBase:
    """What came in and went back, by day, service or resource, as ``csv`` or ``xlsx``."""
    desk.require(Action.REFUND)
    mistakes: Mistakes = {}
    begins = typed_date(desk.request.GET.get("from", ""), "from", mistakes, required=False) or desk.today
    ends = typed_date(desk.request.GET.get("to", ""), "to", mistakes, required=False) or desk.today
    by = desk.request.GET.get("by", "day")
    if mistakes or by not in REVENUE_BY:
        return redirect(reverse("desk:payments", args=[desk.business.slug]))
    note_export(actor=desk.actor, business_id=desk.business.id, what=Exported.REVENUE)
    rows = revenue_sheet(
        timetable=desk.timetable, from_on=begins, to_on=ends, by=by, name_of_nobody=_("Unknown")
    )
    head = [str(_BY[by]), *(str(_HEAD[column]) for column in REVENUE_COLUMNS[1:])]
    if sheet == "csv":
        return csv_file(desk, "revenue", head, rows)
    book = FileResponse(xlsx_file(head, rows, title=_("Revenue")), content_type=XLSX_TYPE)
    return kept(desk, "revenue", sheet, book)


@require_safe
@at_desk
def receipt(desk: Desk, reference: str, paper: str) -> HttpResponse:
    """The receipt of a booking, or (``?refund=``) a credit note."""
    desk.require(Action.SEE_PAYMENTS)
    booking = read_booking(desk, reference)
    return receipt_answer(desk.request, desk.timetable, booking, paper, desk.request.GET.get("refund", ""))


def _filter(desk: Desk, values: dict[str, str], mistakes: Mistakes) -> PaymentFilter:
    known: dict[str, dict[str, Any]] = {"state": STATES, "provider": PROVIDERS, "kind": KINDS}
    for name, options in known.items():
        if values[name] and values[name] not in options:
            mistakes[name] = [("unknown_choice", {})]
    since = typed_date(values["from"], "from", mistakes, required=False)
    until = typed_date(values["to"], "to", mistakes, required=False)
    zone = desk.timetable.tz

    def one(name: str) -> tuple[str, ...]:
        return (values[name],) if values[name] else ()

    return PaymentFilter(
        states=one("state"),
        providers=one("provider"),
        kinds=one("kind"),
        since=datetime.combine(since, time(), zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
    )


def _rows(desk: Desk, found: list[Any]) -> list[dict[str, Any]]:
    ids = list({one.booking_id for one in found})
    about = {one.id: one for one in bookings_by_ids(business_id=desk.business.id, booking_ids=ids)}
    rows = []
    for one in found:
        booking = about.get(one.booking_id)
        row = payment_line(desk, one)
        if booking is not None:
            row["name"] = name_of(booking)
            row["url"] = reverse("desk:booking", args=[desk.business.slug, booking.reference])
        rows.append(row)
    return rows


def _fields(values: dict[str, str], errors: Errors) -> list[Field]:
    any_one = {"": _("Any")}

    def select(name: str, label: str, options: dict[str, str]) -> Field:
        return Field(
            name, label, kind="select", choices=choices(any_one | options, values[name]), errors=errors.get(name, ())
        )  # fmt: skip

    return [
        select("state", _("Status"), {name: str(said[0]) for name, said in STATES.items()}),
        select("provider", _("Through"), {name: str(label) for name, label in PROVIDERS.items()}),
        select("kind", _("For"), {name: str(label) for name, label in KINDS.items()}),
        Field("from", _("From"), values["from"], "date", errors=errors.get("from", ()), required=True),
        Field("to", _("Until"), values["to"], "date", errors=errors.get("to", ()), required=True),
    ]

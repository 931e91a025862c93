"""Receipts of what was paid for a booking, and credit notes of what was given back: as a page and as PDF (SPEC G5)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from PIL import ImageFile

from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import tax_within
from holdfast.payments.models import Payment
from holdfast.payments.queries import payments_of, refunds_of
from holdfast.schedule.queries import Timetable
from holdfast.web import formats

_STYLE = Path(__file__).parent / "static" / "holdfast" / "receipt.css"


class NothingFetched(Exception):
    """A receipt wanted something from elsewhere; it is whole without."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a receipt."""

    what: str
    when: str
    amount: str


def receipt_answer(
    request: HttpRequest, timetable: Timetable, booking: BookingFacts, kind: str, refund: str
) -> HttpResponse:
    """The receipt as ``html`` or ``pdf``; with the id of a ``refund`` its credit note. 404 where nothing was paid."""
    context = _context(timetable, booking, refund)
    if context is None:
        raise Http404
    if kind == "html":
        response = render(request, "receipts/receipt.html", context)
    else:
        response = HttpResponse(
            make_pdf(render_to_string("receipts/receipt.html", context | {"is_pdf": True})),
            content_type="application/pdf",
        )
        response["Content-Disposition"] = f'inline; filename="{context["number"]}.pdf"'
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response


def make_pdf(markup: str) -> bytes:
    """The page as PDF. Nothing is fetched: whatever a name or an address may hold, no file and no host is asked for."""
    from weasyprint import CSS, HTML  # it loads slowly, and only here
    from weasyprint.urls import URLFetcher

    # The library lets Pillow read pictures that are cut short, in the whole process; a logo must not be one.
    ImageFile.LOAD_TRUNCATED_IMAGES = False

    class Nothing(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002
            fetched_nothing(url)

    nothing = Nothing()
    style = CSS(string=_STYLE.read_text(encoding="utf-8"), url_fetcher=nothing)
    made: bytes = HTML(string=markup, url_fetcher=nothing).write_pdf(stylesheets=[style])
    return made


def fetched_nothing(url: str) -> None:
    """Refuse whatever is asked for."""
    raise NothingFetched(url)


def _context(timetable: Timetable, booking: BookingFacts, refund: str) -> dict[str, Any] | None:
    business = timetable.business
    lines, total, number = _credit(timetable, booking, refund) if refund else _received(timetable, booking)
    if not lines:
        return None
    rate = booking.policy.money.tax_basis_points
    tax = tax_within(total, rate)
    service = timetable.services.get(booking.service_id)
    starts = formats.local(booking.starts_at, business.timezone)
    return {
        "business": business,
        "title": _("Credit note") if refund else _("Receipt"),
        "number": number,
        "lines": lines,
        "total": formats.money(total, booking.currency),
        "tax": formats.money(tax, booking.currency) if rate else "",
        "net": formats.money(total - tax, booking.currency) if rate else "",
        "rate": formats.percent(rate / 10_000) if rate else "",
        "tax_number": business.settings.tax_number,
        "customer": booking.contact.name,
        "service": service.name if service else "",
        "when": f"{formats.day_in_full(starts.date())}, {formats.clock(starts)}",
        "reference": booking.shown_reference,
    }


def _received(timetable: Timetable, booking: BookingFacts) -> tuple[list[Line], int, str]:
    paid = [
        one
        for one in payments_of(business_id=booking.business_id, booking_id=booking.id)
        if one.state == "paid" and one.paid_minor
    ]
    kinds = dict(Payment.Kind.choices)
    lines = [
        Line(
            str(kinds.get(one.kind, one.kind)),
            _day(timetable, one.paid_at),
            formats.money(one.paid_minor, one.currency),
        )
        for one in paid
    ]
    return lines, sum(one.paid_minor for one in paid), f"R-{booking.shown_reference}"


def _credit(timetable: Timetable, booking: BookingFacts, refund: str) -> tuple[list[Line], int, str]:
    refunds = refunds_of(business_id=booking.business_id, booking_id=booking.id)
    for count, one in enumerate(refunds, start=1):
        if one.id == _identity(refund) and one.state != "failed":
            line = Line(
                _("Given back"),
                _day(timetable, one.done_at or one.created_at),
                formats.money(one.amount_minor, one.currency),
            )
            return [line], one.amount_minor, f"C-{booking.shown_reference}-{count}"
    return [], 0, ""


def _day(timetable: Timetable, at: Any) -> str:
    return formats.day_in_full(formats.local(at, timetable.business.timezone).date())


def _identity(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

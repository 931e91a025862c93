"""Paying what a booking owes: to the provider's page, and back to one that says how it stands (ux §4.5)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from holdfast.bookings.commands import pay_due
from holdfast.bookings.errors import NothingDue
from holdfast.bookings.queries import BookingFacts, manage_url
from holdfast.payments.jobs import open_checkout
from holdfast.web.public.checking import checking
from holdfast.web.public.details import Mistake
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_manage import Holding, by_link, manage_page
from holdfast.web.receipts import receipt_answer


@require_http_methods(["GET", "POST"])
@by_link
def pay(holding: Holding) -> HttpResponse:
    """Begin the payment, or find the one that is open, and go to the provider's page."""
    booking = holding.booking
    try:
        payment = pay_due(**holding.commanded)
    except NothingDue:
        return see(holding.url("manage"))
    back = manage_url(booking_id=booking.id)
    address = open_checkout(
        payment_id=payment.id,
        title=_title(holding),
        return_url=f"{back}?said=paid",
        cancel_url=f"{back}?said=unpaid",
        email=booking.contact.email,
    )
    if address is None:
        line = Mistake(_("The payment page cannot be reached at the moment. Your time is kept: try again."))
        return manage_page(holding, lines=[line], status=503)
    return see(address)


@require_safe
@by_link
def paid(holding: Holding) -> HttpResponse:
    """How the payment stands, for the page that asks; once it is through, the whole page."""
    visit = holding.visit
    if holding.booking.state_at(visit.now) != "awaiting_payment":
        if not visit.request.headers.get("HX-Request"):
            return redirect(holding.url("manage", "?new=1"))
        response = HttpResponse(status=200)
        response["HX-Redirect"] = holding.url("manage", "?new=1")
        return response
    if not visit.request.headers.get("HX-Request"):
        return redirect(holding.url("manage", "?said=paid"))
    return visit.render("public/_checking.html", {"token": holding.token, **checking(visit)}, private=True)


def _title(holding: Holding) -> str:
    booking: BookingFacts = holding.booking
    service = holding.visit.timetable.service(booking.service_id)
    return _("%(service)s at %(business)s") % {
        "service": service.name,
        "business": holding.visit.business.name,
    }


@require_safe
@by_link
def receipt(holding: Holding, kind: str) -> HttpResponse:
    """The receipt of what was paid, or (``?refund=``) the credit note of what was given back."""
    request, booking = holding.visit.request, holding.booking
    return receipt_answer(request, holding.visit.timetable, booking, kind, request.GET.get("refund", ""))

"""The code that a customer shows at the desk (SPEC D5)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from holdfast.web.public.views_manage import Holding, by_link
from holdfast.web.qr import check_in_url, qr_svg, svg_answer


@require_safe
@by_link
def code(holding: Holding) -> HttpResponse:
    """The check-in code as an image, as long as there is something to check in."""
    booking = holding.booking
    if booking.state_at(holding.visit.now) != "confirmed":
        raise Http404
    return svg_answer(qr_svg(check_in_url(slug=holding.visit.business.slug, booking_id=booking.id)))

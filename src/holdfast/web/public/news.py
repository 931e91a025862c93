"""News and offers on the page of a booking: since when somebody wants them, and the way to stop them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from holdfast.bookings.queries import BookingFacts
from holdfast.customers.queries import news_since
from holdfast.web import formats
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit


def news_words(visit: Visit, booking: BookingFacts) -> str:
    """``You asked for news and offers on 20 November 2026.``, or nothing."""
    if booking.customer_id is None:
        return ""
    since = news_since(business_id=booking.business_id, customer_id=booking.customer_id)
    if since is None:
        return ""
    return _("You asked for news and offers on %(day)s.") % {
        "day": formats.full_date(wall(visit.timetable, since).date())
    }

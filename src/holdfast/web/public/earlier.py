"""Whether the holder of a booking may ask for an earlier time, or has asked (SPEC F8)."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from holdfast.bookings.queries import BookingFacts, manage_token
from holdfast.waitlist.queries import EntryFacts, entries_of_customer, entry_token
from holdfast.web.public.frame import Visit
from holdfast.web.public.waiting import waited_services

# Nearer than this, hardly anything can come free that somebody could still be asked about.
_LEAST_AHEAD = timedelta(hours=2)


def may_ask_earlier(visit: Visit, booking: BookingFacts) -> bool:
    """Whether an earlier time could come free for this booking and its holder could be told."""
    ahead = booking.starts_at - visit.now
    near = timedelta(minutes=visit.business.settings.waitlist_cutoff_minutes)
    return (
        booking.state_at(visit.now) == "confirmed"
        and bool(booking.contact.email)
        and booking.proposed is None
        and ahead >= near + _LEAST_AHEAD
        and any(one.id == booking.service_id for one in waited_services(visit))
    )


def earlier_of(visit: Visit, booking: BookingFacts) -> EntryFacts | None:
    """What waits for an earlier time than this booking's, if anything does; one statement."""
    if booking.customer_id is None or booking.state_at(visit.now) != "confirmed":
        return None
    found = entries_of_customer(business_id=booking.business_id, customer_id=booking.customer_id)
    return next((one for one in found if one.is_live and one.earlier_than_id == booking.id), None)


def earlier_state(visit: Visit, booking: BookingFacts) -> dict[str, str]:
    """What the booking's page says of it: the way to ask, or to the place in line of who has asked."""
    entry = earlier_of(visit, booking)
    if entry is not None:
        url = reverse("waiting", args=[entry_token(entry_id=entry.id)])
        return {"earlier_words": _("You asked for an earlier time."), "earlier_place_url": url}
    if may_ask_earlier(visit, booking):
        return {"earlier_url": reverse("earlier", args=[manage_token(booking_id=booking.id)])}
    return {}

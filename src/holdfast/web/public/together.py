"""What belongs together with a booking, as its page shows it (SPEC D9, D10)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from holdfast.bookings.queries import BookingFacts, bookings_together, manage_token
from holdfast.web import formats
from holdfast.web.public import words
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit


def together_of(visit: Visit, booking: BookingFacts) -> dict[str, Any]:
    """What belongs together with a booking, and what can be cancelled at once; nothing for one that stands alone."""
    others = bookings_together(booking=booking)
    if len(others) < 2:
        return {}
    ahead = [one for one in others if one.state == "confirmed" and one.starts_at > visit.now]
    following = [one for one in ahead if one.starts_at >= booking.starts_at]
    may = booking in ahead and len(ahead) > 1
    return {
        "together": {
            "title": _("All your times") if booking.series_id else _("Everybody who comes"),
            "rows": [_row(visit, booking, one) for one in others],
            "may_cancel_following": bool(booking.series_id) and may and 1 < len(following) < len(ahead),
            "may_cancel_all": may,
        }
    }


def _row(visit: Visit, booking: BookingFacts, one: BookingFacts) -> dict[str, Any]:
    resource = visit.timetable.taken_by(one.resource_ids)
    service = visit.timetable.service(one.service_id)
    about = [service.name, words.with_resource(resource, in_full=False)]
    state = one.state_at(visit.now)
    return {
        "url": "" if one.id == booking.id else reverse("manage", args=[manage_token(booking_id=one.id)]),
        "title": formats.day_and_clock(wall(visit.timetable, one.starts_at))
        if booking.series_id
        else one.contact.name,
        "words": " ".join(filter(None, about)),
        "is_off": state not in ("confirmed", "checked_in", "completed", "no_show"),
        "state": words.STATES.get(state, state),
    }

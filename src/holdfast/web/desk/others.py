"""The others of a series or a group, for the page of one of them (SPEC D9, D10)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from holdfast.bookings.queries import BookingFacts, bookings_together
from holdfast.businesses.rules import Action
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk


def together_context(desk: Desk, booking: BookingFacts) -> dict[str, Any]:
    """The others of a series or a group, for the page of one of them."""
    others = bookings_together(booking=booking)
    if len(others) < 2:
        return {}
    slug, zone = desk.business.slug, desk.business.timezone
    rows = []
    for one in others:
        resource = desk.timetable.taken_by(one.resource_ids)
        when = formats.day_and_clock(formats.local(one.starts_at, zone))
        rows.append(
            {
                "url": reverse("desk:booking", args=[slug, one.reference]),
                "is_this": one.id == booking.id,
                "words": ", ".join(
                    filter(
                        None,
                        [one.contact.name or _("Online customer"), when, resource.name if resource else ""],
                    )
                ),
                "state": str(words.STATES.get(one.state, one.state)),
            }
        )
    ahead = [one for one in others if one.state == "confirmed" and one.starts_at > desk.now]
    return {
        "together": rows,
        "together_title": _("The series") if booking.series_id else _("The group"),
        "may_cancel_together": booking in ahead and len(ahead) > 1 and desk.may(Action.CHANGE_BOOKINGS),
        "is_series": booking.series_id is not None,
    }

"""The state of the day on the page of a business that people walk into: open, who is there, how soon."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.availability.queries import OnDuty, Today, state_of_day
from holdfast.web import formats
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit


def day_state(visit: Visit) -> dict[str, Any] | None:
    """What the panel shows; None for businesses that are not walked into."""
    if visit.business.blueprint != "waitlist":
        return None
    today = state_of_day(timetable=visit.timetable, now=visit.now)
    services, resources = visit.timetable.services, visit.timetable.resources
    return {
        "is_open": today.is_open,
        "title": _title(visit, today),
        "at": formats.clock(wall(visit.timetable, visit.now)),
        "next_free": [
            {"service": services[each.service_id].name, "words": _soon(visit, each.starts_at)}
            for each in today.next_free
        ],
        "on_duty": [
            {"name": resources[each.resource_id].name, "words": _status(visit, each), "status": each.status}
            for each in today.on_duty
        ],
        "expected": ngettext(
            "%(count)s person is still expected today.",
            "%(count)s people are still expected today.",
            today.expected,
        )
        % {"count": today.expected},
    }


def _title(visit: Visit, today: Today) -> str:
    if today.closes_at is not None:
        return _("Open now, until %(time)s") % {"time": formats.clock(wall(visit.timetable, today.closes_at))}
    if today.opens_at is not None:
        opens = formats.day_and_clock(wall(visit.timetable, today.opens_at))
        return _("Closed now. Opens %(when)s") % {"when": opens}
    return _("Closed until further notice")


def _soon(visit: Visit, starts_at: Any) -> str:
    if starts_at is None:
        return _("Nothing left today")
    return _("Next free today at %(time)s") % {"time": formats.clock(wall(visit.timetable, starts_at))}


def _status(visit: Visit, each: OnDuty) -> str:
    if each.free_at is not None:
        return _("Busy until %(time)s") % {"time": formats.clock(wall(visit.timetable, each.free_at))}
    return _("Away") if each.status == "away" else _("Free now")

"""The queue of today as everybody may see it: how many wait, their initials, the size of their party."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.waitlist.queries.around import queue_of_today
from holdfast.web import formats
from holdfast.web.public import waiting_words
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit
from holdfast.web.public.waiting import waited_services

_MOST_LISTED = 12


def has_queue(visit: Visit) -> bool:
    """Whether people queue here on the spot."""
    return visit.business.blueprint == "waitlist" and bool(waited_services(visit))


def queue_state(visit: Visit) -> dict[str, Any]:
    """Who waits now: initials and the size of their party, the first in line first."""
    found = queue_of_today(timetable=visit.timetable, now=visit.now)
    return {
        "count": len(found),
        "words": ngettext("%(count)s is waiting", "%(count)s are waiting", len(found)) % {"count": len(found)}
        if found
        else _("Nobody is waiting"),
        "people": [
            {
                "number": number,
                "initial": f"{one.initial}.",
                "party": waiting_words.people(one.party_size),
                "since": _("since %(time)s") % {"time": formats.clock(wall(visit.timetable, one.joined_at))},
                "is_called": one.is_called,
            }
            for number, one in enumerate(found[:_MOST_LISTED], start=1)
        ],
        "more": max(0, len(found) - _MOST_LISTED),
    }

"""What the booking pages say of the waitlist: whether it can be joined, the way there, what is held for it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from holdfast.bookings.commands import Wish
from holdfast.catalog.queries import ServiceFacts
from holdfast.waitlist.queries import WAITED_FOR, offers_out
from holdfast.web import formats
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit
from holdfast.web.public.free import ANYONE

# A closed day can give nothing: who asks for it is asked about the week that begins with it.
_A_WEEK = timedelta(days=6)


def waited_services(visit: Visit) -> list[ServiceFacts]:
    """What can be waited for here, by oneself."""
    settings = visit.business.settings
    if not (settings.waitlist and settings.online_booking):
        return []
    return [
        one
        for one in visit.timetable.services.values()
        if one.is_active
        and one.waitlist_open
        and one.mode in WAITED_FOR
        and (one.mode == "slot" or visit.timetable.giving(one))
    ]


def list_url(
    visit: Visit,
    service_id: UUID,
    *,
    who: str = ANYONE,
    on: date | None = None,
    is_open: bool = True,
    at: str = "",
    places: int = 1,
) -> str:
    """Where somebody asks to be told when a time comes free, filled with what they look at; empty while nobody can.

    ``at`` is the very time they wanted, HH:MM.
    """
    if not any(one.id == service_id for one in waited_services(visit)):
        return ""
    asked = {
        "service": str(service_id),
        "who": "" if who == ANYONE else who,
        "date": on.isoformat() if on else "",
        "until": (on + _A_WEEK).isoformat() if on and not is_open else "",
        "at": at,
        "n": str(places) if places > 1 else "",
    }
    return f"{visit.url('waitlist-join')}?{urlencode({name: said for name, said in asked.items() if said})}"


def list_url_of_wish(visit: Visit, wish: Wish) -> tuple[str, str]:
    """The same for a time that has just gone, and its clock time."""
    starts = wall(visit.timetable, wish.starts_at)
    who = str(wish.resource_id) if wish.resource_id and wish.slot_id is None else ANYONE
    url = list_url(
        visit, wish.service_id, who=who, on=starts.date(), at=f"{starts:%H:%M}", places=wish.party_size
    )
    return url, formats.clock(starts)


def held_words(visit: Visit, service: ServiceFacts, on: date, resource_id: UUID | None = None) -> list[str]:
    """``10:30 is held for the waitlist until 09:12``, for every offer out for that day; one statement."""
    if not visit.business.settings.waitlist:
        return []
    # The small hours belong to the evening before where evenings are what is booked.
    hours = 30 if service.mode == "table" else 24
    since = datetime.combine(on, time.min, visit.timetable.tz)
    found = offers_out(
        business_id=visit.business.id, since=since, until=since + timedelta(hours=hours), now=visit.now
    )
    giving = set(visit.timetable.givers[service.id])
    said = [
        _("%(time)s is held for the waitlist until %(until)s.")
        % {
            "time": formats.clock(wall(visit.timetable, offer.starts_at)),
            "until": formats.clock(wall(visit.timetable, offer.expires_at)),
        }
        for offer in found
        if (offer.service_id == service.id or (service.mode != "slot" and giving & set(offer.resource_ids)))
        and (resource_id is None or resource_id in offer.resource_ids)
    ]
    return list(dict.fromkeys(said))

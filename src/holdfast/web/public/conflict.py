"""The page that opens when a time has gone: what happened, and the nearest free times, each one tap away (ux 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.availability.queries import Alternative, alternatives
from holdfast.bookings.commands import Wish
from holdfast.bookings.errors import PacingReached, SlotClosed, SlotFull
from holdfast.lib.refusals import Refusal
from holdfast.web import formats
from holdfast.web.once import new_key
from holdfast.web.public import words
from holdfast.web.public.agreed import service_view, steps, wall
from holdfast.web.public.frame import Visit
from holdfast.web.public.free import ANYONE
from holdfast.web.public.waiting import list_url_of_wish


@dataclass(frozen=True, slots=True)
class Other:
    """A time to take instead; ``value`` is what its button sends."""

    value: str
    why: str
    when: str
    with_words: str


@dataclass(frozen=True, slots=True)
class Gone:
    """What happened to the time that was wanted."""

    title: str
    words: str


def conflict_page(visit: Visit, wish: Wish, *, gone: Gone, context: dict[str, Any]) -> HttpResponse:
    """The page of a time that cannot be had, answered 409. ``context`` names the form the others are sent to."""
    found = alternatives(timetable=visit.timetable, wish=wish, now=visit.now)
    service = visit.timetable.service(wish.service_id)
    tell_url, tell_time = list_url_of_wish(visit, wish)
    shared = {
        "gone": gone,
        "tell_url": tell_url,
        "tell_time": tell_time,
        "steps": steps(visit.business.slug, 1),
        "service": service_view(visit.timetable, service),
        "who": str(wish.resource_id) if wish.resource_id else ANYONE,
        "alternatives": [_other(visit, wish, one) for one in found],
        "idempotency_key": new_key(),
    }
    return visit.render("public/conflict.html", shared | context, status=409, private=True)


def gone_to_somebody(
    visit: Visit, starts_at: datetime, *, kept: bool, refusal: Refusal | None = None
) -> Gone:
    """Somebody was faster; of a slot, how many places that left."""
    at: dict[str, object] = {"time": formats.clock(wall(visit.timetable, starts_at))}
    said = _("Nothing was booked, and your details are saved.") if kept else _("Nothing was booked.")
    if isinstance(refusal, PacingReached):
        return Gone(_("Too many guests arrive at %(time)s.") % at, said)
    if isinstance(refusal, SlotClosed):
        return Gone(_("%(time)s takes no bookings any more.") % at, said)
    if isinstance(refusal, SlotFull):
        left = int(refusal.facts.get("remaining", 0))
        if left <= 0:
            return Gone(_("%(time)s has just been filled.") % at, said)
        title = ngettext(
            "%(time)s has only %(left)s place left.", "%(time)s has only %(left)s places left.", left
        )
        return Gone(title % (at | {"left": left}), said)
    return Gone(_("Someone booked %(time)s a moment ago.") % at, said)


def ways_from_slot(visit: Visit, wish: Wish) -> dict[str, Any]:
    """Where the alternatives to a slot are sent, and the way to all of them."""
    on = wall(visit.timetable, wish.starts_at).date()
    parts = {"service": str(wish.service_id), "n": wish.party_size, "date": on.isoformat()}
    return {
        "action": visit.url("places"),
        "places": wish.party_size,
        "every_time_url": f"{visit.url('places')}?{urlencode(parts)}",
    }


def ways_from_tables(visit: Visit, wish: Wish) -> dict[str, Any]:
    """Where the alternatives to tables are sent, and the way to all of them."""
    parts = {"service": str(wish.service_id), "n": wish.party_size}
    return {
        "action": visit.url("tables"),
        "places": wish.party_size,
        "every_time_url": f"{visit.url('tables')}?{urlencode(parts)}",
    }


def read_choice(given: str) -> tuple[str, str]:
    """The instant and the resource of an alternative's button, as they were sent."""
    at, _slash, who = given.partition("/")
    return at, who


def _other(visit: Visit, wish: Wish, one: Alternative) -> Other:
    who = str(one.resource_id)
    if visit.timetable.service(wish.service_id).mode == "table":
        # Whoever asked for the best there is gets that, whatever it is by then.
        asked = wish.resource_id is not None or wish.chosen
        who = "+".join(str(id) for id in (one.resource_id, *one.also)) if asked else ANYONE
    return Other(
        value=str(one.slot_id) if one.slot_id else f"{one.starts_at:%Y-%m-%dT%H:%MZ}/{who}",
        why=_why(wish.starts_at, one, at_table=_is_table(visit, one)),
        when=formats.day_and_clock(wall(visit.timetable, one.starts_at)),
        with_words=words.with_resource(
            visit.timetable.taken_by((one.resource_id, *one.also)) if one.resource_id else None
        ),
    )


def _is_table(visit: Visit, one: Alternative) -> bool:
    return one.resource_id is not None and visit.timetable.resource(one.resource_id).kind == "table"


def _why(wanted: datetime, one: Alternative, *, at_table: bool = False) -> str:
    """What sets it apart from the time that was wanted."""
    minutes = int((one.starts_at - wanted).total_seconds() // 60)
    if minutes == 0:
        return _("Same time, another table") if at_table else _("Same time, someone else")
    if at_table and one.kind == "other_day":
        return _("Another night")
    if one.kind == "other_day":
        return _("Same time, another day") if minutes % 1440 == 0 else _("Another day")
    length = formats.short_duration(abs(minutes))
    someone = one.kind == "other_resource" and not at_table
    if minutes > 0:
        return (_("%(length)s later, someone else") if someone else _("%(length)s later")) % {
            "length": length
        }
    return (_("%(length)s earlier, someone else") if someone else _("%(length)s earlier")) % {
        "length": length
    }

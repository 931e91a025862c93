"""The waitlist at the desk: everybody who waits, best first, with why and with what can be done about it (SPEC F5, F7)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Missing
from holdfast.waitlist.queries import WAITED_FOR, EntryFacts, OfferFacts, Ranked, entry_by_id, ranked_entries
from holdfast.waitlist.rules import Weights
from holdfast.web import formats
from holdfast.web.desk import waitlist_words as said
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Choice, Field, identity

# From this share of the wait that was quoted on, somebody is shown as waiting too long; ux 4.8.
_NEARLY = 0.8
# Where a form may ask to come back to.
PLACES = ("board", "day", "entry")


@dataclass(frozen=True, slots=True)
class Line:
    """Everybody who waits, best first, and what the desk shows of it. ``places`` are numbers in line, from 1."""

    ranked: Sequence[Ranked]
    places: dict[UUID, int] = field(default_factory=dict)

    @property
    def offers(self) -> dict[UUID, Ranked]:
        """Who has which hold, by its booking."""
        return {
            one.offer.booking_id: one
            for one in self.ranked
            if one.offer is not None and one.offer.booking_id is not None
        }

    def of(self, entry_id: UUID) -> Ranked | None:
        return next((one for one in self.ranked if one.entry.id == entry_id), None)


def read_line(desk: Desk) -> Line:
    """The line as it stands now; four statements at most."""
    ranked = ranked_entries(timetable=desk.timetable, now=desk.now)
    return Line(ranked, {one.entry.id: place for place, one in enumerate(ranked, 1)})


@require_safe
@at_desk
def waitlist(desk: Desk) -> HttpResponse:
    """Everybody who waits."""
    desk.require(Action.SEE_WAITLIST)
    return show_board(desk)


@require_safe
@at_desk
def board(desk: Desk) -> HttpResponse:
    """The part of the page that changes, or 204 when nothing did since the version the page has."""
    desk.require(Action.SEE_WAITLIST)
    context = _context(desk)
    if context["version"] == desk.request.GET.get("seen"):
        return HttpResponse(status=204)
    return desk.render("desk/waitlist_fragment.html", context)


def show_board(desk: Desk) -> HttpResponse:
    """The page of the line."""
    return desk.render("desk/waitlist.html", _context(desk) | {"toast": toast_of(desk)})


def _context(desk: Desk) -> dict[str, Any]:
    line = read_line(desk)
    only = identity(desk.request.GET.get("service", ""))
    only = only if only in desk.timetable.services else None
    shown = [one for one in line.ranked if only is None or only in one.entry.services]
    weights = Weights.of(desk.business.settings)
    rows = [row_of(desk, one, line.places[one.entry.id], weights) for one in shown]
    query = f"service={only}" if only else ""
    slug = desk.business.slug
    return {
        "section": "waitlist",
        "title": _("Waitlist"),
        "rows": rows,
        "version": version_of(rows),
        "board_url": f"{reverse('desk:waitlist_board', args=[slug])}?{query}",
        "count": len(line.ranked),
        "here": sum(one.entry.walk_in for one in line.ranked),
        "out": sum(one.offer is not None for one in line.ranked),
        "waiting_now": len(line.ranked),
        "only": str(only) if only else "",
        "filter": _filter(desk, only),
        "is_off": not desk.business.settings.waitlist,
        "limits": limits_of(desk),
        "may_change": desk.may(Action.CHANGE_WAITLIST),
        "may_simulate": desk.may(Action.SEE_INSIGHTS),
    }


def _filter(desk: Desk, only: UUID | None) -> Field | None:
    """Services to choose from, where there are several."""
    services = [one for one in desk.timetable.services.values() if one.mode in WAITED_FOR]
    if len(services) < 2:
        return None
    options = [Choice("", _("All services"), only is None)]
    options += [Choice(str(one.id), one.name, one.id == only) for one in services]
    return Field("service", _("Service"), kind="select", choices=options)


def limits_of(desk: Desk) -> list[str]:
    """How much is sent at most, and when nothing is (SPEC F6)."""
    settings = desk.business.settings
    lines = [
        ngettext("%(count)s offer a day to one person at most", "%(count)s offers a day to one person at most", settings.waitlist_messages_per_day)
        % {"count": settings.waitlist_messages_per_day},
        ngettext("%(count)s offer a minute at most", "%(count)s offers a minute at most", settings.waitlist_messages_per_minute)
        % {"count": settings.waitlist_messages_per_minute},
        _("none less than %(span)s before the start") % {"span": said.span(settings.waitlist_cutoff_minutes)},
    ]  # fmt: skip
    if settings.quiet_hours:
        begins, ends = settings.quiet_hours
        lines.append(_("none from %(begins)s to %(ends)s") % {"begins": begins, "ends": ends})
    return lines


def version_of(rows: Sequence[Any]) -> str:
    """A digest of what is shown. Words of waiting time are part of it: a walk-in's minutes go on."""
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:20]


# ---- One who waits ----------------------------------------------------------------------------------------------------


def row_of(desk: Desk, one: Ranked, place: int, weights: Weights) -> dict[str, Any]:
    """Somebody in line as a template shows them."""
    entry, slug = one.entry, desk.business.slug
    tone, icon, label = _badge(desk, one)
    return {
        "id": entry.id,
        "place": place,
        "name": entry.contact.name,
        "initials": formats.monogram(entry.contact.name),
        "phone": entry.contact.phone,
        "email": entry.contact.email,
        "url": reverse("desk:waitlist_entry", args=[slug, entry.id]),
        "act_url": reverse("desk:waitlist_entry", args=[slug, entry.id]),
        "services": services_of(desk, entry),
        "with": people_of(desk, entry),
        "party": entry.party_size,
        "wishes": [] if entry.walk_in else [said.wish(each) for each in entry.ranges],
        "is_earlier": entry.earlier_than_id is not None,
        "walk_in": entry.walk_in,
        "is_called": entry.state == "called",
        "tone": tone,
        "icon": icon,
        "badge": label,
        "wait": wait_of(desk, entry),
        "points": said.points(one.score.total),
        "why": said.reasons(one, weights, desk.now),
        "offer": offer_of(desk, one.offer) if one.offer else None,
    }


def services_of(desk: Desk, entry: EntryFacts) -> str:
    """What they wait for, by name."""
    known = desk.timetable.services
    return _(" or ").join(known[id].name for id in entry.services if id in known)


def people_of(desk: Desk, entry: EntryFacts) -> str:
    """With whom; empty for anybody."""
    known = desk.timetable.resources
    return _(" or ").join(known[id].name for id in entry.resources or () if id in known)


def wait_of(desk: Desk, entry: EntryFacts) -> dict[str, Any] | None:
    """``18 of 20 min`` of who waits on the spot; None for others."""
    if not entry.walk_in:
        return None
    waited = max(0, int((desk.now - entry.joined_at).total_seconds()) // 60)
    quoted = entry.quoted_high
    if not quoted:
        return {"words": said.span(waited), "waited": waited, "most": 0, "is_long": False}
    return {
        "words": _("%(waited)s of %(quoted)s min") % {"waited": waited, "quoted": quoted},
        "waited": min(waited, quoted),
        "most": quoted,
        "is_long": waited >= _NEARLY * quoted,
    }


def offer_of(desk: Desk, offer: OfferFacts) -> dict[str, Any]:
    """An offer that is out: what, and until when."""
    zone = desk.business.timezone
    service = desk.timetable.services.get(offer.service_id)
    return {
        "id": offer.id,
        "until": formats.clock(formats.local(offer.expires_at, zone)),
        "when": formats.day_and_clock(formats.local(offer.starts_at, zone)),
        "clock": formats.clock(formats.local(offer.starts_at, zone)),
        "what": service.name if service else "",
        "with": names_of(desk, offer.resource_ids),
        "by_hand": offer.by_hand,
    }


def names_of(desk: Desk, resource_ids: Sequence[UUID]) -> str:
    """Resources by name, those that are still there."""
    known = desk.timetable.resources
    return " + ".join(known[id].name for id in resource_ids if id in known)


def _badge(desk: Desk, one: Ranked) -> tuple[str, str, str]:
    zone = desk.business.timezone
    if one.offer is not None:
        until = formats.clock(formats.local(one.offer.expires_at, zone))
        return "info", "clock", _("Offer out until %(time)s") % {"time": until}
    if one.entry.state == "called" and one.entry.called_at is not None:
        at = formats.clock(formats.local(one.entry.called_at, zone))
        return "accent", "bell", _("Called %(time)s") % {"time": at}
    return ("accent", "walk-in", _("Here now")) if one.entry.walk_in else ("mute", "clock", _("Waiting"))


# ---- The rail of the day ----------------------------------------------------------------------------------------------

_IN_RAIL = 5


def rail_of(desk: Desk, line: Line, on: date) -> dict[str, Any]:
    """The next few who wait for something on a date, those who were called first, and the offers out for that date."""
    weights = Weights.of(desk.business.settings)
    mine = [one for one in line.ranked if _wants(desk, one.entry, on)]
    mine.sort(key=lambda one: (one.entry.state != "called", not one.entry.walk_in))
    rows = [row_of(desk, one, line.places[one.entry.id], weights) for one in mine if one.offer is None]
    offered = [one for one in line.ranked if one.offer and _is_on(desk, one.offer, on)]
    return {
        "in_line": rows[:_IN_RAIL],
        "in_line_count": len(rows),
        "offered": [row_of(desk, one, line.places[one.entry.id], weights) for one in offered],
    }


def _is_on(desk: Desk, offer: OfferFacts, on: date) -> bool:
    return formats.local(offer.starts_at, desk.business.timezone).date() == on


def _wants(desk: Desk, entry: EntryFacts, on: date) -> bool:
    if entry.walk_in:
        return on == desk.today
    return any(one.first <= on <= one.last and one.weekdays >> on.weekday() & 1 for one in entry.ranges)


# ---- Words after an action --------------------------------------------------------------------------------------------


def way_back(desk: Desk, did: str, entry_id: UUID | None, *, to: str = "") -> str:
    """The address to go to after an action, with what was done; where the form said that it stood."""
    sent, slug = desk.request.POST, desk.business.slug
    place = to or sent.get("from", "")
    query = {"did": did} | ({"who": str(entry_id)} if entry_id else {})
    if place == "entry" and entry_id is not None:
        return f"{reverse('desk:waitlist_entry', args=[slug, entry_id])}?{urlencode(query)}"
    if place == "day":
        return f"{reverse('desk:day', args=[slug])}?{urlencode(query)}"
    if only := identity(sent.get("service", "")):
        query["service"] = str(only)
    return f"{reverse('desk:waitlist', args=[slug])}?{urlencode(query)}"


def toast_of(desk: Desk) -> dict[str, Any] | None:
    """What was done to whom; None for what is unknown or no longer so."""
    did, who = desk.request.GET.get("did", ""), identity(desk.request.GET.get("who", ""))
    sentences = {
        "call": (_("%(name)s is called."), "called"),
        "seat": (_("%(name)s has a place and is checked in."), "booked"),
        "no-show": (_("%(name)s did not come and is off the list."), "no_show"),
        "remove": (_("%(name)s is off the list."), "removed"),
        "move": (_("%(name)s has another place in line."), ""),
        "offer": (_("Offered. %(name)s is told, and the place is held."), ""),
        "withdraw": (_("The offer to %(name)s is withdrawn."), ""),
        "add": (_("%(name)s is on the list."), ""),
    }
    if who is None or did not in sentences:
        return None
    try:
        entry = entry_by_id(business_id=desk.business.id, entry_id=who)
    except Missing:
        return None
    sentence, state = sentences[did]
    if state and entry.state != state:
        return None
    return {"sentence": sentence % {"name": entry.contact.name}, "seconds": 10, "undo_url": ""}


def told(desk: Desk, at: datetime) -> str:
    """An instant in words."""
    return formats.day_and_clock(formats.local(at, desk.business.timezone))

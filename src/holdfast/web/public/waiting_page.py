"""The page of somebody who waits, worked out from their entry: their place, their offer, or how it ended (SPEC F4).

``seen`` of the page names its state: a page that has it already is answered with nothing new.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from holdfast.bookings.queries import booking_by_id, manage_token
from holdfast.lib.actors import Actor
from holdfast.waitlist.queries import (
    EntryFacts,
    OfferFacts,
    booking_led_to,
    history_of_entry,
    offer_of_entry,
    offers_of,
)
from holdfast.waitlist.queries.around import Around, changes_around
from holdfast.waitlist.queries.estimating import estimate_for
from holdfast.waitlist.queries.standing import ahead_in_line
from holdfast.waitlist.rules import MOST_PASSES, UNDO_LEAVING
from holdfast.web import formats
from holdfast.web.once import new_key
from holdfast.web.public import waiting_words as said
from holdfast.web.public.agreed import agreed, wall
from holdfast.web.public.clocks import deadline
from holdfast.web.public.frame import Visit
from holdfast.web.public.waiting import list_url

_MOST_DOTS = 6


@dataclass(frozen=True, slots=True)
class Waiting:
    """A visit by somebody whose link proves that the place in line is theirs."""

    visit: Visit
    entry: EntryFacts
    token: str

    @property
    def actor(self) -> Actor:
        return self.visit.actor.waiting_as(self.entry.id)

    def url(self, name: str, query: str = "") -> str:
        return reverse(name, args=[self.token]) + query


def page_of(waiting: Waiting) -> dict[str, Any]:
    """Everything the page shows."""
    visit, entry = waiting.visit, waiting.entry
    offer = _open_offer(waiting)
    ahead = ahead_in_line(timetable=visit.timetable, entry=entry, now=visit.now)
    place = None if ahead is None else len(ahead) + 1
    around = changes_around(entry=entry, ahead=ahead) if ahead is not None else []
    page: dict[str, Any] = {
        "token": waiting.token,
        "place": place,
        "so_far": _so_far(waiting, around),
        "waits_for": said.services_words(visit.timetable, entry.services),
        "with_words": "" if entry.walk_in else said.with_words(visit.timetable, entry.resources),
        "ranges": [] if entry.walk_in else [said.range_words(one) for one in entry.ranges],
        "email": entry.contact.email,
        "keys": [new_key() for _n in range(4)],
    }
    page |= _head(waiting, offer, place)
    page["seen"] = _digest(page)
    return page


def _head(waiting: Waiting, offer: OfferFacts | None, place: int | None) -> dict[str, Any]:
    """What stands first: the offer, the call, the place in line, or how it ended."""
    entry = waiting.entry
    if entry.state == "waiting" and offer is not None:
        return _offer(waiting, offer, place or 1)
    if entry.state == "called":
        title = _("It is your turn")
        return {
            "kind": "called",
            "title": title,
            "says": title,
            "called": formats.clock(wall(waiting.visit.timetable, entry.called_at))
            if entry.called_at
            else "",
            "polls": True,
        }
    if place is not None:
        return _line(waiting, place)
    return _over(waiting)


def _line(waiting: Waiting, place: int) -> dict[str, Any]:
    visit, entry = waiting.visit, waiting.entry
    words, number = said.ordinal(place), str(place)
    joined = wall(visit.timetable, entry.joined_at)
    same_day = joined.date() == visit.today
    title = said.place_words(place)
    note = _last_offer(waiting, title=said.ordinal(place))
    return {
        "kind": "line",
        "title": title,
        "says": f"{note} {title}".strip() if note else title,
        "number": number,
        "suffix": words.removeprefix(number) if words.startswith(number) else "",
        "ordinal": words,
        "first_name": entry.contact.name.split()[0] if entry.contact.name.split() else "",
        "dots": range(place - 1) if place <= _MOST_DOTS else [],
        "is_short": place <= _MOST_DOTS,
        "ahead": place - 1,
        "about": _estimate(waiting),
        "party": said.people(entry.party_size)
        if entry.party_size > 1 or any(_counts(waiting, id) for id in entry.services)
        else "",
        "joined": formats.clock(joined) if same_day else formats.short_month_day(joined.date()),
        "note": note,
        "earlier_than": _earlier_than(waiting),
        "polls": True,
    }


def _counts(waiting: Waiting, service_id: Any) -> bool:
    found = waiting.visit.timetable.services.get(service_id)
    return found is not None and found.mode != "appointment"


def _open_offer(waiting: Waiting) -> OfferFacts | None:
    """The offer to answer; one whose place is gone is none."""
    entry, visit = waiting.entry, waiting.visit
    offer = offer_of_entry(business_id=entry.business_id, entry_id=entry.id, now=visit.now)
    return offer if offer is not None and offer.booking_id is not None else None


def _offer(waiting: Waiting, offer: OfferFacts, place: int) -> dict[str, Any]:
    visit, entry = waiting.visit, waiting.entry
    held = booking_by_id(business_id=entry.business_id, booking_id=offer.booking_id)  # type: ignore[arg-type]
    about = agreed(visit.timetable, held)
    until = formats.clock(wall(visit.timetable, offer.expires_at))
    title = _("%(when)s is free for you") % {"when": about.when}
    if entry.walk_in:
        title = _("Your place is ready")
    earlier = _earlier_than(waiting)
    accept = _("Accept and move my booking") if earlier else _("Accept and book it")
    return {
        "kind": "offer",
        "offer_id": str(offer.id),
        "title": title,
        "says": _("%(title)s, until %(until)s.") % {"title": title, "until": until},
        "agreed": about,
        "clock": deadline(visit, offer.expires_at, offer.expires_at - offer.made_at),
        "until": until,
        "accept": _("Accept, on my way") if entry.walk_in else accept,
        "may_pass": entry.passes < MOST_PASSES,
        "stays": said.ordinal(place),
        "earlier_than": earlier,
        "polls": True,
    }


def _earlier_than(waiting: Waiting) -> str:
    """When the booking is that they would give up for an earlier time."""
    entry = waiting.entry
    if entry.earlier_than_id is None:
        return ""
    booking = booking_by_id(business_id=entry.business_id, booking_id=entry.earlier_than_id)
    return formats.day_and_clock(wall(waiting.visit.timetable, booking.starts_at))


def _over(waiting: Waiting) -> dict[str, Any]:
    visit, entry = waiting.visit, waiting.entry
    titles = {
        "booked": (_("You have your place"), _("There is nothing more to wait for."), "check", "tone-ok"),
        "left": (_("You left the list"), _("We will not write to you about it any more."), "list", "tone-mute"),
        "removed": (_("You are not on the list any more"), _("The team took you off."), "list", "tone-mute"),
        "no_show": (_("We called you"), _("You did not come, so your turn went on."), "clock", "tone-warn"),
    }  # fmt: skip
    title, line, icon, tone = titles.get(
        entry.state,
        (_("Your wait is over"), _("Nothing came free on the days you chose."), "clock", "tone-mute"),
    )
    if entry.state == "expired" and any(
        one.state_at(visit.now) == "expired"
        for one in offers_of(business_id=entry.business_id, entry_id=entry.id)[:1]
    ):
        line = _("Several offers were not answered, so we took you off the list.")
    undo = None
    if entry.state == "left" and entry.closed_at and visit.now <= entry.closed_at + UNDO_LEAVING:
        undo = deadline(visit, entry.closed_at + UNDO_LEAVING, UNDO_LEAVING)
    booking_url = ""
    if entry.state == "booked" and (made := booking_led_to(entry=entry)) is not None:
        booking_url = reverse("manage", args=[manage_token(booking_id=made)])
    return {
        "kind": "over",
        "state": entry.state,
        "title": title,
        "says": title,
        "line": line,
        "icon": icon,
        "tone": tone,
        "undo": undo,
        "booking_url": booking_url,
        "again_url": _again(waiting),
        "polls": undo is not None,
    }


def _again(waiting: Waiting) -> str:
    """Where one may join once more, if one may."""
    visit, entry = waiting.visit, waiting.entry
    if entry.state == "booked" or entry.earlier_than_id is not None:
        return ""
    url = list_url(visit, entry.services[0], places=entry.party_size)
    return visit.url("queue") if url and entry.walk_in else url


def _last_offer(waiting: Waiting, title: str) -> str:
    """``It went on at 12:24. You are 2nd.``: what became of the latest offer, for a day."""
    visit, entry = waiting.visit, waiting.entry
    latest = next(iter(offers_of(business_id=entry.business_id, entry_id=entry.id)), None)
    if latest is None:
        return ""
    state = latest.state_at(visit.now)
    ended = latest.expires_at if state == "expired" else latest.answered_at or latest.expires_at
    if state not in ("expired", "declined", "withdrawn") or visit.now - ended > timedelta(days=1):
        return ""
    went = said.went_on(state, wall(visit.timetable, ended))
    return _("%(went)s You are %(place)s.") % {"went": went, "place": title}


def _estimate(waiting: Waiting) -> dict[str, str]:
    """The wait as a range, with what it rests on; nothing while nobody can tell."""
    entry, visit = waiting.entry, waiting.visit
    found = estimate_for(timetable=visit.timetable, entry=entry, now=visit.now)
    if found is not None:
        basis = _("Worked out from who is before you and how long visits take. It can change.")
        return {"words": said.span(found.low, found.high), "basis": basis}
    if entry.quoted_high:
        basis = _("What you were told when you joined.")
        return {"words": said.span(entry.quoted_low or 0, entry.quoted_high), "basis": basis}
    return {}


def _so_far(waiting: Waiting, around: list[Around]) -> list[dict[str, str]]:
    """What happened, the latest first: to this entry, and to others where that moved it."""
    visit, entry = waiting.visit, waiting.entry
    lines = [
        (change.at, words)
        for change in history_of_entry(business_id=entry.business_id, entry_id=entry.id)
        if (words := said.history_line(change, visit.business.timezone))
    ]
    lines += [(one.at, said.around_line(one, entry)) for one in around]
    lines.sort(key=lambda each: each[0], reverse=True)
    shown = []
    for at, words in lines:
        local = wall(visit.timetable, at)
        today = local.date() == visit.today
        when = formats.clock(local) if today else formats.day_and_clock(local)
        shown.append({"words": words, "when": when, "machine": local.isoformat()})
    return shown


def _digest(page: dict[str, Any]) -> str:
    """A name for what the page says, without what changes by itself: its clocks and keys."""
    kept = {name: str(value) for name, value in page.items() if name not in ("keys", "clock", "undo")}
    kept["undo"] = str(page.get("undo") is not None)
    return hashlib.sha256(repr(sorted(kept.items())).encode()).hexdigest()[:16]

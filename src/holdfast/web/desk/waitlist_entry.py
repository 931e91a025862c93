"""One who waits: where they stand and why, what can be done, what happened; and each of these things done (SPEC F5, F7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from holdfast.bookings.commands import Wish
from holdfast.bookings.queries import booking_by_id
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Conflict, Invalid, Missing
from holdfast.waitlist.commands import (
    call_entry,
    offer_by_hand,
    remove_entry,
    reorder_entry,
    seat_entry,
    withdraw_offer,
)
from holdfast.waitlist.queries import (
    EntryChangeFacts,
    EntryFacts,
    OfferFacts,
    entry_by_id,
    history_of_entry,
    offers_of,
    reason_given,
)
from holdfast.waitlist.rules import Weights
from holdfast.web import formats
from holdfast.web.desk import waitlist_words as said
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Choice, Errors, Field, identity, summary
from holdfast.web.desk.waitlist import (
    Line,
    names_of,
    people_of,
    read_line,
    row_of,
    services_of,
    toast_of,
    told,
    way_back,
)
from holdfast.web.desk.waitlist_places import chosen_place, nothing_chosen, seats, times_context

REASON_LIMIT = 200
FIRST = "first"


@require_safe
@at_desk
def entry(desk: Desk, entry: UUID) -> HttpResponse:
    """One entry with everything about it."""
    desk.require(Action.SEE_WAITLIST)
    return show_entry(desk, entry_by_id(business_id=desk.business.id, entry_id=entry))


@require_POST
@at_desk
def act(desk: Desk, entry: UUID, name: str) -> HttpResponse:
    """Call, seat, offer, withdraw, move in line, take off: one command, then back to where the button was."""
    desk.require(Action.CHANGE_WAITLIST)
    found = entry_by_id(business_id=desk.business.id, entry_id=entry)
    try:
        to = ACTS[name](desk, found)
    except Invalid as refusal:
        return show_entry(desk, found, errors=words.mistakes(refusal), status=422)
    except Conflict as refusal:
        fresh = entry_by_id(business_id=desk.business.id, entry_id=entry)
        return show_entry(desk, fresh, refused=words.sentence(refusal), status=409)
    return redirect(way_back(desk, name, entry, to=to))


# ---- What can be done: each returns where to go, empty for where the form stood --------------------------------------


def _call(desk: Desk, entry: EntryFacts) -> str:
    call_entry(actor=desk.actor, business_id=desk.business.id, entry_id=entry.id, now=desk.now)
    return ""


def _seat(desk: Desk, entry: EntryFacts) -> str:
    seat_entry(
        actor=desk.actor,
        timetable=desk.timetable,
        entry_id=entry.id,
        wish=_place(desk, entry),
        now=desk.now,
        # Whoever stands there sits down between two starts of the grid, and without the answers to any questions.
        override_reason=_("Seated from the waitlist"),
    )
    return "" if desk.request.POST.get("from") == "day" else "board"


def _offer(desk: Desk, entry: EntryFacts) -> str:
    wish = _place(desk, entry)
    offer_by_hand(
        actor=desk.actor,
        timetable=desk.timetable,
        entry_id=entry.id,
        service_id=wish.service_id,
        starts_at=wish.starts_at,
        now=desk.now,
        resource_id=wish.resource_id,
        slot_id=wish.slot_id,
    )
    return "board"


def _place(desk: Desk, entry: EntryFacts) -> Wish:
    """Refusals: :class:`Invalid` on ``place``."""
    wish = chosen_place(desk.request.POST.get("place", ""))
    if wish is None or wish.service_id not in entry.services:
        raise Invalid(nothing_chosen())
    return replace(wish, party_size=entry.party_size)


def _withdraw(desk: Desk, entry: EntryFacts) -> str:
    offer_id = identity(desk.request.POST.get("offer", ""))
    if offer_id is None or all(
        one.id != offer_id for one in offers_of(business_id=desk.business.id, entry_id=entry.id)
    ):
        raise Missing(what="offer")
    withdraw_offer(actor=desk.actor, business_id=desk.business.id, offer_id=offer_id, now=desk.now)
    return ""


def _remove(desk: Desk, entry: EntryFacts) -> str:
    reason = desk.request.POST.get("off_reason", "")
    if not reason.strip():
        raise Invalid.field("off_reason", "required")
    try:
        remove_entry(
            actor=desk.actor, business_id=desk.business.id, entry_id=entry.id, now=desk.now, reason=reason
        )
    except Invalid as refusal:
        raise Invalid({f"off_{name}": found for name, found in refusal.fields.items()}) from refusal
    return "board"


def _no_show(desk: Desk, entry: EntryFacts) -> str:
    remove_entry(
        actor=desk.actor, business_id=desk.business.id, entry_id=entry.id, now=desk.now, no_show=True
    )
    return "" if desk.request.POST.get("from") == "day" else "board"


def _move(desk: Desk, entry: EntryFacts) -> str:
    before = desk.request.POST.get("before", "")
    other = identity(before)
    if before != FIRST and other is None:
        raise Invalid.field("before", "unknown")
    reorder_entry(
        actor=desk.actor,
        timetable=desk.timetable,
        entry_id=entry.id,
        reason=desk.request.POST.get("reason", ""),
        now=desk.now,
        before=other,
    )
    return "board"


ACTS: Mapping[str, Callable[[Desk, EntryFacts], str]] = {
    "call": _call,
    "seat": _seat,
    "offer": _offer,
    "withdraw": _withdraw,
    "remove": _remove,
    "no-show": _no_show,
    "move": _move,
}


# ---- The page ---------------------------------------------------------------------------------------------------------


def show_entry(
    desk: Desk,
    entry: EntryFacts,
    *,
    errors: Errors | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of an entry; a refusal is shown with the entry as it stands now."""
    errors = errors or {}
    line = read_line(desk)
    one = line.of(entry.id)
    context: dict[str, Any] = {
        "section": "waitlist",
        "title": entry.contact.name,
        "entry": entry,
        "state": said.state(entry.state),
        "row": None,
        "services": services_of(desk, entry),
        "with": people_of(desk, entry),
        "wishes": [said.wish(each) for each in entry.ranges],
        "joined": told(desk, entry.joined_at),
        "person_url": reverse("desk:person", args=[desk.business.slug, entry.customer_id])
        if desk.may(Action.SEE_CUSTOMERS)
        else "",
        "booking_url": _booking_url(desk, entry),
        "history": _history(desk, entry),
        "offers": [
            offer_row(desk, each) for each in offers_of(business_id=desk.business.id, entry_id=entry.id)
        ],
        "act_url": reverse("desk:waitlist_entry", args=[desk.business.slug, entry.id]),
        "waiting_now": len(line.ranked),
        "errors": errors,
        "mistakes": summary(errors),
        "refused": refused,
        "toast": toast_of(desk) if not (errors or refused) else None,
        "may_change": desk.may(Action.CHANGE_WAITLIST),
    }
    if one is not None:
        context["row"] = row_of(desk, one, line.places[entry.id], Weights.of(desk.business.settings))
        context |= _doing(desk, entry, line, errors)
    return desk.render("desk/waitlist_entry.html", context, status=status)


def _doing(desk: Desk, entry: EntryFacts, line: Line, errors: Errors) -> dict[str, Any]:
    """The forms of somebody who waits."""
    typed = desk.request.POST
    move_reason = typed.get("reason", "") if errors.get("reason") or errors.get("before") else ""
    off_reason = typed.get("off_reason", "") if errors.get("off_reason") else ""
    others = [one.entry for one in line.ranked if one.entry.id != entry.id]
    options = [Choice(FIRST, _("First of all"), typed.get("before") == FIRST)]
    options += [
        Choice(
            str(other.id),
            _("Before %(name)s, number %(place)s")
            % {"name": other.contact.name, "place": line.places[other.id]},
            typed.get("before") == str(other.id),
        )
        for other in others
    ]
    return {
        "times": times_context(desk, entry),
        "seats": seats(desk, entry) if entry.walk_in or entry.state == "called" else [],
        "shows_seats": entry.walk_in or entry.state == "called",
        "move_fields": [
            Field("before", _("Where to"), kind="select", choices=options, errors=errors.get("before", ())),
            Field("reason", _("Why"), move_reason, hint=_("Kept in the history with your name."),
                  errors=errors.get("reason", ()), required=True, limit=REASON_LIMIT),
        ] if others else [],
        "off_field": Field("off_reason", _("Why"), off_reason, hint=_("For colleagues; nobody else reads it."),
                           errors=errors.get("off_reason", ()), required=True, limit=REASON_LIMIT),
    }  # fmt: skip


def _booking_url(desk: Desk, entry: EntryFacts) -> str:
    """The booking that came of it; empty while there is none."""
    if entry.booking_id is None:
        return ""
    try:
        booking = booking_by_id(business_id=desk.business.id, booking_id=entry.booking_id)
    except Missing:
        return ""
    return reverse("desk:booking", args=[desk.business.slug, booking.reference])


def _history(desk: Desk, entry: EntryFacts) -> list[dict[str, str]]:
    changes = history_of_entry(business_id=desk.business.id, entry_id=entry.id)
    return [
        {
            "what": said.change(one.action),
            "when": told(desk, one.at),
            "who": _who(one),
            "reason": reason_given(entry_id=entry.id, change=one),
        }
        for one in reversed(changes)
    ]


def _who(change: EntryChangeFacts) -> str:
    if change.via == "worker":
        return _("by itself")
    return change.actor if change.actor != "customer" else _("themselves")


def offer_row(desk: Desk, offer: OfferFacts) -> dict[str, Any]:
    """An offer of the past or present, with the score it was made for."""
    state = offer.state_at(desk.now)
    tone, icon = said.OFFER_LOOKS[state]
    service = desk.timetable.services.get(offer.service_id)
    zone = desk.business.timezone
    return {
        "when": told(desk, offer.starts_at),
        "what": service.name if service else "",
        "with": names_of(desk, offer.resource_ids),
        "made": told(desk, offer.made_at),
        "until": formats.clock(formats.local(offer.expires_at, zone)),
        "tone": tone,
        "icon": icon,
        "state": said.offer_state(state),
        "by_hand": offer.by_hand,
        "points": said.points(offer.score) if offer.breakdown else "",
        "why": said.breakdown(offer.breakdown),
        "entry_url": reverse("desk:waitlist_entry", args=[desk.business.slug, offer.entry_id]),
    }

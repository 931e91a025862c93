"""The artist's inbox: requests to answer, one request with everything in it, and the answers (S1, ux requests)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from holdfast.availability.queries import explain
from holdfast.bookings.commands import Wish
from holdfast.bookings.queries import BookingFacts, booking_by_reference, history_of
from holdfast.bookings.queries.requests import (
    RequestFacts,
    asked_about,
    inbox,
    options_on,
    request_of,
    requests_of,
    waiting_count,
)
from holdfast.bookings.rules.requests import MOST_OPTIONS
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.notifications.queries import messages_of_booking
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import name_of
from holdfast.web.desk.requests_acts import ACTS
from holdfast.web.public import request_words

_SOON = timedelta(hours=24)


@require_safe
@at_desk
def requests(desk: Desk) -> HttpResponse:
    """The inbox: what waits for an answer, or all requests; on wide screens the first one beside it."""
    desk.require(Action.SEE_BOOKINGS)
    return _page(desk, None)


@require_safe
@at_desk
def one(desk: Desk, reference: str) -> HttpResponse:
    """One request, with all that is needed to answer it."""
    desk.require(Action.SEE_BOOKINGS)
    return _page(desk, booking_by_reference(business_id=desk.business.id, reference=reference))


@require_POST
@at_desk
def act(desk: Desk, reference: str, name: str) -> HttpResponse:
    """Accept, decline, counter, give or take back an option, challenge, check a line off."""
    desk.require(Action.CHANGE_BOOKINGS)
    booking = booking_by_reference(business_id=desk.business.id, reference=reference)
    try:
        ACTS[name](desk, booking)
    except Invalid as refusal:
        errors = words.mistakes(refusal)
        return _page(desk, booking, errors=errors, opened=name, status=422)
    except Conflict as refusal:
        fresh = booking_by_reference(business_id=desk.business.id, reference=reference)
        return _page(desk, fresh, refused=_refused(refusal), opened=name, status=409)
    address = reverse("desk:request", args=[desk.business.slug, booking.reference])
    return redirect(f"{address}?did={name}")


def _page(
    desk: Desk,
    booking: BookingFacts | None,
    *,
    errors: Mapping[str, list[str]] | None = None,
    refused: str = "",
    opened: str = "",
    status: int = 200,
) -> HttpResponse:
    business_id = desk.business.id
    every = desk.request.GET.get("show") == "all"
    waiting = waiting_count(business_id=business_id, now=desk.now)
    found = inbox(business_id=business_id, now=desk.now, to_answer=not every)
    asked = requests_of(business_id=business_id, bookings=found, now=desk.now)
    context: dict[str, Any] = {
        "section": "requests",
        "rows": [_row(desk, each, asked[each.id], booking) for each in found],
        "waiting": waiting,
        "shows_all": every,
        "title": _("Requests"),
        "is_one": booking is not None,
        "asked": None,
    }
    shown = booking or (found[0] if found else None)
    if shown is not None:
        context |= _one(desk, shown, errors or {}, opened)
    context |= {"refused": refused, "saved": _done(desk.request.GET.get("did", ""))}
    return desk.render("desk/requests.html", context, status=status)


def _row(
    desk: Desk, booking: BookingFacts, request: RequestFacts, chosen: BookingFacts | None
) -> dict[str, Any]:
    tone, label = _badge(desk, booking, request)
    address = reverse("desk:request", args=[desk.business.slug, booking.reference])
    every = "?show=all" if desk.request.GET.get("show") == "all" else ""
    return {
        "url": address + every,
        "venue": request.venue_name,
        "day": formats.full_date(booking.local_on),
        "fee": formats.money(request.fee_minor, booking.currency, brief=True),
        "tone": tone,
        "badge": label,
        "is_chosen": chosen is not None and chosen.id == booking.id,
    }


def _badge(desk: Desk, booking: BookingFacts, request: RequestFacts) -> tuple[str, str]:
    """What the list says of a request, in a word or two."""
    state = booking.state_at(desk.now)
    if state == "confirmed":
        return "ok", _("Agreed")
    if state != "requested":
        return "mute", str(words.STATES.get(state, state))
    if request.is_challenged:
        return "warn", _("Asked to confirm")
    if request.option:
        return "info", str(request_words.RANKS.get(request.option.rank, ""))
    if request.counter_is_open:
        return "mute", _("Waiting on them")
    if booking.releases_at is not None and booking.releases_at - desk.now < _SOON:
        return "warn", _("Less than a day left")
    return "info", _("To answer")


def _one(desk: Desk, booking: BookingFacts, errors: Mapping[str, list[str]], opened: str) -> dict[str, Any]:
    """Everything about one request."""
    slug = desk.business.slug
    request = request_of(business_id=desk.business.id, booking=booking, now=desk.now)
    tone, label = _badge(desk, booking, request)
    return {
        "asked": request,
        "booking": booking,
        "name": name_of(booking),
        "tone": tone,
        "badge": label,
        **_time(desk, booking, request),
        **_offers(booking, request, desk.business.timezone),
        **_standing(desk, booking, request),
        **_rider(request),
        "service": desk.timetable.service(booking.service_id).name,
        "artist": desk.timetable.taken_by(booking.resource_ids),
        "history": _history(desk, booking),
        "messages_sent": _messages(desk, booking),
        "booking_url": reverse("desk:booking", args=[slug, booking.reference]),
        "act_url": reverse("desk:request", args=[slug, booking.reference]),
        "errors": dict(errors),
        "mistakes": [{"words": line, "anchor": ""} for lines in errors.values() for line in lines],
        "opened": opened if errors else "",
        "may_change": desk.may(Action.CHANGE_BOOKINGS),
    }


def _time(desk: Desk, booking: BookingFacts, request: RequestFacts) -> dict[str, Any]:
    """When it is asked for, in words and as the fields of another time begin."""
    zone = desk.business.timezone
    starts, ends = formats.local(booking.starts_at, zone), formats.local(booking.ends_at, zone)
    return {
        "day": formats.day_in_full(starts.date()),
        "when": _("the whole day")
        if request.whole_day
        else _("%(from)s to %(until)s") % {"from": formats.clock(starts), "until": formats.clock(ends)},
        "typed": {
            "date": starts.date().isoformat(),
            "from": f"{starts:%H:%M}",
            "until": f"{ends:%H:%M}",
        },
    }


def _offers(booking: BookingFacts, request: RequestFacts, zone: str) -> dict[str, str]:
    """What the customer offered, and what was offered instead."""
    counter = request.counter
    return {
        "fee": formats.money(request.fee_minor, booking.currency),
        "price": formats.money(booking.price_minor, booking.currency),
        "counter_fee": formats.money(counter.fee_minor, booking.currency)
        if counter and counter.fee_minor is not None
        else "",
        "counter_time": formats.day_and_clock(formats.local(counter.starts_at, zone))
        if counter and counter.starts_at
        else "",
    }


def _standing(desk: Desk, booking: BookingFacts, request: RequestFacts) -> dict[str, Any]:
    """What can still be done: until when to answer, how the date stands, which options there are to give."""
    state = booking.state_at(desk.now)
    is_open = state == "requested"
    until = booking.releases_at if is_open else None
    return {
        "is_open": is_open,
        "is_standing": state in ("requested", "confirmed", "checked_in"),
        "until": formats.day_and_clock(formats.local(until, desk.business.timezone)) if until else "",
        "date": _date(desk, booking) if is_open else {},
        "options": _options(desk, booking) if is_open else [],
        "may_option": is_open and request.option is None,
        "may_challenge": is_open and request.option is not None and request.option.rank > 1,
        "challenge_hours": desk.business.settings.challenge_hours,
    }


def _rider(request: RequestFacts) -> dict[str, Any]:
    """The rider's lines by section, and how many are met."""
    return {
        "rider": [
            {"title": title, "lines": [line for line in request.rider if line.section == name]}
            for name, title in request_words.SECTIONS.items()
            if any(line.section == name for line in request.rider)
        ],
        "met": sum(line.checked_at is not None for line in request.rider),
        "rider_count": len(request.rider),
    }


def _date(desk: Desk, booking: BookingFacts) -> dict[str, Any]:
    """Whether the date is still free, and who else has asked for it."""
    wish = Wish(booking.service_id, booking.starts_at, booking.resource_id)
    (found,) = explain(timetable=desk.timetable, actor=desk.actor, wish=wish, now=desk.now)
    others = asked_about(
        business_id=desk.business.id,
        resource_ids=list(booking.resource_ids),
        first=booking.local_on - timedelta(days=1),
        last=booking.local_on + timedelta(days=1),
        now=desk.now,
        but=booking.id,
    )
    taken = any(check.rule == "unclaimed" and not check.passed for check in found.checks)
    return {
        "is_free": not taken,
        "others": [
            {
                "name": name_of(other),
                "day": formats.full_date(other.local_on),
                "url": reverse("desk:request", args=[desk.business.slug, other.reference]),
            }
            for other in others
        ],
    }


def _options(desk: Desk, booking: BookingFacts) -> list[dict[str, Any]]:
    if booking.resource_id is None:
        return []
    standing = options_on(
        business_id=desk.business.id,
        resource_id=booking.resource_id,
        on=booking.local_on,
        now=desk.now,
    )
    near = asked_about(
        business_id=desk.business.id,
        resource_ids=[booking.resource_id],
        first=booking.local_on,
        last=booking.local_on,
        now=desk.now,
    )
    by_id = {each.id: each for each in near}
    return [
        {
            "rank": str(request_words.RANKS.get(rank, rank)),
            "name": name_of(by_id[id]),
            "is_this": id == booking.id,
            "url": reverse("desk:request", args=[desk.business.slug, by_id[id].reference]),
        }
        for id, rank in standing.items()
        if id in by_id and rank <= MOST_OPTIONS
    ]


def _history(desk: Desk, booking: BookingFacts) -> list[dict[str, str]]:
    zone = desk.business.timezone
    lines = []
    for change in history_of(business_id=desk.business.id, booking_id=booking.id):
        said = request_words.history_line(change, zone)
        if said is not None:
            when = formats.day_and_clock(formats.local(change.at, zone))
            lines.append({"what": said, "when": when, "who": change.actor})
    return lines


def _messages(desk: Desk, booking: BookingFacts) -> list[dict[str, Any]]:
    return [
        {
            "what": message.kind_label,
            "to": message.recipient,
            "state": message.state_label,
            "problem": words.problem(message.problem) if message.problem else "",
        }
        for message in messages_of_booking(business_id=desk.business.id, booking_id=booking.id)
    ]


def _refused(refusal: Conflict) -> str:
    if refusal.code == "time_taken":
        return _("The date is taken by a booking that is agreed.")
    return words.sentence(refusal)


def _done(name: str) -> str:
    return {
        "accept": _("Agreed. The customer is told by mail."),
        "decline": _("Declined. The customer is told by mail."),
        "counter": _("Sent. The customer can answer by their link."),
        "option": _("Option given. The customer is told by mail."),
        "no-option": _("Option taken back."),
        "challenge": _("Asked. The first option has to confirm or goes."),
        "check": _("Saved."),
    }.get(name, "")

"""The page behind a request's personal link: how it stands, the rider, the answer to an offer, taking it back (S1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from holdfast.bookings.commands import (
    accept_offer,
    answer_rider,
    decline_offer,
    save_template,
    withdraw_request,
)
from holdfast.bookings.errors import (
    ChangedMeanwhile,
    IllegalStep,
    NothingToAnswer,
    OptionHeld,
    TimeTaken,
    TooManyTemplates,
)
from holdfast.bookings.queries import BookingFacts, booking_by_link, history_of
from holdfast.bookings.queries.requests import RequestFacts, request_of
from holdfast.lib.refusals import Forbidden, Invalid
from holdfast.web import formats
from holdfast.web.once import done_once, new_key, once
from holdfast.web.public import request_words, words
from holdfast.web.public.agreed import wall
from holdfast.web.public.details import Mistake
from holdfast.web.public.request_form import event_values
from holdfast.web.public.standing import Greeting
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_manage import Holding, by_link

_REFUSED = (ChangedMeanwhile, IllegalStep, NothingToAnswer, OptionHeld, TimeTaken, TooManyTemplates)


@require_safe
@by_link
def asked(holding: Holding) -> HttpResponse:
    """What was asked for, how it stands, and what can be done about it."""
    return asked_page(holding)


@require_POST
@by_link
@done_once
def answer(holding: Holding) -> HttpResponse:
    """Accept or decline the counter-offer, or confirm the option or let it go."""
    given = holding.visit.request.POST
    if given.get("do") == "accept":
        return _changed(holding, "accept", lambda: accept_offer(**holding.commanded, **_seen(holding)))
    return _changed(
        holding,
        "decline",
        lambda: decline_offer(**holding.commanded, **_seen(holding), reason=given.get("reason", "")),
    )


@require_POST
@by_link
@done_once
def withdraw(holding: Holding) -> HttpResponse:
    """Take the request back."""
    return _changed(holding, "withdraw", lambda: withdraw_request(**holding.commanded, **_seen(holding)))


@require_POST
@by_link
@done_once
def rider(holding: Holding) -> HttpResponse:
    """Answers to the rider's lines."""
    given = holding.visit.request.POST
    lines = [
        {
            "line": line.id,
            "answer": given.get(f"rider-{line.id}", line.answer),
            "comment": given.get(f"instead-{line.id}", line.comment),
        }
        for line in _request(holding, holding.booking).rider
    ]
    return _changed(
        holding,
        "rider",
        lambda: answer_rider(
            actor=holding.actor,
            business_id=holding.booking.business_id,
            booking_id=holding.booking.id,
            lines=lines,
            now=holding.visit.now,
        ),
    )


@require_POST
@by_link
@done_once
def keep(holding: Holding) -> HttpResponse:
    """Save the event as a template of the signed-in person."""
    visit, booking = holding.visit, holding.booking
    values = event_values(booking, _request(holding, booking), visit.timetable.tz)
    wanted: dict[str, Any] = {
        "name": visit.request.POST.get("name", ""),
        "venue_name": values["venue_name"],
        "venue_address": values["venue_address"],
        "details": values["details"],
        "fee_minor": _request(holding, booking).fee_minor,
        "from_time": values.get("from", ""),
        "to_time": values.get("until", ""),
    }
    if visit.actor.account_id is None:
        raise Forbidden(action="keep_templates", needs="signed_in")
    return _changed(
        holding,
        "kept",
        lambda: save_template(
            actor=visit.actor, business_id=booking.business_id, wanted=wanted, now=visit.now
        ),
    )


def _seen(holding: Holding) -> dict[str, Any]:
    """The version of the request that the form was made for."""
    given = holding.visit.request.POST.get("sequence", "")
    return {"sequence": int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None}


def _changed(holding: Holding, name: str, work: Callable[[], object]) -> HttpResponse:
    """Do it once, however often the form is sent; a refusal is said on the page as it stands."""

    def run() -> str:
        work()
        return holding.url("asked", f"?said={name}")

    try:
        url = once(
            business_id=holding.booking.business_id,
            route=f"request {name} {holding.booking.id}",
            fields=holding.visit.request.POST.dict(),
            work=run,
            verdict=holding.visit.verdict,
        )
    except Invalid as refusal:
        said = request_words.form_mistakes(refusal.fields)
        lines = [Mistake(line) for found in said.values() for line in found]
        return asked_page(holding, lines=lines, status=422)
    except _REFUSED as refusal:
        line = request_words.conflict(refusal.code) or words.conflict(refusal, holding.visit.business)
        return asked_page(_fresh(holding), lines=[Mistake(line)], status=409)
    return see(url)


def _fresh(holding: Holding) -> Holding:
    return Holding(holding.visit, booking_by_link(token=holding.token), holding.token)


def _request(holding: Holding, booking: BookingFacts) -> RequestFacts:
    return request_of(business_id=booking.business_id, booking=booking, now=holding.visit.now)


def asked_page(holding: Holding, *, lines: list[Mistake] | None = None, status: int = 200) -> HttpResponse:
    """The whole page, with a message above it where something was refused."""
    visit, booking = holding.visit, holding.booking
    request = _request(holding, booking)
    state = booking.state_at(visit.now)
    asked_for = visit.request.GET
    is_open = state == "requested"
    context = {
        "token": holding.token,
        "state": greeting(holding, booking, request, state),
        "said": _said(asked_for.get("said", "")),
        "is_new": "new" in asked_for,
        "mistakes": lines,
        "is_open": is_open,
        "is_confirmed": state in ("confirmed", "checked_in"),
        "may_answer_rider": state in ("requested", "confirmed", "checked_in"),
        "when": when_words(holding, booking.starts_at, booking.ends_at, whole_day=request.whole_day),
        "fee": formats.money(request.fee_minor, booking.currency),
        "agreed_fee": formats.money(booking.price_minor, booking.currency)
        if booking.price_minor != request.fee_minor
        else "",
        "request": request,
        "rider": [
            {"title": title, "lines": [line for line in request.rider if line.section == name]}
            for name, title in request_words.SECTIONS.items()
            if any(line.section == name for line in request.rider)
        ],
        "counter": _counter(holding, booking, request) if is_open and request.counter_is_open else None,
        "challenge_until": _moment(holding, booking) if is_open and request.is_challenged else "",
        "rank": request_words.RANKS.get(request.option.rank) if request.option else "",
        "reference": booking.shown_reference,
        "sequence": booking.sequence,
        "idempotency_key": new_key(),
        "again_url": f"{reverse('request', args=[visit.business.slug])}?again={holding.token}",
        "may_keep": visit.actor.account_id is not None,
        "history": _history(holding, booking),
    }
    return visit.render("public/asked.html", context, status=status, private=True)


def greeting(holding: Holding, booking: BookingFacts, request: RequestFacts, state: str) -> Greeting:
    """The head of the page: how the request stands, and whose turn it is."""
    names = booking.contact.name.split()
    facts = {
        "name": names[0] if names else "",
        "business": holding.visit.business.name,
        "until": _moment(holding, booking),
    }
    if state == "requested":
        key = "challenged" if request.is_challenged else "countered" if request.counter_is_open else state
        key = "optioned" if key == state and request.option else key
    else:
        key = state
    title, line, tone, icon = {
        "requested": (_("Requested"), _("%(business)s answers by %(until)s."), "tone-info", "clock"),
        "optioned": (_("You have an option"), _("%(business)s keeps your place in line."), "tone-info", "clock"),
        "countered": (_("Another offer, %(name)s"), _("Please answer by %(until)s."), "tone-warn", "bell"),
        "challenged": (
            _("Please confirm, %(name)s"),
            _("Somebody else would like this date. Confirm by %(until)s."),
            "tone-warn",
            "bell",
        ),
        "confirmed": (_("It is a date, %(name)s"), _("The date is yours."), "tone-ok", "check"),
        "checked_in": (_("Welcome, %(name)s"), _("You are checked in."), "tone-ok", "check"),
        "completed": (_("Thank you, %(name)s"), _("This event is over."), "tone-mute", "check"),
        "declined": (_("Declined"), _("It cannot be this time."), "tone-mute", "cancel"),
        "cancelled": (_("Withdrawn"), _("Nothing is booked."), "tone-mute", "cancel"),
        "expired": (_("Expired"), _("It was not answered in time. Nothing is booked."), "tone-warn", "clock"),
    }.get(key, (_("Your request"), "", "tone-mute", "clock"))  # fmt: skip
    return Greeting((title % facts).rstrip(", "), line % facts, tone, icon)


def when_words(holding: Holding, starts_at: Any, ends_at: Any, *, whole_day: bool) -> dict[str, str]:
    """A time of an event in words."""
    timetable = holding.visit.timetable
    starts, ends = wall(timetable, starts_at), wall(timetable, ends_at)
    lasts = (
        _("the whole day")
        if whole_day
        else _("%(from)s to %(until)s") % {"from": formats.clock(starts), "until": formats.clock(ends)}
    )
    return {
        "day": formats.day_in_full(starts.date()),
        "lasts": lasts,
        "machine": starts.isoformat(),
        "zone_words": words.zone(timetable.business.timezone),
    }


def _said(name: str) -> str:
    return {
        "rider": _("Your answers are saved."),
        "kept": _("Saved as a template."),
        "accept": _("Agreed. A mail with the details is on its way."),
        "decline": _("Declined. The business has been told."),
        "withdraw": _("Withdrawn. The business has been told."),
    }.get(name, "")


def _counter(holding: Holding, booking: BookingFacts, request: RequestFacts) -> dict[str, Any]:
    counter = request.counter
    assert counter is not None
    fee = request.fee_minor if counter.fee_minor is None else counter.fee_minor
    return {
        "fee": formats.money(fee, booking.currency),
        "has_other_fee": fee != request.fee_minor,
        "when": when_words(
            holding,
            counter.starts_at or booking.starts_at,
            counter.ends_at or booking.ends_at,
            whole_day=request.whole_day and counter.starts_at is None,
        ),
        "has_other_time": counter.starts_at is not None,
        "message": counter.message,
    }


def _moment(holding: Holding, booking: BookingFacts) -> str:
    if booking.releases_at is None:
        return ""
    return formats.day_and_clock(wall(holding.visit.timetable, booking.releases_at))


def _history(holding: Holding, booking: BookingFacts) -> list[dict[str, str]]:
    lines = []
    for change in history_of(business_id=booking.business_id, booking_id=booking.id):
        said = request_words.history_line(change, booking.timezone)
        if said is not None:
            at = wall(holding.visit.timetable, change.at)
            lines.append({"words": said, "when": formats.day_and_clock(at), "machine": at.isoformat()})
    return lines

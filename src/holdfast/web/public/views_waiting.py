"""The page behind a waitlist link (SPEC F4): follow the place in line, answer offers, leave. No account, no script needed.

Opening the page changes nothing: mail programs follow links before people do. Every answer is a form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from holdfast.bookings.queries import manage_token
from holdfast.core import clock, ratelimit
from holdfast.core.request import client_network
from holdfast.lib.refusals import Conflict, Missing
from holdfast.schedule.queries import timetable_of
from holdfast.waitlist.commands import accept_offer, decline_offer, leave_waitlist, undo_leaving
from holdfast.waitlist.errors import OfferOver
from holdfast.waitlist.queries import OfferFacts, entry_by_link, offer_by_id, place_in_line
from holdfast.waitlist.rules import DateRange
from holdfast.web.once import done_once, is_done_once, once
from holdfast.web.public import waiting_words, words
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit, answered, kept_private
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_manage import GUESSES, too_many_guesses
from holdfast.web.public.views_times import read_id
from holdfast.web.public.waiting import waited_services
from holdfast.web.public.waiting_free import FreeNow, free_now
from holdfast.web.public.waiting_page import Waiting, page_of

View = Callable[[Waiting], HttpResponse]


def by_link(view: View) -> Callable[..., HttpResponse]:
    """A page at ``/w/{token}``. Wrong tokens count as guesses, as those of bookings do."""

    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        network = client_network(request)
        try:
            entry = entry_by_link(token=token)
        except Missing as refusal:
            verdict = ratelimit.hit(GUESSES, network)
            if not verdict.allowed:
                return too_many_guesses(request, verdict.retry_after)
            raise Http404 from refusal
        visit = Visit(request, timetable_of(business_id=entry.business_id), clock.now())
        waiting = Waiting(visit, entry, token)
        return kept_private(answered(visit, lambda: view(waiting), by_key=is_done_once(view)))

    return page


@require_safe
@by_link
def waiting(waiting: Waiting) -> HttpResponse:
    """The page; for its own script the part that changes, or 204 while it shows how things stand already."""
    asked = waiting.visit.request.GET
    if "seen" not in asked:
        return waiting_page(waiting)
    page = page_of(waiting)
    if asked["seen"] == page["seen"]:
        return HttpResponse(status=204)
    return waiting.visit.render("public/_waiting.html", page, private=True)


def waiting_page(
    waiting: Waiting, *, line: str = "", free: Sequence[FreeNow] = (), status: int = 200
) -> HttpResponse:
    """The whole page, with what was refused above it, and what is ``free`` all the same."""
    context = page_of(waiting)
    if line:
        context |= {"refused": line, "free": free, "note": ""}
    context["is_new"] = status == 200 and "new" in waiting.visit.request.GET
    return waiting.visit.render("public/waiting.html", context, status=status, private=True)


def answer(view: View) -> Callable[..., HttpResponse]:
    """A form of the page, done once; its address alone, typed or followed by a mail program, leads back to the page."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @by_link
    @done_once
    @wraps(view)
    def posted(waiting: Waiting) -> HttpResponse:
        if waiting.visit.request.method != "POST":
            return redirect(waiting.url("waiting"))
        try:
            return view(waiting)
        except OfferOver as refusal:
            return _too_late(waiting, str(refusal.facts.get("state", "")))
        except Conflict as refusal:
            return waiting_page(
                _now(waiting), line=words.conflict(refusal, waiting.visit.business), status=409
            )

    return posted


def _once(waiting: Waiting, name: str, work: Callable[[], str]) -> HttpResponse:
    url = once(
        business_id=waiting.entry.business_id,
        route=f"{name} {waiting.entry.id}",
        fields=waiting.visit.request.POST.dict(),
        work=work,
        verdict=waiting.visit.verdict,
    )
    return see(url)


@answer
def accept(waiting: Waiting) -> HttpResponse:
    """Take the offer: to the booking's own page."""
    visit, offer_id = waiting.visit, _offer_id(waiting)

    def work() -> str:
        booking = accept_offer(
            actor=waiting.actor, timetable=visit.timetable, offer_id=offer_id, now=visit.now
        )
        moved = waiting.entry.earlier_than_id is not None
        url = reverse("manage", args=[manage_token(booking_id=booking.id)])
        return f"{url}?said=moved" if moved else f"{url}?new=1"

    return _once(waiting, "accept", work)


@answer
def pass_on(waiting: Waiting) -> HttpResponse:
    """Let the next person have the offer, and keep the place in line."""
    visit, offer_id = waiting.visit, _offer_id(waiting)

    def work() -> str:
        decline_offer(
            actor=waiting.actor, business_id=waiting.entry.business_id, offer_id=offer_id, now=visit.now
        )
        return waiting.url("waiting")

    return _once(waiting, "pass", work)


@answer
def leave(waiting: Waiting) -> HttpResponse:
    """Leave the list; for two minutes it can be taken back."""

    def work() -> str:
        leave_waitlist(**_commanded(waiting), undo=True)
        return waiting.url("waiting")

    return _once(waiting, "leave", work)


@answer
def undo(waiting: Waiting) -> HttpResponse:
    """Come back to the old place."""

    def work() -> str:
        undo_leaving(**_commanded(waiting))
        return waiting.url("waiting")

    return _once(waiting, "undo", work)


def _commanded(waiting: Waiting) -> dict[str, Any]:
    return {
        "actor": waiting.actor,
        "business_id": waiting.entry.business_id,
        "entry_id": waiting.entry.id,
        "now": waiting.visit.now,
    }


def _offer_id(waiting: Waiting) -> UUID:
    given = read_id(waiting.visit.request.POST.get("offer", ""))
    if given is None:
        raise Missing(what="offer")
    return given


def _too_late(waiting: Waiting, state: str) -> HttpResponse:
    """``It went on at 12:24. You are 2nd.``, on the page as it stands."""
    current = _now(waiting)
    visit = waiting.visit
    offer = offer_by_id(business_id=waiting.entry.business_id, offer_id=_offer_id(waiting))
    if state == "accepted" and current.entry.booking_id is not None:
        return see(reverse("manage", args=[manage_token(booking_id=current.entry.booking_id)]))
    ended = offer.expires_at if state == "expired" else offer.answered_at or offer.expires_at
    line = waiting_words.went_on(state, wall(visit.timetable, ended))
    place = place_in_line(timetable=visit.timetable, entry=current.entry, now=visit.now)
    if place is not None:
        line = _("%(went)s You are %(place)s.") % {"went": line, "place": waiting_words.ordinal(place)}
    return waiting_page(current, line=line, free=_still_free(waiting, offer), status=409)


def _still_free(waiting: Waiting, offer: OfferFacts) -> list[FreeNow]:
    """The same time, where nobody has it yet: it can be booked like any other."""
    visit, entry = waiting.visit, waiting.entry
    service = visit.timetable.services.get(offer.service_id)
    if service is None or service not in waited_services(visit) or entry.earlier_than_id is not None:
        return []
    starts = wall(visit.timetable, offer.starts_at)
    minute = starts.hour * 60 + starts.minute
    just_then = DateRange(starts.date(), starts.date(), minute, minute)
    return free_now(visit, [service], [just_then], resources=entry.resources, party=entry.party_size)


def _now(waiting: Waiting) -> Waiting:
    """The same visit to the entry as it stands by now."""
    return Waiting(waiting.visit, entry_by_link(token=waiting.token), waiting.token)

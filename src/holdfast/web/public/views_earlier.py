"""Asking for an earlier time than a booking has (SPEC F8): the booking stays until an earlier one is accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from holdfast.lib.refusals import Conflict, Invalid
from holdfast.lib.text import Mistakes
from holdfast.waitlist.commands import Waiter, WaitWish, join_waitlist
from holdfast.waitlist.queries import entry_token
from holdfast.web import formats
from holdfast.web.once import done_once, new_key, once
from holdfast.web.public import waiting_words, words
from holdfast.web.public.agreed import agreed, wall
from holdfast.web.public.details import Mistake
from holdfast.web.public.earlier import earlier_of, may_ask_earlier
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_manage import Holding, by_link
from holdfast.web.public.waiting_form import (
    Asked,
    AskedRange,
    asked_of_post,
    by_field,
    range_mistakes,
    range_views,
    wish_of,
)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
@done_once
def earlier(holding: Holding) -> HttpResponse:
    """The form, and asking; who has asked already is led to their place in line."""
    visit, booking = holding.visit, holding.booking
    asked_already = earlier_of(visit, booking)
    if asked_already is not None and visit.request.method != "POST":
        return redirect("waiting", entry_token(entry_id=asked_already.id))
    if not may_ask_earlier(visit, booking):
        return redirect(holding.url("manage"))
    if visit.request.method != "POST":
        return _page(holding, _usual(holding))
    return _ask(holding)


def _usual(holding: Holding) -> Asked:
    """Any time from today until the day of the booking."""
    last = wall(holding.visit.timetable, holding.booking.starts_at).date()
    one = AskedRange(holding.visit.today.isoformat(), last.isoformat())
    return Asked((), some=False, resources=(), ranges=(one,), party="1")


def _ask(holding: Holding) -> HttpResponse:
    visit, booking = holding.visit, holding.booking
    service = visit.timetable.service(booking.service_id)
    asked = asked_of_post(visit.request.POST)
    asked = Asked((str(service.id),), False, (), asked.ranges[:1], str(booking.party_size))
    wish, found = wish_of(asked, [service])
    found |= _not_later(wish, wall(visit.timetable, booking.starts_at).date())
    if found:
        return _page(holding, asked, found=found, status=422)
    alone = booking.slot_id is None and not booking.also
    only = (booking.resource_id,) if alone and booking.resource_id and _same_person(holding) else None
    wish = WaitWish(
        services=(service.id,),
        ranges=wish.ranges,
        party_size=booking.party_size,
        resources=only,
        earlier_than=booking.id,
    )

    def work() -> str:
        entry = join_waitlist(
            actor=holding.actor,
            timetable=visit.timetable,
            wish=wish,
            who=Waiter(booking.contact),
            now=visit.now,
        )
        return f"{reverse('waiting', args=[entry_token(entry_id=entry.id)])}?new=1"

    try:
        fields = visit.request.POST.dict()
        route = f"earlier {booking.id}"
        return see(
            once(
                business_id=booking.business_id, route=route, fields=fields, work=work, verdict=visit.verdict
            )
        )
    except Invalid as refusal:
        return _page(holding, asked, found=refusal.fields, status=422)
    except Conflict as refusal:
        return _page(holding, asked, lines=[Mistake(words.conflict(refusal, visit.business))], status=409)


def _same_person(holding: Holding) -> bool:
    return holding.visit.request.POST.get("people", "") == "same"


def _not_later(wish: WaitWish, limit: date) -> Mistakes:
    """An earlier time is on the booking's day at the latest."""
    return {"wishes[0].to": [("not_earlier", {})]} if any(one.last > limit for one in wish.ranges) else {}


def _page(
    holding: Holding,
    asked: Asked,
    *,
    found: Mistakes | None = None,
    lines: Sequence[Mistake] = (),
    status: int = 200,
) -> HttpResponse:
    visit, booking = holding.visit, holding.booking
    errors: Mapping[str, Sequence[str]] = {
        name: [waiting_words.mistake(name, code, facts) for code, facts in problems]
        for name, problems in by_field(found or {}).items()
    }
    ranges = range_views(asked, errors)
    about = agreed(visit.timetable, booking)
    context: dict[str, Any] = {
        "token": holding.token,
        "range": ranges[0],
        "agreed": about,
        "may_choose_person": bool(about.person) and booking.slot_id is None and not booking.also,
        "anyone": words.anyone(visit.business),
        "same": booking.resource_id is not None and not booking.any_resource,
        "until": formats.day_in_full(wall(visit.timetable, booking.starts_at).date()),
        "terms": waiting_words.terms(visit.business),
        "mistakes": [*lines, *range_mistakes(ranges)]
        + [Mistake(said) for name in ("wishes", "services", "email") for said in errors.get(name, ())],
        "idempotency_key": new_key(),
    }
    return visit.render("public/earlier.html", context, status=status, private=True)

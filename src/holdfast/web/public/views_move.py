"""Another time for a booking that its holder moves: a free start, or places in another slot (SPEC D5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from holdfast.bookings.commands import Wish, move_booking
from holdfast.bookings.errors import SlotClosed, SlotFull, TimeTaken
from holdfast.lib.refusals import Invalid
from holdfast.web import formats
from holdfast.web.once import done_once, new_key, once
from holdfast.web.public import words
from holdfast.web.public.agreed import service_view, wall
from holdfast.web.public.conflict import conflict_page, gone_to_somebody, read_choice
from holdfast.web.public.details import Mistake
from holdfast.web.public.free import Choice, picker_for, read_date, read_instant
from holdfast.web.public.places import PlacesChoice
from holdfast.web.public.standing import standing
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_manage import (
    REFUSED,
    Holding,
    by_link,
    refused_on_page,
    sequence_of,
)
from holdfast.web.public.views_places import render_places, slot_wish
from holdfast.web.public.views_times import read_id, wants_picker


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
@done_once
def move(holding: Holding) -> HttpResponse:
    """Choose another time; the old one is given back only when the new one is taken."""
    booking, request = holding.booking, holding.visit.request
    if not standing(holding.visit, booking).may_move:
        return redirect(holding.url("manage"))
    if booking.slot_id is not None:
        return _move_slot(holding)
    if request.method != "POST":
        asked = request.GET
        on, first = read_date(asked.get("date", "")), read_date(asked.get("from", ""))
        return _move_page(
            holding, _choice(holding, on=on or booking.local_on, first=first, at=asked.get("at", ""))
        )
    given = request.POST
    at, who = read_choice(given["choice"]) if given.get("choice") else (given.get("at", ""), "")
    starts_at = read_instant(at)
    if starts_at is None:
        lines = [Mistake(words.mistake("starts_at", "no_time", {}), "times")]
        return _move_page(holding, _choice(holding, on=booking.local_on), lines=lines)
    return _move_to(holding, starts_at, who)


def _move_slot(holding: Holding) -> HttpResponse:
    """Another slot for as many places."""
    visit, booking = holding.visit, holding.booking
    given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    chosen = read_id(given.get("choice", "") or given.get("at", ""))
    if visit.request.method != "POST":
        return _slots_page(holding, given)
    if chosen is None:
        return _slots_page(holding, given, [Mistake(words.mistake("starts_at", "no_time", {}), "times")])
    service = visit.timetable.service(booking.service_id)
    wish = slot_wish(visit, service, chosen, booking.party_size)
    return _move_to(holding, wish.starts_at, "", slot_id=chosen)


def _slots_page(
    holding: Holding, given: Mapping[str, str], lines: list[Mistake] | None = None
) -> HttpResponse:
    visit, booking, base = holding.visit, holding.booking, holding.url("move")
    choice = PlacesChoice(
        service=visit.timetable.service(booking.service_id),
        places=booking.party_size,
        on=read_date(given.get("date", "")) or booking.local_on,
        first=read_date(given.get("from", "")),
        slot=given.get("at", ""),
        url=lambda on, first, _places: f"{base}?date={on.isoformat()}&from={first.isoformat()}",
    )
    context = {
        "moving": {"when": formats.day_and_clock(wall(visit.timetable, booking.starts_at))},
        "policy": words.policy_for(booking.policy, booking.starts_at, booking.timezone, visit.now),
        "change_url": holding.url("manage"),
        "action": base,
        "sequence": booking.sequence,
        "mistakes": lines,
    }
    return render_places(visit, choice, context, moving=booking, status=422 if lines else 200)


def _move_to(holding: Holding, starts_at: datetime, who: str, *, slot_id: UUID | None = None) -> HttpResponse:
    booking = holding.booking
    resource_id = read_id(who)
    anyone = resource_id is None and booking.any_resource
    asked = resource_id if anyone or resource_id else booking.resource_id
    wish = Wish(booking.service_id, starts_at, asked, booking.party_size, slot_id)

    def work() -> str:
        move_booking(
            **holding.commanded,
            starts_at=starts_at,
            resource_id=resource_id,
            any_resource=anyone,
            slot_id=slot_id,
            sequence=sequence_of(holding),
        )
        return holding.url("manage", "?said=moved")

    try:
        fields = holding.visit.request.POST.dict()
        return see(
            once(
                business_id=booking.business_id,
                route=f"move {booking.id}",
                fields=fields,
                work=work,
                verdict=holding.visit.verdict,
            )
        )
    except (TimeTaken, SlotFull, SlotClosed) as refusal:
        on = wall(holding.visit.timetable, starts_at).date()
        ways = {
            "action": holding.url("move"),
            "every_time_url": holding.url("move", f"?date={on.isoformat()}"),
        }
        gone = gone_to_somebody(holding.visit, starts_at, kept=False, refusal=refusal)
        return conflict_page(holding.visit, wish, gone=gone, context=ways | {"steps": None, "tell_url": ""})
    except Invalid as refusal:
        lines = [Mistake(line, "times") for said in words.mistakes(refusal).values() for line in said]
        on = wall(holding.visit.timetable, starts_at).date()
        if slot_id is not None:
            return _slots_page(holding, {"date": on.isoformat()}, lines)
        return _move_page(holding, _choice(holding, on=on), lines=lines)
    except REFUSED as refusal:
        return refused_on_page(holding, refusal)


def _move_page(holding: Holding, choice: Choice, *, lines: list[Mistake] | None = None) -> HttpResponse:
    visit, booking = holding.visit, holding.booking
    resource = visit.timetable.taken_by(booking.resource_ids)
    anyone = booking.any_resource

    base = holding.url("move")

    def url(on: date, first: date, at: str) -> str:
        return f"{base}?date={on.isoformat()}&from={first.isoformat()}" + (f"&at={at}" if at else "")

    context = {
        "moving": {"when": formats.day_and_clock(wall(visit.timetable, booking.starts_at))},
        "service": service_view(visit.timetable, choice.service),
        "who": choice.who,
        "with_words": words.with_anyone(visit.business) if anyone else words.with_resource(resource),
        "with_whom": words.anyone(visit.business) if anyone else resource.name if resource else "",
        "zone_words": words.zone(visit.business.timezone),
        "policy": words.policy_for(booking.policy, booking.starts_at, booking.timezone, visit.now),
        "picker": picker_for(visit, choice, url, moving=booking),
        "change_url": holding.url("manage"),
        "action": holding.url("move"),
        "sequence": booking.sequence,
        "idempotency_key": new_key(),
        "mistakes": lines,
    }
    template = "public/_picker.html" if wants_picker(visit.request) else "public/times.html"
    return visit.render(template, context, status=422 if lines else 200, private=True)


def _choice(holding: Holding, **asked: Any) -> Choice:
    booking = holding.booking
    service = holding.visit.timetable.service(booking.service_id)
    return Choice(service, None if booking.any_resource else booking.resource_id, **asked)

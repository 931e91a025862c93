"""Choosing places in a published slot: how many, which day, which slot, then the hold (ux book-counter)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from holdfast.bookings.commands import Wish, hold_time
from holdfast.bookings.errors import SlotClosed, SlotFull
from holdfast.bookings.queries import BookingFacts, hold_token
from holdfast.bookings.rules import Policy
from holdfast.catalog.queries import ServiceFacts
from holdfast.insights.rules import Step
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.queries import slot_by_id
from holdfast.web import formats
from holdfast.web.counting import count_done, count_view
from holdfast.web.once import done_once, new_key, once
from holdfast.web.public import words
from holdfast.web.public.agreed import service_view, wall
from holdfast.web.public.conflict import conflict_page, gone_to_somebody, ways_from_slot
from holdfast.web.public.details import Mistake, draft
from holdfast.web.public.frame import Visit, for_visitors
from holdfast.web.public.free import read_date
from holdfast.web.public.places import MOST_ASKED, PlacesChoice, places_picker
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_times import read_id, wants_picker
from holdfast.web.public.waiting import held_words, list_url


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
@done_once
def places(visit: Visit) -> HttpResponse:
    """Days and slots of a service booked by slot; posted, the chosen places are held."""
    given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    service = asked_slot_service(visit, given.get("service", ""))
    if service is None:
        return redirect(visit.url("choose"))
    if visit.request.method == "POST":
        return _hold(visit, service)
    if not wants_picker(visit.request):
        count_view(visit.request, visit.timetable, service.id, visit.now)
    return places_page(visit, service, given)


def asked_slot_service(visit: Visit, given: str) -> ServiceFacts | None:
    """The service of an address or a form, the first there is where none is named. Refusals: :class:`Missing`."""
    offered = slot_services(visit)
    if not given:
        return offered[0] if offered else None
    for service in offered:
        if str(service.id) == given:
            return service
    raise Missing(what="service")


def slot_services(visit: Visit) -> list[ServiceFacts]:
    """What can be booked by slot here, by oneself."""
    if not visit.business.settings.online_booking:
        return []
    return [one for one in visit.timetable.services.values() if one.is_active and one.mode == "slot"]


def read_places(given: str) -> int:
    """How many places an address or a form asks for; one, where it says nothing sensible."""
    return (
        min(max(int(given), 1), MOST_ASKED) if given.isascii() and given.isdigit() and len(given) < 5 else 1
    )


def places_page(
    visit: Visit,
    service: ServiceFacts,
    given: Mapping[str, str],
    *,
    on: date | None = None,
    mistakes: list[Mistake] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a service's slots, or its picker."""
    count = read_places(given.get("n", ""))
    base = f"{visit.url('places')}?service={service.id}"
    choice = PlacesChoice(
        service=service,
        places=count,
        on=on or read_date(given.get("date", "")),
        first=read_date(given.get("from", "")),
        slot=given.get("at", ""),
        url=lambda day, first, n: f"{base}&n={n}&date={day.isoformat()}&from={first.isoformat()}",
    )
    return render_places(
        visit,
        choice,
        {
            "action": visit.url("places"),
            "services": _switch(visit, service, count),
            "policy": words.general_policy(Policy.of(visit.business.settings)),
            "mistakes": mistakes,
        },
        status=status,
    )


def render_places(
    visit: Visit,
    choice: PlacesChoice,
    context: dict[str, Any],
    *,
    moving: BookingFacts | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of places, for a new booking or for one that moves."""
    service = choice.service
    currency = visit.business.currency
    total = service.price_minor * (choice.places if service.price_per_person else 1)
    picker = places_picker(visit, choice, moving=moving)
    shared = {
        "service": service_view(visit.timetable, service),
        "picker": picker,
        "held_words": held_words(visit, service, picker.on),
        "list_url": ""
        if moving
        else list_url(visit, service.id, on=picker.on, is_open=picker.is_open, places=choice.places),
        "places_words": _places(choice.places),
        "each": formats.money(service.price_minor, currency) if service.price_per_person else "",
        "total": formats.money(total, currency),
        "total_brief": formats.money(total, currency, brief=True),
        "is_free": not total,
        "zone_words": words.zone(visit.business.timezone),
        "idempotency_key": new_key(),
    }
    template = "public/_places.html" if wants_picker(visit.request) else "public/places.html"
    return visit.render(template, shared | context, status=status, private=moving is not None)


def slot_wish(visit: Visit, service: ServiceFacts, slot_id: UUID, count: int) -> Wish:
    """Places in a slot of this service. Refusals: :class:`Missing`."""
    slot = slot_by_id(business_id=visit.business.id, slot_id=slot_id)
    if slot.service_id != service.id:
        raise Missing(what="slot")
    return Wish(service.id, slot.starts_at, slot.resource_id, count, slot.id)


def _hold(visit: Visit, service: ServiceFacts) -> HttpResponse:
    given = visit.request.POST.dict()
    slot_id = read_id(given.get("choice", "") or given.get("at", ""))
    if slot_id is None:
        said = words.mistake("starts_at", "no_time", {})
        return places_page(visit, service, given, mistakes=[Mistake(said, "times")], status=422)
    wish = slot_wish(visit, service, slot_id, read_places(given.get("n", "")))

    def hold() -> str:
        held = hold_time(actor=visit.actor, timetable=visit.timetable, wish=wish, now=visit.now)
        count_done(visit.timetable, service.id, Step.HOLD, visit.now)
        return visit.url("hold", hold_token(booking_id=held.id))

    try:
        url = once(
            business_id=visit.business.id,
            route="places",
            fields=given,
            work=hold,
            verdict=visit.verdict,
        )
    except (SlotFull, SlotClosed) as refusal:
        kept = bool(draft(visit.request))
        gone = gone_to_somebody(visit, wish.starts_at, kept=kept, refusal=refusal)
        return conflict_page(visit, wish, gone=gone, context=ways_from_slot(visit, wish))
    except Invalid as refusal:
        lines = [Mistake(line, "times") for said in words.mistakes(refusal).values() for line in said]
        on = wall(visit.timetable, wish.starts_at).date()
        return places_page(visit, service, given, on=on, mistakes=lines, status=422)
    return see(url)


def _switch(visit: Visit, chosen: ServiceFacts, count: int) -> list[dict[str, Any]]:
    """The services there are to choose from, where there are several."""
    offered = slot_services(visit)
    if len(offered) < 2:
        return []
    return [
        {
            "name": one.name,
            "url": f"{visit.url('places')}?service={one.id}&n={count}",
            "is_chosen": one.id == chosen.id,
        }
        for one in offered
    ]


def _places(count: int) -> str:
    return ngettext("%(count)s place", "%(count)s places", count) % {"count": count}

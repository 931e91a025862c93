"""Choosing: the service and the person, then the day and the time. Every choice is in the address."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from holdfast.bookings.rules import Policy
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.refusals import Missing
from holdfast.web.counting import count_view
from holdfast.web.once import new_key
from holdfast.web.public import words
from holdfast.web.public.agreed import service_view, steps
from holdfast.web.public.day_state import day_state
from holdfast.web.public.details import Mistake
from holdfast.web.public.frame import Visit, for_visitors
from holdfast.web.public.free import ANYONE, Choice, picker_for, read_date
from holdfast.web.public.queue_state import has_queue, queue_state
from holdfast.web.public.waiting import held_words, list_url

# Modes whose free times are chosen from here or one page further on.
_OFFERED = ("appointment", "slot", "table")


@require_safe
@for_visitors
def choose(visit: Visit) -> HttpResponse:
    """Which service, with whom; where all is booked by slot, there is only the slot to choose."""
    offered = offered_services(visit) if visit.business.settings.online_booking else []
    if not offered and _takes_requests(visit):
        return redirect(visit.url("request"))
    if offered and all(one.mode == "slot" for one in offered):
        return redirect(visit.url("places"))
    if offered and all(one.mode == "table" for one in offered):
        return redirect(visit.url("tables"))
    return choose_page(visit, visit.request.GET.get("service", ""), visit.request.GET.get("who", ANYONE))


@require_safe
@for_visitors
def times(visit: Visit) -> HttpResponse:
    """The days and times of a service; alone the picker when a part of the page is wanted."""
    asked = visit.request.GET
    service = asked_service(visit, asked.get("service", ""))
    if service is None:
        return redirect(visit.url("choose"))
    if service.mode in ("slot", "table"):
        on = read_date(asked.get("date", ""))
        return redirect(times_url(visit, service.id, ANYONE, on=on))
    resource_id = read_id(asked.get("who", ""))
    if resource_id is not None and resource_id not in visit.timetable.giving(service):
        resource = visit.timetable.resources.get(resource_id)
        if resource is None:
            raise Missing(what="resource")
        said = _("%(name)s does not give %(service)s. Choose someone else.") % {
            "name": resource.name,
            "service": service.name,
        }
        return choose_page(visit, str(service.id), ANYONE, mistakes=[Mistake(said, "who")], status=422)
    choice = Choice(
        service,
        resource_id,
        read_date(asked.get("date", "")),
        read_date(asked.get("from", "")),
        asked.get("at", ""),
    )
    if not wants_picker(visit.request):
        count_view(visit.request, visit.timetable, service.id, visit.now)
    return times_page(visit, choice)


def choose_page(
    visit: Visit, service_id: str, who: str, *, mistakes: list[Mistake] | None = None, status: int = 200
) -> HttpResponse:
    """The page of services and people, something chosen."""
    timetable = visit.timetable
    # Off, nobody is led through choices that end in a no.
    is_on = timetable.business.settings.online_booking
    offered = [one for one in offered_services(visit) if one.mode == "slot" or timetable.giving(one)]
    offered = offered if is_on else []
    chosen = next((one for one in offered if str(one.id) == service_id), offered[0] if offered else None)
    context: dict[str, Any] = {
        "steps": steps(visit.business.slug, 0),
        "services": [service_view(timetable, one, is_chosen=one is chosen) for one in offered],
        "mistakes": mistakes,
        "anyone": words.anyone(visit.business),
        "policy": words.general_policy(Policy.of(visit.business.settings)),
        "day_state": day_state(visit),
        "queue": queue_state(visit) if has_queue(visit) else None,
        "request_url": visit.url("request") if _takes_requests(visit) else "",
    }
    if chosen is not None:
        context |= {"chosen": service_view(timetable, chosen), **_people(visit, offered, chosen, who)}
    return visit.render("public/choose.html", context, status=status)


def _people(visit: Visit, offered: list[ServiceFacts], chosen: ServiceFacts, who: str) -> dict[str, Any]:
    """Who can be chosen, each with the services they give, so that script can dim the others."""
    gives: dict[UUID, list[str]] = {}
    for service in (one for one in offered if one.mode != "slot"):
        for resource_id in visit.timetable.giving(service):
            gives.setdefault(resource_id, []).append(str(service.id))
    able = {str(id) for id in visit.timetable.giving(chosen)}
    who = who if who in able else ANYONE
    people = [
        {
            "id": id,
            "name": one.name,
            "detail": one.detail,
            "gives": " ".join(gives[id]),
            "is_chosen": str(id) == who,
        }
        for id, one in visit.timetable.resources.items()
        if id in gives
    ]
    named = next((one["name"] for one in people if one["is_chosen"]), words.anyone(visit.business))
    return {"people": people, "who": who, "with_whom": named}


def times_page(
    visit: Visit, choice: Choice, *, mistakes: list[Mistake] | None = None, status: int = 200
) -> HttpResponse:
    """The page of times for a choice, or its picker."""
    resource = visit.timetable.resource(choice.resource_id) if choice.resource_id else None

    base = times_url(visit, choice.service.id, choice.who)

    def url(on: date, first: date, at: str) -> str:
        return f"{base}&date={on.isoformat()}&from={first.isoformat()}" + (f"&at={at}" if at else "")

    shown = picker_for(visit, choice, url)
    context = {
        "steps": steps(visit.business.slug, 1),
        "service": service_view(visit.timetable, choice.service),
        "who": choice.who,
        "with_words": words.with_resource(resource) if resource else words.with_anyone(visit.business),
        "with_whom": resource.name if resource else words.anyone(visit.business),
        "zone_words": words.zone(visit.business.timezone),
        "policy": words.general_policy(Policy.of(visit.business.settings)),
        "picker": shown,
        "held_words": held_words(visit, choice.service, shown.on, choice.resource_id),
        "list_url": list_url(visit, choice.service.id, who=choice.who, on=shown.on, is_open=shown.is_open),
        "change_url": f"{visit.url('choose')}?{urlencode({'service': choice.service.id, 'who': choice.who})}",
        "action": visit.url("holds"),
        "idempotency_key": new_key(),
        "mistakes": mistakes,
        "price_depends": choice.service.id in visit.timetable.price_rules,
    }
    template = "public/_picker.html" if wants_picker(visit.request) else "public/times.html"
    return visit.render(template, context, status=status)


def wants_picker(request: HttpRequest) -> bool:
    """Whether the page has all but the picker."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and str(htmx.target or "").endswith("picker")


def times_url(visit: Visit, service_id: UUID, who: str, *, on: date | None = None, places: int = 1) -> str:
    """The address of a choice, whole enough to be shared."""
    if visit.timetable.service(service_id).mode == "slot":
        asked = {"service": str(service_id), "n": str(places)} | ({"date": on.isoformat()} if on else {})
        return f"{visit.url('places')}?{urlencode(asked)}"
    if visit.timetable.service(service_id).mode == "table":
        asked = {"service": str(service_id), "n": str(places)} | ({"date": on.isoformat()} if on else {})
        return f"{visit.url('tables')}?{urlencode(asked)}"
    parts = {"service": str(service_id), "who": who} | ({"date": on.isoformat()} if on else {})
    return f"{visit.url('times')}?{urlencode(parts)}"


def _takes_requests(visit: Visit) -> bool:
    return any(one.is_active and one.mode == "request" for one in visit.timetable.services.values())


def offered_services(visit: Visit) -> list[ServiceFacts]:
    """What can be booked by oneself here."""
    return [one for one in visit.timetable.services.values() if one.is_active and one.mode in _OFFERED]


def read_id(given: str) -> UUID | None:
    """An id of an address or a form; None for ``any`` and for anything that is not one."""
    try:
        return UUID(given) if len(given) == 36 else None
    except ValueError:
        return None


def asked_service(visit: Visit, given: str) -> ServiceFacts | None:
    """The service of an address or a form, None where none is named. Refusals: :class:`Missing`."""
    if not given:
        return None
    service_id = read_id(given)
    for one in offered_services(visit):
        if one.id == service_id:
            return one
    raise Missing(what="service")

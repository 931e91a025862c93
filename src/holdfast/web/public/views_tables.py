"""Choosing a table: how many, which night, when, where; then the hold (ux book-table)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from holdfast.bookings.commands import Wish, hold_time
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.queries import hold_token
from holdfast.bookings.rules import Policy
from holdfast.catalog.queries import ServiceFacts
from holdfast.insights.rules import Step
from holdfast.lib.refusals import Invalid, Missing
from holdfast.web import formats
from holdfast.web.counting import count_done, count_view
from holdfast.web.once import done_once, new_key, once
from holdfast.web.public import words
from holdfast.web.public.agreed import service_view
from holdfast.web.public.conflict import conflict_page, gone_to_somebody, read_choice, ways_from_tables
from holdfast.web.public.details import Mistake, draft
from holdfast.web.public.frame import Visit, for_visitors
from holdfast.web.public.free import ANYONE, read_date, read_instant
from holdfast.web.public.tables import USUAL_PARTY, TablesChoice, tables_of_value, tables_page
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_times import wants_picker
from holdfast.web.public.waiting import held_words, list_url

_MOST_TYPED = 10_000


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
@done_once
def tables(visit: Visit) -> HttpResponse:
    """Nights and tables of a service booked by table; posted, the chosen table is held."""
    given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    service = asked_table_service(visit, given.get("service", ""))
    if service is None:
        return redirect(visit.url("choose"))
    if visit.request.method == "POST":
        return _hold(visit, service)
    if not wants_picker(visit.request):
        count_view(visit.request, visit.timetable, service.id, visit.now)
    return render_tables(visit, service, given)


def asked_table_service(visit: Visit, given: str) -> ServiceFacts | None:
    """The service of an address or a form, the first there is where none is named. Refusals: :class:`Missing`."""
    offered = table_services(visit)
    if not given:
        return offered[0] if offered else None
    for service in offered:
        if str(service.id) == given:
            return service
    raise Missing(what="service")


def table_services(visit: Visit) -> list[ServiceFacts]:
    """What can be booked by table here, by oneself."""
    if not visit.business.settings.online_booking:
        return []
    timetable = visit.timetable
    offered = [one for one in timetable.services.values() if one.is_active and one.mode == "table"]
    return [one for one in offered if timetable.giving(one)]


def read_party(given: str) -> int:
    """The party of an address or a form; two, where it says nothing sensible."""
    if given.isascii() and given.isdigit() and len(given) < 6:
        return min(max(int(given), 1), _MOST_TYPED)
    return USUAL_PARTY


def render_tables(
    visit: Visit,
    service: ServiceFacts,
    given: Mapping[str, str],
    *,
    mistakes: list[Mistake] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a service's nights and tables, or the part of it that changes."""
    base = visit.url("tables")

    def url(party: int, on: date | None, at: str, table: str, first: date | None) -> str:
        parts = {
            "service": str(service.id),
            "n": str(party),
            "date": on.isoformat() if on else "",
            "at": at,
            "table": "" if table == ANYONE else table,
            "from": first.isoformat() if first else "",
        }
        return f"{base}?{urlencode({name: value for name, value in parts.items() if value})}"

    choice = TablesChoice(
        service=service,
        party=read_party(given.get("n", "")),
        on=read_date(given.get("date", "")),
        first=read_date(given.get("from", "")),
        at=given.get("at", ""),
        table=given.get("table", ANYONE),
        url=url,
    )
    page = tables_page(visit, choice)
    currency = visit.business.currency
    context = {
        "service": service_view(visit.timetable, service),
        "services": _switch(visit, service, page.party),
        "page": page,
        "held_words": held_words(visit, service, page.on),
        "list_url": list_url(visit, service.id, on=page.on, is_open=page.is_open, places=page.party),
        "price": formats.money(page.price_minor, currency),
        "price_brief": formats.money(page.price_minor, currency, brief=True),
        "is_free": not page.price_minor,
        "policy": words.general_policy(Policy.of(visit.business.settings)),
        "action": base,
        "idempotency_key": new_key(),
        "mistakes": mistakes,
    }
    template = "public/_tables.html" if wants_picker(visit.request) else "public/tables.html"
    return visit.render(template, context, status=status)


def _hold(visit: Visit, service: ServiceFacts) -> HttpResponse:
    given = visit.request.POST.dict()
    party = read_party(given.get("n", ""))
    at, table = (
        read_choice(given["choice"]) if given.get("choice") else (given.get("at", ""), given.get("table", ""))
    )
    starts_at = read_instant(at)
    if starts_at is None:
        said = words.mistake("starts_at", "no_time", {})
        return render_tables(visit, service, given, mistakes=[Mistake(said, "times")], status=422)
    chosen = tables_of_value(table)
    wish = Wish(
        service.id,
        starts_at,
        chosen[0] if len(chosen) == 1 else None,
        party,
        chosen=chosen if len(chosen) > 1 else (),
    )

    def hold() -> str:
        held = hold_time(actor=visit.actor, timetable=visit.timetable, wish=wish, now=visit.now)
        count_done(visit.timetable, service.id, Step.HOLD, visit.now)
        return visit.url("hold", hold_token(booking_id=held.id))

    try:
        url = once(
            business_id=visit.business.id, route="tables", fields=given, work=hold, verdict=visit.verdict
        )
    except TimeTaken as refusal:
        gone = gone_to_somebody(visit, starts_at, kept=bool(draft(visit.request)), refusal=refusal)
        return conflict_page(visit, wish, gone=gone, context=ways_from_tables(visit, wish))
    except Invalid as refusal:
        lines = [Mistake(line, "tables") for said in words.mistakes(refusal).values() for line in said]
        return render_tables(visit, service, given, mistakes=lines, status=422)
    return see(url)


def _switch(visit: Visit, chosen: ServiceFacts, party: int) -> list[dict[str, object]]:
    """The services there are to choose from, where there are several."""
    offered = table_services(visit)
    if len(offered) < 2:
        return []
    return [
        {
            "name": one.name,
            "url": f"{visit.url('tables')}?service={one.id}&n={party}",
            "is_chosen": one.id == chosen.id,
        }
        for one in offered
    ]

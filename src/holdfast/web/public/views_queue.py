"""The queue of a business that people walk into (SPEC F7): who waits, as everybody may see it, and joining it for today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.availability.queries import state_of_day
from holdfast.catalog.queries import ServiceFacts
from holdfast.customers.errors import EmailNotVerified
from holdfast.lib.refusals import Invalid
from holdfast.lib.text import Mistakes
from holdfast.waitlist.commands import Waiter, join_waitlist
from holdfast.waitlist.queries import entry_token
from holdfast.waitlist.rules import RangeWish
from holdfast.web import formats
from holdfast.web.once import done_once, new_key, once
from holdfast.web.public import waiting_words, words
from holdfast.web.public.agreed import wall
from holdfast.web.public.details import Mistake, draft, forget_draft, sends_texts
from holdfast.web.public.frame import Visit, for_visitors
from holdfast.web.public.proving import CODE, proof_page, tried
from holdfast.web.public.queue_state import has_queue, queue_state
from holdfast.web.public.views_hold import draft_path, keep, see
from holdfast.web.public.views_list import SAID_ABOVE, closed_page
from holdfast.web.public.waiting import waited_services
from holdfast.web.public.waiting_form import (
    PERSON,
    Asked,
    by_field,
    counts_people,
    person_form,
    ticks,
    wish_of,
)


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
@done_once
def queue(visit: Visit) -> HttpResponse:
    """Who waits, and the form to join them."""
    posted = visit.request.method == "POST"
    if not has_queue(visit):
        return closed_page(visit, status=409 if posted else 404)
    offered = waited_services(visit)
    if not posted:
        kept = draft(visit.request)
        chosen = visit.request.GET.get("service", "") or str(offered[0].id)
        return _page(visit, offered, _asked([chosen], "1", {name: kept.get(name, "") for name in PERSON}))
    return _join(visit, offered)


def _asked(services: Sequence[str], party: str, person: dict[str, str]) -> Asked:
    return Asked(tuple(services), some=False, resources=(), ranges=(), party=party, person=person)


def _join(visit: Visit, offered: Sequence[ServiceFacts]) -> HttpResponse:
    given = visit.request.POST
    person = {name: given.get(name, "") for name in PERSON}
    asked = _asked(given.getlist("service"), given.get("n", "1").strip(), person)
    if not _is_open(visit):
        line = Mistake(_("The queue is open while the business is. Come back then."))
        return keep(visit, _page(visit, offered, asked, lines=[line], status=409), person)
    wish, found = wish_of(asked, offered)
    if found:
        return keep(visit, _page(visit, offered, asked, found=found, status=422), person)
    wish = replace(wish, ranges=(RangeWish(visit.today, visit.today),), walk_in=True)
    code = tried(visit, person, given.get(CODE, ""))

    def work() -> str:
        who = Waiter(asked.contact, code)
        entry = join_waitlist(actor=visit.actor, timetable=visit.timetable, wish=wish, who=who, now=visit.now)
        return f"{reverse('waiting', args=[entry_token(entry_id=entry.id)])}?new=1"

    try:
        url = once(
            business_id=visit.business.id,
            route="queue",
            fields=given.dict(),
            work=work,
            verdict=visit.verdict,
        )
    except Invalid as refusal:
        if CODE in refusal.fields:
            return keep(visit, _prove(visit, asked, errors=words.mistakes(refusal)[CODE]), person)
        return keep(visit, _page(visit, offered, asked, found=refusal.fields, status=422), person)
    except EmailNotVerified:
        return keep(visit, _prove(visit, asked), person)
    except SAID_ABOVE as refusal:
        lines = [Mistake(words.conflict(refusal, visit.business))]
        return keep(visit, _page(visit, offered, asked, lines=lines, status=409), person)
    return forget_draft(see(url), draft_path(visit))


def _is_open(visit: Visit) -> bool:
    return state_of_day(timetable=visit.timetable, now=visit.now).is_open


def _page(
    visit: Visit,
    offered: Sequence[ServiceFacts],
    asked: Asked,
    *,
    found: Mistakes | None = None,
    lines: Sequence[Mistake] = (),
    status: int = 200,
) -> HttpResponse:
    errors = {
        name: [waiting_words.mistake(name, code, facts) for code, facts in problems]
        for name, problems in by_field(found or {}).items()
    }
    proves = any(one.who_may_book == "verified_email" for one in offered if str(one.id) in asked.services)
    person = person_form(asked, proves=proves, errors=errors, texts=sends_texts(visit.business))
    own = [
        Mistake(said, anchor)
        for name, anchor in (("services", "services"), ("party_size", "field-n"), ("wishes", ""))
        for said in errors.get(name, ())
    ]
    context = {
        "services": ticks([(one.id, one.name) for one in offered], asked.services),
        "counts_people": counts_people(offered),
        "party": asked.party,
        "form": person,
        "errors": errors,
        "mistakes": [*lines, *own, *person.mistakes],
        "queue": queue_state(visit),
        "is_open": _is_open(visit),
        "at": formats.clock(wall(visit.timetable, visit.now)),
        "idempotency_key": new_key(),
    }
    return visit.render("public/queue.html", context, status=status)


def _prove(visit: Visit, asked: Asked, *, errors: Sequence[str] = ()) -> HttpResponse:
    hidden = [{"name": "service", "value": one} for one in asked.services]
    hidden += [{"name": name, "value": said} for name, said in asked.person.items()]
    hidden.append({"name": "n", "value": asked.party})
    context = {"hidden": hidden, "idempotency_key": new_key(), "at_once": True}
    form = person_form(asked, proves=True, errors={})
    return proof_page(visit, context, form, errors=errors, template="public/list_prove.html")

"""Joining the waitlist from the page where nothing suited (SPEC F1): one form, filled with what was looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.bookings.errors import CustomerBlocked, LimitReached, OnlineBookingOff
from holdfast.catalog.queries import ServiceFacts
from holdfast.core import ratelimit
from holdfast.customers.errors import EmailNotVerified
from holdfast.customers.rules import clean_contact
from holdfast.lib.refusals import Invalid, Missing, Refusal
from holdfast.lib.text import Mistakes
from holdfast.waitlist.commands import Waiter, WaitWish, join_waitlist
from holdfast.waitlist.errors import AlreadyWaiting, WaitlistClosed, WaitlistFull
from holdfast.waitlist.queries import entry_token
from holdfast.waitlist.rules import MOST_RANGES
from holdfast.web.once import done_once, new_key, once
from holdfast.web.public import waiting_words, words
from holdfast.web.public.details import Form, Mistake, draft, forget_draft, sends_texts
from holdfast.web.public.frame import Visit, for_visitors
from holdfast.web.public.proving import CODE, proof_page, tried
from holdfast.web.public.views_hold import draft_path, keep, see
from holdfast.web.public.views_times import read_id
from holdfast.web.public.waiting import waited_services
from holdfast.web.public.waiting_form import (
    Asked,
    asked_of_post,
    asked_of_query,
    by_field,
    changed_ranges,
    counts_people,
    person_form,
    range_mistakes,
    range_views,
    ticks,
    usable_ranges,
    wish_of,
)
from holdfast.web.public.waiting_free import free_now

# Refusals that are said above the form, which stays as it was.
SAID_ABOVE = (WaitlistClosed, WaitlistFull, AlreadyWaiting, CustomerBlocked, LimitReached, OnlineBookingOff)
_HIDDEN_NEVER = {"csrfmiddlewaretoken", "idempotency_key", "step", CODE, "again", "edit", "add", "remove"}


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
@done_once
def join(visit: Visit) -> HttpResponse:
    """The form, and joining."""
    offered = waited_services(visit)
    if visit.request.method == "POST":
        return _posted(visit, offered)
    asked = visit.request.GET.get("service", "")
    if asked and read_id(asked) not in visit.timetable.services:
        raise Missing(what="service")
    if not offered or (asked and asked not in {str(one.id) for one in offered}):
        return closed_page(visit)
    return form_page(visit, offered, asked_of_query(visit, offered, draft(visit.request)))


def closed_page(visit: Visit, status: int = 404) -> HttpResponse:
    """There is no list to join now, and what else there is."""
    notice = {
        "title": _("No waitlist at the moment"),
        "words": _("Nobody can join a waitlist for this now."),
        "icon": "list",
        "url": visit.url("choose"),
        "action": _("See what can be booked"),
    }
    if visit.business.phone:
        notice["words"] = f"{notice['words']} {words.call(visit.business)}"
    return visit.render("public/closed.html", {"notice": notice}, status=status)


def form_page(
    visit: Visit,
    offered: Sequence[ServiceFacts],
    asked: Asked,
    *,
    found: Mistakes | None = None,
    lines: Sequence[Mistake] = (),
    newest: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form with what was typed; what suits and is free now stands before it."""
    errors = _sentences(found or {})
    chosen = [one for one in offered if str(one.id) in asked.services]
    wish, _wrong = wish_of(asked, offered)
    ranges = range_views(asked, errors, newest=newest)
    proves = any(one.who_may_book == "verified_email" for one in chosen)
    person = person_form(asked, proves=proves, errors=errors, texts=sends_texts(visit.business))
    people = _people(visit, offered)
    context = {
        "services": ticks([(one.id, one.name) for one in offered], asked.services),
        "people": ticks(people, asked.resources) if len(people) > 1 else [],
        "some": asked.some,
        "anyone": words.anyone(visit.business),
        "ranges": ranges,
        "may_add": len(ranges) < MOST_RANGES,
        "counts_people": counts_people(offered),
        "party": asked.party,
        "form": person,
        "errors": errors,
        "mistakes": [*lines, *_above(errors), *range_mistakes(ranges), *person.mistakes],
        "free": free_now(
            visit, chosen, usable_ranges(visit, wish), resources=wish.resources, party=wish.party_size
        ),
        "terms": waiting_words.terms(visit.business),
        "idempotency_key": new_key(),
    }
    return visit.render("public/list.html", context, status=status)


def _people(visit: Visit, offered: Sequence[ServiceFacts]) -> list[Any]:
    """Who can be chosen: those who give what is booked with a person."""
    giving = {id for one in offered if one.mode == "appointment" for id in visit.timetable.giving(one)}
    return [(id, one.name) for id, one in visit.timetable.resources.items() if id in giving]


def _sentences(found: Mistakes) -> dict[str, list[str]]:
    return {
        name: [waiting_words.mistake(name, code, facts) for code, facts in problems]
        for name, problems in by_field(found).items()
    }


def _above(errors: Mapping[str, Sequence[str]]) -> list[Mistake]:
    anchors = {"services": "services", "resources": "people", "party_size": "field-n", "wishes": "ranges"}
    return [Mistake(said, anchor) for name, anchor in anchors.items() for said in errors.get(name, ())]


def _posted(visit: Visit, offered: Sequence[ServiceFacts]) -> HttpResponse:
    given = visit.request.POST
    asked = asked_of_post(given)
    if not offered:
        return closed_page(visit, status=409)
    changed = changed_ranges(asked, given)
    if changed is not None or "edit" in given:
        ratelimit.demand(visit.verdict)
        newest = len(changed.ranges) - 1 if changed and "add" in given else None
        return keep(visit, form_page(visit, offered, changed or asked, newest=newest), asked.person)
    wish, found = wish_of(asked, offered)
    if found:
        return _wrong(visit, offered, asked, _with_contact(asked, found))
    if "again" in given:
        ratelimit.demand(visit.verdict)
        return _prove(visit, asked, again=True)
    code = tried(visit, asked.person, given.get(CODE, ""))
    if given.get("step") == "code" and not code:
        return _prove(visit, asked, errors=[words.mistake(CODE, "required", {})])
    try:
        url = _joined_once(visit, wish, Waiter(asked.contact, code))
    except Invalid as refusal:
        if CODE in refusal.fields:
            return _prove(visit, asked, errors=words.mistakes(refusal)[CODE])
        return _wrong(visit, offered, asked, refusal.fields)
    except EmailNotVerified:
        return _prove(visit, asked)
    except SAID_ABOVE as refusal:
        return keep(visit, _refused(visit, offered, asked, refusal), asked.person)
    return forget_draft(see(url), draft_path(visit))


def _with_contact(asked: Asked, found: Mistakes) -> Mistakes:
    """All mistakes at once: those of the wish, and who waits."""
    try:
        clean_contact(asked.contact)
    except Invalid as refusal:
        return found | refusal.fields
    return found


def _wrong(visit: Visit, offered: Sequence[ServiceFacts], asked: Asked, found: Mistakes) -> HttpResponse:
    return keep(visit, form_page(visit, offered, asked, found=found, status=422), asked.person)


def _refused(visit: Visit, offered: Sequence[ServiceFacts], asked: Asked, refusal: Refusal) -> HttpResponse:
    return form_page(
        visit, offered, asked, lines=[Mistake(words.conflict(refusal, visit.business))], status=409
    )


def _joined_once(visit: Visit, wish: WaitWish, who: Waiter) -> str:
    """The address of the place in line, however often the form is sent."""
    given = visit.request.POST

    def work() -> str:
        entry = join_waitlist(actor=visit.actor, timetable=visit.timetable, wish=wish, who=who, now=visit.now)
        return f"{reverse('waiting', args=[entry_token(entry_id=entry.id)])}?new=1"

    return once(
        business_id=visit.business.id,
        route="waitlist-join",
        # Boxes of one name are several values; all of them are part of what was said.
        fields={name: "\n".join(given.getlist(name)) for name in given},
        work=work,
        verdict=visit.verdict,
    )


def _prove(visit: Visit, asked: Asked, *, errors: Sequence[str] = (), again: bool = False) -> HttpResponse:
    """Ask for the code that proves the address; all that was typed comes along in hidden fields."""
    given = visit.request.POST
    hidden = [
        {"name": name, "value": said}
        for name in given
        if name not in _HIDDEN_NEVER
        for said in given.getlist(name)
    ]
    context: dict[str, Any] = {"hidden": hidden, "idempotency_key": new_key()}
    form: Form = person_form(asked, proves=True, errors={})
    response = proof_page(visit, context, form, errors=errors, again=again, template="public/list_prove.html")
    return keep(visit, response, asked.person)

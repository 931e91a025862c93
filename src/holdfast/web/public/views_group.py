"""One visit for several people (SPEC D10): who wants what, a start that suits all, the details; booked at once or not at all.

One form carries everything, so each step works without script and nothing that was typed is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from holdfast.availability.queries.groups import open_group_times
from holdfast.bookings.commands import GroupMember, book_group
from holdfast.bookings.commands.pricing import FIELD as PROMO_CODE
from holdfast.bookings.errors import CustomerBlocked, LimitReached, TimeTaken
from holdfast.bookings.queries import manage_token
from holdfast.bookings.rules.together import FEWEST_MEMBERS, MOST_MEMBERS
from holdfast.catalog.queries import ServiceFacts
from holdfast.core import ratelimit
from holdfast.core.request import client_network
from holdfast.customers.rules import NAME_LIMIT
from holdfast.insights.rules import Step
from holdfast.lib.refusals import Invalid, Missing
from holdfast.web import formats
from holdfast.web.counting import count_done, count_view
from holdfast.web.once import done_once, new_key, once
from holdfast.web.public import words
from holdfast.web.public.agreed import wall
from holdfast.web.public.details import Form, Mistake, details_form, details_of, posted, sends_texts
from holdfast.web.public.frame import Visit, for_visitors
from holdfast.web.public.free import last_bookable, read_date, read_instant
from holdfast.web.public.holding import GUESSES, takes_codes
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_times import read_id
from holdfast.web.questions import QuestionField, given_answers, question_fields

_LOOK_AHEAD_DAYS = 14


@dataclass(frozen=True, slots=True)
class Person:
    """One of the group as typed: the service, with whom (None: anybody), a name, the answers to questions."""

    number: int
    service: ServiceFacts
    resource_id: UUID | None
    name: str
    typed: Mapping[str, str]

    @property
    def prefix(self) -> str:
        return f"p{self.number}-"


@for_visitors
@done_once
def group(visit: Visit) -> HttpResponse:
    """The page of a group, whichever button was pressed."""
    offered = _offered(visit)
    if not offered:
        raise Missing(what="service")
    given = visit.request.POST
    people = _people(visit, offered)
    on = read_date(given.get("date", "")) or visit.today
    on = min(max(on, visit.today), last_bookable(visit))
    if visit.request.method != "POST" or given.get("do", "") != "book":
        count_view(visit.request, visit.timetable, people[0].service.id, visit.now)
        return _page(visit, offered, people, on)
    return _book(visit, offered, people, on)


def _offered(visit: Visit) -> list[ServiceFacts]:
    """What a group can be booked for from the page: a code that proves an address is for one booking."""
    return [
        service
        for service in visit.timetable.services.values()
        if service.is_active
        and service.mode == "appointment"
        and service.who_may_book == "anyone"
        and visit.timetable.giving(service)
    ]


def _people(visit: Visit, offered: Sequence[ServiceFacts]) -> list[Person]:
    """Who was typed, one more or one less as the button says."""
    given = visit.request.POST
    typed = given.get("count", "")
    count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else FEWEST_MEMBERS
    count += {"more": 1, "fewer": -1}.get(given.get("do", ""), 0)
    return [
        _person(visit, offered, number)
        for number in range(1, min(max(count, FEWEST_MEMBERS), MOST_MEMBERS) + 1)
    ]


def _person(visit: Visit, offered: Sequence[ServiceFacts], number: int) -> Person:
    given = visit.request.POST
    asked = read_id(given.get(f"p{number}-service", ""))
    service = next((one for one in offered if one.id == asked), offered[0])
    who = read_id(given.get(f"p{number}-who", ""))
    resource_id = who if who in visit.timetable.giving(service) else None
    own = {name: given[name] for name in given if name.startswith(f"p{number}-")}
    return Person(number, service, resource_id, given.get(f"p{number}-name", ""), own)


def _book(visit: Visit, offered: list[ServiceFacts], people: list[Person], on: date) -> HttpResponse:
    values, given = posted(visit.request), visit.request.POST
    starts_at = read_instant(given.get("at", ""))
    if starts_at is None:
        said = words.mistake("starts_at", "no_time", {})
        return _page(visit, offered, people, on, lines=[Mistake(said, "times")], status=422)

    def work() -> str:
        booked = book_group(
            actor=visit.actor,
            timetable=visit.timetable,
            members=[_member(visit, person, answered=True) for person in people],
            starts_at=starts_at,
            details=details_of(values),
            now=visit.now,
        )
        count_done(visit.timetable, booked[0].service_id, Step.BOOKED, visit.now)
        return f"{reverse('manage', args=[manage_token(booking_id=booked[0].id)])}?new=1"

    network = client_network(visit.request)
    if values.get(PROMO_CODE):
        ratelimit.demand(ratelimit.look(GUESSES, network))
    try:
        return see(
            once(
                business_id=visit.business.id,
                route="group",
                fields=given.dict(),
                work=work,
                verdict=visit.verdict,
            )
        )
    except TimeTaken:
        when = formats.day_and_clock(wall(visit.timetable, starts_at))
        said = _("Someone booked %(when)s a moment ago. Nothing was booked.") % {"when": when}
        return _page(visit, offered, people, on, lines=[Mistake(said, "times")], status=409)
    except Invalid as refusal:
        if any(reason == "promo_unknown" for reason, _facts in refusal.fields.get(PROMO_CODE, ())):
            ratelimit.demand(ratelimit.hit(GUESSES, network))
        return _page(visit, offered, people, on, refusal=refusal, status=422)
    except (CustomerBlocked, LimitReached) as refusal:
        lines = [Mistake(words.conflict(refusal, visit.business))]
        return _page(visit, offered, people, on, lines=lines, status=409)


def _member(visit: Visit, person: Person, *, answered: bool = False) -> GroupMember:
    questions = visit.timetable.questions.get(person.service.id, ()) if answered else ()
    given = given_answers(questions, person.typed, prefix=person.prefix)
    return GroupMember(person.service.id, person.resource_id, person.name, given)


def _page(
    visit: Visit,
    offered: list[ServiceFacts],
    people: list[Person],
    on: date,
    *,
    lines: list[Mistake] | None = None,
    refusal: Invalid | None = None,
    status: int = 200,
) -> HttpResponse:
    """Everything on one page; times and details from the moment on that times were asked for."""
    given = visit.request.POST
    is_asked = visit.request.method == "POST" and given.get("do", "") not in ("more", "fewer")
    form, errors = _form(visit, refusal)
    shown = [_shown(visit, offered, person, errors) for person in people]
    wrong = words.mistakes(refusal) if refusal is not None else {}
    about = [Mistake(line, "times") for line in wrong.get("starts_at", ())]
    asked_of_people = [
        Mistake(line, field.id) for one in shown for field in one["questions"] for line in field.errors
    ]
    context: dict[str, Any] = {
        "people": shown,
        "count": len(people),
        "may_add": len(people) < MOST_MEMBERS,
        "may_remove": len(people) > FEWEST_MEMBERS,
        "name_limit": NAME_LIMIT,
        "on": on.isoformat(),
        "first_on": visit.today.isoformat(),
        "last_on": last_bookable(visit).isoformat(),
        "form": form,
        "mistakes": [*(lines or ()), *about, *form.mistakes, *asked_of_people],
        "idempotency_key": new_key(),
        "is_asked": is_asked,
        "zone_words": words.zone(visit.business.timezone),
    }
    if is_asked:
        context |= _times(visit, people, on, given.get("at", ""))
    return visit.render("public/group.html", context, status=status)


def _form(visit: Visit, refusal: Invalid | None) -> tuple[Form, Mapping[str, Sequence[str]]]:
    """The details, and the sentences of what is wrong by whole field name."""
    form = details_form(
        posted(visit.request),
        _("Anything we should know?"),
        takes_code=takes_codes(visit),
        texts=sends_texts(visit.business),
    )
    if refusal is None:
        return form, {}
    plain = Invalid({name: found for name, found in refusal.fields.items() if "members" not in name})
    errors = {
        name: [words.mistake(name.rpartition(".")[2], code, facts) for code, facts in found]
        for name, found in refusal.fields.items()
    }
    return form.with_errors(words.mistakes(plain)), errors


def _shown(
    visit: Visit, offered: list[ServiceFacts], person: Person, errors: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """One person's fields."""
    timetable, currency = visit.timetable, visit.business.currency
    own = f"members[{person.number - 1}]."
    mine = {name.rpartition(".")[2]: said for name, said in errors.items() if name.startswith(own)}
    questions: list[QuestionField] = question_fields(
        timetable.questions.get(person.service.id, ()), person.typed, mine, prefix=person.prefix
    )
    return {
        "number": person.number,
        "prefix": person.prefix,
        "name": person.name,
        "services": [
            {
                "value": one.id,
                "words": f"{one.name} · {formats.money(one.price_minor, currency, brief=True)}",
                "is_chosen": one.id == person.service.id,
            }
            for one in offered
        ],
        "resources": [
            {"value": id, "words": resource.name, "is_chosen": id == person.resource_id}
            for id, resource in timetable.resources.items()
            if any(id in timetable.givers[one.id] for one in offered)
        ],
        "anyone": words.anyone(visit.business),
        "questions": questions,
    }


def _times(visit: Visit, people: list[Person], on: date, chosen: str) -> dict[str, Any]:
    """The starts of the day for all of them, or the next day that has one."""
    members = [_member(visit, person) for person in people]

    def found_on(day: date) -> list[Any]:
        return open_group_times(timetable=visit.timetable, members=members, on=day, now=visit.now)

    found = found_on(on)
    next_on: date | None = None
    if not found:
        last = min(on + timedelta(days=_LOOK_AHEAD_DAYS), last_bookable(visit))
        days = (on + timedelta(days=ahead) for ahead in range(1, (last - on).days + 1))
        next_on = next((day for day in days if found_on(day)), None)
    return {
        "day_words": formats.day_in_full(on),
        "times": [
            {
                "value": _value(time.starts_at),
                "clock": formats.clock(wall(visit.timetable, time.starts_at)),
                "price": formats.money(time.price_minor, visit.business.currency, brief=True),
                "is_chosen": _value(time.starts_at) == chosen,
            }
            for time in found
        ],
        "next_day": {"iso": next_on.isoformat(), "words": formats.day(next_on)} if next_on else None,
    }


def _value(starts_at: datetime) -> str:
    return f"{starts_at:%Y-%m-%dT%H:%MZ}"

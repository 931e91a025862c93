"""At the desk: a booking that comes again, and several people at once (SPEC D9, D10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from holdfast.availability.queries.groups import open_group_times
from holdfast.availability.queries.series import SeriesOccurrence, preview_series
from holdfast.bookings.commands import (
    Details,
    GroupMember,
    SeriesTime,
    Wish,
    book_group,
    book_series,
    cancel_together,
)
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules.together import FEWEST_MEMBERS, MOST_MEMBERS, MOST_TIMES
from holdfast.businesses.rules import Action
from holdfast.catalog.queries import ServiceFacts
from holdfast.customers.rules import Contact
from holdfast.insights.rules import Step
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.web import formats
from holdfast.web.counting import count_done
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import for_staff, read_booking, show_card
from holdfast.web.desk.fields import (
    Errors,
    Field,
    Mistakes,
    choices,
    identity,
    summary,
    typed_date,
    whole_number,
)
from holdfast.web.once import new_key, once
from holdfast.web.questions import QuestionField, given_answers, question_fields

SKIP = "skip"
_WEEKS = (1, 2, 3, 4, 6, 8, 12)
_CONTACT = ("name", "phone", "email", "notes")


def rhythm_fields(values: Mapping[str, str]) -> list[Field]:
    """How often a booking comes again; nothing chosen: once."""
    weeks = {"": _("Does not repeat")} | {
        str(count): ngettext("every week", "every %(count)s weeks", count) % {"count": count}
        for count in _WEEKS
    }
    return [
        Field("every_weeks", _("Repeat"), kind="select", choices=choices(weeks, values.get("every_weeks", ""))),
        Field("times", _("How many times in all"), values.get("times", ""), "number", least="2", most="52"),
    ]  # fmt: skip


def series_page(
    desk: Desk,
    service: ServiceFacts,
    values: Mapping[str, str],
    wish: Wish,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """The times of a series, each to be booked, replaced or left out. Refusals: :class:`Invalid` on the rhythm."""
    mistakes: Mistakes = {}
    every = whole_number(values["every_weeks"], "every_weeks", mistakes)
    times = whole_number(values["times"], "times", mistakes)
    if mistakes or every is None or times is None:
        raise Invalid(mistakes)
    found = preview_series(
        actor=desk.actor,
        timetable=for_staff(desk.timetable),
        wish=wish,
        every_weeks=every,
        times=times,
        now=desk.now,
    )
    given = desk.request.POST
    kept = {
        name: given[name] for name in given if name not in ("csrfmiddlewaretoken", "do", "idempotency_key")
    }
    context = {
        "section": "day",
        "title": _("Times of the series"),
        "service_name": service.name,
        "kept": {name: value for name, value in kept.items() if not name.startswith("time-")},
        "occurrences": [_occurrence(desk, wish, one, given.get(f"time-{one.number}", "")) for one in found],
        "conflicts": sum(not one.is_free for one in found),
        "refused": refused,
        "idempotency_key": new_key(),
    }
    return desk.render("desk/series.html", context, status=status)


def book_chosen(
    desk: Desk, service: ServiceFacts, values: Mapping[str, str], wish: Wish, details: Details
) -> HttpResponse:
    """Book the times that were chosen, all or none. Refusals: :class:`Invalid` on the details."""
    times = []
    for number in range(1, MOST_TIMES + 1):
        at, _slash, who = desk.request.POST.get(f"time-{number}", SKIP).partition("/")
        try:
            starts_at = datetime.fromisoformat(at)
        except ValueError:
            continue
        if starts_at.tzinfo is not None:
            times.append(SeriesTime(starts_at, identity(who)))

    def work() -> str:
        booked = book_series(
            actor=desk.actor,
            timetable=desk.timetable,
            service_id=service.id,
            times=times,
            details=details,
            now=desk.now,
            party_size=wish.party_size,
        )
        count_done(desk.timetable, service.id, Step.BOOKED, desk.now, channel="desk")
        return _day_url(desk, booked[0])

    try:
        fields = desk.request.POST.dict()
        return redirect(once(business_id=desk.business.id, route="desk-series", fields=fields, work=work))
    except Conflict as refusal:
        named = refusal.facts.get("number")
        said = words.sentence(refusal)
        if named is not None:
            when = formats.local(times[int(named) - 1].starts_at, desk.business.timezone)
            said = f"{formats.day_and_clock(when)}: {said}"
        return series_page(desk, service, values, wish, refused=said, status=409)
    except Invalid as refusal:
        if not any(name.startswith("times") for name in refusal.fields):
            raise
        said = " ".join(line for lines in words.mistakes(refusal).values() for line in lines)
        return series_page(desk, service, values, wish, refused=said, status=422)


def _occurrence(desk: Desk, wish: Wish, one: SeriesOccurrence, typed: str) -> dict[str, Any]:
    zone = desk.business.timezone
    own = f"{one.starts_at.isoformat()}/{wish.resource_id or ''}"
    offers = [{"value": own, "words": _("Book it")}] if one.is_free else []
    offers += [
        {
            "value": f"{other.starts_at.isoformat()}/{other.resource_id or ''}",
            "words": ", ".join(
                [
                    formats.day_and_clock(formats.local(other.starts_at, zone)),
                    *([desk.timetable.resource(other.resource_id).name] if other.resource_id else []),
                ]
            ),
        }
        for other in one.alternatives
    ]
    known = [offer["value"] for offer in offers]
    chosen = typed if typed in known or typed == SKIP else own if one.is_free else ""
    return {
        "name": f"time-{one.number}",
        "when": formats.day_and_clock(formats.local(one.starts_at, zone)),
        "why": "" if one.is_free else words.mistake(one.why, one.facts),
        "offers": [offer | {"is_chosen": offer["value"] == chosen} for offer in offers],
        "is_skipped": chosen == SKIP,
    }


@dataclass(frozen=True, slots=True)
class _Seat:
    """One of the group as typed."""

    number: int
    service: ServiceFacts
    resource_id: UUID | None
    name: str

    @property
    def prefix(self) -> str:
        return f"p{self.number}-"


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def group(desk: Desk) -> HttpResponse:
    """Several people at one time, each with somebody else: booked all together or not at all."""
    desk.require(Action.BOOK_FOR_OTHERS)
    offered = [
        s
        for s in desk.timetable.services.values()
        if s.is_active and s.mode == "appointment" and desk.timetable.giving(s)
    ]
    if not offered:
        return desk.render("desk/new_nothing.html", {"section": "day", "title": _("Group booking")})
    given = desk.request.POST
    typed = given.get("count", "")
    count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else FEWEST_MEMBERS
    count += {"more": 1, "fewer": -1}.get(given.get("do", ""), 0)
    seats = [
        _seat(desk, offered, number) for number in range(1, min(max(count, FEWEST_MEMBERS), MOST_MEMBERS) + 1)
    ]
    sent = given if desk.request.method == "POST" else desk.request.GET
    on = typed_date(sent.get("date", ""), "date", {}, required=False) or desk.today
    if given.get("do", "") == "book":
        return _book_group(desk, offered, seats, on)
    return _group_page(desk, offered, seats, on)


def _seat(desk: Desk, offered: list[ServiceFacts], number: int) -> _Seat:
    given = desk.request.POST
    asked = identity(given.get(f"p{number}-service", ""))
    service = next((one for one in offered if one.id == asked), offered[0])
    who = identity(given.get(f"p{number}-who", ""))
    return _Seat(
        number,
        service,
        who if who in desk.timetable.giving(service) else None,
        given.get(f"p{number}-name", ""),
    )


def _member(desk: Desk, seat: _Seat) -> GroupMember:
    questions = desk.timetable.questions.get(seat.service.id, ())
    given = given_answers(questions, desk.request.POST.dict(), prefix=seat.prefix)
    return GroupMember(seat.service.id, seat.resource_id, seat.name, given)


def _book_group(desk: Desk, offered: list[ServiceFacts], seats: list[_Seat], on: date) -> HttpResponse:
    given = desk.request.POST
    try:
        starts_at = datetime.fromisoformat(given.get("at", ""))
    except ValueError:
        return _group_page(desk, offered, seats, on, errors={"at": [words.mistake("no_time", {})]})
    contact = Contact(given.get("name", ""), given.get("email", ""), given.get("phone", ""))
    details = Details(contact, given.get("notes", ""), promo_code=given.get("promo_code", ""))

    def work() -> str:
        booked = book_group(
            actor=desk.actor,
            timetable=desk.timetable,
            members=[_member(desk, seat) for seat in seats],
            starts_at=starts_at,
            details=details,
            now=desk.now,
        )
        count_done(desk.timetable, booked[0].service_id, Step.BOOKED, desk.now, channel="desk")
        return _day_url(desk, booked[0])

    try:
        fields = given.dict()
        return redirect(once(business_id=desk.business.id, route="desk-group", fields=fields, work=work))
    except Conflict as refusal:
        return _group_page(desk, offered, seats, on, refused=words.sentence(refusal))
    except Invalid as refusal:
        named = {"starts_at": "at"}
        errors = {named.get(name, name): said for name, said in words.mistakes(refusal).items()}
        return _group_page(desk, offered, seats, on, errors=errors)


def _group_page(
    desk: Desk,
    offered: list[ServiceFacts],
    seats: list[_Seat],
    on: date,
    *,
    errors: Errors | None = None,
    refused: str = "",
) -> HttpResponse:
    errors, given = errors or {}, desk.request.POST
    found = open_group_times(
        timetable=for_staff(desk.timetable),
        members=[GroupMember(seat.service.id, seat.resource_id) for seat in seats],
        on=on,
        now=desk.now,
    )
    zone = desk.business.timezone
    context = {
        "section": "day",
        "title": _("Group booking"),
        "seats": [_shown(desk, offered, seat, errors) for seat in seats],
        "count": len(seats),
        "may_add": len(seats) < MOST_MEMBERS,
        "may_remove": len(seats) > FEWEST_MEMBERS,
        "date_field": Field("date", _("Day"), on.isoformat(), "date", required=True),
        "on_words": formats.day_in_full(on),
        "times": [
            {
                "value": time.starts_at.isoformat(),
                "label": formats.clock(formats.local(time.starts_at, zone)),
                "is_chosen": time.starts_at.isoformat() == given.get("at", ""),
            }
            for time in found
        ],
        "details": _group_details(desk, errors),
        "mistakes": summary(errors),
        "refused": refused,
        "idempotency_key": new_key(),
    }
    return desk.render("desk/group.html", context, status=422 if errors else 409 if refused else 200)


def _group_details(desk: Desk, errors: Errors) -> list[Field]:
    """Whoever books for the group, and a code where there are any."""
    given = desk.request.POST
    labels = {"name": _("Name"), "phone": _("Phone"), "email": _("Email"), "notes": _("Notes")}
    details = [
        Field(
            name, labels[name], given.get(name, ""), "textarea" if name == "notes" else "text", required=name == "name",
            errors=errors.get(name, ()),
        )
        for name in _CONTACT
    ]  # fmt: skip
    if any(promotion.is_active for promotion in desk.timetable.promotions.values()):
        code = given.get("promo_code", "")
        details.append(Field("promo_code", _("Code"), code, errors=errors.get("promo_code", ()), limit=40))
    return details


def _shown(desk: Desk, offered: list[ServiceFacts], seat: _Seat, errors: Errors) -> dict[str, Any]:
    services = {str(one.id): one.name for one in offered}
    people = {"": _("Anybody")} | {
        str(id): desk.timetable.resources[id].name for id in desk.timetable.giving(seat.service)
    }
    own = f"members[{seat.number - 1}]."
    mine = {name.rpartition(".")[2]: said for name, said in errors.items() if name.startswith(own)}
    questions: list[QuestionField] = question_fields(
        desk.timetable.questions.get(seat.service.id, ()),
        desk.request.POST.dict(),
        mine,
        prefix=seat.prefix,
    )
    return {
        "number": seat.number,
        "fields": [
            Field(f"{seat.prefix}service", _("Service"), kind="select", choices=choices(services, str(seat.service.id))),
            Field(f"{seat.prefix}who", _("With whom"), kind="select", choices=choices(people, str(seat.resource_id or ""))),
            Field(f"{seat.prefix}name", _("First name"), seat.name, limit=120),
        ],
        "questions": questions,
    }  # fmt: skip


@require_POST
@at_desk
def cancel(desk: Desk, reference: str) -> HttpResponse:
    """Cancel several in one step."""
    desk.require(Action.CHANGE_BOOKINGS)
    found = read_booking(desk, reference)
    try:
        cancel_together(
            actor=desk.actor,
            timetable=desk.timetable,
            booking_id=found.id,
            which=desk.request.POST.get("which", ""),
            now=desk.now,
        )
    except Conflict as refusal:
        return show_card(desk, read_booking(desk, reference), refusal=refusal)
    except Invalid:
        pass  # no button sends that
    return redirect(f"{reverse('desk:booking', args=[desk.business.slug, found.reference])}?did=cancel")


def _day_url(desk: Desk, first: BookingFacts) -> str:
    query = f"date={first.local_on.isoformat()}&open={first.reference}&did=book"
    return f"{reverse('desk:day', args=[desk.business.slug])}?{query}"

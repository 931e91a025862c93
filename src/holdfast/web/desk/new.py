"""A booking made at the desk: by phone or for whoever walks in, breaking a rule knowingly if need be (SPEC D7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.availability.queries import OpenTime, next_open_day, open_times
from holdfast.bookings.commands import Details, Wish, book
from holdfast.bookings.commands.making import clean_details
from holdfast.bookings.rules import MAX_PARTY
from holdfast.businesses.rules import Action
from holdfast.catalog.queries import ServiceFacts
from holdfast.customers.rules import Contact
from holdfast.insights.rules import Step
from holdfast.lib.refusals import Conflict, Invalid, Missing
from holdfast.lib.timeline import DAY_MINUTES, instant_of, minute_before
from holdfast.lib.walltime import local, minute_at
from holdfast.schedule.rules import open_windows
from holdfast.web import formats
from holdfast.web.counting import count_done
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import for_staff
from holdfast.web.desk.fields import (
    Errors,
    Field,
    Mistakes,
    as_errors,
    choices,
    identity,
    summary,
    typed_date,
    typed_minute,
    whole_number,
)
from holdfast.web.desk.floor_forms import table_boxes
from holdfast.web.desk.moving import clock_words
from holdfast.web.desk.together import book_chosen, rhythm_fields, series_page
from holdfast.web.once import new_key, once
from holdfast.web.questions import ANSWER, given_answers, question_fields

_NAMES = (
    "service", "resource", "date", "near", "starts_at", "party_size", "name", "email", "phone", "notes", "other_time",
    "override_reason", "promo_code", "every_weeks", "times",
)  # fmt: skip


_OFFERED = ("appointment", "slot", "table")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def new(desk: Desk) -> HttpResponse:
    """The form of a new booking: choices and details on one page, so that a call takes one look."""
    desk.require(Action.BOOK_FOR_OTHERS)
    services = [s for s in desk.timetable.services.values() if s.is_active and s.mode in _OFFERED]
    sent = desk.request.POST if desk.request.method == "POST" else desk.request.GET
    values = {name: sent.get(name, "") for name in _NAMES}
    service = _service(services, values["service"], values["resource"])
    if service is None:
        return desk.render("desk/new_nothing.html", {"section": "day", "title": _("New booking")})
    values["service"] = str(service.id)
    values |= {name: sent.get(name, "") for name in sent if name.startswith(ANSWER)}
    values["party_size"] = values["party_size"] or ("2" if service.mode == "table" else "1")
    values["tables"] = " ".join(sent.getlist("tables")) if service.mode == "table" else ""
    on = typed_date(values["date"], "date", {}, required=False) or desk.today
    values["date"] = on.isoformat()
    if desk.request.method == "POST" and sent.get("do") != "times":
        return _book(desk, service, values)
    return _form(desk, service, values)


def _book(desk: Desk, service: ServiceFacts, values: dict[str, str]) -> HttpResponse:
    """Book it, or the same form with what has to be fixed."""
    mistakes: Mistakes = {}
    starts_at = _starts_at(desk, values, mistakes)
    party_size = whole_number(values["party_size"], "party_size", mistakes)
    if mistakes or starts_at is None or party_size is None:
        return _form(desk, service, values, errors=as_errors(mistakes))
    slot_id = None if values["other_time"] else _slot(values["starts_at"])
    chosen = _tables(values)
    resource_id = None if chosen else identity(values["resource"])
    wish = Wish(service.id, starts_at, resource_id, party_size, slot_id, chosen)
    questions = desk.timetable.questions.get(service.id, ())
    details = Details(
        Contact(values["name"], values["email"], values["phone"]),
        values["notes"],
        given=given_answers(questions, values),
        promo_code=values["promo_code"],
    )
    reason = values["override_reason"].strip()
    if values["every_weeks"] and service.mode == "appointment":
        return _series(desk, service, values, wish, details)

    def work() -> str:
        made = book(
            actor=desk.actor,
            timetable=desk.timetable,
            wish=wish,
            details=details,
            now=desk.now,
            override_reason=reason,
        )
        count_done(desk.timetable, made.service_id, Step.BOOKED, desk.now, channel="desk")
        query = f"date={made.local_on.isoformat()}&open={made.reference}&did=book"
        return f"{reverse('desk:day', args=[desk.business.slug])}?{query}"

    try:
        # With anybody, the same form sent twice would find a second person free.
        fields = desk.request.POST.dict()
        return redirect(once(business_id=desk.business.id, route="desk-new", fields=fields, work=work))
    except Invalid as refusal:
        return _form(desk, service, values, errors=words.mistakes(refusal, prefix="customer."))
    except Conflict as refusal:
        return _form(desk, service, values | {"starts_at": ""}, refused=words.sentence(refusal))


def _series(
    desk: Desk, service: ServiceFacts, values: dict[str, str], wish: Wish, details: Details
) -> HttpResponse:
    """The times of a series to choose from, or all that were chosen booked."""
    try:
        if desk.request.POST.get("do") == "series":
            return book_chosen(desk, service, values, wish, details)
        clean_details(details, actor=desk.actor, timetable=desk.timetable, service_id=service.id)
        return series_page(desk, service, values, wish)
    except Invalid as refusal:
        return _form(desk, service, values, errors=words.mistakes(refusal, prefix="customer."))


def _starts_at(desk: Desk, values: Mapping[str, str], mistakes: Mistakes) -> datetime | None:
    """The chosen free time, or the typed one, which goes first: somebody opened a drawer to write it."""
    if values["other_time"]:
        minute = typed_minute(values["other_time"], "other_time", mistakes)
        on = date.fromisoformat(values["date"])
        return None if minute is None else instant_of(_minute_of_evening(desk, on, minute))
    try:
        instant = datetime.fromisoformat(values["starts_at"].partition(" ")[0])
    except ValueError:
        mistakes["starts_at"] = [("no_time", {})]
        return None
    if instant.tzinfo is None:
        mistakes["starts_at"] = [("no_time", {})]
        return None
    return instant


def _minute_of_evening(desk: Desk, on: date, minute: int) -> int:
    """A typed time of a day; of an evening that runs past midnight, the time after it."""
    after_midnight = minute_at(on, minute + DAY_MINUTES, desk.timetable.tz)
    windows = open_windows(desk.timetable.hours, None, on, on)
    if any(window.start <= after_midnight < window.end for window in windows):
        return after_midnight
    return minute_at(on, minute, desk.timetable.tz)


def _tables(values: Mapping[str, str]) -> tuple[UUID, ...]:
    """The tables that were ticked."""
    return tuple(id for id in map(identity, values["tables"].split()) if id)


def _slot(value: str) -> UUID | None:
    """The slot of a chosen time (``<instant> <slot>``), if it has one."""
    return identity(value.partition(" ")[2])


def _service(services: list[ServiceFacts], wanted: str, resource: str) -> ServiceFacts | None:
    """The chosen service, else the first one that the chosen resource gives."""
    chosen, resource_id = identity(wanted), identity(resource)
    for service in services:
        if service.id == chosen:
            return service
    given = [service for service in services if resource_id in service.resource_ids]
    return next(iter(given or services), None)


def _form(
    desk: Desk,
    service: ServiceFacts,
    values: dict[str, str],
    *,
    errors: Errors | None = None,
    refused: str = "",
) -> HttpResponse:
    errors = errors or {}
    on = date.fromisoformat(values["date"])
    context: dict[str, Any] = {
        "section": "day",
        "title": _("New booking"),
        "idempotency_key": new_key(),
        "values": values,
        "mistakes": summary(errors),
        "refused": refused,
        "override_open": bool(
            values["other_time"] or values["override_reason"] or "override_reason" in errors
        ),
    }
    context |= _choices(desk, service, values, errors) | _times(desk, service, values, on)
    context |= _details(desk, service, values, errors)
    by_question = {name.removeprefix("answers."): said for name, said in errors.items()}
    context |= {
        "questions": question_fields(desk.timetable.questions.get(service.id, ()), values, by_question),
        "rhythm": rhythm_fields(values) if service.mode == "appointment" else [],
        "rhythm_open": bool(values["every_weeks"]),
    }
    status = 422 if errors else 409 if refused else 200
    template = "desk/new_fragment.html" if desk.is_fragment else "desk/new.html"
    return desk.render(template, context, status=status)


def _choices(desk: Desk, service: ServiceFacts, values: Mapping[str, str], errors: Errors) -> dict[str, Any]:
    timetable, currency = desk.timetable, desk.business.currency
    offered = {
        str(one.id): " · ".join(
            [
                one.name,
                formats.short_duration(one.duration_minutes),
                formats.money(one.price_minor, currency, brief=True),
            ]
        )
        for one in timetable.services.values()
        if one.is_active and one.mode in _OFFERED
    }
    service_field = Field("service", _("Service"), kind="select", choices=choices(offered, values["service"]))
    day_field = Field("date", _("Day"), values["date"], "date", required=True)
    if service.mode == "table":
        party = Field(
            "party_size",
            _("People"),
            values["party_size"],
            "number",
            errors=errors.get("party_size", ()),
            required=True,
            least="1",
            most=str(MAX_PARTY),
        )
        best = _("None ticked: the best that are free.")
        boxes = table_boxes(desk, service, _tables(values), errors=errors, hint=best)
        return {"choose": [service_field, party, day_field], "tables_field": boxes}
    people = {"": _("Anybody")} | {str(id): timetable.resources[id].name for id in timetable.giving(service)}
    chosen = values["resource"] if values["resource"] in people else ""
    return {
        "choose": [
            service_field,
            Field("resource", _("With whom"), kind="select", choices=choices(people, chosen), errors=errors.get("resource", ())),
            day_field,
        ]
    }  # fmt: skip


def _times(desk: Desk, service: ServiceFacts, values: dict[str, str], on: date) -> dict[str, Any]:
    """The free starts of the day in parts of the day, and where to look when there are none."""
    resource_id = identity(values["resource"])
    if resource_id not in desk.timetable.giving(service):
        resource_id = None
    found: tuple[OpenTime, ...] = ()
    next_on: date | None = None
    timetable = for_staff(desk.timetable)
    try:
        asked: dict[str, Any] = {
            "timetable": timetable,
            "service_id": service.id,
            "now": desk.now,
            "resource_id": resource_id if service.mode != "table" else None,
            "party_size": _party(values) if service.mode == "table" else 1,
        }
        found = open_times(first=on, last=on, **asked)[0].times
        if not found:
            next_on = next_open_day(after=max(on, desk.today), **asked)
    except (Missing, Invalid):  # nobody gives it (any more)
        found = ()
    near = values["near"] if not values["starts_at"] else ""
    chosen = values["starts_at"] or next((_value(t) for t in found if near and t.local_time >= near), "")
    parts = [(_("Morning"), 0, 12), (_("Afternoon"), 12, 17), (_("Evening"), 17, 24)]
    if service.mode == "table":  # a night may run past midnight
        parts = [(_("All evening"), 0, 24)]
    shown = [
        {
            "name": name,
            "times": [
                {
                    "value": _value(time),
                    "label": _label(desk, time),
                    "is_chosen": _value(time) == chosen,
                }
                for time in found
                if first <= int(time.local_time[:2]) < last
            ],
        }
        for name, first, last in parts
    ]
    return {
        "parts": [part for part in shown if part["times"]],
        "on_words": formats.day_in_full(on),
        "next_day": {"iso": next_on.isoformat(), "words": formats.day(next_on)} if next_on else None,
        "free_count": len(found),
    }


def _party(values: Mapping[str, str]) -> int:
    """The party as typed; one while it is no number."""
    return whole_number(values["party_size"], "party_size", {}) or 1


def _value(time: OpenTime) -> str:
    """What the radio of a time sends: the instant and, of a published slot, its id."""
    return f"{time.starts_at.isoformat()} {time.slot_id}" if time.slot_id else time.starts_at.isoformat()


def _label(desk: Desk, time: OpenTime) -> str:
    clock = clock_words(time.local_time, time.second_pass)
    if time.slot_id is None:
        return clock
    left = _("%(count)s left") % {"count": time.remaining}
    names = [desk.timetable.resources[id].name for id in time.resource_ids]
    return " · ".join([clock, *names, left])


def _details(desk: Desk, service: ServiceFacts, values: Mapping[str, str], errors: Errors) -> dict[str, Any]:
    def make(name: str, label: str, kind: str = "text", hint: str = "", **more: Any) -> Field:
        return Field(name, label, values[name], kind, hint, errors=errors.get(name, ()), **more)

    resources: list[UUID] = list(desk.timetable.giving(service))
    seats = max((desk.timetable.resources[id].seats_max for id in resources), default=1)
    seats = MAX_PARTY if service.mode == "slot" else seats
    party = make("party_size", _("People"), "number", required=True, least="1", most=str(seats))
    right_now = local(minute_before(desk.now), desk.timetable.tz) + timedelta(minutes=1)
    return {
        "party_field": party if seats > 1 and service.mode != "table" else None,
        "details": [
            make("name", _("Name"), required=True, limit=120),
            make("phone", _("Phone"), "tel", limit=40),
            make("email", _("Email"), "email", _("With an address they get a confirmation and reminders."), limit=254),
            make("notes", _("Notes"), "textarea", limit=1000),
            *([make("promo_code", _("Code"), limit=40)] if desk.timetable.promotions else []),
        ],
        "override": [
            make("other_time", _("Another time"), "time", _("Any time of the day above, such as %(time)s now.") % {"time": formats.clock(right_now)}),
            make("override_reason", _("Why the rules do not hold this time"), hint=_("Kept in the history with your name. A taken time stays taken."), limit=200),
        ],
        "starts_at_errors": errors.get("starts_at", ()),
    }  # fmt: skip

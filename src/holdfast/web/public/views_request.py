"""Asking for an artist's date: the form, the question before sending, sending once (S1). Every step is a plain form.

What was typed travels from page to page in the form itself; with script the question is a dialog, and a form that does
not reach the server stays as it is, to be sent again under the same key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from holdfast.availability.queries import alternatives, open_counts
from holdfast.bookings.commands import Details, RequestWish, Wish, request_date
from holdfast.bookings.commands.requesting import check_request
from holdfast.bookings.errors import CustomerBlocked, LimitReached, OnlineBookingOff, TimeTaken
from holdfast.bookings.queries import booking_by_link, manage_token
from holdfast.bookings.queries.requests import request_of, template_by_id, templates_of
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.catalog.queries.riders import rider_for
from holdfast.customers.errors import EmailNotVerified
from holdfast.insights.rules import Step
from holdfast.lib import text
from holdfast.lib.refusals import Conflict, Invalid, Missing
from holdfast.web import formats
from holdfast.web.counting import count_done, count_view
from holdfast.web.once import done_once, new_key, once
from holdfast.web.public import request_words, words
from holdfast.web.public.details import Form, Mistake
from holdfast.web.public.frame import Visit, for_visitors
from holdfast.web.public.request_form import (
    RiderField,
    chosen_id,
    details_of,
    from_request,
    from_template,
    posted,
    request_form,
    rider_fields,
    wish_of,
)
from holdfast.web.public.views_hold import see

_SAID_ABOVE = (CustomerBlocked, LimitReached, OnlineBookingOff, EmailNotVerified)
_NEAR_DAYS = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was filled: the service, the typed values, the rider's answers."""

    service: ServiceFacts
    artist: ResourceFacts | None
    values: Mapping[str, str]
    rider: list[RiderField]

    def form(self, visit: Visit) -> Form:
        called = words.called(self.artist) if self.artist else visit.business.name
        return request_form(self.values, self.service, visit.business.currency, called)


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def request(visit: Visit) -> HttpResponse:
    """The form, empty or filled from a template, from the last request, or from what was typed; then the question."""
    if visit.request.method != "POST":
        draft = _draft(visit, visit.request.GET.get("service", ""), _filled(visit))
        count_view(visit.request, visit.timetable, draft.service.id, visit.now)
        return form_page(visit, draft)
    draft = _posted(visit)
    wish, mistakes = wish_of(visit, draft.service, draft.values, draft.rider)
    details = details_of(draft.values)
    try:
        _check(visit, wish, details, mistakes)
    except Invalid as refusal:
        return form_page(visit, draft, errors=request_words.form_mistakes(refusal.fields))
    except TimeTaken:
        return taken_page(visit, draft, wish)
    except _SAID_ABOVE as refusal:
        return form_page(visit, draft, lines=[Mistake(words.conflict(refusal, visit.business))], status=409)
    return _review_page(visit, draft)


@require_http_methods(["POST"])
@for_visitors
def edit(visit: Visit) -> HttpResponse:
    """Back from the question, or with another date: the form as it was."""
    return form_page(visit, _posted(visit))


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
@done_once
def send(visit: Visit) -> HttpResponse:
    """Ask. However often the form is sent, one request is made; it is kept whether or not a mail can be sent."""
    if visit.request.method != "POST":
        return redirect(visit.url("request"))
    draft = _posted(visit)
    wish, mistakes = wish_of(visit, draft.service, draft.values, draft.rider)
    details = details_of(draft.values)

    def work() -> str:
        _check(visit, wish, details, mistakes)
        booking = request_date(
            actor=visit.actor, timetable=visit.timetable, wish=wish, details=details, now=visit.now
        )
        count_done(visit.timetable, draft.service.id, Step.BOOKED, visit.now)
        return reverse("asked", args=[manage_token(booking_id=booking.id)]) + "?new=1"

    try:
        url = once(
            business_id=visit.business.id,
            route="request",
            fields=visit.request.POST.dict(),
            work=work,
            verdict=visit.verdict,
        )
    except Invalid as refusal:
        return form_page(visit, draft, errors=request_words.form_mistakes(refusal.fields))
    except TimeTaken:
        return taken_page(visit, draft, wish)
    except _SAID_ABOVE as refusal:
        return form_page(visit, draft, lines=[Mistake(words.conflict(refusal, visit.business))], status=409)
    return see(url)


def requestable(visit: Visit) -> list[ServiceFacts]:
    """The services that are booked on request, in the business's order."""
    return [one for one in visit.timetable.services.values() if one.is_active and one.mode == "request"]


def form_page(
    visit: Visit,
    draft: Draft,
    *,
    errors: Mapping[str, list[str]] | None = None,
    lines: list[Mistake] | None = None,
    dates: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form with what was typed, its mistakes marked; ``dates`` are free ones in place of one that is taken."""
    if not visit.business.settings.online_booking:
        raise OnlineBookingOff
    form = draft.form(visit).with_errors(errors or {})
    context = _shared(visit, draft) | {
        "form": form,
        "rider": _sections(draft.rider),
        "mistakes": lines or form.mistakes,
        "free_dates": dates or [],
        "date_state": _date_state(visit, draft),
        "templates": _templates(visit),
        "services": requestable(visit),
    }
    return visit.render("public/request.html", context, status=422 if errors else status)


def taken_page(visit: Visit, draft: Draft, wish: RequestWish) -> HttpResponse:
    """The form again, with the nearest free dates to choose from: one tap keeps everything else."""
    day = wish.span.on
    tried = wish.span.starts_at
    if tried is None:
        assert day is not None
        tried = visit.now + max(day - visit.today, timedelta(0))
    found = alternatives(timetable=visit.timetable, wish=Wish(wish.service_id, tried), now=visit.now)
    dates = [
        {"value": on.isoformat(), "label": formats.day_in_full(on)}
        for on in sorted({each.local_on for each in found})
    ]
    lines = [Mistake(request_words.conflict("time_taken"), "field-date")]
    return form_page(visit, draft, lines=lines, dates=dates, status=409)


def _check(visit: Visit, wish: RequestWish, details: Details, mistakes: text.Mistakes) -> None:
    """Every mistake at once: those of reading the form and those of the rules."""
    found: text.Mistakes = {}
    try:
        check_request(actor=visit.actor, timetable=visit.timetable, wish=wish, details=details, now=visit.now)
    except Invalid as refusal:
        found = refusal.fields
    except TimeTaken:
        if not mistakes:
            raise
    read = dict(mistakes)
    if "date" in read:
        found.pop("starts_at", None)
    if "fee" in read:
        found.pop("request.fee_minor", None)
    text.refuse(found | read)


def _posted(visit: Visit) -> Draft:
    given = visit.request.POST.dict()
    return _draft(visit, given.get("service", ""), posted(given), given)


def _draft(
    visit: Visit, service_id: str, values: Mapping[str, str], given: Mapping[str, str] | None = None
) -> Draft:
    offered = requestable(visit)
    if not offered:
        raise Missing(what="service")
    service = next((one for one in offered if str(one.id) == service_id), offered[0])
    givers = list(visit.timetable.givers[service.id].values())
    artist = givers[0] if len(givers) == 1 else None
    lines = rider_for(
        business_id=visit.business.id, service_id=service.id, resource_id=artist.id if artist else None
    )
    return Draft(service, artist, values, rider_fields(lines, given or {}))


def _filled(visit: Visit) -> dict[str, str]:
    """What the address fills in: a template of the signed-in person, a last request by its link, a date."""
    asked = visit.request.GET
    values: dict[str, str] = {}
    account_id = visit.actor.account_id
    template_id = chosen_id(asked.get("template", ""))
    if template_id is not None and account_id is not None:
        found = template_by_id(business_id=visit.business.id, account_id=account_id, template_id=template_id)
        values |= from_template(found, visit.business.currency)
    if asked.get("again"):
        booking = booking_by_link(token=asked["again"])
        if booking.business_id != visit.business.id:
            raise Missing(what="booking")
        last = request_of(business_id=visit.business.id, booking=booking, now=visit.now)
        values |= from_request(booking, last, visit.timetable.tz)
    if asked.get("date"):
        values["date"] = asked["date"]
    return values


def _review_page(visit: Visit, draft: Draft) -> HttpResponse:
    form = draft.form(visit)
    context = _shared(visit, draft) | {
        "form": form,
        "rider": draft.rider,
        "edit_url": visit.url("request-edit"),
    }
    return visit.render("public/request_review.html", context)


def _shared(visit: Visit, draft: Draft) -> dict[str, Any]:
    hours = draft.service.answer_within_hours
    within = (
        ngettext("%(count)s day", "%(count)s days", hours // 24) % {"count": hours // 24}
        if hours % 24 == 0
        else ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    )
    return {
        "service": draft.service,
        "artist": draft.artist.name if draft.artist else visit.business.name,
        "answers_within": within,
        "answers_by": formats.day_and_clock(
            (visit.now + timedelta(hours=hours)).astimezone(visit.timetable.tz)
        ),
        "lasts": formats.duration(draft.service.duration_minutes),
        "request_url": visit.url("request"),
        "send_url": visit.url("request-send"),
        "idempotency_key": new_key(),
        "zone_words": words.zone(visit.business.timezone),
    }


def _sections(rider: list[RiderField]) -> list[dict[str, Any]]:
    return [
        {"title": title, "lines": [line for line in rider if line.section == name]}
        for name, title in request_words.SECTIONS.items()
        if any(line.section == name for line in rider)
    ]


def _templates(visit: Visit) -> list[dict[str, str]]:
    if visit.actor.account_id is None:
        return []
    found = templates_of(business_id=visit.business.id, account_id=visit.actor.account_id)
    return [{"name": one.name, "url": f"{visit.url('request')}?template={one.id}"} for one in found]


def _date_state(visit: Visit, draft: Draft) -> str:
    """Whether the date in the form is free, as far as everybody may know."""
    try:
        on = date.fromisoformat(draft.values.get("date", ""))
    except ValueError:
        return ""
    try:
        (day,) = open_counts(
            timetable=visit.timetable, service_id=draft.service.id, first=on, last=on, now=visit.now
        )
    except (Conflict, Invalid, OverflowError):
        return ""
    return _("Free") if day.free else _("Taken")

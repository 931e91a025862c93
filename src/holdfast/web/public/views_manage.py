"""The page behind a personal link (SPEC D5): one address from the confirmation to the day itself, no account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from holdfast.bookings.commands import cancel_booking, undo_together
from holdfast.bookings.errors import ChangedMeanwhile, IllegalStep, LimitReached, TooLate, UndoEnded
from holdfast.bookings.queries import BookingFacts, booking_by_link, history_of
from holdfast.bookings.rules import UNDO_SECONDS_CUSTOMER, next_state
from holdfast.calendars.rules import CalendarEvent, booking_calendar, content_type
from holdfast.core import clock, ratelimit
from holdfast.core.request import client_network
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Conflict, Missing
from holdfast.schedule.queries import timetable_of
from holdfast.web import formats
from holdfast.web.once import done_once, is_done_once, new_key, once
from holdfast.web.public import words
from holdfast.web.public.agreed import agreed, in_its_night, wall
from holdfast.web.public.clocks import deadline
from holdfast.web.public.details import Mistake
from holdfast.web.public.earlier import earlier_state
from holdfast.web.public.frame import Visit, answered, kept_private
from holdfast.web.public.free import ANYONE
from holdfast.web.public.money_words import refund_words
from holdfast.web.public.news import news_words
from holdfast.web.public.owed import owed
from holdfast.web.public.standing import Standing, proposals, standing, terms
from holdfast.web.public.together import together_of
from holdfast.web.public.views_hold import see
from holdfast.web.questions import shown_answers

P = ParamSpec("P")
GUESSES = "personal links"
# Refusals of a change that are said on the page as it stands.
REFUSED = (ChangedMeanwhile, IllegalStep, LimitReached, TooLate, UndoEnded)


@dataclass(frozen=True, slots=True)
class Holding:
    """A visit by somebody whose link proves that the booking is theirs."""

    visit: Visit
    booking: BookingFacts
    token: str

    @property
    def actor(self) -> Actor:
        return self.visit.actor.holding(self.booking.id)

    @property
    def commanded(self) -> dict[str, Any]:
        """What every command about this booking takes."""
        return {
            "actor": self.actor,
            "timetable": self.visit.timetable,
            "booking_id": self.booking.id,
            "now": self.visit.now,
        }

    def url(self, name: str, query: str = "") -> str:
        return reverse(name, args=[self.token]) + query


def by_link(
    view: Callable[Concatenate[Holding, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A page at ``/m/{token}``. Wrong tokens count as guesses, and too many of them close the door for a while."""

    @wraps(view)
    def page(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        network = client_network(request)
        try:
            booking = booking_by_link(token=token)
        except Missing as refusal:
            verdict = ratelimit.hit(GUESSES, network)
            if not verdict.allowed:
                return too_many_guesses(request, verdict.retry_after)
            raise Http404 from refusal
        visit = Visit(request, timetable_of(business_id=booking.business_id), clock.now())
        holding = Holding(visit, booking, token)
        return kept_private(
            answered(visit, lambda: view(holding, *args, **kwargs), by_key=is_done_once(view))
        )

    return page


@require_safe
@by_link
def manage(holding: Holding) -> HttpResponse:
    """What is booked, and what can be done about it; what is only asked for has a page of its own."""
    if holding.booking.state == "requested":
        return redirect(holding.url("asked"))
    return manage_page(holding)


@require_safe
@by_link
def calendar_file(holding: Holding) -> HttpResponse:
    """The booking for the visitor's own calendar; a later file replaces an earlier one."""
    booking, business = holding.booking, holding.visit.business
    about = agreed(holding.visit.timetable, booking)
    event = CalendarEvent(
        booking_id=booking.id,
        sequence=booking.sequence,
        stamped_at=holding.visit.now,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary=_("%(service)s at %(business)s") % {"service": about.service, "business": business.name},
        description=_("Reference %(reference)s") % {"reference": booking.shown_reference},
        location=business.address or business.name,
        url=holding.visit.request.build_absolute_uri(holding.url("manage")),
        organizer_name=business.name,
        organizer_email=business.email,
        is_cancelled=booking.state == "cancelled",
    )
    response = HttpResponse(booking_calendar(event, "PUBLISH"), content_type=content_type("PUBLISH"))
    response["Content-Disposition"] = f'attachment; filename="booking-{booking.shown_reference}.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
@done_once
def cancel(holding: Holding) -> HttpResponse:
    """Ask, then cancel; the time stays kept for the two minutes in which it can be taken back."""
    if holding.visit.request.method != "POST":
        return _cancel_page(holding)

    def work() -> str:
        cancel_booking(**holding.commanded, undo=True, sequence=sequence_of(holding))
        return holding.url("manage", "?said=cancelled")

    return _changed(holding, "cancel", work)


@by_link
@done_once
def undo(holding: Holding) -> HttpResponse:
    """Take a cancellation back."""
    if holding.visit.request.method != "POST":
        return redirect(holding.url("manage"))

    def work() -> str:
        undo_together(**holding.commanded)  # alone, or with what was cancelled in the same step
        return holding.url("manage", "?said=undone")

    return _changed(holding, "undo", work)


def _changed(holding: Holding, name: str, work: Callable[[], str]) -> HttpResponse:
    """Do it once, however often the form is sent; a refusal is said on the page as it stands."""
    booking, fields = holding.booking, holding.visit.request.POST.dict()
    try:
        return see(
            once(
                business_id=booking.business_id,
                route=f"{name} {booking.id}",
                fields=fields,
                work=work,
                verdict=holding.visit.verdict,
            )
        )
    except REFUSED as refusal:
        return refused_on_page(holding, refusal)


def manage_page(holding: Holding, *, lines: list[Mistake] | None = None, status: int = 200) -> HttpResponse:
    """The whole page, with a message above it where something was refused."""
    visit, booking = holding.visit, holding.booking
    stand = standing(visit, booking)
    asked = visit.request.GET
    context = {
        "token": holding.token,
        "state": stand.greeting(new="new" in asked, said=asked.get("said", "")),
        "is_new": "new" in asked,
        "said": asked.get("said", ""),
        "mistakes": lines,
        "undo": _undo(visit, booking),
        "undo_key": new_key(),
        "when": _when(visit, booking),
        "is_on": stand.is_on,
        "may_move": stand.may_move,
        "may_cancel": stand.may_cancel,
        "book_again_url": f"{visit.url('times')}?service={booking.service_id}&who={_who(booking)}",
        "agreed": agreed(visit.timetable, booking, now=visit.now),
        **owed(visit, booking, stand.state, said=asked.get("said", "")),
        "notes": booking.notes,
        "answers": shown_answers(booking.answers),
        "together_key": new_key(),
        **together_of(visit, booking),
        "reference": booking.shown_reference,
        "may_check_in": stand.state == "confirmed",
        "terms": terms(visit, booking) if stand.is_on else [],
        "history": _history(visit, booking),
        "news": news_words(visit, booking),
        "proposals": proposals(visit, booking),
        **earlier_state(visit, booking),
        "move_key": new_key(),
        "sequence": booking.sequence,
        **_question(holding, stand),
    }
    return visit.render("public/manage.html", context, status=status, private=True)


def _question(holding: Holding, stand: Standing) -> dict[str, Any]:
    visit, booking = holding.visit, holding.booking
    starts = wall(visit.timetable, booking.starts_at)
    minutes = UNDO_SECONDS_CUSTOMER // 60
    return {
        "cancel_question": _("Cancel %(day)s at %(time)s?")
        % {"day": formats.day_in_full(starts.date()), "time": formats.clock(starts)},
        "cancel_words": refund_words(booking, visit.now, minutes=minutes),
        "sequence": booking.sequence,
        "may_move": stand.may_move,
        "idempotency_key": new_key(),
    }


def _cancel_page(holding: Holding) -> HttpResponse:
    stand = standing(holding.visit, holding.booking)
    if not stand.may_cancel:
        return redirect(holding.url("manage"))
    context = {"token": holding.token, **_question(holding, stand)}
    return holding.visit.render("public/cancel.html", context, private=True)


def _who(booking: BookingFacts) -> str:
    return ANYONE if booking.any_resource else str(booking.resource_id)


def sequence_of(holding: Holding) -> int | None:
    """The version of the booking the form was made for: what changed since is not overwritten unseen."""
    given = holding.visit.request.POST.get("sequence", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def refused_on_page(holding: Holding, refusal: Conflict) -> HttpResponse:
    """The page as it stands now, with the reason above it, answered 409."""
    current = Holding(holding.visit, booking_by_link(token=holding.token), holding.token)
    line = Mistake(words.conflict(refusal, holding.visit.business))
    return manage_page(current, lines=[line], status=409)


def _undo(visit: Visit, booking: BookingFacts) -> Any:
    """The clock of a cancellation that can be taken back, or None."""
    if booking.state != "cancelled" or booking.undo_until is None or booking.undo_until <= visit.now:
        return None
    if next_state(booking.state, "undo") != booking.undo_state:
        return None
    return deadline(visit, booking.undo_until, timedelta(seconds=UNDO_SECONDS_CUSTOMER))


def _when(visit: Visit, booking: BookingFacts) -> dict[str, str]:
    starts = wall(visit.timetable, booking.starts_at)
    ends = formats.clock(wall(visit.timetable, booking.ends_at))
    lasts = formats.duration(int((booking.ends_at - booking.starts_at).total_seconds() // 60))
    return {
        "weekday": formats.weekday(starts.date()),
        "date_and_clock": _("%(day)s, %(time)s")
        % {"day": formats.month_day(starts.date()), "time": formats.clock(starts)},
        "machine": starts.isoformat(),
        "lasts": in_its_night(
            booking,
            visit.timetable,
            _("%(duration)s, ends %(time)s") % {"duration": lasts, "time": ends},
        ),
        "zone_words": words.zone(booking.timezone),
    }


def _history(visit: Visit, booking: BookingFacts) -> list[dict[str, str]]:
    lines = []
    for change in history_of(business_id=booking.business_id, booking_id=booking.id):
        said = words.history_line(change, booking.timezone)
        if said is not None:
            at = wall(visit.timetable, change.at)
            lines.append({"words": said, "when": formats.day_and_clock(at), "machine": at.isoformat()})
    return lines


def too_many_guesses(request: HttpRequest, seconds: int) -> HttpResponse:
    """The page for whoever tried too many links."""
    response = render(request, "429.html", {"minutes": max(1, round(seconds / 60))}, status=429)
    response["Retry-After"] = str(seconds)
    return response

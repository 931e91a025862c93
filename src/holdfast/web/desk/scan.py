"""What opens when somebody scans the code of a booking: at its desk the booking and one button, elsewhere a way in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.bookings.rules import CHECK_IN_EARLY_HOURS
from holdfast.businesses.queries import memberships_of
from holdfast.businesses.rules import Action
from holdfast.core import clock
from holdfast.lib.refusals import Missing
from holdfast.schedule.queries import timetable_at
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import card_context
from holdfast.web.public.frame import Visit
from holdfast.web.qr import scanned_booking_id


@require_safe
@never_cache
def scan(request: HttpRequest, slug: str, code: str) -> HttpResponseBase:
    """Staff of this business see the booking; whoever has no desk is told where the code belongs, and nothing else."""
    account = request.user
    sits_nowhere = not account.is_authenticated or not (
        getattr(account, "is_operator", False) or memberships_of(account_id=account.pk)
    )
    return _away_from_desk(request, slug) if sits_nowhere else _at_desk(request, slug, code)


@at_desk
def _at_desk(desk: Desk, code: str) -> HttpResponse:
    desk.require(Action.SEE_BOOKINGS)
    booking_id = scanned_booking_id(code)
    if booking_id is None:
        raise Missing(what="booking")
    booking = booking_by_id(business_id=desk.business.id, booking_id=booking_id)
    context: dict[str, Any] = card_context(desk, booking)
    reason = why_not(desk, booking)
    context |= {"section": "day", "title": _("Check in"), "reason": reason}
    context["may_check_in"] = not reason and context["actions"].get("check_in", False)
    return desk.render("desk/scan.html", context)


def _away_from_desk(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for right and wrong codes: it tells nobody whether there is such a booking."""
    try:
        visit = Visit(request, timetable_at(slug=slug), clock.now())
    except Missing as refusal:
        raise Http404 from refusal
    notice = {
        "title": _("Show this code at the desk"),
        "words": _("%(business)s scans it when you arrive and checks you in.")
        % {"business": visit.business.name},
        "icon": "booking",
    }
    if not request.user.is_authenticated:
        back = urlencode({"next": request.path})
        notice |= {"url": f"{resolve_url('account_login')}?{back}", "action": _("Staff sign-in")}
    return visit.render("public/closed.html", {"notice": notice}, private=True)


def why_not(desk: Desk, booking: BookingFacts) -> str:
    """Why this booking cannot be checked in now; empty if it can."""
    state = booking.state_at(desk.now)
    if state != "confirmed":
        return _not_in_state(state)
    zone, early = desk.business.timezone, timedelta(hours=CHECK_IN_EARLY_HOURS)
    starts = formats.local(booking.starts_at, zone)
    facts = {"when": formats.day_and_clock(starts)}
    if desk.now < booking.starts_at - early:
        facts["opens"] = formats.day_and_clock(formats.local(booking.starts_at - early, zone))
        return _("This booking is for %(when)s. It can be checked in from %(opens)s.") % facts
    if desk.now > booking.ends_at + early:
        return _("This booking was for %(when)s. Open it if you know better.") % facts
    return ""


def _not_in_state(state: str) -> str:
    known = {
        "checked_in": _("Already checked in."),
        "completed": _("Already checked in and completed."),
        "no_show": _("Marked as a no-show. Open the booking if they are here after all."),
        "cancelled": _("This booking is cancelled."),
        "declined": _("This booking was declined."),
        "expired": _("This booking ran out before it was confirmed."),
    }
    label = str(words.STATES.get(state, state))
    return known.get(state) or _("Not confirmed yet: %(state)s.") % {"state": label}

"""The day: the board of one date, what changed on it, the week around it, and the way in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from holdfast.availability.queries import live_slots_of_day
from holdfast.bookings.queries import BookingFacts, BookingFilter, day_of_bookings, list_bookings
from holdfast.businesses.queries import all_businesses, memberships_of
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Missing
from holdfast.notifications.queries import failed_count_of
from holdfast.schedule.queries import SlotFacts
from holdfast.schedule.rules import why_closed_on
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk, to_sign_in
from holdfast.web.desk.board import draw
from holdfast.web.desk.card import card_context, read_booking, toast_for, visit_of
from holdfast.web.desk.fields import typed_date
from holdfast.web.desk.picture import Board, Card, Gap, SlotCard, Visit
from holdfast.web.desk.waitlist import Line, rail_of, read_line, toast_of, version_of
from holdfast.web.nouns import resources_word
from holdfast.web.setup.access import may_set_up
from holdfast.web.share import share_of

_NEXT = 5


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """The businesses somebody works for; straight to the desk when there is only one."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    account = request.user
    found: list[Any] = list(memberships_of(account_id=account.pk))
    if getattr(account, "is_superuser", False):
        known = {membership.slug for membership in found}
        found += [business for business in all_businesses() if business.slug not in known]
    if len(found) == 1:
        return redirect("desk:day", found[0].slug)
    rows = [
        {
            "name": one.name,
            "url": reverse("desk:day", args=[one.slug]),
            "role": words.role(one.role) if hasattr(one, "role") else "",
        }
        for one in found
    ]

    return render(request, "desk/home.html", {"rows": rows, "may_set_up": may_set_up(request)})


@require_safe
@at_desk
def day(desk: Desk) -> HttpResponse:
    """The board of one date, today unless the address says otherwise, with a card open beside it if it names one."""
    desk.require(Action.SEE_BOOKINGS)
    on = _date(desk)
    context = _board_context(desk, on)
    if not (context["board"].cards or context["waiting_now"]) and _is_first_day(desk):
        return desk.render("desk/first_day.html", _first_day(desk, on))
    opened = desk.request.GET.get("open", "")
    if opened:
        try:
            booking = read_booking(desk, opened)
            context |= card_context(desk, booking) | {
                "toast": toast_for(desk, booking, desk.request.GET.get("did", ""))
            }
            context["is_open_card"] = desk.request.GET.get("did") != "cancel"
        except Missing:
            context["opened_nothing"] = True
    elif desk.request.GET.get("who"):
        context["toast"] = toast_of(desk)
    return desk.render("desk/day.html", context)


@require_safe
@at_desk
def board(desk: Desk) -> HttpResponse:
    """The parts of the day that change, or 204 when nothing did since the version the page has."""
    desk.require(Action.SEE_BOOKINGS)
    context = _board_context(desk, _date(desk))
    if context["version"] == desk.request.GET.get("seen"):
        return HttpResponse(status=204)
    return desk.render("desk/board_fragment.html", context)


@require_safe
@at_desk
def week(desk: Desk) -> HttpResponse:
    """Seven days, each with its bookings by resource."""
    desk.require(Action.SEE_BOOKINGS)
    on = _date(desk)
    first = on - timedelta(days=(on.weekday() - formats.first_weekday()) % 7)
    days = [first + timedelta(days=offset) for offset in range(7)]
    slug = desk.business.slug
    context = {
        "section": "week",
        "days": [_week_day(desk, one) for one in days],
        "heading": _("%(first)s to %(last)s")
        % {"first": formats.day(days[0]), "last": formats.day(days[-1])},
        "previous_url": f"{reverse('desk:week', args=[slug])}?date={(first - timedelta(days=7)).isoformat()}",
        "next_url": f"{reverse('desk:week', args=[slug])}?date={(first + timedelta(days=7)).isoformat()}",
    }
    return desk.render("desk/week.html", context)


def _date(desk: Desk) -> date:
    """The date of the address; today when it has none or it is none."""
    return typed_date(desk.request.GET.get("date", ""), "date", {}, required=False) or desk.today


def _board_context(desk: Desk, on: date) -> dict[str, Any]:
    bookings = day_of_bookings(business_id=desk.business.id, on=on, now=desk.now)
    line = read_line(desk) if desk.business.settings.waitlist else Line(())
    visits = [_visit(desk, booking, line) for booking in bookings]
    drawn = draw(desk.timetable, on, visits, desk.now, _slots(desk, on))
    rail = rail_of(desk, line, on)
    return {
        "section": "day",
        "version": version_of([drawn.version, rail]),
        "waiting_now": len(line.ranked),
        **rail,
        "unsent": failed_count_of(business_id=desk.business.id, now=desk.now),
        "board": drawn,
        "on": on,
        "heading": formats.day_in_full(on),
        "is_today": on == desk.today,
        "lanes": [_lane(desk, drawn, index) for index in range(len(drawn.lanes))],
        "late": [_row(desk, card) for card in drawn.cards if card.face == "late"],
        "coming": [_row(desk, card) for card in drawn.cards if card.face == "booked"][:_NEXT],
        "gaps": [_gap(desk, gap) for gap in _gaps(drawn)[:_NEXT]],
        "next_gap": _gap(desk, drawn.next_gap) if drawn.next_gap else None,
        "closed": _closed_words(desk, drawn),
        "previous": on - timedelta(days=1),
        "next": on + timedelta(days=1),
        "now_words": formats.clock(formats.local(desk.now, desk.business.timezone)),
        "now_minute": drawn.now.start if drawn.now else None,
    }


def _visit(desk: Desk, booking: BookingFacts, line: Line) -> Visit:
    """A booking as the board needs it; a hold that is somebody's offer says for whom it is, and until when."""
    visit = visit_of(booking)
    one = line.offers.get(booking.id)
    if one is None or one.offer is None:
        return visit
    until = formats.clock(formats.local(one.offer.expires_at, desk.business.timezone))
    return replace(visit, held_for=formats.monogram(one.entry.contact.name), held_until=until)


def _slots(desk: Desk, on: date) -> list[SlotFacts]:
    """The slots of a date, where there are any: a business without them pays for no statement."""
    if all(service.mode != "slot" for service in desk.timetable.services.values()):
        return []
    return live_slots_of_day(business_id=desk.business.id, on=on, now=desk.now)


def _lane(desk: Desk, drawn: Board, index: int) -> dict[str, Any]:
    lane = drawn.lanes[index]
    share = _("%(share)s %%") % {"share": lane.share} if lane.share is not None else _("Away")
    what = f"resource={lane.id}" if lane.id else f"service={lane.service_id}"
    share = share if lane.id else ""
    book = f"{reverse('desk:new', args=[desk.business.slug])}?{what}&date={drawn.on.isoformat()}"
    return {
        "lane": lane,
        "about": " · ".join(filter(None, [lane.detail, share])),
        "cards": [_card(desk, card) for card in lane.cards],
        "slots": [_slot(desk, slot) for slot in lane.slots],
        "book_url": book,
    }


def _slot(desk: Desk, slot: SlotCard) -> dict[str, Any]:
    return {
        "slot": slot,
        "time": formats.clock(slot.starts),
        "until": formats.clock(slot.ends),
        "url": reverse("desk:slot", args=[desk.business.slug, slot.id]),
        "people": [_card(desk, card) | {"places": card.visit.places} for card in slot.cards],
    }


def _card(desk: Desk, card: Card) -> dict[str, Any]:
    url = reverse("desk:booking", args=[desk.business.slug, card.visit.reference])
    what = card.service
    if card.face == "late":
        what = _("%(count)s min late") % {"count": card.late_minutes}
    elif card.face in ("no_show", "unmarked"):
        what = str(words.FACES[card.face])
    elif card.visit.held_for:
        what = _("until %(time)s") % {"time": card.visit.held_until}
    elif card.face in ("arrived", "held", "paying"):
        what = f"{card.service}, {str(words.FACES[card.face]).lower()}"
    return {
        "card": card,
        "face": card.face.replace("_", "-"),
        "url": url,
        "name": _held_for(card) or card.visit.name or _("Online customer"),
        "what": what,
        "time": formats.clock(card.starts),
        "until": formats.clock(card.ends),
        "status": ""
        if card.face in ("late", "no_show", "unmarked", "arrived", "held", "paying")
        else str(words.FACES[card.face]),
    }


def _held_for(card: Card) -> str:
    return _("Held for %(initials)s") % {"initials": card.visit.held_for} if card.visit.held_for else ""


def _row(desk: Desk, card: Card) -> dict[str, Any]:
    resource = desk.timetable.taken_by(card.visit.resource_ids)
    return _card(desk, card) | {"resource": resource.name if resource else ""}


def _gaps(drawn: Board) -> list[Gap]:
    found = [gap for lane in drawn.lanes for gap in lane.gaps]
    return sorted(found, key=lambda gap: (gap.starts, gap.resource))


def _gap(desk: Desk, gap: Gap) -> dict[str, str]:
    base = reverse("desk:new", args=[desk.business.slug])
    clock = gap.starts.strftime("%H:%M")
    return {
        "time": formats.clock(gap.starts),
        "resource": gap.resource,
        "lasts": formats.short_duration(gap.minutes),
        "url": f"{base}?resource={gap.resource_id}&date={gap.starts.date().isoformat()}&near={clock}",
    }


def _closed_words(desk: Desk, drawn: Board) -> str:
    """Why there is no board: a holiday, a day off, or an ordinary closed day; empty when there is one."""
    if drawn.is_open or drawn.cards:
        return ""
    if not desk.timetable.hours.weekly and not desk.timetable.hours.exceptions:
        return _("No opening hours yet")
    closure = why_closed_on(desk.timetable.hours, None, drawn.on)
    note = getattr(closure, "note", "") if closure else ""
    day_words = formats.day_in_full(drawn.on)
    if note:
        return _("Closed on %(day)s: %(note)s") % {"day": day_words, "note": note}
    return _("Closed on %(day)s") % {"day": day_words}


def _is_first_day(desk: Desk) -> bool:
    """Whether nobody has ever booked."""
    return not list_bookings(
        business_id=desk.business.id, now=desk.now, wanted=BookingFilter(), limit=1
    ).items


def _first_day(desk: Desk, on: date) -> dict[str, Any]:
    slug = desk.business.slug
    timetable = desk.timetable
    services = [service for service in timetable.services.values() if service.is_active]
    people = [resource.name for resource in timetable.resources.values() if resource.is_active]
    weekdays = sorted({window.weekday for window in timetable.hours.weekly})
    prices = [service.price_minor for service in services]
    steps = [
        {
            "title": _("Hours and days off"),
            "words": ngettext("Open on %(count)s day a week", "Open on %(count)s days a week", len(weekdays)) % {"count": len(weekdays)} if weekdays else _("Nothing can be booked until there are some"),
            "is_done": bool(weekdays),
            "url": reverse("desk:hours", args=[slug]),
        },
        {
            "title": resources_word(desk.business.blueprint),
            "words": ", ".join(people[:6]) or _("Whoever or whatever can be booked"),
            "is_done": bool(people),
            "url": reverse("desk:resources", args=[slug]),
        },
        {
            "title": _("Services and prices"),
            "words": ngettext("%(count)s service from %(price)s", "%(count)s services from %(price)s", len(services)) % {"count": len(services), "price": formats.money(min(prices), desk.business.currency, brief=True)} if services else _("What can be booked, how long it takes, what it costs"),
            "is_done": bool(services),
            "url": reverse("desk:services", args=[slug]),
        },
        {
            "title": _("Logo"),
            "words": _("Your page shows it") if desk.business.logo else _("Without one, your page shows letters of the name"),
            "is_done": bool(desk.business.logo),
            "url": reverse("desk:profile", args=[slug]),
        },
        {
            "title": _("How customers reach you"),
            "words": desk.business.email or desk.business.phone or _("An address and a phone number for messages"),
            "is_done": bool(desk.business.email or desk.business.phone),
            "url": reverse("desk:profile", args=[slug]),
        },
    ]  # fmt: skip
    return {
        "section": "day",
        "heading": formats.day_in_full(on),
        "steps": steps,
        "done": sum(bool(step["is_done"]) for step in steps),
        "is_ready": all(step["is_done"] for step in steps[:3]),
        "share": share_of(slug),
    }


def _week_day(desk: Desk, on: date) -> dict[str, Any]:
    bookings = day_of_bookings(business_id=desk.business.id, on=on, now=desk.now)
    drawn = draw(desk.timetable, on, [visit_of(booking) for booking in bookings], desk.now, _slots(desk, on))
    lanes = [
        {"name": lane.name, "count": len(cards), "cards": [_card(desk, card) for card in cards]}
        for lane in drawn.lanes
        if (cards := [*lane.cards, *(card for slot in lane.slots for card in slot.cards)])
    ]
    return {
        "on": on,
        "url": f"{reverse('desk:day', args=[desk.business.slug])}?date={on.isoformat()}",
        "name": formats.day(on),
        "count": drawn.counts.booked,
        "share": drawn.counts.share,
        "is_today": on == desk.today,
        "is_open": drawn.is_open,
        "lanes": lanes,
    }

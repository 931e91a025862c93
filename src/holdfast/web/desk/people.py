"""One customer at the desk: how to reach them, their visits, notes about them, and blocking (SPEC D8)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.bookings.queries import BookingFacts, BookingFilter, filtered, list_bookings
from holdfast.businesses.rules import Action
from holdfast.customers.commands import block_customer, change_tier, note_on_customer, unblock_customer
from holdfast.customers.queries import CustomerFacts, customer_by_id
from holdfast.lib.refusals import Invalid
from holdfast.notifications.queries import suppressions_of
from holdfast.waitlist.queries import entries_of_customer
from holdfast.web import formats
from holdfast.web.desk import waitlist_words as said
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Field, choices, summary
from holdfast.web.desk.waitlist import services_of

_SHOWN = 10
NOTES_LIMIT = 2000


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def person(desk: Desk, person: UUID) -> HttpResponse:
    """One customer; a POST keeps notes, blocks or unblocks."""
    desk.require(Action.SEE_CUSTOMERS)
    customer = customer_by_id(business_id=desk.business.id, customer_id=person)
    if desk.request.method != "POST":
        return _page(desk, customer)
    desk.require(Action.CHANGE_CUSTOMERS)
    did = desk.request.POST.get("do", "")
    try:
        _change(desk, customer, did)
    except Invalid as refusal:
        return _page(desk, customer, errors=words.mistakes(refusal))
    return redirect(f"{reverse('desk:person', args=[desk.business.slug, person])}?did={did}")


def _change(desk: Desk, customer: CustomerFacts, did: str) -> None:
    """Refusals: :class:`Invalid` for wrong notes and for what is no change at all."""
    chosen: dict[str, Any] = {
        "actor": desk.actor,
        "business_id": desk.business.id,
        "customer_id": customer.id,
    }
    if did == "block":
        block_customer(**chosen, now=desk.now)
    elif did == "unblock":
        unblock_customer(**chosen)
    elif did == "notes":
        note_on_customer(**chosen, notes=desk.request.POST.get("notes", ""))
    elif did == "tier":
        typed = desk.request.POST.get("tier", "")
        change_tier(**chosen, tier=int(typed) if typed.isdecimal() and len(typed) < 3 else -1)
    else:
        raise Invalid.field("do", "unknown_choice", choices=["block", "unblock", "notes", "tier"])


def _page(desk: Desk, customer: CustomerFacts, *, errors: Errors | None = None) -> HttpResponse:
    errors = errors or {}
    zone = desk.business.timezone
    typed = desk.request.POST.get("notes", customer.notes) if errors else customer.notes
    notes = Field(
        "notes", _("Notes"), typed, "textarea", limit=NOTES_LIMIT, errors=errors.get("notes", ()),
        hint=_("Only the desk sees these."),
    )  # fmt: skip
    blocked = customer.blocked_at and formats.local(customer.blocked_at, zone)
    context = {
        "section": "bookings",
        "title": customer.name or _("Forgotten person"),
        "customer": customer,
        "since": formats.day_in_full(formats.local(customer.created_at, zone).date()),
        "blocked": formats.day_and_clock(blocked) if blocked else "",
        "visits": _visits(desk, customer.id),
        "upcoming": _rows(desk, customer.id, "upcoming"),
        "past": _rows(desk, customer.id, "past"),
        "notes": notes,
        "tier": str(said.TIERS.get(customer.tier, customer.tier)),
        "tier_field": Field(
            "tier",
            _("Tier"),
            kind="select",
            errors=errors.get("tier", ()),
            choices=choices(
                {str(level): str(name) for level, name in said.TIERS.items()}, str(customer.tier)
            ),
            hint=_("Counts on the waitlist as much as its settings say. Customers do not see it."),
        ),
        "waits": _waits(desk, customer.id),
        "held": suppressions_of(business_id=desk.business.id, email=customer.email, phone=customer.phone),
        "mistakes": summary(errors),
        "may_change": desk.may(Action.CHANGE_CUSTOMERS),
        "toast": _toast(customer, desk.request.GET.get("did", "")),
    }
    return desk.render("desk/person.html", context, status=422 if errors else 200)


def _visits(desk: Desk, customer_id: UUID) -> list[dict[str, Any]]:
    """How many bookings in which state, in the order in which a booking goes through them."""
    wanted = BookingFilter(customer_id=customer_id)
    rows = filtered(business_id=desk.business.id, wanted=wanted, now=desk.now)
    counts = dict(rows.order_by().values_list("state").annotate(Count("id")))
    return [
        {"label": str(label), "count": counts[state]}
        for state, label in words.STATES.items()
        if state in counts
    ]


def _rows(desk: Desk, customer_id: UUID, when: str) -> list[dict[str, str]]:
    """The next bookings, or the last ones."""
    page = list_bookings(
        business_id=desk.business.id,
        now=desk.now,
        wanted=BookingFilter(when=when, customer_id=customer_id),
        limit=_SHOWN,
    )
    return [_row(desk, booking) for booking in page.items]


def _waits(desk: Desk, customer_id: UUID) -> list[dict[str, str]]:
    """What they wait and waited for, the latest first."""
    if not desk.may(Action.SEE_WAITLIST):
        return []
    found = entries_of_customer(business_id=desk.business.id, customer_id=customer_id)[:_SHOWN]
    return [
        {
            "url": reverse("desk:waitlist_entry", args=[desk.business.slug, one.id]),
            "when": said.wish(one.ranges[0]) if one.ranges else "",
            "service": services_of(desk, one),
            "state": said.state(one.state),
        }
        for one in found
    ]


def _row(desk: Desk, booking: BookingFacts) -> dict[str, str]:
    service = desk.timetable.services.get(booking.service_id)
    starts = formats.local(booking.starts_at, desk.business.timezone)
    year = f" {starts.year}" if starts.year != desk.today.year else ""
    return {
        "url": reverse("desk:booking", args=[desk.business.slug, booking.reference]),
        "when": formats.day_and_clock(starts) + year,
        "service": service.name if service else "",
        "state": str(words.STATES.get(booking.state, booking.state)),
    }


def _toast(customer: CustomerFacts, did: str) -> dict[str, Any] | None:
    """What was done; nothing when the customer stands otherwise by now."""
    sentences = {
        "notes": _("Notes saved."),
        "tier": _("Tier saved."),
        "block": _("%(name)s is blocked.") % {"name": customer.name} if customer.blocked_at else "",
        "unblock": "" if customer.blocked_at else _("%(name)s can book online again.") % {"name": customer.name},
    }  # fmt: skip
    return {"sentence": sentences[did], "seconds": 10, "undo_url": ""} if sentences.get(did) else None

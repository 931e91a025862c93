"""Tables of a booking by hand: other tables at the same time, or those of another party (SPEC B3, D7)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from holdfast.availability.queries import explain
from holdfast.bookings.commands import Wish, move_booking, swap_tables
from holdfast.bookings.errors import IllegalStep
from holdfast.bookings.queries import BookingFacts, day_of_bookings
from holdfast.bookings.rules import next_state
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Conflict, Invalid, Missing
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.booking import answer, typed_sequence
from holdfast.web.desk.card import card_context, name_of, read_booking, show_card
from holdfast.web.desk.fields import Choice, Errors, Field, identity, summary
from holdfast.web.desk.floor_forms import table_boxes


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def tables(desk: Desk, reference: str) -> HttpResponse:
    """Put a party at other tables, or let it change tables with another party of the night."""
    desk.require(Action.CHANGE_BOOKINGS)
    booking = read_booking(desk, reference)
    if desk.timetable.service(booking.service_id).mode != "table":
        raise Missing(what="booking")
    try:
        next_state(booking.state, "move")
    except IllegalStep as refusal:
        return show_card(desk, booking, refusal=refusal)
    if desk.request.method != "POST":
        return _page(desk, booking)
    act = _swap if desk.request.POST.get("do") == "swap" else _sit
    try:
        return act(desk, booking)
    except Invalid as refusal:
        return _page(desk, booking, errors=words.mistakes(refusal))
    except Conflict as refusal:
        fresh = read_booking(desk, reference)
        if refusal.code in ("time_taken", "pacing_reached"):
            return _page(desk, fresh, refused=words.sentence(refusal))
        return show_card(desk, fresh, refusal=refusal)


def _sit(desk: Desk, booking: BookingFacts) -> HttpResponse:
    chosen = tuple(id for id in map(identity, desk.request.POST.getlist("tables")) if id)
    if not chosen:
        return _page(desk, booking, errors={"tables": [_("Tick a table.")]})
    done = move_booking(
        actor=desk.actor,
        timetable=desk.timetable,
        booking_id=booking.id,
        starts_at=booking.starts_at,
        now=desk.now,
        chosen=chosen,
        sequence=typed_sequence(desk),
        override_reason=desk.request.POST.get("override_reason", "").strip(),
        undo=True,
    )
    return answer(desk, done, "move")


def _swap(desk: Desk, booking: BookingFacts) -> HttpResponse:
    other_id = identity(desk.request.POST.get("other", ""))
    if other_id is None:
        return _page(desk, booking, errors={"other": [_("Choose a party.")]})
    done, _other = swap_tables(
        actor=desk.actor,
        timetable=desk.timetable,
        booking_id=booking.id,
        other_id=other_id,
        now=desk.now,
        sequence=typed_sequence(desk),
        override_reason=desk.request.POST.get("override_reason", "").strip(),
        undo=True,
    )
    return answer(desk, done, "move")


def _page(
    desk: Desk, booking: BookingFacts, *, errors: Errors | None = None, refused: str = ""
) -> HttpResponse:
    errors = errors or {}
    service = desk.timetable.service(booking.service_id)
    post = desk.request.POST
    ticked = [id for id in map(identity, post.getlist("tables")) if id]
    reason = Field(
        "override_reason",
        _("Why the seats do not matter this time"),
        post.get("override_reason", ""),
        hint=_("Needed for tables that are meant for fewer or for more. Kept in the history with your name."),
        errors=errors.get("override_reason", ()),
        limit=200,
    )
    context = card_context(desk, booking) | {
        "section": "day",
        "people": _people(booking.party_size),
        "boxes": table_boxes(
            desk,
            service,
            ticked or booking.resource_ids,
            errors=errors,
            taken=_taken(desk, booking),
            also=booking.resource_ids,
        ),
        "reason": reason,
        "other": _others(desk, booking, errors),
        "tables_url": reverse("desk:tables", args=[desk.business.slug, booking.reference]),
        "mistakes": summary(errors),
        "refused": refused,
    }
    return desk.render("desk/tables.html", context, status=422 if errors else 409 if refused else 200)


def _people(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def _taken(desk: Desk, booking: BookingFacts) -> set[UUID]:
    """The tables that others have while this party is there."""
    wish = Wish(booking.service_id, booking.starts_at, party_size=booking.party_size)
    try:
        found = explain(timetable=desk.timetable, actor=desk.actor, wish=wish, now=desk.now)
    except (Missing, Invalid):  # the service is not offered any more
        return set()
    own = {booking.shown_reference}
    taken: set[UUID] = set()
    for one in found:
        for check in one.checks:
            others = [row for row in check.facts.get("bookings", ()) if row["reference"] not in own]
            if check.rule == "unclaimed" and others and one.resource_id and not one.also:
                taken.add(one.resource_id)
    return taken


def _others(desk: Desk, booking: BookingFacts, errors: Errors) -> Field | None:
    """The other parties of the night that could change tables; None if there are none."""
    found = [
        one
        for one in day_of_bookings(business_id=desk.business.id, on=booking.local_on, now=desk.now)
        if one.id != booking.id and one.state == "confirmed" and _has_tables(desk, one)
    ]
    if not found:
        return None
    chosen = desk.request.POST.get("other", "")
    options = [Choice("", _("Choose a party"))] + [
        Choice(str(one.id), _said(desk, one), str(one.id) == chosen) for one in found
    ]
    return Field(
        "other", _("Change tables with"), kind="select", choices=options, errors=errors.get("other", ())
    )


def _has_tables(desk: Desk, booking: BookingFacts) -> bool:
    return bool(booking.resource_ids) and desk.timetable.service(booking.service_id).mode == "table"


def _said(desk: Desk, booking: BookingFacts) -> str:
    starts = formats.local(booking.starts_at, desk.business.timezone)
    resource = desk.timetable.taken_by(booking.resource_ids)
    facts: dict[str, Any] = {
        "name": name_of(booking),
        "people": _people(booking.party_size),
        "table": resource.name if resource else "",
        "time": formats.clock(starts),
    }
    return _("%(table)s: %(name)s, %(people)s, %(time)s") % facts

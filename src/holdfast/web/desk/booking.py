"""One booking at the desk: its card and page, the steps of the day, undo, notes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from holdfast.bookings.commands import (
    cancel_booking,
    change_notes,
    check_in,
    complete,
    mark_no_show,
    undo_change,
)
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.rules import Action
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.schedule.queries import Timetable
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import read_booking, show_card, toast_for


def _cancel(
    *, actor: Actor, timetable: Timetable, booking_id: UUID, now: datetime, sequence: int | None
) -> BookingFacts:
    return cancel_booking(
        actor=actor, timetable=timetable, booking_id=booking_id, now=now, undo=True, sequence=sequence
    )


def _of_business(step: Callable[..., BookingFacts]) -> Callable[..., BookingFacts]:
    """Steps that need no timetable, under the same arguments as those that do."""

    def with_timetable(*, timetable: Timetable, **facts: Any) -> BookingFacts:
        return step(business_id=timetable.business.id, **facts)

    return with_timetable


# The address's word → what is done, and the word for it in the address of the page that follows.
STEPS: dict[str, tuple[Callable[..., BookingFacts], str]] = {
    "check-in": (_of_business(check_in), "check_in"),
    "complete": (_of_business(complete), "complete"),
    "no-show": (_of_business(mark_no_show), "no_show"),
    "cancel": (_cancel, "cancel"),
}


@require_safe
@at_desk
def booking(desk: Desk, reference: str) -> HttpResponse:
    """One booking: a card beside the board, or a page with its history and messages."""
    desk.require(Action.SEE_BOOKINGS)
    found = read_booking(desk, reference)
    return show_card(desk, found, toast=toast_for(desk, found, desk.request.GET.get("did", "")))


@require_POST
@at_desk
def step(desk: Desk, reference: str, name: str) -> HttpResponse:
    """Check in, complete, no-show or cancel: done at once, with an undo."""
    desk.require(Action.CHANGE_BOOKINGS)
    found = read_booking(desk, reference)
    act, did = STEPS[name]
    try:
        done = act(
            actor=desk.actor,
            timetable=desk.timetable,
            booking_id=found.id,
            now=desk.now,
            sequence=typed_sequence(desk),
        )
    except Conflict as refusal:
        return show_card(desk, read_booking(desk, reference), refusal=refusal)
    return answer(desk, done, did)


@require_POST
@at_desk
def undo(desk: Desk, reference: str) -> HttpResponse:
    """Take the last step back while that is possible."""
    desk.require(Action.CHANGE_BOOKINGS)
    found = read_booking(desk, reference)
    try:
        done = undo_change(actor=desk.actor, timetable=desk.timetable, booking_id=found.id, now=desk.now)
    except Conflict as refusal:
        return show_card(desk, read_booking(desk, reference), refusal=refusal)
    return answer(desk, done, "undo")


@require_POST
@at_desk
def notes(desk: Desk, reference: str) -> HttpResponse:
    """Replace the notes."""
    desk.require(Action.CHANGE_BOOKINGS)
    found = read_booking(desk, reference)
    try:
        done = change_notes(
            actor=desk.actor,
            business_id=desk.business.id,
            booking_id=found.id,
            notes=desk.request.POST.get("notes", ""),
            now=desk.now,
            sequence=typed_sequence(desk),
        )
    except Conflict as refusal:
        return show_card(desk, read_booking(desk, reference), refusal=refusal)
    except Invalid as refusal:
        return show_card(desk, found, errors=words.mistakes(refusal))
    return answer(desk, done, "notes")


def typed_sequence(desk: Desk) -> int | None:
    """The version of the booking the page showed; None when it sent none."""
    text = desk.request.POST.get("sequence", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def answer(desk: Desk, done: BookingFacts, did: str) -> HttpResponse:
    """After a change: the fresh card for htmx, else back to where the form was, with the words and the undo."""
    if desk.is_fragment:
        return show_card(desk, done, toast=toast_for(desk, done, did))
    slug = desk.business.slug
    if desk.request.POST.get("from") == "page":
        return redirect(f"{reverse('desk:booking', args=[slug, done.reference])}?did={did}")
    query = f"date={done.local_on.isoformat()}&open={done.reference}&did={did}"
    return redirect(f"{reverse('desk:day', args=[slug])}?{query}")


def nothing_chosen() -> dict[str, list[str]]:
    """What to say when a form came without a time."""
    return {"starts_at": [_("Choose a time.")]}

"""The rider in a request: the customer says what can be provided, staff check it off line by line (SPEC B4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.commands.writing import locked, note_change, update
from holdfast.bookings.errors import IllegalStep
from holdfast.bookings.models import RiderLine
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules.requests import clean_answers
from holdfast.businesses.rules import Action, authorise
from holdfast.core.transactions import command
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing

# Once the event is over, or off, its checklist is history.
_OPEN = frozenset({"requested", "confirmed", "checked_in"})


@command
def answer_rider(
    *,
    actor: Actor,
    business_id: UUID,
    booking_id: UUID,
    lines: Sequence[Mapping[str, Any]],
    now: datetime,
) -> BookingFacts:
    """Say which lines can be provided: ``{line: id, answer: yes | different | "", comment}`` each. Staff may, too.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`, :class:`IllegalStep` once it is over.
    """
    booking = _open(actor, business_id, booking_id, now, holder=True)
    found = {line.id: line for line in _lines(booking)}
    mistakes: text.Mistakes = {}
    answers = clean_answers(lines, found, mistakes)
    text.refuse(mistakes)
    changed = []
    for id, (answer, comment) in answers.items():
        line = found[id]
        if (line.answer, line.comment or "") == (answer, comment):
            continue
        line.answer, line.comment = answer, comment or None
        # What was checked off was another answer.
        line.checked_at, line.checked_by = None, ""
        line.save()
        changed.append(line.position)
    if not changed:
        return booking
    return _noted(booking, actor, "rider", now, {"lines": sorted(changed)})


@command
def check_line(
    *,
    actor: Actor,
    business_id: UUID,
    booking_id: UUID,
    line_id: UUID,
    now: datetime,
    is_checked: bool = True,
) -> BookingFacts:
    """Check a line off, or take that back. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep`."""
    booking = _open(actor, business_id, booking_id, now, holder=False)
    line = next((line for line in _lines(booking) if line.id == line_id), None)
    if line is None:
        raise Missing(what="line")
    if (line.checked_at is not None) == is_checked:
        return booking
    line.checked_at, line.checked_by = (now, actor.label[:120]) if is_checked else (None, "")
    line.save(update_fields=["checked_at", "checked_by"])
    return _noted(booking, actor, "check" if is_checked else "uncheck", now, {"line": line.position})


def _open(actor: Actor, business_id: UUID, booking_id: UUID, now: datetime, *, holder: bool) -> BookingFacts:
    if not (holder and actor.booking_id == booking_id):
        authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    state = booking.state_at(now)
    if state not in _OPEN:
        raise IllegalStep(state=state, step="rider", possible=[])
    return booking


def _lines(booking: BookingFacts) -> list[RiderLine]:
    rows = RiderLine.objects.filter(business_id=booking.business_id, request__booking_id=booking.id)
    return list(rows.order_by("position"))


def _noted(
    booking: BookingFacts, actor: Actor, action: str, now: datetime, details: Mapping[str, Any]
) -> BookingFacts:
    changed = update(booking, {"undo_state": booking.undo_state})
    note_change(changed, actor=actor, action=action, now=now, details=details)
    return changed

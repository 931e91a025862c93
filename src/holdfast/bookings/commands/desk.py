"""What staff does with a booking on the day: check in, complete, no-show, notes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.bookings.commands.writing import locked, note_change, sealed_notes, update
from holdfast.bookings.events import BookingCheckedIn, BookingCompleted, BookingNotKept
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import UNDO_SECONDS_DESK, check_check_in, check_started, next_state
from holdfast.businesses.rules import Action, authorise
from holdfast.core.transactions import command
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.timeline import instant_of, minute_after

Guard = Callable[[datetime, datetime], None]


@command
def check_in(
    *, actor: Actor, business_id: UUID, booking_id: UUID, now: datetime, sequence: int | None = None
) -> BookingFacts:
    """The customer is here.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep`, :class:`TooEarly` (more than 12 hours before),
    :class:`ChangedMeanwhile`.
    """
    return _step(actor, business_id, booking_id, now, sequence, "check_in", check_check_in, BookingCheckedIn)


@command
def complete(
    *, actor: Actor, business_id: UUID, booking_id: UUID, now: datetime, sequence: int | None = None
) -> BookingFacts:
    """The service was given. Refusals as for :func:`check_in`; it can be completed once it was checked in."""
    return _step(actor, business_id, booking_id, now, sequence, "complete", check_check_in, BookingCompleted)


@command
def mark_no_show(
    *, actor: Actor, business_id: UUID, booking_id: UUID, now: datetime, sequence: int | None = None
) -> BookingFacts:
    """The customer did not come: a decision of staff, never of the clock. Refusals as above, and before the start."""
    return _step(actor, business_id, booking_id, now, sequence, "no_show", check_started, BookingNotKept)


@command
def release_rest(*, booking_id: UUID, now: datetime) -> bool:
    """Give back what is left of the time of a visit that is over, or that nobody came to: it counts for its past only
    (SPEC D3). Whether there was anything left.
    """
    row = Booking.objects.select_for_update(no_key=True).filter(id=booking_id).only("state").first()
    if row is None or row.state not in ("completed", "no_show"):
        return False
    at = instant_of(minute_after(now))
    claims = Claim.objects.filter(booking_id=booking_id, ends_at__gt=at)
    ahead, _ = claims.filter(starts_at__gte=at).delete()
    return bool(claims.update(ends_at=at) or ahead)


@command
def change_notes(
    *,
    actor: Actor,
    business_id: UUID,
    booking_id: UUID,
    notes: str,
    now: datetime,
    sequence: int | None = None,
) -> BookingFacts:
    """Replace a booking's notes. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`,
    :class:`ChangedMeanwhile`.
    """
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    mistakes: text.Mistakes = {}
    cleaned = text.paragraphs(notes, field="notes", mistakes=mistakes, limit=1000)
    text.refuse(mistakes)
    booking = locked(business_id=business_id, booking_id=booking_id, sequence=sequence)
    changed = update(booking, {"notes": sealed_notes(cleaned, booking_id)})
    note_change(booking, actor=actor, action="notes", now=now, details={})
    return changed


def _step(
    actor: Actor,
    business_id: UUID,
    booking_id: UUID,
    now: datetime,
    sequence: int | None,
    step: str,
    guard: Guard,
    event: Callable[[UUID], Any],
) -> BookingFacts:
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    booking = locked(business_id=business_id, booking_id=booking_id, sequence=sequence)
    state = next_state(booking.state, step)
    guard(booking.starts_at, now)
    until = now + timedelta(seconds=UNDO_SECONDS_DESK)
    changed = update(booking, {"state": state, "undo_until": until, "undo_state": booking.state})
    note_change(
        changed,
        actor=actor,
        action=step,
        now=now,
        details={"from": booking.state},
        event=event(booking_id),
        due_at=until,
    )
    return changed

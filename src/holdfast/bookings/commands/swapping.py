"""Two parties change tables (SPEC B3, D7): both at once or neither."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.changing import from_and_to, move_to_tell, undo_seconds
from holdfast.bookings.commands.making import cleaned_override
from holdfast.bookings.commands.placing import refused_by_guard
from holdfast.bookings.commands.placing.taking import as_of_now
from holdfast.bookings.commands.writing import end_dead, locked, note_change, seal_reason, update
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.bookings.rules import claim_span, next_state
from holdfast.businesses.rules import Action, authorise
from holdfast.core import sql
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid
from holdfast.schedule.queries import Timetable


@command
def swap_tables(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    other_id: UUID,
    now: datetime,
    override_reason: str = "",
    sequence: int | None = None,
    undo: bool = False,
) -> tuple[BookingFacts, BookingFacts]:
    """Give each of two bookings the tables of the other; their times stay. Both as they are now, in the order asked.

    Tables too small for the other party need a reason. ``sequence`` guards the first booking; with ``undo`` messages wait
    until the undo window has ended.
    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep`, :class:`Invalid` on ``other`` (the same booking,
    or one that has no tables) or ``party_size``, :class:`TimeTaken` when somebody else has a table then,
    :class:`ChangedMeanwhile`.
    """
    business_id = timetable.business.id
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    reason = cleaned_override(actor, business_id, override_reason)
    pair = [booking_by_id(business_id=business_id, booking_id=id) for id in (booking_id, other_id)]
    _check_pair(timetable, pair)
    hot.lock_resources([id for booking in pair for id in booking.resource_ids])
    rows = {
        id: locked(business_id=business_id, booking_id=id, sequence=sequence if id == booking_id else None)
        for id in sorted((booking_id, other_id))
    }
    first, second = rows[booking_id], rows[other_id]
    if {first.resource_ids, second.resource_ids} != {booking.resource_ids for booking in pair}:
        raise TimeTaken  # one of them has moved since: their new tables are not locked
    timetable = _in_use(as_of_now(timetable), (first, second))
    for booking in (first, second):
        next_state(booking.state, "move")
    small = _too_small(timetable, first, second, reason)
    _check_free(timetable, first, second, now)
    swapped = _swap(timetable, first, second)
    for before, after in zip((first, second), swapped, strict=True):
        overridden = {"overridden": ["seats"], "reason": seal_reason(reason, after.id)} if small else {}
        note_change(
            after,
            actor=actor,
            action="move",
            now=now,
            details={**from_and_to(before, after), **overridden},
            event=move_to_tell(before, after),
            due_at=now + timedelta(seconds=undo_seconds(actor)) if undo else None,
        )
    return swapped


def _check_pair(timetable: Timetable, pair: Sequence[BookingFacts]) -> None:
    """Two different bookings that both have tables."""
    if pair[0].id == pair[1].id:
        raise Invalid.field("other", "repeated")
    for booking in pair:
        if timetable.service(booking.service_id).mode != "table" or not booking.resource_ids:
            raise Invalid.field("other", "not_allowed")


def _in_use(timetable: Timetable, pair: Sequence[BookingFacts]) -> Timetable:
    """Nobody is given a table that is retired, though somebody may have kept it. Refusals: :class:`Invalid`."""
    if not all(timetable.resource(id).is_active for booking in pair for id in booking.resource_ids):
        raise Invalid.field("other", "not_allowed")
    return timetable


def _too_small(timetable: Timetable, first: BookingFacts, second: BookingFacts, reason: str) -> bool:
    """Whether a party would not fit; without a reason it may not sit there. Refusals: :class:`Invalid`."""
    for booking, other in ((first, second), (second, first)):
        most = max(sum(timetable.resource(id).seats_max for id in other.resource_ids), other.party_size)
        if booking.party_size > most:
            if not reason:
                raise Invalid.field("party_size", "out_of_bounds", least=1, most=most)
            return True
    return False


def _check_free(timetable: Timetable, first: BookingFacts, second: BookingFacts, now: datetime) -> None:
    """Nobody else alive has one of the tables then; the dead are ended. The tables are locked."""
    dead: set[UUID] = set()
    for booking, other in ((first, second), (second, first)):
        starts_at, ends_at = _claimed(timetable, booking)
        in_the_way = hot.bookings_in_the_way(
            business_id=timetable.business.id,
            resource_ids=other.resource_ids,
            starts_at=starts_at,
            ends_at=ends_at,
            now=now,
        )
        others = [(id, is_dead) for _, id, is_dead in in_the_way if id not in (first.id, second.id)]
        if any(not is_dead for _, is_dead in others):
            raise TimeTaken
        dead |= {id for id, _ in others}
    end_dead(booking_ids=sorted(dead), now=now)


def _swap(
    timetable: Timetable, first: BookingFacts, second: BookingFacts
) -> tuple[BookingFacts, BookingFacts]:
    hot.delete_claims(booking_ids=[first.id, second.id])
    claims = []
    for booking, other in ((first, second), (second, first)):
        starts_at, ends_at = _claimed(timetable, booking)
        claims += [
            {
                "business_id": booking.business_id,
                "booking_id": booking.id,
                "resource_id": resource_id,
                "starts_at": starts_at,
                "ends_at": ends_at,
            }
            for resource_id in other.resource_ids
        ]
    try:
        sql.insert_all([("bookings_claim", claims)])
    except IntegrityError as error:
        raise refused_by_guard(error) from error
    return _write(first, second.resource_ids), _write(second, first.resource_ids)


def _write(booking: BookingFacts, tables: tuple[UUID, ...]) -> BookingFacts:
    columns = {
        "resource_id": tables[0],
        "also": json.dumps([str(id) for id in tables[1:]]),
        "undo_until": None,
        "undo_state": "",
    }
    return update(booking, columns)


def _claimed(timetable: Timetable, booking: BookingFacts) -> tuple[datetime, datetime]:
    service = timetable.service(booking.service_id)
    return claim_span(
        booking.starts_at, booking.ends_at, service.buffer_before_minutes, service.buffer_after_minutes
    )

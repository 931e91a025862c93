"""What every command of this app writes: rows of bookings, their history, their events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.errors import ChangedMeanwhile
from holdfast.bookings.models import Booking, BookingChange
from holdfast.bookings.queries import TABLE, BookingFacts, booking_by_id
from holdfast.core import sql
from holdfast.core.fields import encrypt
from holdfast.customers.rules import Contact
from holdfast.lib.actors import WORKER, Actor
from holdfast.lib.refusals import Missing

CHANGES = "bookings_bookingchange"


def change_row(
    *,
    business_id: UUID,
    booking_id: UUID,
    actor: Actor,
    action: str,
    now: datetime,
    details: Mapping[str, Any],
) -> dict[str, Any]:
    """One line of history. ``details`` hold times, states and ids, never personal data."""
    return {
        "business_id": business_id,
        "booking_id": booking_id,
        "at": now,
        "action": action,
        "actor": actor.label[:120],
        "account_id": actor.account_id,
        "via": actor.via,
        "details": dict(details),
    }


def sealed_contact(contact: Contact, booking_id: UUID) -> bytes:
    """The contact as it lies in the booking's row."""
    plain = {"name": contact.name, "email": contact.email, "phone": contact.phone}
    return encrypt(plain, table=TABLE, column="contact", row_id=booking_id)


def sealed_notes(notes: str, booking_id: UUID) -> bytes | None:
    return encrypt(notes, table=TABLE, column="notes", row_id=booking_id) if notes else None


def locked(*, business_id: UUID, booking_id: UUID, sequence: int | None = None) -> BookingFacts:
    """The booking, its row locked until the end of the transaction.

    Refusals: :class:`Missing`; :class:`ChangedMeanwhile` if ``sequence`` is not the current one.
    """
    rows = Booking.objects.select_for_update().filter(business_id=business_id, id=booking_id)
    current = rows.values_list("sequence", flat=True).first()
    if current is None:
        raise Missing(what="booking")
    if sequence is not None and current != sequence:
        raise ChangedMeanwhile(sequence=current)
    # A second statement: the first may have waited for the lock and still shows the row as it was before.
    return booking_by_id(business_id=business_id, booking_id=booking_id)


def update(booking: BookingFacts, columns: Mapping[str, Any]) -> int:
    """Write named columns of one booking and raise its sequence, which is returned."""
    sequence = booking.sequence + 1
    Booking.objects.filter(business_id=booking.business_id, id=booking.id).update(
        **columns, sequence=sequence
    )
    return sequence


def note_change(
    booking: BookingFacts, *, actor: Actor, action: str, now: datetime, details: Mapping[str, Any]
) -> None:
    """Add a line to the booking's history."""
    row = change_row(
        business_id=booking.business_id,
        booking_id=booking.id,
        actor=actor,
        action=action,
        now=now,
        details=details,
    )
    BookingChange.objects.create(**row)


def end_dead(*, booking_ids: Sequence[UUID], now: datetime) -> int:
    """End bookings whose time ran out, with a line in the history of every hold that expired; how many were ended."""
    ended = hot.end_dead_bookings(booking_ids=booking_ids, now=now)
    rows = [
        change_row(
            business_id=business_id,
            booking_id=id,
            actor=WORKER,
            action="expire",
            now=now,
            details={"from": "held"},
        )
        for id, business_id, state in ended
        if state == "expired"
    ]
    sql.insert_all([(CHANGES, rows)])
    return len(ended)

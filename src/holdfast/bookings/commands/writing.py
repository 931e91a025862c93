"""What every command of this app writes: rows of bookings, their history, their events."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.errors import ChangedMeanwhile, HoldEnded
from holdfast.bookings.events import HoldLapsed, OptionChanged, RequestExpired
from holdfast.bookings.models import Request
from holdfast.bookings.queries import COLUMNS, TABLE, Answer, BookingFacts, booking_by_id, facts_from
from holdfast.bookings.queries.requests import options_on
from holdfast.core import audit, outbox, sql
from holdfast.core.fields import encrypt
from holdfast.customers.rules import Contact
from holdfast.lib.actors import WORKER, Actor
from holdfast.lib.refusals import Missing
from holdfast.schedule.sql import give_back_places

CHANGES = "bookings_bookingchange"
# Columns whose values are the booking's own: after a change of these nothing has to be read and opened again.
_PLAIN = frozenset({"state", "releases_at", "undo_until", "undo_state"})


def change_row(
    *,
    business_id: UUID,
    booking_id: UUID,
    actor: Actor,
    action: str,
    now: datetime,
    details: Mapping[str, Any],
) -> dict[str, Any]:
    """One line of history, which the audit trail copies. ``details`` hold times, states and ids, never personal data."""
    audit.told_by("bookings")
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


def sealed_answers(answers: Sequence[Answer], booking_id: UUID) -> bytes | None:
    """Answers to a service's questions as they lie in the booking's row."""
    plain = [asdict(answer) for answer in answers]
    return encrypt(plain, table=TABLE, column="answers", row_id=booking_id) if plain else None


def release_time(booking: BookingFacts) -> None:
    """Give back what a booking takes: its claims on resources, or its places in a slot."""
    if booking.slot_id is None:
        hot.delete_claims(booking_ids=[booking.id])
    else:
        give_back_places([(booking.slot_id, booking.party_size)])


def seal_reason(reason: str, booking_id: UUID) -> str:
    """A reason as it lies in the history's JSON."""
    sealed = encrypt(reason, table=CHANGES, column="reason", row_id=booking_id)
    return base64.b64encode(sealed).decode()


def locked(*, business_id: UUID, booking_id: UUID, sequence: int | None = None) -> BookingFacts:
    """The booking, its row locked until the end of the transaction.

    One statement: PostgreSQL hands out a row it waited for as it is after the wait. (What else was read before is stale.)
    Refusals: :class:`Missing`; :class:`ChangedMeanwhile` if ``sequence`` is not the current one.
    """
    lock = " FOR NO KEY UPDATE" if sql.on_postgres() else ""
    row = sql.one(
        f"SELECT {', '.join(COLUMNS)} FROM {TABLE} WHERE business_id = %s AND id = %s{lock}",  # noqa: S608
        [business_id, booking_id],
    )
    if row is None:
        raise Missing(what="booking")
    booking = facts_from(row=row)
    if sequence is not None and booking.sequence != sequence:
        raise ChangedMeanwhile(sequence=booking.sequence)
    return booking


def update(
    booking: BookingFacts,
    columns: Mapping[str, Any],
    *,
    held_at: datetime | None = None,
    held_as: str = "held",
) -> BookingFacts:
    """Write named columns of one booking and raise its sequence; the booking as it is now.

    ``held_at`` guards the statement: only a hold (or what is ``held_as`` something else) that is alive at that instant
    is written, whatever was read before.
    Refusals: :class:`HoldEnded` if it is not.
    """
    assignments = ", ".join(f"{column} = %s" for column in columns)
    guard, guarded_by = (
        ("", []) if held_at is None else (" AND state = %s AND releases_at > %s", [held_as, held_at])
    )
    is_plain = columns.keys() <= _PLAIN
    row = sql.one(
        f"UPDATE {TABLE} SET {assignments}, sequence = sequence + 1"  # noqa: S608
        f" WHERE business_id = %s AND id = %s{guard} RETURNING {'sequence' if is_plain else ', '.join(COLUMNS)}",
        [*columns.values(), booking.business_id, booking.id, *guarded_by],
    )
    if row is None:
        raise HoldEnded
    return replace(booking, **columns, sequence=row[0]) if is_plain else facts_from(row=row)


def note_change(
    booking: BookingFacts,
    *,
    actor: Actor,
    action: str,
    now: datetime,
    details: Mapping[str, Any],
    event: Any = None,
    due_at: datetime | None = None,
) -> None:
    """Add a line to the booking's history and, with it, the event that tells others."""
    row = change_row(
        business_id=booking.business_id,
        booking_id=booking.id,
        actor=actor,
        action=action,
        now=now,
        details=details,
    )
    tables: list[tuple[str, Sequence[Mapping[str, Any]]]] = [(CHANGES, [row])]
    if event is not None:
        told = outbox.row_for(event, business_id=booking.business_id, subject_id=booking.id, due_at=due_at)
        tables.append((outbox.TABLE, [told]))
        if due_at is None:
            outbox.wake()
    sql.insert_all(tables)


def end_dead(*, booking_ids: Sequence[UUID], now: datetime) -> int:
    """End bookings whose time ran out, with a line in the history of every hold and request that expired; how many
    were ended. Those who asked are told, and whoever had a later option moves up."""
    ended = hot.end_dead_bookings(booking_ids=booking_ids, now=now)
    rows = [
        change_row(
            business_id=business_id,
            booking_id=id,
            actor=WORKER,
            action="expire",
            now=now,
            details={"from": "requested" if on_request else "held"},
        )
        for id, business_id, state, on_request in ended
        if state == "expired"
    ]
    lapsed = [
        outbox.row_for(HoldLapsed(id), business_id=business_id, subject_id=id)
        for id, business_id, state, on_request in ended
        if state == "expired" and not on_request
    ]
    sql.insert_all([(CHANGES, rows), (outbox.TABLE, lapsed)])
    if lapsed:
        outbox.wake()
    asked = [id for id, _, state, on_request in ended if on_request and state == "expired"]
    if asked:
        _tell_of_lapsed(asked, now)
    return len(ended)


def _tell_of_lapsed(booking_ids: Sequence[UUID], now: datetime) -> None:
    for request in Request.objects.filter(booking_id__in=booking_ids).select_related("booking"):
        booking = request.booking
        event = RequestExpired(booking.id, challenged=request.challenged_at is not None)
        outbox.record(event, business_id=request.business_id, subject_id=booking.id)
        if request.option is not None and booking.resource_id is not None:
            move_up(
                business_id=request.business_id,
                resource_id=booking.resource_id,
                on=booking.local_on,
                behind=request.option,
                actor=WORKER,
                now=now,
            )


def move_up(
    *, business_id: UUID, resource_id: UUID, on: date, behind: int, actor: Actor, now: datetime
) -> None:
    """Tell those who held later options on this date which rank is theirs now. Ranks are worked out, never stored."""
    standing = options_on(business_id=business_id, resource_id=resource_id, on=on, now=now)
    later = Request.objects.filter(business_id=business_id, booking_id__in=standing, option__gt=behind)
    for booking_id in later.order_by("option").values_list("booking_id", flat=True):
        booking, rank = booking_by_id(business_id=business_id, booking_id=booking_id), standing[booking_id]
        event = OptionChanged(booking_id, booking.sequence, rank)
        note_change(booking, actor=actor, action="option", now=now, details={"rank": rank}, event=event)

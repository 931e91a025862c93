"""What every command of the waitlist writes: entries locked, lines of history, entries closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.businesses.rules import Action, authorise
from holdfast.core import outbox
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing
from holdfast.waitlist.events import EntryOff
from holdfast.waitlist.models import Entry, EntryChange, EntryWish
from holdfast.waitlist.queries.entries import EntryFacts, entry_facts
from holdfast.waitlist.rules import DateRange, next_entry_state


def authorise_waiter(actor: Actor, business_id: UUID, entry_id: UUID) -> None:
    """Whoever waits may act for themselves; everybody else needs the desk's permission."""
    if actor.entry_id != entry_id:
        authorise(actor, Action.CHANGE_WAITLIST, business_id)


def locked_entry(*, business_id: UUID, entry_id: UUID) -> Entry:
    """The entry, its row locked until the end of the transaction. Refusals: :class:`Missing`."""
    row = Entry.objects.select_for_update(no_key=True).filter(business_id=business_id, id=entry_id).first()
    if row is None:
        raise Missing(what="entry")
    return row


def note(
    entry_id: UUID,
    *,
    business_id: UUID,
    actor: Actor,
    action: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to an entry's history. ``details`` hold times, states and ids, never personal data."""
    EntryChange.objects.create(
        business_id=business_id,
        entry_id=entry_id,
        at=now,
        action=action,
        actor=actor.label[:120],
        via=actor.via,
        details=dict(details or {}),
    )


def write_wishes(row: Entry) -> None:
    """Write the rows by which an entry is found when a place comes free."""
    EntryWish.objects.bulk_create(
        EntryWish(
            business_id=row.business_id,
            entry_id=row.id,
            service_id=UUID(service),
            first_on=one.first,
            last_on=one.last,
            from_minute=one.from_minute,
            to_minute=one.to_minute,
            weekdays=one.weekdays,
        )
        for service in row.services
        for one in map(DateRange.read, row.ranges)
    )


def close(
    row: Entry,
    step: str,
    *,
    actor: Actor,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    booking_id: UUID | None = None,
    undo: timedelta | None = None,
) -> EntryFacts:
    """Take a locked entry off the list. Unless it has its place, others are told, with ``undo`` once that is over.

    Refusals: :class:`EntryOver`.
    """
    row.state = next_entry_state(row.state, step)
    row.closed_at, row.booking_id = now, booking_id
    row.save(update_fields=["state", "closed_at", "booking"])
    EntryWish.objects.filter(business_id=row.business_id, entry_id=row.id).delete()
    note(row.id, business_id=row.business_id, actor=actor, action=step, now=now, details=details)
    if booking_id is None:
        outbox.record(
            EntryOff(row.id, row.state),
            business_id=row.business_id,
            subject_id=row.id,
            due_at=None if undo is None else now + undo,
        )
    return entry_facts(row=row)

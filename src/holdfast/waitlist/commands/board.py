"""What staff does with those who wait: call, seat, take off, move up or down with a reason (SPEC F5, F7)."""

from __future__ import annotations

import base64
from datetime import datetime
from uuid import UUID

from holdfast.bookings import commands as bookings
from holdfast.bookings.commands import Wish
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.rules import Action, authorise
from holdfast.core import outbox
from holdfast.core.fields import encrypt
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.commands.offers import end_open_offer
from holdfast.waitlist.commands.writing import close, locked_entry, note
from holdfast.waitlist.errors import EntryOver
from holdfast.waitlist.events import EntryCalled
from holdfast.waitlist.models import Entry
from holdfast.waitlist.queries.entries import EntryFacts, entry_facts
from holdfast.waitlist.queries.standing import ranked_entries
from holdfast.waitlist.rules import LIVE, next_entry_state

CHANGES = "waitlist_entrychange"
REASON_LIMIT = 200
# How far above or below a neighbour a moved entry is put: less than any factor can make of a minute.
_NUDGE = 0.0001


@command
def call_entry(*, actor: Actor, business_id: UUID, entry_id: UUID, now: datetime) -> EntryFacts:
    """Tell somebody who waits on the spot that their place is ready; calling again tells them again.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`EntryOver`.
    """
    row = _locked(actor, business_id, entry_id)
    row.state, row.called_at = next_entry_state(row.state, "call"), now
    row.save(update_fields=["state", "called_at"])
    note(row.id, business_id=business_id, actor=actor, action="call", now=now)
    outbox.record(EntryCalled(row.id), business_id=business_id, subject_id=row.id)
    return entry_facts(row=row)


@command
def seat_entry(
    *,
    actor: Actor,
    timetable: Timetable,
    entry_id: UUID,
    wish: Wish,
    now: datetime,
    override_reason: str = "",
) -> BookingFacts:
    """Book a place for somebody who waits and check them in (SPEC F7). An offer that is out is withdrawn first.

    Refusals: as :func:`bookings.commands.book`, :class:`EntryOver`, :class:`TooEarly` for a start hours ahead.
    """
    business_id = timetable.business.id
    row = _locked(actor, business_id, entry_id)
    next_entry_state(row.state, "book")
    end_open_offer(row, "withdrawn", actor=actor, now=now)
    booking = bookings.book_for(
        actor=actor,
        timetable=timetable,
        wish=wish,
        customer_id=row.customer_id,
        contact=Contact(row.contact["name"], row.contact["email"], row.contact["phone"]),
        now=now,
        override_reason=override_reason,
    )
    booking = bookings.check_in(actor=actor, business_id=business_id, booking_id=booking.id, now=now)
    close(row, "book", actor=actor, now=now, details={"seated": True}, booking_id=booking.id)
    return booking


@command
def remove_entry(
    *, actor: Actor, business_id: UUID, entry_id: UUID, now: datetime, reason: str = "", no_show: bool = False
) -> EntryFacts:
    """Take somebody off the list: with a reason for colleagues, or because they did not come when called.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``reason``, :class:`EntryOver`.
    """
    sealed = _sealed_reason(reason, entry_id, required=False)
    row = _locked(actor, business_id, entry_id)
    step = "no_show" if no_show else "remove"
    next_entry_state(row.state, step)
    end_open_offer(row, "withdrawn", actor=actor, now=now)
    return close(row, step, actor=actor, now=now, details={"reason": sealed} if sealed else None)


@command
def reorder_entry(
    *,
    actor: Actor,
    timetable: Timetable,
    entry_id: UUID,
    reason: str,
    now: datetime,
    before: UUID | None = None,
) -> EntryFacts:
    """Put somebody before another in line, or (``before`` None) first of all (SPEC F5, E3). The reason is kept.

    What staff adds or takes is part of the score from then on, and shown as such: both age alike, so the order stays.
    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``reason``, :class:`EntryOver`.
    """
    business_id = timetable.business.id
    sealed = _sealed_reason(reason, entry_id, required=True)
    row = _locked(actor, business_id, entry_id)
    if row.state not in LIVE:
        raise EntryOver(state=row.state)
    line = ranked_entries(timetable=timetable, now=now)
    own = next(one for one in line if one.entry.id == entry_id)
    others = [one for one in line if one.entry.id != entry_id]
    target = next((one for one in others if before in (None, one.entry.id)), None)
    if before is not None and target is None:
        raise Missing(what="entry")
    if target is not None:
        row.boost += target.score.total - own.score.total + _NUDGE
        row.save(update_fields=["boost"])
    said = {"reason": sealed, "before": str(target.entry.id) if target else "", "boost": round(row.boost, 4)}
    note(row.id, business_id=business_id, actor=actor, action="reorder", now=now, details=said)
    return entry_facts(row=row)


def _locked(actor: Actor, business_id: UUID, entry_id: UUID) -> Entry:
    authorise(actor, Action.CHANGE_WAITLIST, business_id)
    return locked_entry(business_id=business_id, entry_id=entry_id)


def _sealed_reason(reason: str, entry_id: UUID, *, required: bool) -> str:
    """A reason as it lies in the history's JSON: it may speak of people."""
    mistakes: text.Mistakes = {}
    cleaned = text.line(reason, field="reason", mistakes=mistakes, limit=REASON_LIMIT, required=required)
    text.refuse(mistakes)
    if not cleaned:
        return ""
    return base64.b64encode(encrypt(cleaned, table=CHANGES, column="reason", row_id=entry_id)).decode()

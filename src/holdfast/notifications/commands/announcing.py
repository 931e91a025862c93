"""Writing the messages that an event of a booking asks for (SPEC H1). Mail itself goes later, by the worker.

Each of these may run twice for one event: a message is written once per fact and reader, and reminders are brought in
line with the booking as it is now, whatever the order in which events arrive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from holdfast.bookings.models import Booking
from holdfast.bookings.queries import COLUMNS as BOOKING_COLUMNS
from holdfast.bookings.queries import BookingFacts, bookings_together, facts_from
from holdfast.businesses.queries import BusinessFacts, business_facts
from holdfast.catalog.models import Resource
from holdfast.core.encryption import blind_index
from holdfast.core.outbox import wake
from holdfast.core.transactions import command
from holdfast.notifications.models import Message, ServiceReminders
from holdfast.notifications.rules.coming import come_time, confirm_minutes
from holdfast.notifications.rules.delivery import dedupe_key, distinct_addresses, may_stand, reminder_times

Kind, Audience, State = Message.Kind, Message.Audience, Message.State


@dataclass(frozen=True, slots=True)
class _Fact:
    """What is told: its kind, what makes it this fact and no other, and what the text needs beyond the booking.

    ``about`` stands for the booking where several share one message: a series, a group, what one step cancelled.
    """

    kind: str
    identity: tuple[object, ...]
    send_after: datetime
    context: dict[str, Any] = field(default_factory=dict)
    about: UUID | None = None


@command
def announce_booking(*, booking_id: UUID, now: datetime, on_request: bool = False) -> int:
    """Write the confirmation for the customer (that the request is accepted, if it was one), the copies for staff and the reminders that still lie ahead.

    A booking without an email address (a walk-in) gets none of the customer's. How many messages are new.
    """
    found = _load(booking_id)
    if found is None:
        return 0
    booking, business = found
    kind = Kind.ACCEPTED if on_request else Kind.BOOKED
    fact = _Fact(kind, (), now, about=booking.series_id or booking.group_id)
    written = _tell(booking, business, fact, staff=_staff_of(business, booking.resource_ids))
    return written + _align_reminders(booking, business, now)


@command
def announce_move(
    *, booking_id: UUID, sequence: int, old_starts_at: datetime, old_resource_id: UUID | None, now: datetime
) -> int:
    """Write what changed for the customer and for the staff of both resources, and move the reminders.

    An earlier move that nobody has been told of yet is folded into this one; if that leads back to where the reader
    believes the booking to be, nothing is told. How many messages are new.
    """
    found = _load(booking_id)
    if found is None:
        return 0
    booking, business = found
    written = 0
    staff = _staff_of(business, [*booking.resource_ids, *([old_resource_id] if old_resource_id else [])])
    for audience, recipient in _readers(booking, staff):
        left_at, left_id = _fold(booking, recipient, now) or (old_starts_at, old_resource_id)
        if (left_at, left_id) == (booking.starts_at, booking.resource_id):
            continue
        context = {"old_starts_at": left_at.isoformat(), "old_resource_id": str(left_id or "")}
        fact = _Fact(Kind.CHANGED, (sequence,), now, context)
        written += _write(business, [_message(booking, business, fact, audience, recipient)])
    _align_others(booking, business, now)
    return written + _align_reminders(booking, business, now)


@command
def announce_cancellation(
    *, booking_id: UUID, sequence: int, by_staff: bool, now: datetime, together: tuple[UUID, ...] = ()
) -> int:
    """Write the cancellation for the customer and the staff, and drop the reminders. How many messages are new.

    ``by_staff`` tells who cancelled; the words differ. ``together`` are all that were cancelled in one step: one
    message tells of them.
    """
    found = _load(booking_id)
    if found is None:
        return 0
    booking, business = found
    fact = _Fact(Kind.CANCELLED, (sequence,), now, {"by_staff": by_staff})
    if len(together) > 1:
        context = {"by_staff": by_staff, "together": [str(id) for id in together]}
        # What was taken back told nobody, so a booking is cancelled for good in one step only.
        fact = _Fact(Kind.CANCELLED, ("together",), now, context, about=together[0])
    written = _tell(booking, business, fact, staff=_staff_of(business, booking.resource_ids))
    _align_reminders(booking, business, now)
    _align_others(booking, business, now)
    return written


@command
def announce_proposal(*, booking_id: UUID, sequence: int, now: datetime) -> int:
    """Ask the customer to choose another time, unless that was done meanwhile. How many messages are new."""
    found = _load(booking_id)
    if found is None:
        return 0
    booking, business = found
    if booking.proposed is None or booking.state_at(now) != "confirmed":
        return 0
    return _tell(booking, business, _Fact(Kind.PROPOSED, (sequence,), now), staff=[])


def _load(booking_id: UUID) -> tuple[BookingFacts, BusinessFacts] | None:
    """The booking and its business; None once it is erased: then there is nobody to tell."""
    row = Booking.objects.filter(id=booking_id).values_list(*BOOKING_COLUMNS).first()
    if row is None:
        return None
    booking = facts_from(row=row)
    return booking, business_facts(business_id=booking.business_id)


def _staff_of(business: BusinessFacts, resource_ids: Iterable[UUID]) -> list[str]:
    """The business's own address and those of the members whose resources these are, if they want copies."""
    if not business.settings.staff_copies:
        return []
    members = Resource.objects.filter(
        business_id=business.id,
        id__in=set(resource_ids),
        member__business_id=business.id,
        member__account__is_active=True,
    ).order_by("position", "id")
    return distinct_addresses([business.email, *members.values_list("member__account__email", flat=True)])


def _readers(booking: BookingFacts, staff: list[str]) -> list[tuple[str, str]]:
    customer = [(str(Audience.CUSTOMER), booking.contact.email)] if booking.contact.email else []
    return customer + [(str(Audience.STAFF), address) for address in staff]


def _tell(booking: BookingFacts, business: BusinessFacts, fact: _Fact, *, staff: list[str]) -> int:
    return _write(
        business,
        [
            _message(booking, business, fact, audience, reader)
            for audience, reader in _readers(booking, staff)
        ],
    )


def _message(
    booking: BookingFacts, business: BusinessFacts, fact: _Fact, audience: str, recipient: str
) -> Message:
    reader = blind_index(recipient.casefold(), purpose="message_recipient", business_id=business.id)
    return Message(
        business_id=business.id,
        booking_id=booking.id,
        kind=fact.kind,
        audience=audience,
        recipient=recipient,
        locale=business.language,
        context=fact.context,
        told_at=booking.starts_at,
        dedupe_key=dedupe_key(fact.kind, fact.about or booking.id, *fact.identity, audience, reader),
        send_after=fact.send_after,
        next_attempt_at=fact.send_after,
    )


def _write(business: BusinessFacts, messages: list[Message]) -> int:
    """Insert those that are not there yet."""
    if not messages:
        return 0
    rows = Message.objects.filter(
        business_id=business.id, dedupe_key__in=[message.dedupe_key for message in messages]
    )
    known = set(rows.values_list("dedupe_key", flat=True))
    fresh = [message for message in messages if message.dedupe_key not in known]
    Message.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        wake()
    return len(fresh)


def _align_reminders(booking: BookingFacts, business: BusinessFacts, now: datetime) -> int:
    """Make what waits to be sent before the visit what the booking needs as it is now: reminders, and the question whether
    they come. How many are new or wait again.
    """
    wanted: dict[str, Message] = {}
    stands = may_stand(booking.state, booking.undo_until, now)
    if stands and booking.contact.email and _speaks_for_its_group(booking):
        for fact in _before_the_visit(booking, business, now):
            message = _message(booking, business, fact, Audience.CUSTOMER, booking.contact.email)
            wanted[message.dedupe_key] = message
    planned = Message.objects.filter(
        business_id=business.id, booking_id=booking.id, kind__in=(Kind.REMINDER, Kind.COME)
    )
    reason = "moved" if stands else "cancelled"
    planned.filter(state=State.QUEUED).exclude(dedupe_key__in=wanted).update(
        state=State.DROPPED, last_error=reason, locked_until=None
    )
    revived = planned.filter(state=State.DROPPED, dedupe_key__in=wanted).update(
        state=State.QUEUED, last_error="", attempts=0, next_attempt_at=F("send_after")
    )
    return revived + _write(business, list(wanted.values()))


def _before_the_visit(booking: BookingFacts, business: BusinessFacts, now: datetime) -> list[_Fact]:
    """The reminders that lie ahead, the service's own or the business's, and the question whether they come."""
    starts_at = booking.starts_at
    own = ServiceReminders.objects.filter(business_id=business.id, service_id=booking.service_id)
    chosen = own.values_list("minutes", flat=True).first()
    minutes = business.settings.reminder_minutes if chosen is None else chosen
    facts = [
        _Fact(Kind.REMINDER, (starts_at.isoformat(), before), send_after)
        for before, send_after in reminder_times(starts_at, minutes, now)
    ]
    asked_at = come_time(
        starts_at, confirm_minutes(business.settings.confirm_minutes, booking.policy.money.demand), now
    )
    if asked_at is not None and not booking.is_coming:
        facts.append(_Fact(Kind.COME, (starts_at.isoformat(),), asked_at))
    return facts


def _speaks_for_its_group(booking: BookingFacts) -> bool:
    """Of those of a group who come at one time one is reminded for all; who is alone always is."""
    if booking.group_id is None:
        return True
    group = Booking.objects.filter(business_id=booking.business_id, group_id=booking.group_id)
    before = group.filter(id__lt=booking.id, starts_at=booking.starts_at, state="confirmed")
    return not before.exists()


def _align_others(booking: BookingFacts, business: BusinessFacts, now: datetime) -> None:
    """Who of a group is reminded may change with one that is moved or off."""
    if booking.group_id is not None:
        for other in bookings_together(booking=booking):
            if other.id != booking.id and other.state == "confirmed":
                _align_reminders(other, business, now)


def _fold(booking: BookingFacts, recipient: str, now: datetime) -> tuple[datetime, UUID | None] | None:
    """Drop the moves this reader has not been told of; what the first of them left, which the reader still believes."""
    waiting = Message.objects.select_for_update().filter(
        business_id=booking.business_id, booking_id=booking.id, kind=Kind.CHANGED, state=State.QUEUED
    )
    untold = [
        message
        for message in waiting.order_by("id")
        if message.recipient == recipient and (message.locked_until is None or message.locked_until <= now)
    ]
    if not untold:
        return None
    Message.objects.filter(id__in=[message.id for message in untold]).update(
        state=State.DROPPED, last_error="moved_again", locked_until=None
    )
    left = untold[0].context
    old_id = left["old_resource_id"]
    return datetime.fromisoformat(left["old_starts_at"]), UUID(old_id) if old_id else None

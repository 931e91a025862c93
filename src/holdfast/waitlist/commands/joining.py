"""Joining the waitlist and leaving it (SPEC F1, F7, F8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError

from holdfast.bookings.commands.people import agreed_with, known_customer, must_prove_email
from holdfast.bookings.commands.placing import bookable_service
from holdfast.bookings.queries import booking_by_id
from holdfast.bookings.rules import check_party
from holdfast.businesses.rules import Action, authorise
from holdfast.core import outbox, sql
from holdfast.core.ids import uuid7
from holdfast.core.transactions import command, violated
from holdfast.customers.commands import spend_code
from holdfast.customers.rules import Contact, clean_contact
from holdfast.lib import text
from holdfast.lib.actors import WAITLIST, Actor
from holdfast.lib.refusals import Forbidden, Invalid
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.commands.offers import end_open_offer
from holdfast.waitlist.commands.writing import authorise_waiter, close, locked_entry, note, write_wishes
from holdfast.waitlist.errors import AlreadyWaiting, EntryOver, WaitlistClosed, WaitlistFull
from holdfast.waitlist.events import EntryJoined, EntryOff
from holdfast.waitlist.models import Entry, EntryWish
from holdfast.waitlist.queries.entries import EntryFacts, entry_facts
from holdfast.waitlist.queries.estimating import estimate_for
from holdfast.waitlist.queries.matching import WAITED_FOR
from holdfast.waitlist.rules import (
    UNDO_LEAVING,
    DateRange,
    RangeWish,
    clean_ranges,
    ends_at,
    next_entry_state,
    wish_key,
)

MOST_SERVICES = 10
MOST_QUOTED_MINUTES = 24 * 60
NAME_TOKENS = "customers_nametoken"


@dataclass(frozen=True, slots=True)
class WaitWish:
    """What somebody would wait for: one of these services, with one of these resources (None: any), in these ranges.

    ``earlier_than`` is their booking, if they ask for an earlier time than it has. ``quoted`` are the fewest and the most
    minutes they were told to expect.
    """

    services: tuple[UUID, ...]
    ranges: tuple[RangeWish, ...]
    party_size: int = 1
    resources: tuple[UUID, ...] | None = None
    earlier_than: UUID | None = None
    walk_in: bool = False
    quoted: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Waiter:
    """Who waits. ``email_code`` proves the address where a service asks for that."""

    contact: Contact
    email_code: str = ""


@command
def join_waitlist(
    *, actor: Actor, timetable: Timetable, wish: WaitWish, who: Waiter, now: datetime
) -> EntryFacts:
    """Put somebody on the waitlist (SPEC F1). Staff may do it for others, without an email address, and for a list that is
    closed or full. Who waits on the spot waits for today.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`, :class:`WaitlistClosed`, :class:`WaitlistFull`,
    :class:`AlreadyWaiting`, :class:`CustomerBlocked`, :class:`OnlineBookingOff`, :class:`EmailNotVerified`.
    """
    business_id = timetable.business.id
    authorise(actor, Action.BOOK, business_id)
    contact, ranges = _cleaned(actor, timetable, wish, who.contact, now)
    by_code = _check_services(actor, timetable, wish, contact, who.email_code)
    _check_resources(timetable, wish)
    if wish.earlier_than is not None:
        _check_booking(actor, timetable, wish, wish.earlier_than)
    _check_room(actor, timetable, wish.services)
    customer_id, people = known_customer(actor=actor, timetable=timetable, contact=contact, on=None, now=now)
    if by_code:
        spend_code(business_id=business_id, email=contact.email, code=who.email_code, now=now)
    row = _new_entry(actor, timetable, wish, contact, customer_id, ranges, now)
    people += agreed_with(
        actor=actor,
        timetable=timetable,
        customer_id=customer_id,
        booking_id=wish.earlier_than,
        news=False,
        now=now,
    )
    sql.insert_all(people, ignoring={NAME_TOKENS})
    return _quoted(timetable, _write(row, actor, now), now)


def _cleaned(
    actor: Actor, timetable: Timetable, wish: WaitWish, contact: Contact, now: datetime
) -> tuple[Contact, tuple[DateRange, ...]]:
    """Contact and ranges as they are kept. Refusals: :class:`Invalid` with every mistake in what was said."""
    mistakes: text.Mistakes = {}
    try:
        contact = clean_contact(contact, email_required=not actor.is_staff)
    except Invalid as refusal:
        mistakes |= {
            f"customer.{name}" if "." not in name else name: said for name, said in refusal.fields.items()
        }
    today = now.astimezone(timetable.tz).date()
    ranges = clean_ranges(
        wish.ranges,
        today=today,
        last_bookable=today + timedelta(days=timetable.business.settings.furthest_ahead_days),
        mistakes=mistakes,
    )
    if wish.walk_in and any((one.first, one.last) != (today, today) for one in ranges):
        mistakes["wishes"] = [("today_only", {})]
    if not 1 <= len(set(wish.services)) <= MOST_SERVICES:
        mistakes["services"] = [("out_of_bounds", {"least": 1, "most": MOST_SERVICES})]
    if wish.quoted is not None and not 0 <= wish.quoted[0] <= wish.quoted[1] <= MOST_QUOTED_MINUTES:
        mistakes["quoted"] = [("out_of_bounds", {"least": 0, "most": MOST_QUOTED_MINUTES})]
    text.refuse(mistakes)
    return contact, ranges


def _quoted(timetable: Timetable, entry: EntryFacts, now: datetime) -> EntryFacts:
    """The entry with the wait its person is told, unless somebody told them already: kept, to be held against what happens."""
    if entry.quoted_high is not None:
        return entry
    told = estimate_for(timetable=timetable, entry=entry, now=now)
    if told is None:
        return entry
    Entry.objects.filter(id=entry.id).update(quoted_low=told.low, quoted_high=told.high)
    return replace(entry, quoted_low=told.low, quoted_high=told.high)


def _write(row: Entry, actor: Actor, now: datetime) -> EntryFacts:
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        if violated(error) == "entry_once":
            raise AlreadyWaiting from error
        raise
    write_wishes(row)
    note(row.id, business_id=row.business_id, actor=actor, action="join", now=now)
    outbox.record(EntryJoined(row.id), business_id=row.business_id, subject_id=row.id)
    return entry_facts(row=row)


def _new_entry(
    actor: Actor,
    timetable: Timetable,
    wish: WaitWish,
    contact: Contact,
    customer_id: UUID,
    ranges: Sequence[DateRange],
    now: datetime,
) -> Entry:
    key = wish_key(
        customer_id=customer_id,
        services=wish.services,
        resources=wish.resources,
        ranges=ranges,
        party_size=wish.party_size,
        booking_id=wish.earlier_than,
    )
    return Entry(
        id=uuid7(),
        business_id=timetable.business.id,
        customer_id=customer_id,
        account_id=None if actor.is_staff else actor.account_id,
        services=[str(id) for id in dict.fromkeys(wish.services)],
        resources=None if wish.resources is None else [str(id) for id in wish.resources],
        ranges=[one.as_json() for one in ranges],
        party_size=wish.party_size,
        contact={"name": contact.name, "email": contact.email, "phone": contact.phone},
        wish_key=key,
        earlier_than_id=wish.earlier_than,
        walk_in=wish.walk_in,
        quoted_low=wish.quoted[0] if wish.quoted else None,
        quoted_high=wish.quoted[1] if wish.quoted else None,
        joined_at=now,
        ends_at=ends_at(ranges, timetable.tz),
        via=actor.via,
    )


def _check_services(actor: Actor, timetable: Timetable, wish: WaitWish, contact: Contact, code: str) -> bool:
    """Whether a code has to prove the address; refuses what cannot be waited for."""
    if not (timetable.business.settings.waitlist or actor.is_staff):
        raise WaitlistClosed
    by_code = False
    for id in dict.fromkeys(wish.services):
        service = bookable_service(timetable=timetable, service_id=id, actor=actor, modes=WAITED_FOR)
        if not (service.waitlist_open or actor.is_staff):
            raise WaitlistClosed(service=str(id))
        most = (
            sum(one.seats_max for one in timetable.givers[id].values()) if service.mode == "table" else None
        )
        givers = [one.seats_max for one in timetable.givers[id].values()]
        check_party(wish.party_size, [most] if most is not None else [] if service.mode == "slot" else givers)
        if not wish.earlier_than and must_prove_email(
            actor=actor, service=service, email=contact.email, code=code
        ):
            by_code = True
    return by_code


def _check_resources(timetable: Timetable, wish: WaitWish) -> None:
    if wish.resources is None:
        return
    giving = {id for service in wish.services for id in timetable.givers[service]}
    if not wish.resources or not set(wish.resources) <= giving:
        raise Invalid.field("resources", "unknown")


def _check_booking(actor: Actor, timetable: Timetable, wish: WaitWish, booking_id: UUID) -> None:
    """Who asks for an earlier time has the booking, and asks for the same service."""
    if not actor.is_staff and actor.booking_id != booking_id:
        raise Forbidden(action="ask_earlier", needs="booking")
    booking = booking_by_id(business_id=timetable.business.id, booking_id=booking_id)
    if booking.state != "confirmed":
        raise EntryOver(state=booking.state)
    if wish.services != (booking.service_id,) or wish.party_size != booking.party_size:
        raise Invalid.field("services", "unknown")


def _check_room(actor: Actor, timetable: Timetable, services: Sequence[UUID]) -> None:
    """Whether the lists of these services take one more; staff may go over."""
    if actor.is_staff:
        return
    business_id = timetable.business.id
    for id in services:
        limit = timetable.service(id).waitlist_limit
        if (
            limit
            and EntryWish.objects.filter(business_id=business_id, service_id=id)
            .values("entry_id")
            .distinct()
            .count()
            >= limit
        ):
            raise WaitlistFull(limit=limit, service=str(id))


@command
def leave_waitlist(
    *, actor: Actor, business_id: UUID, entry_id: UUID, now: datetime, undo: bool = False
) -> EntryFacts:
    """Leave the list; an offer that is out goes to the next. With ``undo`` it can be taken back for two minutes.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`EntryOver`.
    """
    authorise_waiter(actor, business_id, entry_id)
    row = locked_entry(business_id=business_id, entry_id=entry_id)
    next_entry_state(row.state, "leave")
    end_open_offer(row, "withdrawn", actor=actor, now=now)
    return close(row, "leave", actor=actor, now=now, undo=UNDO_LEAVING if undo else None)


@command
def undo_leaving(*, actor: Actor, business_id: UUID, entry_id: UUID, now: datetime) -> EntryFacts:
    """Come back within two minutes of leaving, as if nothing had been. The offer that was out is gone.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`EntryOver`, :class:`AlreadyWaiting`.
    """
    authorise_waiter(actor, business_id, entry_id)
    row = locked_entry(business_id=business_id, entry_id=entry_id)
    state = next_entry_state(row.state, "undo")
    if row.closed_at is None or now > row.closed_at + UNDO_LEAVING:
        raise EntryOver(state=row.state)
    row.state, row.closed_at = state, None
    try:
        row.save(update_fields=["state", "closed_at"])
    except IntegrityError as error:
        if violated(error) == "entry_once":
            raise AlreadyWaiting from error
        raise
    write_wishes(row)
    outbox.withdraw(EntryOff, row.id, business_id)
    note(row.id, business_id=business_id, actor=actor, action="undo", now=now)
    return entry_facts(row=row)


@command
def expire_entries(*, now: datetime, limit: int = 200) -> int:
    """Close up to ``limit`` entries whose last wish is over, of every business; how many."""
    ids = Entry.objects.filter(state__in=("waiting", "called"), ends_at__lte=now).values_list(
        "business_id", "id"
    )
    count = 0
    for business_id, entry_id in list(ids.order_by("ends_at")[:limit]):
        row = locked_entry(business_id=business_id, entry_id=entry_id)
        if row.state in ("waiting", "called"):
            end_open_offer(row, "withdrawn", actor=WAITLIST, now=now)
            close(row, "expire", actor=WAITLIST, now=now, details={"why": "over"})
            count += 1
    return count

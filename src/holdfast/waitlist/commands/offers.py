"""Offers: made, answered, withdrawn, run out (SPEC F3). What comes back from one goes to the next in line at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from holdfast.bookings import commands as bookings
from holdfast.bookings.commands import Wish, hold_time
from holdfast.bookings.errors import HoldEnded
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.businesses.rules import Action, authorise
from holdfast.core import outbox
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib.actors import WAITLIST, Actor
from holdfast.lib.refusals import Invalid, Missing, Refusal
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.commands.writing import authorise_waiter, close, locked_entry, note
from holdfast.waitlist.errors import EntryOver, OfferOut, OfferOver, TooNear
from holdfast.waitlist.events import OfferAccepted, OfferDue, OfferEnded, OfferMade
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.queries.entries import OfferFacts, offer_facts
from holdfast.waitlist.rules import LIVE, MOST_UNANSWERED, check_open_offer, offer_until


def make_offer(
    row: Entry,
    *,
    timetable: Timetable,
    wish: Wish,
    until: datetime,
    score: Mapping[str, float],
    now: datetime,
    gap_id: UUID | None = None,
    by_hand: str = "",
    actor: Actor = WAITLIST,
) -> OfferFacts:
    """Hold a place for a locked entry and put it to them; inside a command.

    Refusals: those of :func:`hold_time`, :class:`OfferOut`.
    """
    pending = Offer.objects.filter(entry_id=row.id, state="pending").first()
    if pending is not None:
        if pending.expires_at > now:
            raise OfferOut(until=pending.expires_at.isoformat())
        _end(pending, row, "expired", actor=WAITLIST, now=now)
        if row.state not in LIVE:
            raise EntryOver(state=row.state)
    hold = hold_time(actor=actor, timetable=timetable, wish=wish, now=now, until=until)
    offer = Offer.objects.create(
        business_id=row.business_id,
        entry_id=row.id,
        gap_id=gap_id,
        booking_id=hold.id,
        customer_id=row.customer_id,
        service_id=hold.service_id,
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
        resources=[str(id) for id in hold.resource_ids],
        expires_at=until,
        score=score.get("total", 0.0),
        breakdown=dict(score),
        by_hand=by_hand,
        made_at=now,
    )
    said = {"offer": str(offer.id), "starts_at": hold.starts_at.isoformat(), "until": until.isoformat()}
    note(row.id, business_id=row.business_id, actor=actor, action="offer", now=now, details=said)
    _tell(offer, OfferMade(offer.id))
    outbox.record(OfferDue(offer.id), business_id=row.business_id, subject_id=offer.id, due_at=until)
    return offer_facts(row=offer)


@command
def offer_by_hand(
    *,
    actor: Actor,
    timetable: Timetable,
    entry_id: UUID,
    service_id: UUID,
    starts_at: datetime,
    now: datetime,
    resource_id: UUID | None = None,
    slot_id: UUID | None = None,
) -> OfferFacts:
    """Put a place to somebody whom staff chose, whatever the scores say (SPEC F5); it is recorded with their name.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`, :class:`EntryOver`, :class:`OfferOut`,
    :class:`TooNear`, :class:`TimeTaken`, :class:`SlotFull`.
    """
    business_id = timetable.business.id
    authorise(actor, Action.CHANGE_WAITLIST, business_id)
    row = locked_entry(business_id=business_id, entry_id=entry_id)
    if row.state not in LIVE:
        raise EntryOver(state=row.state)
    if str(service_id) not in row.services:
        raise Invalid.field("service", "not_waited_for")
    settings = timetable.business.settings
    until = offer_until(now, starts_at, hold_minutes=settings.hold_minutes, cutoff_minutes=0)
    if until is None:
        raise TooNear(cutoff_minutes=0)
    return make_offer(
        row,
        timetable=timetable,
        wish=Wish(service_id, starts_at, resource_id, row.party_size, slot_id),
        until=until,
        score={},
        now=now,
        by_hand=actor.label[:120],
        actor=actor,
    )


@command
def accept_offer(*, actor: Actor, timetable: Timetable, offer_id: UUID, now: datetime) -> BookingFacts:
    """Turn an offer into a booking, or move to it the booking it is earlier than (SPEC F3, F8). Accepting twice is one
    booking: the second time it is handed out again.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`OfferOver` (answered otherwise, withdrawn, too late, what was
    held is gone), :class:`LimitReached`, :class:`IllegalStep` (the booking to be moved is not confirmed any more).
    """
    offer, row = _locked(actor, timetable.business.id, offer_id)
    if offer.state == "accepted" and row.booking_id is not None:
        return booking_by_id(business_id=row.business_id, booking_id=row.booking_id)
    check_open_offer(offer.state, offer.expires_at, now)
    if offer.booking_id is None:
        raise OfferOver(state="expired")
    try:
        booking = _take(actor, timetable, row, offer.booking_id, now)
    except HoldEnded as refusal:  # a change of what is offered ended it, or a clock ahead of ours
        raise OfferOver(state="expired") from refusal
    _answer(offer, "accepted", now)
    close(row, "book", actor=actor, now=now, details={"offer": str(offer.id)}, booking_id=booking.id)
    _tell(offer, OfferAccepted(offer.id))
    return booking


@command
def decline_offer(
    *, actor: Actor, business_id: UUID, offer_id: UUID, now: datetime, leave: bool = False
) -> OfferFacts:
    """Pass an offer and keep the place in line, or ``leave`` the list; the place goes to the next at once.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`OfferOver`.
    """
    offer, row = _locked(actor, business_id, offer_id)
    check_open_offer(offer.state, offer.expires_at, now)
    row.passes += 1
    row.save(update_fields=["passes"])
    _end(offer, row, "declined", actor=actor, now=now)
    if leave:
        close(row, "leave", actor=actor, now=now)
    return offer_facts(row=offer)


@command
def withdraw_offer(*, actor: Actor, business_id: UUID, offer_id: UUID, now: datetime) -> OfferFacts:
    """Take an offer back; the person keeps their place in line, what was held goes on to the next.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`OfferOver`.
    """
    authorise(actor, Action.CHANGE_WAITLIST, business_id)
    offer, row = _locked(actor, business_id, offer_id)
    check_open_offer(offer.state, offer.expires_at, now)
    _end(offer, row, "withdrawn", actor=actor, now=now)
    return offer_facts(row=offer)


@command
def expire_offer(*, offer_id: UUID, now: datetime) -> bool:
    """Record that nobody answered in time, if so; whether it did. Who leaves several without an answer is asked no more."""
    found = Offer.objects.filter(id=offer_id).values_list("business_id", "entry_id").first()
    if found is None:
        return False
    row = locked_entry(business_id=found[0], entry_id=found[1])
    offer = Offer.objects.select_for_update(no_key=True).get(id=offer_id)
    if offer.state != "pending" or offer.expires_at > now:
        return False
    _end(offer, row, "expired", actor=WAITLIST, now=now)
    return True


def end_open_offer(row: Entry, state: str, *, actor: Actor, now: datetime) -> None:
    """End the offer that a locked entry has out, if it has one; inside a command."""
    offer = Offer.objects.filter(entry_id=row.id, state="pending").first()
    if offer is not None:
        _end(offer, row, "expired" if offer.expires_at <= now else state, actor=actor, now=now)


def _take(actor: Actor, timetable: Timetable, row: Entry, hold_id: UUID, now: datetime) -> BookingFacts:
    if row.earlier_than_id is not None:
        return bookings.move_to_held(
            actor=actor, timetable=timetable, booking_id=row.earlier_than_id, hold_id=hold_id, now=now
        )
    return bookings.confirm_for(
        actor=actor,
        timetable=timetable,
        hold_id=hold_id,
        customer_id=row.customer_id,
        contact=Contact(row.contact["name"], row.contact["email"], row.contact["phone"]),
        account_id=row.account_id,
        now=now,
    )


def _locked(actor: Actor, business_id: UUID, offer_id: UUID) -> tuple[Offer, Entry]:
    """The offer and its entry, the entry's row locked: whoever changes an offer has its entry."""
    found = (
        Offer.objects.filter(business_id=business_id, id=offer_id).values_list("entry_id", flat=True).first()
    )
    if found is None:
        raise Missing(what="offer")
    authorise_waiter(actor, business_id, found)
    row = locked_entry(business_id=business_id, entry_id=found)
    return Offer.objects.get(business_id=business_id, id=offer_id), row


def _end(offer: Offer, row: Entry, state: str, *, actor: Actor, now: datetime) -> None:
    """An offer came to nothing: what was held is let go, which tells the waitlist that it is free."""
    _answer(offer, state, now)
    if offer.booking_id is not None:
        bookings.end_hold(actor=actor, business_id=offer.business_id, hold_id=offer.booking_id, now=now)
    note(
        row.id,
        business_id=row.business_id,
        actor=actor,
        action=state,
        now=now,
        details={"offer": str(offer.id)},
    )
    _tell(offer, OfferEnded(offer.id, state))
    if state == "expired":
        row.unanswered += 1
        row.save(update_fields=["unanswered"])
        if row.unanswered >= MOST_UNANSWERED and row.state in LIVE:
            close(row, "expire", actor=WAITLIST, now=now, details={"why": "unanswered"})


def _answer(offer: Offer, state: str, now: datetime) -> None:
    offer.state, offer.answered_at = state, now
    offer.save(update_fields=["state", "answered_at"])


def _tell(offer: Offer, event: Any) -> None:
    outbox.record(event, business_id=offer.business_id, subject_id=offer.id)


def tried(row: Entry, **how: Any) -> OfferFacts | None:
    """An offer if it can be made now; None, and nothing written, if a rule or somebody quicker is in the way."""
    try:
        with transaction.atomic():
            return make_offer(row, **how)
    except Refusal:
        return None

"""What messages do about the events of bookings and of the waitlist; wired in ``config/wiring.py``."""

from __future__ import annotations

from uuid import UUID

from holdfast.bookings.events import (
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingMoved,
    NoShowFeePlanned,
    OptionChallenged,
    OptionChanged,
    PaymentAwaited,
    RequestCountered,
    RequestDeclined,
    RequestExpired,
    RequestMade,
    RequestUnanswered,
    RequestWithdrawn,
    TimesProposed,
)
from holdfast.core import clock
from holdfast.customers.events import EmailCodeIssued
from holdfast.notifications import commands
from holdfast.notifications.commands import requests, visits, waiting
from holdfast.payments.events import PaymentReceived, RefundMade
from holdfast.waitlist.events import EntryCalled, EntryJoined, EntryOff, OfferEnded, OfferMade


def announce_booking(event: BookingConfirmed) -> None:
    """A booking stands: tell the customer and staff, and plan the reminders."""
    commands.announce_booking(booking_id=event.booking_id, on_request=event.on_request, now=clock.now())


def announce_move(event: BookingMoved) -> None:
    """A booking has another time or resource: tell who had the old picture, and move the reminders."""
    commands.announce_move(
        booking_id=event.booking_id,
        sequence=event.sequence,
        old_starts_at=event.old_starts_at,
        old_resource_id=event.old_resource_id,
        now=clock.now(),
    )


def announce_cancellation(event: BookingCancelled) -> None:
    """A booking is off for good: tell the customer and staff, and drop the reminders."""
    commands.announce_cancellation(
        booking_id=event.booking_id,
        sequence=event.sequence,
        by_staff=event.by_staff,
        together=event.together,
        now=clock.now(),
    )


def announce_proposal(event: TimesProposed) -> None:
    """The business cannot keep a time: ask the customer to choose another."""
    commands.announce_proposal(booking_id=event.booking_id, sequence=event.sequence, now=clock.now())


def mail_code(event: EmailCodeIssued) -> None:
    """Somebody wants to prove an address: send its code there."""
    commands.mail_code(business_id=event.business_id, code_id=event.code_id, now=clock.now())


def announce_visit(event: BookingCompleted) -> None:
    """A visit is over: thank for it, if that is wished."""
    visits.announce_visit(booking_id=event.booking_id, now=clock.now())


def announce_request(event: RequestMade) -> None:
    """Somebody asks for a date: mail it to those who answer, and a receipt to the customer."""
    requests.announce_request(booking_id=event.booking_id, now=clock.now())


def announce_unanswered(event: RequestUnanswered) -> None:
    """A request is about to expire: remind those who answer."""
    requests.announce_unanswered(booking_id=event.booking_id, now=clock.now())


def announce_counter(event: RequestCountered) -> None:
    """The business offers something else: ask the customer."""
    requests.announce_counter(booking_id=event.booking_id, sequence=event.sequence, now=clock.now())


def announce_declined(event: RequestDeclined) -> None:
    """One side said no: tell the other."""
    requests.announce_declined(
        booking_id=event.booking_id, sequence=event.sequence, by_staff=event.by_staff, now=clock.now()
    )


def announce_withdrawn(event: RequestWithdrawn) -> None:
    """A request was taken back: tell both sides."""
    requests.announce_withdrawn(
        booking_id=event.booking_id, sequence=event.sequence, by_staff=event.by_staff, now=clock.now()
    )


def announce_expired(event: RequestExpired) -> None:
    """A request or an option ran out: tell both sides."""
    requests.announce_expired(booking_id=event.booking_id, challenged=event.challenged, now=clock.now())


def announce_option(event: OptionChanged) -> None:
    """A rank among the options changed: tell its holder."""
    requests.announce_option(
        booking_id=event.booking_id, sequence=event.sequence, rank=event.rank, now=clock.now()
    )


def announce_challenge(event: OptionChallenged) -> None:
    """A first option has to be confirmed: ask its holder."""
    requests.announce_challenge(booking_id=event.booking_id, sequence=event.sequence, now=clock.now())


def announce_entry(event: EntryJoined) -> None:
    """Somebody waits for a place: a receipt."""
    waiting.announce_entry(entry_id=event.entry_id, now=clock.now())


def announce_offer(event: OfferMade) -> None:
    """A place is held for somebody who waits: ask them."""
    waiting.announce_offer(offer_id=event.offer_id, now=clock.now())


def announce_offer_end(event: OfferEnded) -> None:
    """An offer came to nothing: tell whoever had it, unless they passed it themselves."""
    waiting.announce_offer_end(offer_id=event.offer_id, state=event.state, now=clock.now())


def announce_call(event: EntryCalled) -> None:
    """Somebody's place is ready: call them."""
    waiting.announce_call(entry_id=event.entry_id, now=clock.now())


def announce_off(event: EntryOff) -> None:
    """Somebody is off the waitlist: tell them, unless they left themselves."""
    waiting.announce_off(entry_id=event.entry_id, state=event.state, now=clock.now())


def announce_due(event: PaymentAwaited) -> None:
    """A booking waits for its payment: mail the way to pay, unless it is paid in a moment."""
    visits.announce_due(booking_id=event.booking_id, now=clock.now())


def announce_paid(event: PaymentReceived) -> None:
    """Money came: say thank you."""
    _money(event.booking_id, "paid", event.amount_minor, event.payment_id)


def announce_refund(event: RefundMade) -> None:
    """Money was given back: say so."""
    _money(event.booking_id, "refunded", event.amount_minor, event.refund_id)


def announce_fee(event: NoShowFeePlanned) -> None:
    """A missed visit is to cost something: say so before it does."""
    _money(event.booking_id, "fee", event.amount_minor, event.payment_id)


def _money(booking_id: UUID, kind: str, amount_minor: int, key: UUID) -> None:
    visits.announce_money(
        booking_id=booking_id, kind=kind, amount_minor=amount_minor, key=str(key), now=clock.now()
    )

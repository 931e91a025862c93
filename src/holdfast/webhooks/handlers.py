"""What webhooks do about the events of bookings and of the waitlist; wired in ``config/wiring.py``."""

from __future__ import annotations

from uuid import UUID

from holdfast.bookings.events import (
    BookingCancelled,
    BookingCheckedIn,
    BookingCompleted,
    BookingConfirmed,
    BookingMoved,
    BookingNotKept,
    RequestCountered,
    RequestDeclined,
    RequestExpired,
    RequestMade,
    RequestWithdrawn,
)
from holdfast.core import clock
from holdfast.lib.instants import show_instant
from holdfast.payments.events import PaymentReceived, RefundMade
from holdfast.waitlist.events import EntryCalled, EntryJoined, EntryOff, OfferAccepted, OfferEnded, OfferMade
from holdfast.webhooks import commands


def tell_requested(event: RequestMade) -> None:
    """Somebody asks for a date."""
    _booking(event.booking_id, "booking.requested")


def tell_countered(event: RequestCountered) -> None:
    """The business offers something else."""
    _booking(event.booking_id, "booking.countered")


def tell_declined(event: RequestDeclined) -> None:
    """One side said no."""
    _booking(event.booking_id, "booking.declined", by=_side(by_staff=event.by_staff))


def tell_withdrawn(event: RequestWithdrawn) -> None:
    """A request was taken back."""
    _booking(event.booking_id, "booking.withdrawn", by=_side(by_staff=event.by_staff))


def tell_expired(event: RequestExpired) -> None:
    """Nobody answered a request in time."""
    _booking(event.booking_id, "booking.expired")


def tell_confirmed(event: BookingConfirmed) -> None:
    """A booking stands."""
    _booking(event.booking_id, "booking.confirmed", on_request=event.on_request)


def tell_moved(event: BookingMoved) -> None:
    """A booking has another time or resource."""
    _booking(
        event.booking_id,
        "booking.moved",
        old_starts_at=show_instant(event.old_starts_at),
        old_ends_at=show_instant(event.old_ends_at),
    )


def tell_cancelled(event: BookingCancelled) -> None:
    """A booking is off for good."""
    _booking(event.booking_id, "booking.cancelled", by=_side(by_staff=event.by_staff))


def tell_checked_in(event: BookingCheckedIn) -> None:
    """The customer has come."""
    _booking(event.booking_id, "booking.checked_in")


def tell_completed(event: BookingCompleted) -> None:
    """The customer has been served."""
    _booking(event.booking_id, "booking.completed")


def tell_not_kept(event: BookingNotKept) -> None:
    """The customer did not come."""
    _booking(event.booking_id, "booking.no_show")


def tell_joined(event: EntryJoined) -> None:
    """Somebody waits."""
    _entry(event.entry_id, "waitlist.joined")


def tell_called(event: EntryCalled) -> None:
    """Somebody who waits on the spot is called."""
    _entry(event.entry_id, "waitlist.called")


def tell_left(event: EntryOff) -> None:
    """Somebody is off the list without a place."""
    _entry(event.entry_id, "waitlist.left", how=event.state)


def tell_offered(event: OfferMade) -> None:
    """A place is offered and held."""
    commands.tell_of_offer(offer_id=event.offer_id, event="waitlist.offer_made", facts={}, now=clock.now())


def tell_accepted(event: OfferAccepted) -> None:
    """An offer was taken."""
    commands.tell_of_offer(
        offer_id=event.offer_id, event="waitlist.offer_accepted", facts={}, now=clock.now()
    )


def tell_offer_ended(event: OfferEnded) -> None:
    """An offer came to nothing."""
    commands.tell_of_offer(
        offer_id=event.offer_id, event="waitlist.offer_ended", facts={"how": event.state}, now=clock.now()
    )


def tell_paid(event: PaymentReceived) -> None:
    """Money came."""
    _booking(event.booking_id, "payment.received", amount_minor=event.amount_minor)


def tell_refunded(event: RefundMade) -> None:
    """Money was given back."""
    _booking(event.booking_id, "payment.refunded", amount_minor=event.amount_minor)


def _booking(booking_id: UUID, event: str, **facts: object) -> None:
    commands.tell_of_booking(booking_id=booking_id, event=event, facts=facts, now=clock.now())


def _entry(entry_id: UUID, event: str, **facts: object) -> None:
    commands.tell_of_entry(entry_id=entry_id, event=event, facts=facts, now=clock.now())


def _side(*, by_staff: bool) -> str:
    return "business" if by_staff else "customer"

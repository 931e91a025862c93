"""Facts about bookings that other rooms react to. Ids and instants only, never personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BookingConfirmed:
    """A customer has a booking (booked at once, a hold was confirmed, or a request accepted)."""

    booking_id: UUID
    on_request: bool = False


@dataclass(frozen=True, slots=True)
class BookingMoved:
    """A booking has another time or resource. ``sequence`` is the booking's after the move."""

    booking_id: UUID
    sequence: int
    old_starts_at: datetime
    old_ends_at: datetime
    old_resource_id: UUID | None


@dataclass(frozen=True, slots=True)
class BookingCancelled:
    """A booking is off, and past undoing: the event is due when its undo window has ended.

    ``by_staff`` tells who cancelled: the business or the customer. ``together`` are the bookings that were cancelled in
    one step with it, itself among them: one message tells of all.
    """

    booking_id: UUID
    sequence: int
    by_staff: bool
    together: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class TimesProposed:
    """The business asks the customer to choose another time. ``sequence`` is the booking's after asking."""

    booking_id: UUID
    sequence: int


@dataclass(frozen=True, slots=True)
class BookingCheckedIn:
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class BookingCompleted:
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class BookingNotKept:
    """The customer did not come."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class RequestMade:
    """Somebody asks for a date. It waits for the business's answer."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class RequestUnanswered:
    """A request is still waiting and will soon expire."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class RequestCountered:
    """The business offers another fee or another time; the customer is to answer."""

    booking_id: UUID
    sequence: int


@dataclass(frozen=True, slots=True)
class RequestDeclined:
    """A request was declined: by the business, or its counter-offer by the customer."""

    booking_id: UUID
    sequence: int
    by_staff: bool


@dataclass(frozen=True, slots=True)
class RequestWithdrawn:
    """A request was taken back before it was accepted."""

    booking_id: UUID
    sequence: int
    by_staff: bool


@dataclass(frozen=True, slots=True)
class RequestExpired:
    """Nobody answered in time; ``challenged`` if an option was lost that way."""

    booking_id: UUID
    challenged: bool


@dataclass(frozen=True, slots=True)
class OptionChanged:
    """A request has another rank among the options on its date; 0: none any more."""

    booking_id: UUID
    sequence: int
    rank: int


@dataclass(frozen=True, slots=True)
class OptionChallenged:
    """The holder of the first option is asked to confirm, or to lose it."""

    booking_id: UUID
    sequence: int


@dataclass(frozen=True, slots=True)
class PaymentAwaited:
    """A booking is kept for its customer until it is paid."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class PaidTooLate:
    """A payment came when its booking's time was somebody else's already; the money is given back."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class NoShowFeePlanned:
    """The card on file is to be charged with the fee for a missed visit; until then staff can stop it."""

    booking_id: UUID
    payment_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class HoldLapsed:
    """A time that was held is free again: the hold ran out or was let go."""

    booking_id: UUID

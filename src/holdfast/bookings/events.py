"""Facts about bookings that other rooms react to. Ids and instants only, never personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BookingConfirmed:
    """A customer has a booking (booked at once, or a hold was confirmed)."""

    booking_id: UUID


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

    ``by_staff`` tells who cancelled: the business or the customer.
    """

    booking_id: UUID
    sequence: int
    by_staff: bool


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

"""Facts about money that other rooms react to. Ids and amounts, never personal data."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PaymentReceived:
    """Money came in for a booking, in time or late: what the booking makes of it is its own affair."""

    payment_id: UUID
    booking_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """An attempt came to nothing for good, such as a charge that the card's bank refused."""

    payment_id: UUID
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class PaymentLapsed:
    """A checkout ended unpaid: nobody can pay it any more."""

    payment_id: UUID
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class CardSaved:
    """A card is on file for a booking."""

    payment_id: UUID
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class RefundMade:
    """Money was given back."""

    refund_id: UUID
    booking_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """The provider will not give money back: staff has to."""

    refund_id: UUID
    booking_id: UUID

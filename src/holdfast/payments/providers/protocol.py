"""What every provider can be asked, in values; and the ways in which it does not answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from holdfast.payments.rules import CheckoutOrder, RefundOutcome, Seen


class Unreachable(Exception):
    """No answer, or none that says anything: ask again with the same key."""


class ProviderFault(Unreachable):
    """The provider failed in the middle: what it did is unknown, and under the same key it repeats its failure."""


class Refused(Exception):
    """The provider understood and will not; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code[:60]


class Unsigned(Exception):
    """What came in is not the provider's word: no signature, a wrong one, or one of long ago."""


@dataclass(frozen=True, slots=True)
class Opened:
    ref: str
    url: str


@dataclass(frozen=True, slots=True)
class Known:
    """A payment as the provider knows it."""

    payment_id: UUID
    checkout_ref: str = ""
    charge_ref: str = ""


@dataclass(frozen=True, slots=True)
class CardOrder:
    """A charge of a saved card while nobody is there. ``is_again``: it was tried before, so look for it first."""

    payment_id: UUID
    key: str
    amount_minor: int
    currency: str
    customer_ref: str
    method_ref: str
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money to be given back out of a charge."""

    refund_id: UUID
    key: str
    charge_ref: str
    amount_minor: int
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class RefundSeen:
    ref: str
    outcome: RefundOutcome
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a provider, reduced to what counts. ``facts`` are JSON-ready and about nobody; empty: of no interest."""

    event_id: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that moved at the provider, for the comparison: a charge, or (``refund_ref``) what was given back of it."""

    charge_ref: str
    amount_minor: int
    currency: str
    at: datetime
    payment_id: UUID | None = None
    refund_ref: str = ""
    refund_id: UUID | None = None
    outcome: RefundOutcome = RefundOutcome.DONE


class PaymentProvider(Protocol):
    """Each may raise :class:`Unreachable` or :class:`Refused`."""

    def open(self, order: CheckoutOrder) -> Opened:
        """Open a checkout."""

    def look(self, known: Known) -> Seen:
        """What became of a checkout or charge."""

    def expire(self, known: Known) -> Seen:
        """End a checkout, so that nobody can pay it any more; what became of it if that comes too late."""

    def charge(self, order: CardOrder) -> Seen:
        """Charge a saved card."""

    def give_back(self, order: RefundOrder) -> RefundSeen:
        """Give money back."""

    def look_at_refund(self, ref: str) -> RefundSeen:
        """What became of a refund."""

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """An event that came in. Raises :class:`Unsigned`."""

    def moved_since(self, since: datetime) -> Iterator[Moved]:
        """All money of ours that moved since."""

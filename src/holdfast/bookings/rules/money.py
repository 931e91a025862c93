"""Decisions about the money of a booking: what is asked before it stands, and what comes back (SPEC G1, D11). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from holdfast.businesses.rules import GUARDS, Settings
from holdfast.catalog.rules.prices import share_of

# Visits of the last year tell whether somebody comes.
HISTORY_DAYS = 365
# What a deposit is where the history of a customer asks for one and the service names none.
DEPOSIT_BY_HISTORY_PERCENT = 50
ONLINE = ("demo", "stripe")


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """How much of what was paid comes back when a customer cancels, by the time before the start.

    Everything until ``full_minutes`` before, then ``part_percent`` until ``part_minutes`` before (no such stretch where
    that is earlier), and ``late_percent`` after that.
    """

    full_minutes: int = 1440
    part_minutes: int = 1440
    part_percent: int = 50
    late_percent: int = 0

    @classmethod
    def of(cls, settings: Settings) -> RefundTerms:
        return cls(
            settings.refund_full_minutes,
            settings.refund_part_minutes,
            settings.refund_part_percent,
            settings.refund_late_percent,
        )

    def stretches(self) -> list[tuple[int, int]]:
        """``(until so many minutes before the start, percent)``, in order of time; the last holds until the start."""
        found = [(self.full_minutes, 100)]
        if self.part_minutes < self.full_minutes:
            found.append((self.part_minutes, self.part_percent))
        if found[-1][0] > 0:
            found.append((0, self.late_percent))
        return found


@dataclass(frozen=True, slots=True)
class MoneyTerms:
    """What was agreed about money when a booking was made: refunds, what was demanded, the tax in its price, the share
    of it that a missed visit costs."""

    refunds: RefundTerms = field(default_factory=RefundTerms)
    demand: str = ""
    tax_basis_points: int = 0
    fee_percent: int = 50

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> MoneyTerms:
        """What a policy holds; what an older one leaves out is as it was when nothing could be paid."""
        terms = stored.get("money")
        if not terms:
            return NO_TERMS
        return cls(
            RefundTerms(**(terms.get("refunds") or {})),
            terms.get("demand", ""),
            terms.get("tax_basis_points", 0),
            terms.get("fee_percent", 50),
        )

    def write(self) -> dict[str, Any]:
        """The part of a policy that is not as usual."""
        if self == NO_TERMS:
            return {}
        usual = asdict(NO_TERMS)
        return {"money": {name: value for name, value in asdict(self).items() if value != usual[name]}}


NO_TERMS = MoneyTerms()


def refund_percent(terms: RefundTerms, starts_at: datetime, now: datetime) -> int:
    """The part of what was paid that comes back to a customer who cancels now; nothing once it has begun."""
    for minutes, percent in terms.stretches():
        if now <= starts_at - timedelta(minutes=minutes):
            return percent
    return 0


def refund_due(
    terms: RefundTerms, *, paid_minor: int, starts_at: datetime, now: datetime, by_staff: bool
) -> int:
    """What comes back of ``paid_minor``: all of it when the business calls it off, else by the terms."""
    if paid_minor <= 0:
        return 0
    return paid_minor if by_staff else share_of(paid_minor, refund_percent(terms, starts_at, now))


@dataclass(frozen=True, slots=True)
class Demand:
    """What a booking waits for: ``kind`` of payment and its amount; a rung without a payment stands at once."""

    rung: str
    kind: str = ""
    amount_minor: int = 0

    @property
    def is_awaited(self) -> bool:
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class Record:
    """A customer's own visits in the last year: how many they kept, how many they missed."""

    kept: int = 0
    missed: int = 0


def asks_history(settings: Settings) -> bool:
    """Whether a customer's own visits change what is asked of them."""
    return bool(settings.missed_from or settings.kept_from)


def rung_of(
    settings: Settings, *, prepay: bool, has_deposit: bool, guard: str, record: Record | None = None
) -> str:
    """The rung of the ladder that a booking stands on: the service's own, moved by the customer's visits.

    Who missed as many as the business counts goes up to its rung for that, never down; whoever kept as many as it
    counts and missed none is spared everything but prepayment.
    """
    own = "prepay" if prepay else "deposit" if has_deposit else guard or settings.guard
    if record is None:
        return own
    if settings.missed_from and record.missed >= settings.missed_from:
        return max(own, settings.missed_guard, key=GUARDS.index)
    if settings.kept_from and record.kept >= settings.kept_from and not record.missed and own != "prepay":
        return "nothing"
    return own


def demand_of(rung: str, *, price_minor: int, deposit_minor: int) -> Demand:
    """What is to be paid on a rung. What costs nothing needs no payment, and a deposit nobody set is half of the price."""
    if rung == "prepay":
        amount = price_minor or deposit_minor
        return Demand(rung, "price", amount) if amount else Demand("nothing")
    if rung == "deposit":
        amount = deposit_minor or share_of(price_minor, DEPOSIT_BY_HISTORY_PERCENT)
        return Demand(rung, "deposit", amount) if amount else Demand("nothing")
    return Demand(rung, "card") if rung == "card" else Demand(rung)


def pay_by(now: datetime, starts_at: datetime, *, hold_minutes: int, within_minutes: int) -> datetime:
    """Until when a time is kept for its payment: at least as long as a hold, never beyond its start."""
    return min(now + timedelta(minutes=max(hold_minutes, within_minutes)), starts_at)


def tax_within(gross_minor: int, basis_points: int) -> int:
    """The tax contained in an amount at a rate in hundredths of a percent, half a minor unit rounded up."""
    whole = 10_000 + basis_points
    return (gross_minor * basis_points * 2 + whole) // (2 * whole) if gross_minor > 0 else 0


def awaited(terms: MoneyTerms, *, price_minor: int, deposit_minor: int) -> Demand:
    """What was demanded when the booking was made, at the price that was agreed."""
    return demand_of(terms.demand or "nothing", price_minor=price_minor, deposit_minor=deposit_minor)


def due_now(terms: MoneyTerms, *, price_minor: int, deposit_minor: int, paid_minor: int) -> Demand:
    """What can be paid online now: first what was demanded or the deposit, then what is left of the price."""
    demand = awaited(terms, price_minor=price_minor, deposit_minor=deposit_minor)
    if not paid_minor and demand.kind in ("price", "deposit"):
        return demand
    if not paid_minor and deposit_minor:
        return Demand("deposit", "deposit", deposit_minor)
    left = price_minor - paid_minor
    return Demand(terms.demand, "balance", left) if left > 0 else Demand(terms.demand)

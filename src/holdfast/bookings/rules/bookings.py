"""Decisions about bookings: the one transition table, policies, limits, the choice of a resource. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.bookings.errors import IllegalStep, LimitReached, TooEarly, TooLate
from holdfast.bookings.rules.money import NO_TERMS, MoneyTerms, RefundTerms
from holdfast.businesses.rules import Settings
from holdfast.lib.refusals import Invalid
from holdfast.lib.text import Mistakes

MAX_PARTY = 10_000
HOLD_LIMIT_MINUTES = 30
UNDO_SECONDS_DESK = 10
UNDO_SECONDS_CUSTOMER = 120
# Staff may check somebody in who is early, but not a booking of next week.
CHECK_IN_EARLY_HOURS = 12

# The one table of transitions (SPEC D3): (state, step) → state. What is not here is refused.
TRANSITIONS: Mapping[tuple[str, str], str] = {
    ("held", "confirm"): "confirmed",
    ("held", "await_payment"): "awaiting_payment",
    ("held", "extend"): "held",
    ("held", "release"): "expired",
    ("held", "expire"): "expired",
    ("awaiting_payment", "confirm"): "confirmed",
    ("awaiting_payment", "cancel"): "cancelled",
    ("awaiting_payment", "expire"): "expired",
    ("expired", "revive"): "confirmed",
    ("requested", "confirm"): "confirmed",
    ("requested", "decline"): "declined",
    ("requested", "cancel"): "cancelled",
    ("requested", "expire"): "expired",
    ("requested", "counter"): "requested",
    ("requested", "option"): "requested",
    ("requested", "challenge"): "requested",
    ("confirmed", "check_in"): "checked_in",
    ("confirmed", "no_show"): "no_show",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "move"): "confirmed",
    ("checked_in", "complete"): "completed",
    ("checked_in", "undo"): "confirmed",
    ("completed", "undo"): "checked_in",
    ("no_show", "undo"): "confirmed",
    ("cancelled", "undo"): "confirmed",
}

# States whose claims count. Held and awaiting payment count while they are alive (``releases_at``).
OCCUPYING = frozenset({"held", "awaiting_payment", "confirmed", "checked_in", "completed", "no_show"})
UPCOMING = frozenset({"held", "awaiting_payment", "requested", "confirmed", "checked_in"})


def next_state(state: str, step: str) -> str:
    """Where the step leads. Refusals: :class:`IllegalStep` with the current state and what is possible from it."""
    reached = TRANSITIONS.get((state, step))
    if reached is None:
        raise IllegalStep(state=state, step=step, possible=sorted(s for f, s in TRANSITIONS if f == state))
    return reached


@dataclass(frozen=True, slots=True)
class Policy:
    """The terms of a booking, frozen when it is made (SPEC D11). Minutes before the start; ``money`` has its own file."""

    cancellation_notice_minutes: int
    reschedule_notice_minutes: int
    money: MoneyTerms = NO_TERMS

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        terms = MoneyTerms(
            RefundTerms.of(settings),
            tax_basis_points=settings.tax_basis_points,
            fee_percent=settings.no_show_fee_percent,
        )
        return cls(settings.cancellation_notice_minutes, settings.reschedule_notice_minutes, terms)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Policy:
        return cls(
            stored["cancellation_notice_minutes"],
            stored["reschedule_notice_minutes"],
            MoneyTerms.read(stored),
        )

    def demanding(self, rung: str) -> Policy:
        """The same terms with what was asked before the booking stands."""
        return replace(self, money=replace(self.money, demand=rung))

    def write(self) -> dict[str, Any]:
        return {
            "cancellation_notice_minutes": self.cancellation_notice_minutes,
            "reschedule_notice_minutes": self.reschedule_notice_minutes,
            **self.money.write(),
        }


def check_notice(starts_at: datetime, notice_minutes: int, now: datetime) -> None:
    """Refuse a customer's change after its notice. Refusals: :class:`TooLate` with ``until``."""
    until = starts_at - timedelta(minutes=notice_minutes)
    if now > until:
        raise TooLate(until=until.isoformat())


def check_check_in(starts_at: datetime, now: datetime) -> None:
    """Refusals: :class:`TooEarly` with ``from``."""
    opens = starts_at - timedelta(hours=CHECK_IN_EARLY_HOURS)
    if now < opens:
        raise TooEarly(**{"from": opens.isoformat()})


def check_started(starts_at: datetime, now: datetime) -> None:
    """A no-show or a completion before the start is a mistake. Refusals: :class:`TooEarly` with ``from``."""
    if now < starts_at:
        raise TooEarly(**{"from": starts_at.isoformat()})


def check_party(party_size: int, seats: Sequence[int]) -> None:
    """``seats`` are the largest parties of the resources in question. Refusals: :class:`Invalid` on ``party_size``."""
    most = min(max(seats, default=MAX_PARTY), MAX_PARTY)
    if not 1 <= party_size <= most:
        raise Invalid.field("party_size", "out_of_bounds", least=1, most=most)


def check_limits(settings: Settings, *, on_this_day: int, upcoming: int) -> None:
    """Whether a customer may have one more (SPEC D8). Refusals: :class:`LimitReached`."""
    if 0 < settings.bookings_per_customer_per_day <= on_this_day:
        raise LimitReached(limit=settings.bookings_per_customer_per_day, per="day")
    if 0 < settings.upcoming_bookings_per_customer <= upcoming:
        raise LimitReached(limit=settings.upcoming_bookings_per_customer, per="upcoming")


def hold_until(now: datetime, held_since: datetime, hold_minutes: int) -> datetime:
    """When a hold made or extended now ends: never later than 30 minutes after it began (SPEC E2)."""
    limit = held_since + timedelta(minutes=max(HOLD_LIMIT_MINUTES, hold_minutes))
    return min(now + timedelta(minutes=hold_minutes), limit)


def by_fairness(resource_ids: Sequence[UUID], bookings_that_day: Mapping[UUID, int]) -> list[UUID]:
    """Who is asked first when anybody will do: the fewest bookings that day, then the business's order."""
    return sorted(resource_ids, key=lambda id: bookings_that_day.get(id, 0))  # sorted() keeps the given order


def claim_span(
    starts_at: datetime, ends_at: datetime, buffer_before_minutes: int, buffer_after_minutes: int
) -> tuple[datetime, datetime]:
    """What a booking takes of its resource: the service and its buffers."""
    return (
        starts_at - timedelta(minutes=buffer_before_minutes),
        ends_at + timedelta(minutes=buffer_after_minutes),
    )


def check_stars(stars: object) -> Mistakes:
    """What is wrong with a rating: it is one to five stars."""
    if isinstance(stars, bool) or not isinstance(stars, int):
        return {"stars": [("required", {})]}
    return {} if 1 <= stars <= 5 else {"stars": [("out_of_bounds", {"least": 1, "most": 5})]}

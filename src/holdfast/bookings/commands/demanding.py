"""What a customer pays, or gives, before their booking stands (SPEC G1; the no-show ladder). Not a command by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.money import record_of
from holdfast.bookings.rules import next_state
from holdfast.bookings.rules.money import (
    HISTORY_DAYS,
    ONLINE,
    Demand,
    asks_history,
    demand_of,
    pay_by,
    rung_of,
)
from holdfast.businesses.rules import Settings
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid
from holdfast.payments.commands import start_payment
from holdfast.payments.queries import PaymentFacts, ways
from holdfast.schedule.queries import Timetable

_NOTHING = Demand("")


def takes_online(settings: Settings) -> bool:
    """Whether the business takes money on its pages, and this installation can."""
    return settings.payments in ONLINE and settings.payments in ways()


def demand_for(booking: BookingFacts, *, actor: Actor, timetable: Timetable, now: datetime) -> Demand:
    """What is asked of whoever books this at its price; nothing of staff, nor where money is taken at the counter.

    A customer's visits are looked at only where the business says that they matter.
    """
    settings = timetable.business.settings
    if actor.is_staff or not takes_online(settings):
        return _NOTHING
    service = timetable.service(booking.service_id)
    record = None
    if asks_history(settings) and booking.customer_id is not None:
        record = record_of(
            business_id=booking.business_id,
            customer_id=booking.customer_id,
            since=now - timedelta(days=HISTORY_DAYS),
        )
    rung = rung_of(
        settings,
        prepay=service.prepay,
        has_deposit=booking.deposit_minor > 0,
        guard=service.guard,
        record=record,
    )
    return demand_of(rung, price_minor=booking.price_minor, deposit_minor=booking.deposit_minor)


def standing_on(
    booking: BookingFacts, demand: Demand, *, timetable: Timetable, now: datetime
) -> BookingFacts:
    """The booking as it waits for what is demanded, its time kept until then; confirmed where nothing is."""
    if demand.rung in ("", "nothing"):
        return booking
    booking = replace(booking, policy=booking.policy.demanding(demand.rung))
    if not demand.is_awaited:
        return booking
    settings = timetable.business.settings
    until = pay_by(
        now,
        booking.starts_at,
        hold_minutes=settings.hold_minutes,
        within_minutes=settings.pay_within_minutes,
    )
    deposit_minor = demand.amount_minor if demand.kind == "deposit" else booking.deposit_minor
    return replace(
        booking,
        state=next_state("held", "await_payment"),
        releases_at=until,
        deposit_minor=deposit_minor,
    )


def ask_for_payment(booking: BookingFacts, *, timetable: Timetable, now: datetime) -> PaymentFacts:
    """Begin the payment that a booking waits for, in the transaction that writes it; the one that is open, if any."""
    demand = booking.awaited
    return start_payment(
        business_id=booking.business_id,
        booking_id=booking.id,
        kind=demand.kind,
        provider=timetable.business.settings.payments,
        amount_minor=demand.amount_minor,
        currency=booking.currency,
        expires_at=booking.releases_at,
        now=now,
    )


def refuse_several(service: ServiceFacts, *, actor: Actor, timetable: Timetable) -> None:
    """Several bookings in one step cannot each wait for a payment. Refusals: :class:`Invalid` on ``service``."""
    settings = timetable.business.settings
    if actor.is_staff or not takes_online(settings):
        return
    rung = rung_of(settings, prepay=service.prepay, has_deposit=service.deposit.asks, guard=service.guard)
    if rung in ("card", "deposit", "prepay"):
        raise Invalid.field("service", "paid_one_by_one")

"""Asking a customer for money that a booking owes, taking it at the counter, giving some back, and the no-show fee."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from holdfast.bookings.commands.changing import authorise_holder
from holdfast.bookings.commands.demanding import ask_for_payment, takes_online
from holdfast.bookings.commands.paying import take_payment, write_paid
from holdfast.bookings.commands.writing import locked, note_change
from holdfast.bookings.errors import IllegalStep, NothingDue
from holdfast.bookings.events import NoShowFeePlanned
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules.money import pay_by
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.rules.prices import share_of
from holdfast.core.transactions import command
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.payments.commands import charge_card, give_back, record_at_counter, start_payment, stop_charge
from holdfast.payments.queries import PaymentFacts, RefundFacts, money_of
from holdfast.schedule.queries import Timetable

REASON = "asked_for"
# How long there is to stop a no-show fee: the customer is told first, and staff may think again.
FEE_NOTICE = timedelta(hours=24)
_OWES = frozenset({"confirmed", "checked_in", "completed"})


@command
def pay_due(*, actor: Actor, timetable: Timetable, booking_id: UUID, now: datetime) -> PaymentFacts:
    """The payment of what a booking owes now, begun if none is open: what it waits for, its deposit, or the rest.

    Asking again returns the one that is open. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`NothingDue`.
    """
    business_id = timetable.business.id
    authorise_holder(actor, business_id, booking_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    settings = timetable.business.settings
    state = booking.state_at(now)
    if not takes_online(settings):
        raise NothingDue
    if state == "awaiting_payment":
        return ask_for_payment(booking, timetable=timetable, now=now)
    due = booking.due_now
    if state not in _OWES or due.kind not in ("deposit", "price", "balance"):
        raise NothingDue
    ends = pay_by(
        now,
        now + timedelta(days=7),
        hold_minutes=settings.hold_minutes,
        within_minutes=settings.pay_within_minutes,
    )
    return start_payment(
        business_id=business_id,
        booking_id=booking_id,
        kind=due.kind,
        provider=settings.payments,
        amount_minor=due.amount_minor,
        currency=booking.currency,
        expires_at=ends,
        now=now,
    )


@command
def take_at_counter(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    amount_minor: int,
    method: str,
    now: datetime,
) -> BookingFacts:
    """Write down money that the desk took; a booking that waited for it is confirmed.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``amount_minor`` or ``method``,
    :class:`IllegalStep` where the booking is off.
    """
    business_id = timetable.business.id
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    state = booking.state_at(now)
    if state not in _OWES | {"awaiting_payment"}:
        raise IllegalStep(state=state, step="pay", possible=[])
    waits = state == "awaiting_payment"
    paid = record_at_counter(
        actor=actor,
        business_id=business_id,
        booking_id=booking_id,
        kind=booking.awaited.kind if waits and booking.awaited.amount_minor else "balance",
        amount_minor=amount_minor,
        currency=booking.currency,
        method=method,
        now=now,
    )
    take_payment(timetable=timetable, booking_id=booking_id, payment_id=paid.id, now=now, actor=actor)
    return locked(business_id=business_id, booking_id=booking_id)


@command
def refund_booking(
    *,
    actor: Actor,
    business_id: UUID,
    booking_id: UUID,
    amount_minor: int,
    note: str,
    now: datetime,
) -> tuple[RefundFacts, ...]:
    """Give back some or all of what a booking paid, with a reason that is kept; the booking stays as it is.

    It goes to the provider at once. Refusals: :class:`Missing`,
    :class:`Forbidden`, :class:`Invalid` on ``amount_minor`` or ``note``.
    """
    authorise(actor, Action.REFUND, business_id)
    mistakes: text.Mistakes = {}
    note = text.line(note, field="note", mistakes=mistakes, limit=200)
    text.refuse(mistakes)
    booking = locked(business_id=business_id, booking_id=booking_id)
    made = give_back(
        actor=actor,
        business_id=business_id,
        booking_id=booking_id,
        amount_minor=amount_minor,
        reason=REASON,
        note=note,
        due_at=now,
        now=now,
    )
    write_paid(booking)
    said = {"amount_minor": amount_minor, "currency": booking.currency}
    note_change(booking, actor=actor, action="refund", now=now, details=said)
    return made


@command
def charge_no_show(*, actor: Actor, timetable: Timetable, booking_id: UUID, now: datetime) -> PaymentFacts:
    """Charge the no-show fee to the card on file a day from now; until then it can be stopped.

    Only for a booking that staff marked as a no-show, once, and only what the business's share of the price comes to.
    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep`, :class:`NothingDue`, :class:`NoSavedCard`.
    """
    business_id = timetable.business.id
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    if booking.state != "no_show":
        raise IllegalStep(state=booking.state, step="charge", possible=[])
    amount = fee_of(booking)
    if amount <= 0:
        raise NothingDue
    charge = charge_card(
        actor=actor,
        business_id=business_id,
        booking_id=booking_id,
        amount_minor=amount,
        currency=booking.currency,
        due_at=now + FEE_NOTICE,
        now=now,
    )
    said = {"amount_minor": amount, "currency": booking.currency, "payment": str(charge.id)}
    told = NoShowFeePlanned(booking_id, charge.id, charge.amount_minor)
    note_change(booking, actor=actor, action="fee", now=now, details=said, event=told)
    return charge


@command
def stop_no_show(*, actor: Actor, timetable: Timetable, booking_id: UUID, now: datetime) -> BookingFacts:
    """Stop a no-show fee before it is charged. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`NothingDue`,
    :class:`ChargeUnderWay`."""
    business_id = timetable.business.id
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    planned = money_of(business_id=business_id, booking_ids=[booking_id])[booking_id].charge
    if planned is None:
        raise NothingDue
    stop_charge(business_id=business_id, payment_id=planned.id, now=now)
    note_change(booking, actor=actor, action="no_fee", now=now, details={"payment": str(planned.id)})
    return booking


def fee_of(booking: BookingFacts) -> int:
    """The no-show fee of a booking: the share of its price agreed when it was made, less what was paid."""
    share = share_of(booking.price_minor, booking.policy.money.fee_percent)
    return max(share - booking.paid_minor, 0)

"""What becomes of a booking when its money comes, in time or too late, and when it is given back (SPEC E3, G1).

Whether a payment keeps a booking is decided here in one transaction, under the locks of what the booking takes: either
it is confirmed and the money stays, or the money is given back and the booking is not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.placing import (
    Place,
    Terms,
    Wish,
    agreed_service,
    claim_rows,
    find_place,
    refused_by_guard,
)
from holdfast.bookings.commands.writing import end_dead, locked, note_change, update
from holdfast.bookings.events import BookingConfirmed, PaidTooLate
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.bookings.queries.money import business_of_booking, payments_noted
from holdfast.bookings.rules import next_state
from holdfast.bookings.rules.money import refund_due
from holdfast.catalog.sql import take_use
from holdfast.core import outbox, sql
from holdfast.core.transactions import command
from holdfast.lib.actors import WORKER, Actor
from holdfast.lib.refusals import Refusal
from holdfast.payments.commands import give_back, stop_payments
from holdfast.payments.queries import PaymentFacts, money_of, payments_of, refunds_of
from holdfast.schedule.queries import Timetable
from holdfast.schedule.sql import lock_slots

# States that a payment finds a booking in and that keep it.
_STANDS = frozenset({"confirmed", "checked_in", "completed", "no_show"})


@command
def take_payment(
    *,
    timetable: Timetable,
    booking_id: UUID,
    payment_id: UUID,
    now: datetime,
    actor: Actor = WORKER,
) -> str:
    """Make of a payment (or a card that was saved) what the booking's state says; what became of the booking.

    ``kept`` it waited and is confirmed, or stood already; ``revived``: its time had run out and was still free;
    ``too_late``: somebody else has it, the money is given back and :class:`PaidTooLate` tells others; ``given_back``:
    it is off, or had been paid before; ``noted``: this payment has been dealt with. Refusals: :class:`Missing`.
    """
    business_id = timetable.business.id
    before = booking_by_id(business_id=business_id, booking_id=booking_id)
    hot.lock_resources(before.resource_ids)
    lock_slots([before.slot_id] if before.slot_id else [])
    booking = locked(business_id=business_id, booking_id=booking_id)
    noted = payments_noted(booking_id=booking_id)
    payments = payments_of(business_id=business_id, booking_id=booking_id)
    payment = next((one for one in payments if one.id == payment_id), None)
    if payment is None or str(payment_id) in noted:
        return "noted"
    state = booking.state_at(now)
    if state == "awaiting_payment":
        return _confirm(booking, payment, now, actor)
    if state == "expired":
        return _too_late(booking, payment, timetable, now)
    paid_before = any(one.kind == payment.kind and str(one.id) in noted for one in payments)
    if state not in _STANDS or (paid_before and payment.kind in ("deposit", "price")):
        return _repay(booking, payment, now, why=state if state not in _STANDS else "paid_twice")
    kept = write_paid(booking)
    _note(kept, payment, now, came_from=booking.state, actor=actor)
    surplus = kept.paid_minor - max(kept.price_minor, kept.deposit_minor)
    if surplus > 0 and payment.kind != "no_show_fee":
        _give_back(kept, min(surplus, payment.paid_minor), "paid_twice", now)
    return "kept"


def _confirm(booking: BookingFacts, payment: PaymentFacts, now: datetime, actor: Actor) -> str:
    """Guarded by state and clock as well as by the lock: what the clock has ended stays ended."""
    confirmed = update(
        booking,
        {"state": next_state(booking.state, "confirm"), "releases_at": None, "paid_minor": _kept(booking)},
        held_at=now,
        held_as="awaiting_payment",
    )
    told = BookingConfirmed(booking.id)
    _note(confirmed, payment, now, came_from=booking.state, actor=actor, event=told)
    return "kept"


def _too_late(booking: BookingFacts, payment: PaymentFacts, timetable: Timetable, now: datetime) -> str:
    end_dead(booking_ids=[booking.id], now=now)
    try:
        with transaction.atomic():
            revived = _revived(booking, timetable, now)
    except Refusal as refusal:
        _repay(booking, payment, now, why=refusal.code)
        outbox.record(PaidTooLate(booking.id), business_id=booking.business_id, subject_id=booking.id)
        return "too_late"
    _note(revived, payment, now, came_from="expired", event=BookingConfirmed(booking.id))
    return "revived"


def _revived(booking: BookingFacts, timetable: Timetable, now: datetime) -> BookingFacts:
    """The booking in its own place again. Refusals: those of :func:`find_place`."""
    is_at_table = timetable.service(booking.service_id).mode == "table"
    wish = Wish(
        booking.service_id,
        booking.starts_at,
        None if is_at_table else booking.resource_id,
        booking.party_size,
        booking.slot_id,
        booking.resource_ids if is_at_table else (),
    )
    service = agreed_service(timetable=timetable, booking=booking)
    place = find_place(timetable=timetable, service=service, wish=wish, terms=Terms(WORKER, now))
    _claim(booking, place)
    promotion = timetable.promotions.get(booking.promo_code) if booking.promo_code else None
    if promotion is not None:  # its use came back when the time ran out; whether one is left changes no price
        take_use(business_id=booking.business_id, promotion_id=promotion.id)
    return update(
        booking,
        {"state": next_state("expired", "revive"), "releases_at": None, "paid_minor": _kept(booking)},
    )


def _claim(booking: BookingFacts, place: Place) -> None:
    rows = claim_rows(business_id=booking.business_id, booking_id=booking.id, place=place)
    try:
        sql.insert_all([("bookings_claim", rows)])
    except IntegrityError as error:
        raise refused_by_guard(error) from error


def _repay(booking: BookingFacts, payment: PaymentFacts, now: datetime, *, why: str) -> str:
    """Give a whole payment back: nobody keeps money without a booking."""
    reason = "paid_twice" if why == "paid_twice" else "too_late"
    refunds = refunds_of(business_id=booking.business_id, booking_id=booking.id)
    given = sum(one.amount_minor for one in refunds if one.payment_id == payment.id and one.state != "failed")
    _give_back(booking, payment.paid_minor - given, reason, now)
    note_change(
        booking,
        actor=WORKER,
        action="repay",
        now=now,
        details={"payment": str(payment.id), "amount_minor": payment.paid_minor, "why": why},
    )
    return "given_back"


def _note(
    booking: BookingFacts,
    payment: PaymentFacts,
    now: datetime,
    *,
    came_from: str,
    actor: Actor = WORKER,
    event: BookingConfirmed | None = None,
) -> None:
    said = {
        "payment": str(payment.id),
        "kind": payment.kind,
        "provider": payment.provider,
        "amount_minor": payment.paid_minor,
        "currency": payment.currency,
        "from": came_from,
    }
    note_change(booking, actor=actor, action="pay", now=now, details=said, event=event)


def _give_back(
    booking: BookingFacts,
    amount_minor: int,
    reason: str,
    now: datetime,
    *,
    actor: Actor = WORKER,
    due_at: datetime | None = None,
) -> None:
    if amount_minor > 0:
        give_back(
            actor=actor,
            business_id=booking.business_id,
            booking_id=booking.id,
            amount_minor=amount_minor,
            reason=reason,
            note="",
            due_at=due_at or now,
            now=now,
        )


def _kept(booking: BookingFacts) -> int:
    """What the ledger says of a booking: taken less given back."""
    found = money_of(business_id=booking.business_id, booking_ids=[booking.id])[booking.id]
    return found.paid_minor - found.refunded_minor


def write_paid(booking: BookingFacts) -> BookingFacts:
    """Bring a locked booking's own copy of its money up to the ledger; it is no change of the booking, so its
    sequence stays."""
    paid = _kept(booking)
    if paid != booking.paid_minor:
        Booking.objects.filter(business_id=booking.business_id, id=booking.id).update(paid_minor=paid)
    return replace(booking, paid_minor=paid)


@command
def note_money(*, booking_id: UUID) -> bool:
    """Bring a booking's copy of its money up to the ledger after something was given back; whether it is known."""
    business_id = business_of_booking(booking_id=booking_id)
    if business_id is None:
        return False
    write_paid(locked(business_id=business_id, booking_id=booking_id))
    return True


def settle_money(
    booking: BookingFacts, *, actor: Actor, now: datetime, due_at: datetime, by_staff: bool, reason: str
) -> dict[str, int]:
    """Give back what the terms say of a booking that is called off; inside its command, its row locked.

    Nothing is read where no money is involved. Whoever was asked to choose another time is no worse off than if the
    business had called it off. What the history keeps of it.
    """
    if booking.state == "awaiting_payment" or booking.policy.money.demand:
        stop_payments(business_id=booking.business_id, booking_id=booking.id, now=now)
    if not booking.paid_minor:
        return {}
    money = money_of(business_id=booking.business_id, booking_ids=[booking.id])[booking.id]
    amount = refund_due(
        booking.policy.money.refunds,
        paid_minor=money.kept_minor,
        starts_at=booking.starts_at,
        now=now,
        by_staff=by_staff or booking.proposed is not None,
    )
    _give_back(booking, amount, reason, now, actor=actor, due_at=due_at)
    return {"refund_minor": amount}

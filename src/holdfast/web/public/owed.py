"""What the page of a booking says of its money: what is owed, a payment that is being checked, a fee to come."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from holdfast.bookings.commands.demanding import takes_online
from holdfast.bookings.queries import BookingFacts
from holdfast.payments.queries import Balance, money_of
from holdfast.web import formats
from holdfast.web.public import money_words
from holdfast.web.public.checking import checking
from holdfast.web.public.frame import Visit


def owed(visit: Visit, booking: BookingFacts, state: str, *, said: str) -> dict[str, Any]:
    """The context of the page; nothing is read where no money is involved."""
    online = takes_online(visit.business.settings)
    waits = state == "awaiting_payment"
    found = {
        "due": money_words.due(booking, state, visit.now, takes_online=online),
        "checks": waits and said == "paid",
        "unpaid": _("It was not paid. Your time is still kept.") if waits and said == "unpaid" else "",
        "receipt": bool(booking.paid_minor),
        **checking(visit),
    }
    if not (booking.paid_minor or booking.policy.money.demand):
        return found
    money = money_of(business_id=booking.business_id, booking_ids=[booking.id])[booking.id]
    return found | {"fee": _fee(booking, money), "refund": _refund(booking, money)}


def _fee(booking: BookingFacts, money: Balance) -> str:
    """What is said of a fee that will be charged; empty without one."""
    if money.charge is None or money.charge.due_at is None:
        return ""
    local = formats.local(money.charge.due_at, booking.timezone)
    return _(
        "A fee of %(amount)s for the missed visit will be charged to your card on %(when)s. Write to us if that is wrong."
    ) % {
        "amount": money_words.money(booking, money.charge.amount_minor),
        "when": formats.day_and_clock(local),
    }


def _refund(booking: BookingFacts, money: Balance) -> str:
    """What is said of money that was given back, or is on its way."""
    if money.refund_due_minor:
        amount = money_words.money(booking, money.refund_due_minor)
        return _("%(amount)s are on their way back to you.") % {"amount": amount}
    if money.refunded_minor:
        amount = money_words.money(booking, money.refunded_minor)
        return _("%(amount)s were given back.") % {"amount": amount}
    return ""

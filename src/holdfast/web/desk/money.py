"""The money of one booking at the desk: what was paid and given back, taking some, giving some back, the no-show fee."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from holdfast.bookings.commands import charge_no_show, refund_booking, stop_no_show, take_at_counter
from holdfast.bookings.commands.due import fee_of
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.rules import Action
from holdfast.lib.money import Money
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.payments.models import Payment
from holdfast.payments.queries import Balance, PaymentFacts, RefundFacts, money_of, payments_of, refunds_of
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import read_booking, show_card
from holdfast.web.desk.fields import Field, Mistakes, amount, as_errors, choices

KINDS: dict[str, Any] = dict(Payment.Kind.choices)
PROVIDERS = {
    "counter": gettext_lazy("Counter"),
    "stripe": gettext_lazy("Stripe"),
    "demo": gettext_lazy("Played"),
}
# How a payment stands, with a look that is not colour alone.
STATES: dict[str, tuple[Any, str, str]] = {
    "opening": (gettext_lazy("Being prepared"), "mute", "clock"),
    "open": (gettext_lazy("Waiting"), "warn", "clock"),
    "paid": (gettext_lazy("Paid"), "ok", "check"),
    "failed": (gettext_lazy("Failed"), "bad", "alert"),
    "expired": (gettext_lazy("Not paid"), "mute", "cancel"),
}
REFUND_STATES: dict[str, tuple[Any, str, str]] = {
    "due": (gettext_lazy("To be sent"), "warn", "clock"),
    "sent": (gettext_lazy("On its way"), "warn", "clock"),
    "done": (gettext_lazy("Given back"), "ok", "check"),
    "failed": (gettext_lazy("Failed"), "bad", "alert"),
}
_REASONS = {
    "cancelled": gettext_lazy("The booking was cancelled"),
    "too_late": gettext_lazy("Paid when the time was gone"),
    "paid_twice": gettext_lazy("Paid twice"),
    "asked_for": gettext_lazy("Given back by the desk"),
    "declined": gettext_lazy("Declined"),
}


def money_context(desk: Desk, booking: BookingFacts, errors: dict[str, list[str]]) -> dict[str, Any]:
    """What the page of a booking shows of its money, and what can be done about it; nothing for who may not see it."""
    if not desk.may(Action.SEE_PAYMENTS):
        return {}
    business_id = desk.business.id
    payments = payments_of(business_id=business_id, booking_id=booking.id)
    refunds = refunds_of(business_id=business_id, booking_id=booking.id)
    balance = (
        money_of(business_id=business_id, booking_ids=[booking.id])[booking.id] if payments else Balance()
    )
    rest = max(booking.price_minor - balance.kept_minor, 0)
    if booking.state == "awaiting_payment" and booking.awaited.amount_minor:
        rest = booking.awaited.amount_minor
    takes = booking.state_at(desk.now) in ("awaiting_payment", "confirmed", "checked_in", "completed")
    may_take = desk.may(Action.CHANGE_BOOKINGS) and takes
    may_refund = desk.may(Action.REFUND) and balance.kept_minor > 0
    return {
        "money_lines": [payment_line(desk, one) for one in payments]
        + [refund_line(desk, one) for one in refunds],
        "owed": formats.money(rest, booking.currency) if rest and takes else "",
        "card_on_file": f"{balance.card.brand} ···· {balance.card.last4}" if balance.card else "",
        "take_fields": _take_fields(booking, rest, errors) if may_take else [],
        "refund_fields": _refund_fields(booking, balance, errors) if may_refund else [],
        "has_receipt": any(one.state == "paid" and one.paid_minor for one in payments),
        **_fee_context(desk, booking, balance),
    }


def _fee_context(desk: Desk, booking: BookingFacts, balance: Balance) -> dict[str, Any]:
    if not desk.may(Action.CHANGE_BOOKINGS):
        return {}
    if balance.charge is not None and balance.charge.due_at is not None:
        local = formats.local(balance.charge.due_at, desk.business.timezone)
        amount_words = formats.money(balance.charge.amount_minor, booking.currency)
        return {"fee_planned": amount_words, "fee_at": formats.day_and_clock(local)}
    fee = fee_of(booking)
    if booking.state == "no_show" and balance.card is not None and fee > 0:
        return {"fee_offer": formats.money(fee, booking.currency)}
    return {}


def payment_line(desk: Desk, payment: PaymentFacts) -> dict[str, Any]:
    """One attempt to collect money in words."""
    label, tone, icon = STATES[payment.state]
    how = str(PROVIDERS.get(payment.provider, payment.provider))
    if payment.method:
        how = str(dict(Payment.Method.choices)[payment.method])
    at = formats.local(payment.paid_at or payment.created_at, desk.business.timezone)
    shown = payment.paid_minor or payment.amount_minor
    return {
        "what": f"{KINDS.get(payment.kind, payment.kind)}, {how}",
        "amount": formats.money(shown, payment.currency) if shown else "",
        "when": formats.day_and_clock(at),
        "status": {"label": str(label), "tone": tone, "icon": icon},
    }


def refund_line(desk: Desk, refund: RefundFacts) -> dict[str, Any]:
    """One refund in words."""
    label, tone, icon = REFUND_STATES[refund.state]
    at = formats.local(refund.done_at or refund.created_at, desk.business.timezone)
    return {
        "what": str(_REASONS.get(refund.reason, _("Refund"))),
        "amount": f"−{formats.money(refund.amount_minor, refund.currency)}",
        "when": formats.day_and_clock(at),
        "note": refund.note,
        "refund_id": refund.id,
        "may_retry": refund.state == "failed" and desk.may(Action.REFUND),
        "status": {"label": str(label), "tone": tone, "icon": icon},
    }


def _take_fields(booking: BookingFacts, rest: int, errors: dict[str, list[str]]) -> list[Field]:
    methods = {value: str(label) for value, label in Payment.Method.choices}
    typed = Money(rest, booking.currency).decimal if rest else ""
    return [
        Field(
            "amount", _("Amount"), typed, unit=booking.currency, required=True, limit=14,
            errors=errors.get("amount", ()),
        ),
        Field("method", _("How"), kind="select", choices=choices(methods, "cash"), errors=errors.get("method", ())),
    ]  # fmt: skip


def _refund_fields(booking: BookingFacts, balance: Balance, errors: dict[str, list[str]]) -> list[Field]:
    most = Money(balance.kept_minor, booking.currency)
    return [
        Field(
            "refund", _("Amount"), most.decimal, unit=booking.currency, required=True, limit=14,
            hint=_("At most %(most)s.") % {"most": formats.money(balance.kept_minor, booking.currency)},
            errors=errors.get("refund", ()),
        ),
        Field(
            "reason", _("Reason"), required=True, limit=200, hint=_("For colleagues; it is kept with the refund."),
            errors=errors.get("reason", ()),
        ),
    ]  # fmt: skip


@require_POST
@at_desk
def act(desk: Desk, reference: str, name: str) -> HttpResponse:
    """Take money, give some back, plan the no-show fee or drop it."""
    needs = Action.REFUND if name == "refund" else Action.CHANGE_BOOKINGS
    desk.require(needs)
    booking = read_booking(desk, reference)
    mistakes: Mistakes = {}
    work = _WORK[name](desk, booking, mistakes)
    errors = as_errors(mistakes)
    if not errors:
        try:
            work()
        except Conflict as refusal:
            return show_card(desk, read_booking(desk, reference), refusal=refusal)
        except Invalid as refusal:
            shown_at = {"amount_minor": "refund" if name == "refund" else "amount", "note": "reason"}
            errors = {shown_at.get(field, field): said for field, said in words.mistakes(refusal).items()}
    if errors:
        return show_card(desk, booking, errors=errors)
    return redirect(f"{reverse('desk:booking', args=[desk.business.slug, booking.reference])}?did={name}")


Work = Callable[[], object]


def _take(desk: Desk, booking: BookingFacts, mistakes: Mistakes) -> Work:
    typed = amount(desk.request.POST.get("amount", ""), booking.currency, "amount", mistakes)
    method = desk.request.POST.get("method", "")
    return lambda: take_at_counter(
        actor=desk.actor,
        timetable=desk.timetable,
        booking_id=booking.id,
        amount_minor=typed or 0,
        method=method,
        now=desk.now,
    )


def _give(desk: Desk, booking: BookingFacts, mistakes: Mistakes) -> Work:
    typed = amount(desk.request.POST.get("refund", ""), booking.currency, "refund", mistakes)
    return lambda: refund_booking(
        actor=desk.actor,
        business_id=desk.business.id,
        booking_id=booking.id,
        amount_minor=typed or 0,
        note=desk.request.POST.get("reason", ""),
        now=desk.now,
    )


def _fee(desk: Desk, booking: BookingFacts, mistakes: Mistakes) -> Work:  # noqa: ARG001
    return lambda: charge_no_show(
        actor=desk.actor, timetable=desk.timetable, booking_id=booking.id, now=desk.now
    )


def _no_fee(desk: Desk, booking: BookingFacts, mistakes: Mistakes) -> Work:  # noqa: ARG001
    return lambda: stop_no_show(
        actor=desk.actor, timetable=desk.timetable, booking_id=booking.id, now=desk.now
    )


_WORK: dict[str, Callable[[Desk, BookingFacts, Mistakes], Work]] = {
    "take": _take,
    "refund": _give,
    "fee": _fee,
    "no-fee": _no_fee,
}

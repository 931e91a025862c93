"""Whoever is killed before or after any question to Stripe and any commit is followed by somebody who asks again.

The kill is an exception that nothing catches, at every such point in turn; one real process is killed with SIGKILL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from holdfast.core import clock
from holdfast.payments import commands
from holdfast.payments.jobs import attending, inbox
from holdfast.payments.models import Payment
from holdfast.payments.providers import stripe as provider
from tests.cast import Shop
from tests.payments.till import Till, agrees
from tests.stripe_double.server import Double

COMMANDS = {
    attending: (
        "begin_opening", "record_opened", "settle_payment", "settle_refund", "take_due_payments", "take_due_refunds",
        "let_go_unasked", "postpone_payment", "postpone_refund",
    ),
    inbox: ("receive_word", "take_due_words", "finish_word", "settle_payment", "settle_refund"),
}  # fmt: skip
CALLS = ("open", "look", "expire", "charge", "give_back")


class Killed(BaseException):
    """Gone, between two instructions."""


class Executioner:
    """Counts the points at which a process can die, and kills at one of them."""

    def __init__(self) -> None:
        self.passed, self.at = 0, -1

    def point(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise Killed

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            self.point()
            result = work(*args, **kwargs)
            self.point()
            return result

        return run


@pytest.fixture
def till(shop: Shop, double: Double) -> Till:
    return Till(shop.business_id, double)


@pytest.fixture
def executioner(monkeypatch: pytest.MonkeyPatch) -> Executioner:
    """Stands before and after every question and every commit."""
    killer = Executioner()
    for module, names in COMMANDS.items():
        for name in names:
            monkeypatch.setattr(module, name, killer.around(getattr(module, name)))
    for name in CALLS:
        asked = getattr(provider.Stripe, name)
        monkeypatch.setattr(provider.Stripe, name, killer.around(asked))
    return killer


def until_it_is_done(till: Till, step: Callable[[], Any], killer: Executioner, at: int) -> bool:
    """Do it, die at a point, and have somebody else go on; whether there was such a point."""
    killer.passed, killer.at = 0, at
    try:
        step()
        till.work()
    except Killed:
        killer.at = -1
        step()
        till.time_passes()
        till.deliver()
        return True
    killer.at = -1
    return False


def points() -> Iterator[int]:
    yield from range(1, 60)


def test_killed_while_a_payment_is_opened_and_paid(
    till: Till, double: Double, executioner: Executioner
) -> None:
    for at in points():
        till.booking_id = till.booking_id.__class__(int=till.booking_id.int + 1)
        payment = till.start(1500, minutes=60)

        def somebody_pays(payment: Any = payment) -> None:
            till.open(payment)
            if ref := till.row(payment).checkout_ref:
                double.books.pay(ref)
                till.deliver()

        was_killed = until_it_is_done(till, somebody_pays, executioner, at)
        assert (till.row(payment).state, till.money.paid_minor) == ("paid", 1500), f"killed at {at}"
        assert len(double.books.charges_of(payment.id)) == 1
        if not was_killed:
            break
    else:
        raise AssertionError("there was always another point")
    assert at > 10, "too few points were found to die at"
    assert agrees(double)
    assert till.told().count("PaymentReceived") == at


@pytest.mark.parametrize("is_paid", [False, True], ids=["unpaid", "paid in the last moment"])
def test_killed_while_a_checkout_is_ended(
    till: Till, double: Double, executioner: Executioner, is_paid: bool
) -> None:
    for at in points():
        till.booking_id = till.booking_id.__class__(int=till.booking_id.int + 1)
        payment = till.start(1500)
        till.open(payment)
        ref = till.row(payment).checkout_ref
        if is_paid:
            double.books.pay(ref)
        was_killed = until_it_is_done(till, lambda payment=payment: till.hold_ends(payment), executioner, at)
        state = till.row(payment).state
        assert state == ("paid" if is_paid else "expired")
        assert double.books.sessions[ref]["status"] == ("complete" if is_paid else "expired")
        assert till.money.paid_minor == (1500 if is_paid else 0)
        if not was_killed:
            break
    assert at > 4
    assert agrees(double)


def test_killed_while_money_is_given_back(till: Till, double: Double, executioner: Executioner) -> None:
    for at in points():
        till.booking_id = till.booking_id.__class__(int=till.booking_id.int + 1)
        till.paid(1500, minutes=60)
        till.give_back(1000)
        was_killed = until_it_is_done(till, till.work, executioner, at)
        assert (till.money.refunded_minor, till.money.kept_minor) == (1000, 500), f"killed at {at}"
        if not was_killed:
            break
    assert at > 4
    assert agrees(double)
    assert till.told().count("RefundMade") == at


def test_killed_while_a_card_is_charged(till: Till, double: Double, executioner: Executioner) -> None:
    for at in points():
        till.booking_id = till.booking_id.__class__(int=till.booking_id.int + 1)
        card = till.start(0, kind="card", minutes=60)
        till.open(card)
        double.books.pay(till.row(card).checkout_ref)
        till.deliver()
        now = clock.now()
        commands.charge_card(
            actor=till.staff, business_id=till.business_id, booking_id=till.booking_id, amount_minor=2500,
            currency="GBP", due_at=now, now=now,
        )  # fmt: skip
        was_killed = until_it_is_done(till, till.work, executioner, at)
        fee = Payment.objects.get(booking_id=till.booking_id, kind="no_show_fee")
        assert (fee.state, len(double.books.charges_of(fee.id))) == ("paid", 1), f"killed at {at}"
        if not was_killed:
            break
    assert at > 4
    assert agrees(double)


def test_control_without_the_key_a_kill_after_the_question_gives_back_twice(
    till: Till, double: Double, executioner: Executioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attending, "key_of", lambda **_: "")
    look = provider.Stripe.give_back

    def without_looking(self: Any, order: Any) -> Any:
        from dataclasses import replace

        return look(self, replace(order, is_again=False))

    monkeypatch.setattr(provider.Stripe, "give_back", without_looking)
    worst = 0
    for at in points():
        till.booking_id = till.booking_id.__class__(int=till.booking_id.int + 1)
        before = double.books.given_back_minor
        till.paid(3000, minutes=60)
        till.give_back(1000)
        was_killed = until_it_is_done(till, till.work, executioner, at)
        worst = max(worst, double.books.given_back_minor - before)
        if not was_killed:
            break
    assert worst == 2000

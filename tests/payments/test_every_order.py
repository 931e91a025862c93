"""All orders of the webhooks of one payment, some of them twice, some never: the same end each time."""

from __future__ import annotations

import time
from itertools import permutations
from typing import Any

import pytest

from holdfast.payments import jobs
from holdfast.payments.models import Payment
from tests.cast import Shop
from tests.payments.till import SECRET, Till
from tests.stripe_double.ledger import Books


@pytest.fixture
def till(shop: Shop, settings: Any) -> Till:
    settings.STRIPE_SECRET_KEY = "sk_test_double"
    settings.STRIPE_WEBHOOK_SECRETS = (SECRET,)
    return Till(shop.business_id)


def a_payments_life(till: Till, books: Books) -> tuple[Payment, list[dict[str, Any]]]:
    """A card that is refused, one that is not, and a refund made by hand: a payment and all Stripe has to tell of it."""
    till.booking_id = till.booking_id.__class__(int=till.booking_id.int + 1)
    payment = till.start(1500)
    mark = {"holdfast_payment": str(payment.id)}
    ref = books.open_session(
        {
            "mode": "payment",
            "expires_at": time.time() + 3600,
            "metadata": mark,
            "payment_intent_data": {"metadata": mark},
            "line_items": {"0": {"quantity": 1, "price_data": {"unit_amount": 1500, "currency": "gbp"}}},
            "success_url": "",
            "cancel_url": "",
        }
    )["id"]
    Payment.objects.filter(id=payment.id).update(state="open", checkout_ref=ref)
    begun = len(books.events)
    books.decline(ref)
    books.pay(ref)
    charge = next(one for one in books.charges_of(payment.id))
    books.give_back({"payment_intent": charge["id"], "amount": "400"}, by_hand=True)
    return till.row(payment), books.events[begun:]


def test_in_whatever_order_and_however_often_they_come_the_end_is_the_same(till: Till) -> None:
    books, ends = Books(), set()
    for number, order in enumerate(permutations(range(4))):
        payment, events = a_payments_life(till, books)
        for place in order:
            for _ in range(1 + (place == number % 4)):  # one of them twice
                assert till.take_in(events[place])
            jobs.process_inbox()
        till.deal_with_words()
        money = till.money
        ends.add(
            (Payment.objects.get(id=payment.id).state, money.paid_minor, money.refunded_minor, money.failed)
        )
    assert ends == {("paid", 1500, 400, "")}
    assert till.told().count("PaymentReceived") == till.told().count("RefundMade") == 24


@pytest.mark.parametrize("which", [1, 2])
def test_one_of_the_two_words_that_it_was_paid_is_enough(till: Till, which: int) -> None:
    payment, events = a_payments_life(till, Books())
    till.take_in(events[which])
    till.work()
    assert (Payment.objects.get(id=payment.id).state, till.money.paid_minor) == ("paid", 1500)


def test_an_end_that_is_heard_after_the_money_changes_nothing_and_before_it_neither(till: Till) -> None:
    books = Books()
    for is_first in (True, False):
        payment, events = a_payments_life(till, books)
        session = {**events[2]["data"]["object"], "status": "expired", "payment_status": "unpaid"}
        expired = {
            "id": f"evt_expired_{is_first}",
            "type": "checkout.session.expired",
            "data": {"object": session},
        }
        for event in (expired, events[1]) if is_first else (events[1], expired):
            till.take_in(event)
            till.work()
        assert Payment.objects.get(id=payment.id).state == "paid"
        assert till.money.paid_minor == 1500


def test_all_at_once_is_no_different(till: Till) -> None:
    _, events = a_payments_life(till, Books())
    for event in reversed(events):
        till.take_in(event)
    till.deal_with_words()
    assert (till.money.paid_minor, till.money.refunded_minor) == (1500, 400)


def test_what_is_about_no_payment_of_ours_is_put_aside(till: Till) -> None:
    books = Books()
    _, events = a_payments_life(till, books)
    theirs = {**events[1], "id": "evt_theirs"}
    theirs["data"] = {"object": {**events[1]["data"]["object"], "metadata": {}, "id": "pi_theirs"}}
    till.take_in(theirs)
    till.work()
    assert till.money.paid_minor == 0

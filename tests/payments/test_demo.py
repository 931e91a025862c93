"""Payments that only play at paying: clearly marked, and with every end that a real one has."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from holdfast.payments.models import Payment, ProviderEvent
from holdfast.payments.queries import PaymentFacts, ways
from tests.cast import Shop
from tests.payments.till import Till


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop.business_id)


def page_of(till: Till, payment: PaymentFacts) -> str:
    url = till.open(payment)
    assert url is not None
    assert url.startswith("https://book.example.com/pay/demo/"), "on the host that the person came by"
    return url.removeprefix("https://book.example.com")


def play(till: Till, payment: PaymentFacts, what: str) -> Any:
    return Client().post(page_of(till, payment), {"play": what})


def test_the_page_says_that_no_money_moves_and_what_it_would_be(till: Till) -> None:
    shown = Client().get(page_of(till, till.start(1500, provider="demo"))).content.decode()
    assert "Demo: no money moves." in shown
    assert "Pay £15.00" in shown
    assert "Classic cut" in shown


def test_success_is_paid_and_leads_back(till: Till) -> None:
    payment = till.start(1500, provider="demo")
    answer = play(till, payment, "success")
    assert (answer.status_code, answer["Location"]) == (302, "https://book.example.com/back")
    assert (till.money.paid_minor, till.told()) == (1500, ["PaymentReceived"])
    till.give_back(500)
    till.work()
    assert till.money.kept_minor == 1000


def test_a_declined_card_stays_on_the_page_for_another(till: Till) -> None:
    payment = till.start(1500, provider="demo")
    answer = play(till, payment, "failure")
    assert (answer.status_code, till.money.failed) == (422, "card_declined")
    assert "The card was declined." in answer.content.decode()
    play(till, payment, "success")
    assert till.money.paid_minor == 1500


def test_a_late_word_leads_back_at_once_and_is_heard_later(till: Till) -> None:
    payment = till.start(1500, provider="demo")
    assert play(till, payment, "late").status_code == 302
    till.work()
    assert till.money.paid_minor == 0
    assert ProviderEvent.objects.get().next_attempt_at is not None
    till.hold_ends(payment)  # who paid in time has paid
    assert till.money.paid_minor == 1500


def test_who_goes_away_has_not_paid(till: Till) -> None:
    payment = till.start(1500, provider="demo")
    assert play(till, payment, "leave")["Location"] == "https://book.example.com/cancel"
    till.hold_ends(payment)
    assert (till.row(payment).state, till.told()) == ("expired", ["PaymentLapsed"])


def test_what_is_over_cannot_be_paid_and_says_so(till: Till) -> None:
    payment = till.start(1500, provider="demo")
    address = page_of(till, payment)
    till.hold_ends(payment)
    answer = Client().post(address, {"play": "success"})
    assert "This can no longer be paid" in answer.content.decode()
    assert till.money.paid_minor == 0


def test_a_demo_card_is_kept_and_charged(till: Till) -> None:
    play(till, till.start(0, kind="card", provider="demo"), "success")
    assert till.money.card is not None
    assert till.money.card.last4 == "4242"


def test_an_address_that_was_made_up_is_no_page(till: Till) -> None:
    address = page_of(till, till.start(1500, provider="demo"))
    assert Client().get(address[:-4] + "aaaa").status_code == 404


def test_where_demo_payments_are_off_there_is_no_page_and_no_way(till: Till, settings: Any) -> None:
    address = page_of(till, till.start(1500, provider="demo"))
    settings.DEMO_PAYMENTS = False
    assert Client().get(address).status_code == 404
    assert "demo" not in ways()
    assert Payment.objects.count() == 1

"""Money with Stripe: checkouts, cards on file, charges and refunds, and what gets lost on the way. Truth is the double's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from holdfast.core import clock
from holdfast.payments import commands
from holdfast.payments.errors import ChargeUnderWay, NoSavedCard
from holdfast.payments.models import Payment, ProviderEvent, Refund, SavedCard
from holdfast.payments.providers import stripe as provider
from tests.cast import Shop
from tests.payments.till import Till, agrees
from tests.stripe_double.server import Double


@pytest.fixture
def till(shop: Shop, double: Double) -> Till:
    return Till(shop.business_id, double)


def saved_card(till: Till) -> str:
    """A card on file; its name at Stripe."""
    assert till.double
    payment = till.start(0, kind="card")
    assert till.open(payment)
    till.double.books.pay(till.row(payment).checkout_ref)
    till.deliver()
    return SavedCard.objects.get().method_ref


def charge(till: Till, *, later: timedelta = timedelta(0)) -> None:
    now = clock.now()
    commands.charge_card(
        actor=till.staff, business_id=till.business_id, booking_id=till.booking_id, amount_minor=2500,
        currency="GBP", due_at=now + later, now=now,
    )  # fmt: skip


def test_somebody_pays_and_the_ledger_has_it_once(till: Till, double: Double) -> None:
    payment = till.start(1500)
    url = till.open(payment)
    assert url is not None
    assert url.startswith("https://checkout.stripe.com/")
    assert till.open(payment) == url, "asked again, it is the same checkout"
    assert len(double.books.sessions) == 1
    double.books.pay(till.row(payment).checkout_ref)
    till.deliver()
    assert till.money.paid_minor == 1500
    assert till.told() == ["PaymentReceived"]
    assert agrees(double)
    assert double.versions == {provider.API_VERSION}


def test_what_stripe_is_told_names_the_booking_and_nobody_else(till: Till, double: Double) -> None:
    payment = till.start(1500)
    till.open(payment)
    session = next(iter(double.books.sessions.values()))
    assert session["metadata"] == session["marks"] == {"holdfast_payment": str(payment.id)}
    assert session["customer_email"] == "dana@example.org"
    assert till.row(payment).asked is None, "what was asked is not kept"
    double.books.pay(session["id"])
    till.deliver()
    assert "dana" not in str(list(ProviderEvent.objects.values_list("told", flat=True)))


def test_a_second_wish_to_pay_the_same_is_the_same_and_another_amount_ends_the_first(
    till: Till, double: Double
) -> None:
    first = till.start(1500)
    assert till.start(1500).id == first.id
    till.open(first)
    other = till.start(2000)
    assert other.id != first.id
    till.work()
    assert till.row(first).state == "expired"
    assert [one["status"] for one in double.books.sessions.values()] == ["expired"]


def test_the_checkout_is_ended_when_what_it_pays_for_is_let_go(till: Till, double: Double) -> None:
    payment = till.start(1500, minutes=5)
    till.open(payment)
    till.hold_ends(payment)
    assert till.row(payment).state == "expired"
    assert not double.books.pay(till.row(payment).checkout_ref), "nobody can pay it any more"
    assert till.told() == ["PaymentLapsed"]
    assert till.open(payment) is None


def test_control_a_checkout_that_is_not_ended_can_be_paid_for_half_an_hour(
    till: Till, double: Double
) -> None:
    payment = till.start(1500, minutes=5)
    till.open(payment)
    session = double.books.sessions[till.row(payment).checkout_ref]
    assert session["expires_at"] >= clock.now().timestamp() + 30 * 60
    assert double.books.pay(session["id"])


def test_who_paid_in_the_last_moment_has_paid(till: Till, double: Double) -> None:
    payment = till.start(1500, minutes=5)
    till.open(payment)
    double.books.pay(till.row(payment).checkout_ref)
    till.hold_ends(payment)  # no webhook came
    assert till.row(payment).state == "paid"
    assert till.told() == ["PaymentReceived"]
    assert agrees(double)


def test_a_payment_nobody_ever_went_to_pay_lapses_without_asking_anybody(till: Till, double: Double) -> None:
    payment = till.start(1500, minutes=5)
    till.hold_ends(payment)
    assert till.told() == ["PaymentLapsed"]
    assert double.seen == []


def test_without_any_webhook_the_worker_finds_out_by_itself(till: Till, double: Double) -> None:
    payment = till.start(1500, minutes=60)
    till.open(payment)
    till.time_passes()
    assert till.row(payment).state == "open"
    double.books.pay(till.row(payment).checkout_ref)
    till.time_passes()
    assert till.told() == ["PaymentReceived"]
    assert agrees(double)


def test_a_declined_card_leaves_the_checkout_open_for_another(till: Till, double: Double) -> None:
    payment = till.start(1500)
    till.open(payment)
    double.books.decline(till.row(payment).checkout_ref)
    till.deliver()
    assert (till.row(payment).state, till.money.failed) == ("open", "insufficient_funds")
    double.books.pay(till.row(payment).checkout_ref)
    till.deliver()
    assert (till.row(payment).state, till.money.failed) == ("paid", "")


def test_the_later_of_two_payments_for_one_thing_is_given_back_by_itself(till: Till, double: Double) -> None:
    first = till.start(1500)
    till.open(first)
    second = till.start(2000)  # the price changed while they were at Stripe's page
    till.open(second)
    assert double.books.pay(till.row(second).checkout_ref)
    assert double.books.pay(till.row(first).checkout_ref)
    till.deliver()
    assert (till.money.paid_minor, till.money.kept_minor) in ((3500, 2000), (3500, 1500))
    assert till.told().count("PaymentReceived") == 1
    assert agrees(double)


def test_money_goes_back_when_it_is_due_and_not_before(till: Till, double: Double) -> None:
    till.paid(1500)
    till.give_back(1000, later=timedelta(minutes=5))
    till.work()
    assert (till.money.refund_due_minor, double.books.given_back_minor) == (1000, 0)
    Refund.objects.update(due_at=clock.now(), next_attempt_at=clock.now())
    till.work()
    till.deliver()
    assert (till.money.refunded_minor, till.money.refund_due_minor) == (1000, 0)
    assert till.told() == ["PaymentReceived", "RefundMade"]
    assert agrees(double)


def test_what_stripe_will_not_give_back_is_said_and_can_be_tried_again(till: Till, double: Double) -> None:
    payment = till.paid(1500)
    by_hand = double.books.give_back(
        {"payment_intent": till.row(payment).charge_ref, "amount": "700"}, by_hand=True
    )
    till.give_back(1500)
    till.work()
    refund = Refund.objects.get()
    assert (refund.state, refund.last_error) == ("failed", "charge_already_refunded")
    assert "RefundFailed" in till.told()
    till.deliver()
    assert Refund.objects.get(provider_ref=by_hand["id"]).reason == "at_provider"
    assert till.money.kept_minor == 800
    till.give_back(800)
    till.work()
    assert till.money.kept_minor == 0
    assert agrees(double)
    done = Refund.objects.filter(state="done").values_list("id", flat=True)[0]
    with pytest.raises(ChargeUnderWay):
        commands.retry_refund(actor=till.staff, business_id=till.business_id, refund_id=done, now=clock.now())


def test_a_refund_that_the_bank_sends_back_is_ours_again(till: Till, double: Double) -> None:
    till.paid(1500)
    till.give_back(1500)
    till.work()
    double.books.send_back(next(iter(double.books.refunds)))
    till.deliver()
    assert (Refund.objects.get().state, till.money.kept_minor) == ("failed", 1500)
    assert till.told()[-1] == "RefundFailed"
    assert agrees(double)


def test_a_saved_card_is_charged_after_the_time_to_undo(till: Till, double: Double) -> None:
    saved_card(till)
    assert till.told() == ["CardSaved"]
    assert till.money.card is not None
    assert (till.money.card.brand, till.money.card.last4) == ("visa", "4242")
    charge(till, later=timedelta(minutes=5))
    charge(till, later=timedelta(minutes=5))
    till.work()
    assert (double.books.taken_minor, Payment.objects.filter(kind="no_show_fee").count()) == (0, 1)
    Payment.objects.filter(kind="no_show_fee").update(due_at=clock.now(), next_attempt_at=clock.now())
    till.work()
    till.deliver()
    assert (till.money.paid_minor, double.books.taken_minor) == (2500, 2500)


def test_a_charge_can_be_undone_until_it_is_due(till: Till, double: Double) -> None:
    saved_card(till)
    charge(till, later=timedelta(minutes=5))
    planned = till.money.charge
    assert planned is not None
    for _ in range(2):
        commands.stop_charge(business_id=till.business_id, payment_id=planned.id, now=clock.now())
    Payment.objects.update(due_at=clock.now())
    till.work()
    assert double.books.taken_minor == 0
    charge(till)
    till.work()
    made = Payment.objects.filter(state="paid", kind="no_show_fee").get()
    with pytest.raises(ChargeUnderWay):
        commands.stop_charge(business_id=till.business_id, payment_id=made.id, now=clock.now())


def test_a_bank_that_says_no_ends_the_charge_with_its_reason(till: Till, double: Double) -> None:
    double.books.declining.add(saved_card(till))
    charge(till)
    till.work()
    till.deliver()
    fee = Payment.objects.get(kind="no_show_fee")
    assert (fee.state, fee.failure) == ("failed", "insufficient_funds")
    assert till.told() == ["CardSaved", "PaymentFailed"]
    assert agrees(double)


def test_without_a_card_on_file_nothing_is_charged(till: Till) -> None:
    with pytest.raises(NoSavedCard):
        charge(till)


@pytest.mark.parametrize("fault", ["drop", "fail", "refuse", "slow", "down"])
def test_whatever_gets_lost_everything_is_done_once(
    till: Till, double: Double, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening, refund and charge, each with the fault at the first try; the worker makes up for it."""
    monkeypatch.setattr(provider, "TIMEOUT_SECONDS", 0.3)
    provider._client.cache_clear()
    double.slow_seconds = 0.6

    def trouble() -> None:
        double.is_down = fault == "down"
        double.faults = [] if fault == "down" else [fault]

    def over() -> None:
        double.is_down, double.faults = False, []
        till.time_passes()

    payment = till.start(1500)
    trouble()
    assert till.open(payment) is None
    over()
    assert till.row(payment).state == "open"
    assert till.open(payment) is not None
    double.books.pay(till.row(payment).checkout_ref)
    till.deliver()

    till.give_back(1500)
    trouble()
    till.work()
    assert till.money.refunded_minor == 0
    over()
    assert (till.money.refunded_minor, double.books.given_back_minor) == (1500, 1500)

    saved_card(till)
    charge(till)
    trouble()
    till.work()
    over()
    till.deliver()
    assert double.books.taken_minor == 1500 + 2500
    assert till.money.kept_minor == 2500
    assert agrees(double)


def test_control_without_the_key_a_lost_answer_would_charge_twice(till: Till, double: Double) -> None:
    saved_card(till)
    known = SavedCard.objects.get()
    asked = {
        "amount": "2500",
        "currency": "gbp",
        "customer": known.customer_ref,
        "payment_method": known.method_ref,
    }
    double.answer("POST", "/v1/payment_intents", asked, "", b"")
    double.answer("POST", "/v1/payment_intents", asked, "", b"")
    assert double.books.taken_minor == 5000

"""reconcile-payments: every difference of the ledgers is printed, and what can be repaired is."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from holdfast.core.ids import uuid7
from holdfast.lib.refusals import Busy, Conflict
from holdfast.payments.models import LedgerEntry, Payment, Refund
from tests.cast import Shop
from tests.payments.till import Till, agrees
from tests.stripe_double.server import Double


@pytest.fixture
def till(shop: Shop, double: Double) -> Till:
    return Till(shop.business_id, double)


def reconcile(*options: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and what was printed."""
    out, code = StringIO(), 0
    try:
        call_command("reconcile_payments", "--json", *options, stdout=out)
    except CommandError as error:
        code = error.returncode
    return code, json.loads(out.getvalue())


def found(result: dict[str, Any]) -> list[tuple[str, int, int]]:
    return sorted((one["what"], one["ours_minor"], one["theirs_minor"]) for one in result["differences"])


def test_ledgers_that_agree_say_so(till: Till) -> None:
    till.paid(1500)
    till.give_back(500)
    till.work()
    code, result = reconcile()
    assert (code, found(result), result["repaired"], result["remaining"]) == (0, [], 0, 0)
    out = StringIO()
    call_command("reconcile_payments", stdout=out)
    assert out.getvalue() == "The ledgers agree.\n"


def test_what_was_never_heard_of_is_found_and_entered(till: Till, double: Double) -> None:
    by_hand = till.paid(2500, kind="balance")
    double.books.give_back({"payment_intent": till.row(by_hand).charge_ref, "amount": "700"}, by_hand=True)
    payment = till.start(1500)
    till.open(payment)
    double.books.pay(till.row(payment).checkout_ref)
    Payment.objects.filter(id=payment.id).update(state="expired", next_attempt_at=None)

    code, result = reconcile()
    assert code == 5
    assert found(result) == [("charge_missing", 0, 1500), ("refund_missing", 0, 700)]
    assert not agrees(double), "looking changes nothing"
    code, result = reconcile("--apply")
    assert (code, result["repaired"], result["remaining"]) == (0, 2, 0)
    assert agrees(double)
    assert till.told().count("PaymentReceived") == 2
    assert reconcile()[0] == 0


def test_an_end_that_was_never_heard_of_is_settled(till: Till, double: Double) -> None:
    payment = till.start(1500)
    till.open(payment)
    double.books.expire_session(till.row(payment).checkout_ref)
    Payment.objects.update(created_at="2020-01-01T00:00:00Z", next_attempt_at=None)
    assert found(reconcile()[1]) == [("still_waiting", 0, 0)]
    assert reconcile("--apply")[0] == 0
    assert till.row(payment).state == "expired"


def test_a_refund_whose_answer_was_lost_is_entered(till: Till, double: Double) -> None:
    payment = till.paid(1500)
    till.give_back(400)
    mark = {"holdfast_refund": str(Refund.objects.get().id)}
    double.books.give_back(
        {"payment_intent": till.row(payment).charge_ref, "amount": "400", "metadata": mark}
    )
    Refund.objects.update(next_attempt_at=None)
    assert found(reconcile()[1]) == [("refund_missing", 0, 400)]
    assert reconcile("--apply")[0] == 0
    assert agrees(double)
    assert Refund.objects.get().state == "done"


def test_what_people_have_to_look_at_is_said_and_not_touched(till: Till, double: Double) -> None:
    payment = till.paid(1500)
    charge = double.books.intents[till.row(payment).charge_ref]
    charge["amount_received"] = 1400
    stranger = double.books._intent(900, "gbp", {"holdfast_payment": str(uuid7())})
    double.books._succeed(stranger)
    gone = till.paid(2500, kind="balance")
    del double.books.intents[till.row(gone).charge_ref]
    before = LedgerEntry.objects.count()
    code, result = reconcile("--apply")
    assert code == 5
    assert found(result) == [("amount_differs", 1500, 1400), ("stranger", 0, 900), ("unknown_there", 2500, 0)]
    assert (result["repaired"], LedgerEntry.objects.count()) == (0, before)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("reconcile_payments", stdout=out)
    assert "3 differences, 0 repaired, 3 remaining." in out.getvalue()


def test_somebody_elses_charges_in_the_same_account_are_no_difference(till: Till, double: Double) -> None:
    theirs = double.books._intent(900, "gbp", {})
    double.books._succeed(theirs)
    double.books.give_back({"payment_intent": theirs["id"], "amount": "100"})
    assert reconcile()[0] == 0


def test_more_than_a_page_is_compared(till: Till, double: Double) -> None:
    for _ in range(130):
        double.books._succeed(double.books._intent(900, "gbp", {"holdfast_payment": str(uuid7())}))
    assert len(reconcile()[1]["differences"]) == 130


def test_without_stripe_or_while_it_is_away_nothing_is_said_to_agree(
    till: Till, double: Double, settings: Any
) -> None:
    double.is_down = True
    with pytest.raises(Busy):
        call_command("reconcile_payments")
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(Conflict):
        call_command("reconcile_payments")

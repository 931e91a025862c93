"""What a provider says, in every order; how money to be given back is spread; when is asked again. No database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.lib.refusals import Invalid
from holdfast.payments.rules import (
    Outcome,
    RefundOutcome,
    Source,
    again_at,
    checkout_ends_at,
    is_long_enough,
    look_again_at,
    next_refund_state,
    next_state,
    spread,
)

NOW = datetime(2030, 5, 17, 9, 0, tzinfo=UTC)
STATES = ("opening", "open", "paid", "failed", "expired")


@pytest.mark.parametrize(
    ("state", "outcome", "after"),
    [
        ("opening", Outcome.OPEN, "opening"),
        ("opening", Outcome.PROCESSING, "open"),
        ("opening", Outcome.DECLINED, "opening"),
        ("opening", Outcome.EXPIRED, "expired"),
        ("opening", Outcome.FAILED, "failed"),
        ("open", Outcome.OPEN, "open"),
        ("open", Outcome.DECLINED, "open"),
        ("open", Outcome.EXPIRED, "expired"),
        ("open", Outcome.FAILED, "failed"),
        ("open", Outcome.UNKNOWN, "open"),
        ("expired", Outcome.OPEN, "expired"),
        ("expired", Outcome.FAILED, "expired"),
        ("failed", Outcome.EXPIRED, "failed"),
        *[(state, Outcome.PAID, "paid") for state in STATES],
        *[("paid", outcome, "paid") for outcome in Outcome],
    ],
)
def test_what_is_seen_of_a_payment_makes_its_state(state: str, outcome: Outcome, after: str) -> None:
    assert next_state(state, outcome) == after


def test_whatever_the_order_and_however_often_money_that_was_taken_is_paid() -> None:
    words = [Outcome.PAID, Outcome.DECLINED, Outcome.EXPIRED, Outcome.PROCESSING, Outcome.PAID]
    for state, order in product(STATES, permutations(words)):
        for outcome in order:
            state = next_state(state, outcome)
        assert state == "paid"


@pytest.mark.parametrize(
    ("state", "outcome", "after"),
    [
        ("due", RefundOutcome.PENDING, "sent"),
        ("due", RefundOutcome.DONE, "done"),
        ("sent", RefundOutcome.DONE, "done"),
        ("done", RefundOutcome.PENDING, "done"),
        ("done", RefundOutcome.FAILED, "failed"),
        ("failed", RefundOutcome.DONE, "failed"),
        ("failed", RefundOutcome.PENDING, "failed"),
    ],
)
def test_what_is_seen_of_a_refund_makes_its_state(state: str, outcome: RefundOutcome, after: str) -> None:
    assert next_refund_state(state, outcome) == after


def test_money_is_given_back_out_of_the_newest_payments_first() -> None:
    new, old = Source(uuid4(), 1000), Source(uuid4(), 2500)
    assert spread(700, [new, old]) == [(new.payment_id, 700)]
    assert spread(1200, [new, old]) == [(new.payment_id, 1000), (old.payment_id, 200)]
    assert spread(3500, [new, old]) == [(new.payment_id, 1000), (old.payment_id, 2500)]


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_than_nothing_cannot_be_given_back(amount: int) -> None:
    with pytest.raises(Invalid) as refused:
        spread(amount, [Source(uuid4(), 100)])
    assert refused.value.fields == {"amount_minor": [("not_positive", {})]}


@settings(max_examples=40)
@given(st.lists(st.integers(0, 10_000), max_size=5), st.integers(1, 60_000))
def test_a_refund_is_whole_or_refused(left: list[int], amount: int) -> None:
    sources = [Source(uuid4(), one) for one in left]
    if amount > sum(left):
        with pytest.raises(Invalid) as refused:
            spread(amount, sources)
        assert refused.value.fields == {"amount_minor": [("more_than_paid", {"most": sum(left)})]}
        return
    parts = dict(spread(amount, sources))
    assert sum(parts.values()) == amount
    assert all(0 < parts[one.payment_id] <= one.left_minor for one in sources if one.payment_id in parts)


def test_a_checkout_lives_as_long_as_what_it_pays_for_within_what_stripe_allows() -> None:
    minutes = {
        shown: (checkout_ends_at(NOW + timedelta(minutes=asked), NOW) - NOW) / timedelta(minutes=1)
        for shown, asked in {"short": 10, "long": 90, "days": 5000}.items()
    }
    assert minutes == {"short": 31, "long": 90, "days": 23 * 60}
    assert is_long_enough(NOW + timedelta(minutes=31), NOW)
    assert not is_long_enough(NOW + timedelta(minutes=30), NOW)


def test_an_open_checkout_is_looked_after_every_five_minutes_and_at_its_end() -> None:
    assert look_again_at(NOW + timedelta(minutes=60), NOW) == NOW + timedelta(minutes=5)
    assert look_again_at(NOW + timedelta(minutes=3), NOW) == NOW + timedelta(minutes=3)
    assert look_again_at(NOW - timedelta(minutes=3), NOW) == NOW


def test_whoever_does_not_answer_is_asked_ever_more_patiently() -> None:
    pauses = [again_at(attempt, NOW) - NOW for attempt in range(12)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=2)
    assert pauses[-1] == timedelta(minutes=30)

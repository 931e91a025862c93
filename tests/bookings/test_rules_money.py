"""What is asked before a booking stands, and what comes back: as tables; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.bookings.rules import Policy
from holdfast.bookings.rules.money import (
    Demand,
    MoneyTerms,
    Record,
    RefundTerms,
    awaited,
    demand_of,
    due_now,
    pay_by,
    refund_due,
    refund_percent,
    rung_of,
    tax_within,
)
from holdfast.businesses.rules import Settings
from holdfast.catalog.rules import DepositTerms, deposit_of

START = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MONDAY, TUESDAY = date(2027, 3, 1), date(2027, 3, 2)


@pytest.mark.parametrize(
    ("terms", "price", "party", "on", "deposit"),
    [
        (DepositTerms(), 3200, 1, MONDAY, 0),
        (DepositTerms(1000), 3200, 1, MONDAY, 1000),
        (DepositTerms(1000), 800, 1, MONDAY, 800),
        (DepositTerms(percent=25), 3200, 1, MONDAY, 800),
        (DepositTerms(percent=33), 1001, 1, MONDAY, 330),
        (DepositTerms(person_minor=500), 0, 8, MONDAY, 4000),
        (DepositTerms(person_minor=500), 3000, 8, MONDAY, 3000),
        (DepositTerms(person_minor=500, party_least=6), 0, 5, MONDAY, 0),
        (DepositTerms(person_minor=500, party_least=6), 0, 6, MONDAY, 3000),
        (DepositTerms(1000, weekdays=(0,)), 3200, 1, MONDAY, 1000),
        (DepositTerms(1000, weekdays=(0,)), 3200, 1, TUESDAY, 0),
        (DepositTerms(500, 10, 200), 9000, 3, MONDAY, 2000),
    ],
)
def test_a_deposit_is_a_sum_a_part_and_so_much_a_person_where_its_conditions_hold(
    terms: DepositTerms, price: int, party: int, on: date, deposit: int
) -> None:
    assert deposit_of(terms, price_minor=price, party_size=party, on=on) == deposit


THREE = RefundTerms(full_minutes=2880, part_minutes=1440, part_percent=50, late_percent=10)
TWO = RefundTerms(full_minutes=1440, part_minutes=1440, part_percent=50, late_percent=0)
ALWAYS = RefundTerms(full_minutes=0, part_minutes=0, part_percent=0, late_percent=0)


@pytest.mark.parametrize(
    ("terms", "minutes_before", "percent"),
    [
        (THREE, 2881, 100), (THREE, 2880, 100), (THREE, 2879, 50), (THREE, 1440, 50), (THREE, 1439, 10),
        (THREE, 0, 10), (THREE, -1, 0),
        (TWO, 1440, 100), (TWO, 1439, 0), (TWO, 0, 0),
        (ALWAYS, 1, 100), (ALWAYS, 0, 100), (ALWAYS, -1, 0),
    ],
)  # fmt: skip
def test_what_comes_back_depends_on_the_time_before_the_start(
    terms: RefundTerms, minutes_before: int, percent: int
) -> None:
    now = START - timedelta(minutes=minutes_before)
    assert refund_percent(terms, START, now) == percent
    mine = refund_due(terms, paid_minor=1001, starts_at=START, now=now, by_staff=False)
    assert mine == (1001 * percent + 50) // 100
    assert refund_due(terms, paid_minor=1001, starts_at=START, now=now, by_staff=True) == 1001
    assert refund_due(terms, paid_minor=0, starts_at=START, now=now, by_staff=True) == 0


@given(st.integers(0, 10**9), st.integers(-100, 10_000), st.integers(0, 5000), st.integers(0, 5000),
       st.integers(0, 100), st.integers(0, 100))  # fmt: skip
def test_never_more_comes_back_than_was_paid(
    paid: int, before: int, full: int, part: int, part_percent: int, late: int
) -> None:
    terms = RefundTerms(full, part, part_percent, late)
    now = START - timedelta(minutes=before)
    assert 0 <= refund_due(terms, paid_minor=paid, starts_at=START, now=now, by_staff=False) <= paid


def test_terms_are_kept_with_the_booking_and_old_ones_still_read() -> None:
    old = {"cancellation_notice_minutes": 60, "reschedule_notice_minutes": 30}
    assert Policy.read(old).money == MoneyTerms()
    assert Policy.read(old).write() == old  # nothing is added where all is as usual
    settings = Settings(refund_full_minutes=60, refund_part_percent=25, tax_basis_points=2000)
    policy = Policy.of(settings).demanding("deposit")
    assert Policy.read(policy.write()) == policy
    assert policy.money.refunds.full_minutes == 60
    assert (policy.money.demand, policy.money.tax_basis_points) == ("deposit", 2000)


LADDER = Settings(missed_from=2, missed_guard="deposit", kept_from=5)


@pytest.mark.parametrize(
    ("settings", "service", "record", "rung"),
    [
        (Settings(), {}, None, "nothing"),
        (Settings(guard="confirm"), {}, None, "confirm"),
        (Settings(guard="confirm"), {"guard": "card"}, None, "card"),
        (Settings(guard="card"), {"guard": "nothing"}, None, "nothing"),
        (Settings(guard="card"), {"has_deposit": True}, None, "deposit"),
        (Settings(), {"has_deposit": True, "prepay": True}, None, "prepay"),
        (LADDER, {}, Record(kept=0, missed=1), "nothing"),
        (LADDER, {}, Record(kept=9, missed=2), "deposit"),
        (LADDER, {"prepay": True}, Record(missed=2), "prepay"),
        (LADDER, {"has_deposit": True}, Record(kept=5), "nothing"),
        (LADDER, {"has_deposit": True}, Record(kept=4), "deposit"),
        (LADDER, {"has_deposit": True}, Record(kept=5, missed=1), "deposit"),
        (LADDER, {"prepay": True}, Record(kept=50), "prepay"),
        (replace(LADDER, missed_from=0), {}, Record(missed=20), "nothing"),
    ],
)
def test_the_rung_is_the_services_own_moved_by_the_customers_own_visits(
    settings: Settings, service: dict[str, object], record: Record | None, rung: str
) -> None:
    given = {"prepay": False, "has_deposit": False, "guard": ""} | service
    assert rung_of(settings, record=record, **given) == rung  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rung", "price", "deposit", "demand"),
    [
        ("nothing", 3200, 1000, Demand("nothing")),
        ("confirm", 3200, 1000, Demand("confirm")),
        ("card", 3200, 0, Demand("card", "card", 0)),
        ("deposit", 3200, 1000, Demand("deposit", "deposit", 1000)),
        ("deposit", 3201, 0, Demand("deposit", "deposit", 1601)),
        ("deposit", 0, 0, Demand("nothing")),
        ("prepay", 3200, 1000, Demand("prepay", "price", 3200)),
        ("prepay", 0, 1000, Demand("prepay", "price", 1000)),
        ("prepay", 0, 0, Demand("nothing")),
    ],
)
def test_what_costs_nothing_needs_no_payment(rung: str, price: int, deposit: int, demand: Demand) -> None:
    assert demand_of(rung, price_minor=price, deposit_minor=deposit) == demand
    if demand.rung == rung:
        assert awaited(MoneyTerms(demand=rung), price_minor=price, deposit_minor=deposit) == demand


@pytest.mark.parametrize(
    ("demand", "price", "deposit", "paid", "kind", "amount"),
    [
        ("deposit", 3200, 1000, 0, "deposit", 1000),
        ("deposit", 3200, 1000, 1000, "balance", 2200),
        ("prepay", 3200, 1000, 0, "price", 3200),
        ("prepay", 3200, 0, 3200, "", 0),
        ("", 3200, 1000, 0, "deposit", 1000),
        ("", 3200, 0, 0, "balance", 3200),
        ("", 0, 0, 0, "", 0),
        ("deposit", 0, 4000, 4000, "", 0),
    ],
)
def test_what_can_be_paid_now_is_the_deposit_first_and_then_the_rest(
    demand: str, price: int, deposit: int, paid: int, kind: str, amount: int
) -> None:
    due = due_now(MoneyTerms(demand=demand), price_minor=price, deposit_minor=deposit, paid_minor=paid)
    assert (due.kind, due.amount_minor) == (kind, amount)


def test_a_time_is_kept_for_its_payment_as_long_as_a_hold_and_never_beyond_its_start() -> None:
    now, minutes = START - timedelta(hours=3), timedelta(minutes=1)
    assert pay_by(now, START, hold_minutes=10, within_minutes=30) == now + 30 * minutes
    assert pay_by(now, START, hold_minutes=45, within_minutes=30) == now + 45 * minutes
    assert pay_by(now, START, hold_minutes=10, within_minutes=600) == START


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(12_000, 2000, 2000), (3200, 0, 0), (119, 1900, 19), (100, 700, 7), (0, 2000, 0)],
)
def test_the_tax_in_an_amount_is_worked_out_from_the_gross(gross: int, rate: int, tax: int) -> None:
    assert tax_within(gross, rate) == tax

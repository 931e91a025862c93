"""The ledger: what was taken and given back, added to and never changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from holdfast.core import clock, sql
from holdfast.core.transactions import violated
from holdfast.lib.actors import Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from holdfast.payments import commands
from holdfast.payments.models import LedgerEntry, Payment, Refund
from holdfast.payments.queries import PaymentFilter, money_of, payment_page, refunds_of
from holdfast.payments.sql import GUARD, guard_is_up
from tests.cast import Shop
from tests.payments.till import Till, ledger_minor


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop.business_id)


def take(till: Till, amount_minor: int = 2000, method: str = "cash", kind: str = "price") -> None:
    commands.record_at_counter(
        actor=till.staff,
        business_id=till.business_id,
        booking_id=till.booking_id,
        kind=kind,
        amount_minor=amount_minor,
        currency="GBP",
        method=method,
        now=clock.now(),
    )


def test_money_at_the_counter_is_paid_and_in_the_ledger_at_once(till: Till) -> None:
    take(till, 2000)
    take(till, 600, method="card")
    assert (till.money.paid_minor, till.money.kept_minor) == (2600, 2600)
    assert till.told() == ["PaymentReceived", "PaymentReceived"]


def test_a_bookings_money_is_the_sum_of_its_entries(till: Till) -> None:
    take(till, 2000)
    take(till, 600)
    till.give_back(800)  # 600 of the newer payment, 200 of the older
    assert (till.money.paid_minor, till.money.refunded_minor, till.money.kept_minor) == (2600, 800, 1800)
    assert ledger_minor() == 1800
    assert [
        one.amount_minor for one in refunds_of(business_id=till.business_id, booking_id=till.booking_id)
    ] == [600, 200]
    assert till.told()[2:] == ["RefundMade", "RefundMade"]


def test_no_more_is_given_back_than_is_there(till: Till) -> None:
    take(till, 2000)
    till.give_back(1500)
    with pytest.raises(Invalid) as refused:
        till.give_back(501)
    assert refused.value.fields == {"amount_minor": [("more_than_paid", {"most": 500})]}
    assert ledger_minor() == 500


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount_minor": 0}, "amount_minor"),
        ({"method": "shells"}, "method"),
        ({"kind": "card"}, "amount_minor"),
        ({"kind": "tip"}, "kind"),
    ],
)
def test_what_makes_no_sense_at_the_counter_is_refused(
    till: Till, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        take(till, **wrong)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert ledger_minor() == 0


def test_only_who_works_there_takes_money(till: Till, other_shop: Shop) -> None:
    given = {
        "business_id": till.business_id, "booking_id": till.booking_id, "kind": "price", "amount_minor": 1,
        "currency": "GBP", "method": "cash", "now": clock.now(),
    }  # fmt: skip
    with pytest.raises(Missing):
        commands.record_at_counter(actor=other_shop.actor(Role.ADMIN), **given)
    with pytest.raises((Forbidden, Missing)):
        commands.record_at_counter(actor=till.staff.__class__(business_id=till.business_id), **given)


def test_nothing_of_one_business_shows_at_another(till: Till, other_shop: Shop) -> None:
    take(till)
    there = money_of(business_id=other_shop.business_id, booking_ids=[till.booking_id])
    assert there[till.booking_id].paid_minor == 0
    assert payment_page(business_id=other_shop.business_id).items == []
    assert len(payment_page(business_id=till.business_id).items) == 1


def test_a_list_of_payments_is_narrowed_and_goes_on_page_by_page(till: Till) -> None:
    for amount in (100, 200, 300):
        take(till, amount)
    first = payment_page(business_id=till.business_id, limit=2)
    rest = payment_page(business_id=till.business_id, limit=2, cursor=first.next_cursor or "")
    assert [one.amount_minor for one in [*first.items, *rest.items]] == [300, 200, 100]
    wanted = PaymentFilter(states=("paid",), providers=("stripe",))
    assert payment_page(business_id=till.business_id, filters=wanted).items == []


def test_the_database_itself_refuses_to_change_or_delete_an_entry(till: Till) -> None:
    take(till)
    assert guard_is_up()
    for statement in ("UPDATE payments_ledgerentry SET amount_minor = 1", "DELETE FROM payments_ledgerentry"):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            sql.run(statement)
        assert isinstance(refused.value, IntegrityError)
        assert violated(refused.value) == "ledger_append_only"
    assert ledger_minor() == 2000


def test_control_without_the_guard_the_ledger_can_be_changed(till: Till, engine: str) -> None:
    take(till)
    for statement in GUARD["sqlite" if engine == "sqlite" else "postgresql"][1]:
        sql.run(statement)
    assert not guard_is_up()
    sql.run("UPDATE payments_ledgerentry SET amount_minor = 1")
    assert ledger_minor() == 1


def test_what_a_payment_brought_is_entered_once(till: Till) -> None:
    take(till)
    entry = LedgerEntry.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(
            business_id=till.business_id, booking_id=till.booking_id, at=entry.at, kind="charge",
            amount_minor=1, currency="GBP", payment_id=entry.payment_id,
        )  # fmt: skip


def test_undoing_takes_back_what_has_not_left(till: Till) -> None:
    Payment.objects.create(
        business_id=till.business_id, booking_id=till.booking_id, kind="price", provider="demo", state="paid",
        amount_minor=900, paid_minor=900, currency="GBP", paid_at=clock.now(),
    )  # fmt: skip
    till.give_back(900, later=timedelta(minutes=5))
    assert till.money.refund_due_minor == 900
    till.work()
    assert Refund.objects.get().state == "due", "it is not due yet"
    gone = commands.withdraw_refunds(
        business_id=till.business_id, booking_id=till.booking_id, reason="cancelled", now=clock.now()
    )
    assert (gone, till.money.refund_due_minor) == (1, 0)

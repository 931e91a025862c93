from __future__ import annotations

import contextlib
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from holdfast.accounts.models import Account
from holdfast.businesses.models import Business
from holdfast.core import transactions
from holdfast.core.clock import now
from holdfast.core.models import IdempotencyKey, PeriodicJob
from holdfast.core.transactions import command, violated
from holdfast.lib.refusals import Busy, Conflict
from tests.core.threads import at_once


def job(name: str) -> PeriodicJob:
    return PeriodicJob.objects.create(name=name, cron="* * * * *", next_run_at=now())


@command
def write_and_refuse(*, name: str) -> None:
    job(name)
    raise Conflict


@command
def write(*, name: str) -> str:
    return job(name).name


@command
def write_two(*, refused: bool) -> None:
    write(name="outer one")
    if refused:
        write_and_refuse(name="outer two")


def names() -> set[str]:
    return set(PeriodicJob.objects.values_list("name", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_refused_command_leaves_nothing_behind() -> None:
    with pytest.raises(Conflict):
        write_and_refuse(name="a")
    assert names() == set()
    assert write(name="b") == "b"
    assert names() == {"b"}


@pytest.mark.django_db
def test_a_refused_command_leaves_a_test_transaction_usable() -> None:
    with pytest.raises(Conflict):
        write_and_refuse(name="a")
    assert names() == set()


@pytest.mark.django_db(transaction=True)
def test_a_command_inside_a_command_stands_and_falls_with_it() -> None:
    with pytest.raises(Conflict):
        write_two(refused=True)
    assert names() == set()
    write_two(refused=False)
    assert names() == {"outer one"}


@pytest.mark.django_db(transaction=True)
def test_swallowing_a_refusal_without_a_savepoint_cannot_commit_half_of_it() -> None:
    @command
    def careless() -> None:
        job("careless")
        with contextlib.suppress(Conflict):
            write_and_refuse(name="inner")

    careless()
    assert names() == set()


@pytest.mark.django_db(transaction=True)
def test_with_a_savepoint_a_command_goes_on_after_a_refusal() -> None:
    @command
    def careful() -> None:
        job("careful")
        try:
            with transaction.atomic():
                write_and_refuse(name="inner")
        except Conflict:
            job("second choice")

    careful()
    assert names() == {"careful", "second choice"}


class _Cause(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def database_says(sqlstate: str) -> OperationalError:
    error = OperationalError("the database says no")
    error.__cause__ = _Cause(sqlstate)
    return error


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_deadlock_runs_the_whole_command_again(sqlstate: str) -> None:
    attempts: list[int] = []

    @command
    def unlucky() -> str:
        attempts.append(1)
        job(f"attempt {len(attempts)}")
        if len(attempts) < 3:
            raise database_says(sqlstate)
        return "done"

    assert unlucky() == "done"
    assert names() == {"attempt 3"}


@pytest.mark.django_db(transaction=True)
def test_after_three_retries_a_deadlock_is_busy() -> None:
    attempts: list[int] = []

    @command
    def doomed() -> None:
        attempts.append(1)
        raise database_says("40P01")

    with pytest.raises(Busy) as refused:
        doomed()
    assert len(attempts) == 4
    assert refused.value.facts == {"retry_after": 1}


@pytest.mark.django_db(transaction=True)
def test_an_inner_command_leaves_the_retry_to_the_outer_one() -> None:
    attempts: list[str] = []

    @command
    def inner() -> None:
        attempts.append("inner")
        if len(attempts) < 4:
            raise database_says("40001")

    @command
    def outer() -> None:
        attempts.append("outer")
        inner()

    outer()
    assert attempts == ["outer", "inner", "outer", "inner"]


@pytest.mark.django_db(transaction=True)
def test_other_database_errors_are_not_hidden() -> None:
    @command
    def broken() -> None:
        raise database_says("58P01")

    with pytest.raises(OperationalError):
        broken()


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_does_not_come_is_busy(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    job("contended")
    held, done = threading.Event(), threading.Event()

    def hold_it() -> None:
        try:
            with transaction.atomic():
                PeriodicJob.objects.filter(name="contended").update(cron="1 * * * *")
                held.set()
                done.wait(20)
        finally:
            connections.close_all()

    @command
    def want_it() -> None:
        PeriodicJob.objects.filter(name="contended").update(cron="2 * * * *")

    thread = threading.Thread(target=hold_it)
    thread.start()
    try:
        assert held.wait(10)
        with connection.cursor() as cursor:  # shorter than in life, so that the test is short too
            cursor.execute("PRAGMA busy_timeout = 200" if engine == "sqlite" else "SET lock_timeout = 200")
        with pytest.raises(Busy):
            want_it()
    finally:
        done.set()
        thread.join()
        connection.close()
    want_it()
    assert PeriodicJob.objects.get().cron == "2 * * * *"


@pytest.mark.django_db
def test_the_lock_timeout_is_set_by_the_connection_itself(engine: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout" if engine == "sqlite" else "SHOW lock_timeout")
        assert cursor.fetchone()[0] == (5000 if engine == "sqlite" else "3s")


@pytest.mark.django_db
def test_sqlite_is_durable_and_postgresql_compiles_nothing(engine: str) -> None:
    with connection.cursor() as cursor:
        if engine == "sqlite":
            pragmas = {}
            for name in ("journal_mode", "synchronous", "foreign_keys"):
                cursor.execute(f"PRAGMA {name}")
                pragmas[name] = cursor.fetchone()[0]
            assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
            assert connection.transaction_mode == "IMMEDIATE"
        else:
            cursor.execute("SHOW jit")
            assert cursor.fetchone()[0] == "off"


def refused_by(make: Any) -> IntegrityError:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        make()
    return refused.value


@pytest.mark.django_db
def test_a_violated_constraint_has_the_same_name_on_both_engines() -> None:
    def business(**values: Any) -> Business:
        common = {"name": "N", "blueprint": "barbershop", "timezone": "UTC", "currency": "GBP"}
        return Business.objects.create(**{**common, **values})

    def key() -> None:
        IdempotencyKey.objects.create(business_id=business_id, scope="s", request_hash="h", created_at=now())

    business_id = uuid4()
    business(slug="northside")
    job("twice")
    key()
    assert violated(refused_by(key)) == "idempotencykey_once"
    assert violated(
        refused_by(lambda: PeriodicJob(name="twice", cron="*", next_run_at=now()).save(force_insert=True))
    ) == ("core_periodicjob_pkey")
    assert violated(refused_by(lambda: business(slug="northside"))) == "businesses_business_slug_key"


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("holdfast:claim_overlap", "claim_overlap"),
        ("CHECK constraint failed: slot_not_overfull", "slot_not_overfull"),
        ("UNIQUE constraint failed: index 'one_live_hold'", "one_live_hold"),
        (
            "UNIQUE constraint failed: core_idempotencykey.business_id, core_idempotencykey.scope",
            "idempotencykey_once",
        ),
        ("NOT NULL constraint failed: core_outboxevent.kind", None),
        ("FOREIGN KEY constraint failed", None),
    ],
)
def test_sqlites_sentences_are_understood(message: str, name: str | None) -> None:
    assert violated(IntegrityError(message)) == name


@pytest.mark.django_db(transaction=True)
def test_writers_in_parallel_all_succeed() -> None:
    job("counter")

    @command
    def add_one() -> None:
        row = PeriodicJob.objects.select_for_update().get(name="counter")
        row.failures_in_a_row += 1
        row.save()

    at_once(6, lambda _: [add_one() for _ in range(5)])
    assert PeriodicJob.objects.get().failures_in_a_row == 30
    assert transactions.RETRIES == 3


@pytest.mark.django_db
def test_an_account_is_stored_in_lower_case_so_that_the_constraint_bites() -> None:
    Account.objects.create_user("Alice@Example.com")
    assert (
        violated(refused_by(lambda: Account.objects.create_user("ALICE@example.com")))
        == "accounts_account_email_key"
    )

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction

from holdfast.core import idempotency
from holdfast.core.clock import now
from holdfast.core.encryption import CannotDecrypt, decrypt
from holdfast.core.errors import IdempotencyKeyReused, IdempotencyKeyUnusable
from holdfast.core.idempotency import Fresh, Stored, begin, request_hash, store
from holdfast.core.ids import uuid7
from holdfast.core.models import IdempotencyKey
from holdfast.core.transactions import command
from holdfast.lib.refusals import Busy, Conflict, Invalid
from tests.core.threads import at_once

BUSINESS = uuid7()
CALL: dict[str, Any] = {
    "business_id": BUSINESS,
    "actor_key": "guest",
    "route": "POST bookings",
    "key": "a-key",
    "request_hash": request_hash("body"),
}


@command
def call(**changes: Any) -> Fresh | Stored:
    taken = begin(**{**CALL, **changes})
    if isinstance(taken, Fresh):
        store(taken, status=201, body={"reference": "ABC", "customer": "Dana Guest"})
    return taken


@pytest.mark.django_db
def test_a_repeat_gets_the_stored_answer() -> None:
    assert isinstance(call(), Fresh)
    assert call() == Stored(201, '{"reference":"ABC","customer":"Dana Guest"}')
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [{"business_id": uuid7()}, {"business_id": None}, {"actor_key": "x"}, {"route": "x"}, {"key": "other"}],
)
def test_the_same_key_elsewhere_is_another_key(other: dict[str, Any]) -> None:
    call()
    assert isinstance(call(**other), Fresh)


@pytest.mark.django_db
def test_parts_of_the_scope_cannot_be_shifted_into_each_other() -> None:
    call(actor_key="ab", route="c")
    assert isinstance(call(actor_key="a", route="bc"), Fresh)


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused() -> None:
    call()
    with pytest.raises(IdempotencyKeyReused) as refused:
        call(request_hash=request_hash("another body"))
    assert refused.value.code == "idempotency_key_reused"
    assert isinstance(refused.value, Invalid)


@pytest.mark.django_db
def test_a_refused_call_frees_its_key() -> None:
    @command
    def refused() -> None:
        begin(**CALL)
        raise Conflict

    with pytest.raises(Conflict):
        refused()
    assert isinstance(call(request_hash=request_hash("decided anew")), Fresh)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "line\nbreak", "\x00"])
def test_an_unusable_key_is_refused(key: str) -> None:
    with pytest.raises(IdempotencyKeyUnusable):
        call(key=key)


@pytest.mark.django_db(transaction=True)
def test_a_key_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        begin(**CALL)


@pytest.mark.django_db
def test_a_key_without_an_answer_is_busy_and_not_done_twice() -> None:
    @command
    def forgets_to_store() -> Fresh | Stored:
        return begin(**CALL)

    forgets_to_store()
    with pytest.raises(Busy):
        call()


@pytest.mark.django_db
def test_after_a_day_a_key_is_fresh_again() -> None:
    call()
    with time_machine.travel(now() + timedelta(hours=23, minutes=59)):
        assert isinstance(call(), Stored)
        assert idempotency.forget_old() == 0
    with time_machine.travel(now() + timedelta(hours=24, minutes=1)):
        assert isinstance(call(request_hash=request_hash("tomorrow")), Fresh)
    with time_machine.travel(now() + timedelta(hours=49)):
        assert idempotency.forget_old() == 1


@pytest.mark.django_db
def test_the_stored_answer_is_encrypted_for_its_row() -> None:
    call()
    row = IdempotencyKey.objects.get()
    body = bytes(row.body or b"")
    assert b"Dana" not in body
    with pytest.raises(CannotDecrypt):
        decrypt(body, table="core_idempotencykey", column="body", row_id=uuid7())


@pytest.mark.django_db
def test_a_fresh_call_costs_two_statements_and_a_repeat_two() -> None:
    counted: list[str] = []

    def count(run: Any, statement: str, *rest: Any) -> Any:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")):
            counted.append(statement)
        return run(statement, *rest)

    with connection.execute_wrapper(count):
        call()
        assert len(counted) == 2
        call()
    assert len(counted) == 4


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_does_the_work_and_all_get_its_answer() -> None:
    done: list[int] = []

    def repeat(number: int) -> Fresh | Stored:
        @command
        def work() -> Fresh | Stored:
            taken = begin(**CALL)
            if isinstance(taken, Fresh):
                done.append(number)
                time.sleep(0.1)
                store(taken, status=201, body=str(number))
            return taken

        return work()

    results = at_once(8, repeat)
    assert len(done) == 1
    answers = [result for result in results if isinstance(result, Stored)]
    assert answers == [Stored(201, str(done[0]))] * 7


@pytest.mark.django_db(transaction=True)
def test_a_concurrent_repeat_of_a_refused_call_is_decided_anew() -> None:
    inside, go_on = threading.Event(), threading.Event()

    @command
    def refused() -> None:
        begin(**CALL)
        inside.set()
        go_on.wait(10)
        raise Conflict

    def first() -> None:
        try:
            with pytest.raises(Conflict):
                refused()
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    threading.Timer(0.2, go_on.set).start()
    assert isinstance(call(), Fresh)
    thread.join()

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from holdfast.core import outbox, relay, sql
from holdfast.core.clock import now
from holdfast.core.events import declare, subscribe, unsubscribe
from holdfast.core.ids import uuid7
from holdfast.core.models import OutboxEvent, PeriodicJob
from tests.core.threads import at_once

BUSINESS, SUBJECT = uuid7(), uuid7()


@dataclass(frozen=True)
class LampLit:
    lamp_id: UUID
    brightness: int = 1


@dataclass(frozen=True)
class LampOut:
    lamp_id: UUID


declare(LampOut)
seen: list[LampLit] = []
also_seen: list[LampLit] = []
failures: list[int] = []


def note(event: LampLit) -> None:
    seen.append(event)


def note_also(event: LampLit) -> None:
    if failures:
        failures.pop()
        raise RuntimeError("the second handler is not well")
    also_seen.append(event)


def write_then_fail(event: LampLit) -> None:
    PeriodicJob.objects.create(name="written by a handler", cron="* * * * *", next_run_at=now())
    raise RuntimeError("after writing")


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    for kept in (seen, also_seen, failures):
        kept.clear()
    subscribe(LampLit, note)
    yield
    for handler in (note, note_also, write_then_fail):
        unsubscribe(LampLit, handler)


def lit(**options: Any) -> LampLit:
    event = LampLit(SUBJECT)
    with transaction.atomic():
        outbox.record(event, business_id=BUSINESS, subject_id=SUBJECT, **options)
    return event


def only_row() -> OutboxEvent:
    return OutboxEvent.objects.get()


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(TransactionManagementError):
        outbox.record(LampLit(SUBJECT), business_id=BUSINESS)
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_transaction_that_failed_never_was() -> None:
    def regretted() -> None:
        with transaction.atomic():
            outbox.record(LampLit(SUBJECT), business_id=BUSINESS)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        regretted()
    assert relay.run_batch() == 0
    assert seen == []


@pytest.mark.django_db
def test_a_recorded_event_reaches_its_handler_once_and_leaves() -> None:
    event = lit()
    assert relay.run_batch() == 1
    assert relay.run_batch() == 0
    assert seen == [event]
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_an_event_without_handlers_leaves_as_well() -> None:
    with transaction.atomic():
        outbox.record(LampOut(SUBJECT), business_id=None)
    assert relay.run_batch() == 1
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_events_go_in_together_with_other_rows_by_row_for() -> None:
    with transaction.atomic():
        sql.insert_all(
            [
                ("core_periodicjob", [{"name": "beside", "cron": "* * * * *", "next_run_at": now()}]),
                (outbox.TABLE, [outbox.row_for(LampLit(SUBJECT, n), business_id=BUSINESS) for n in range(3)]),
            ]
        )
    relay.run_batch()
    assert [event.brightness for event in seen] == [0, 1, 2]


@pytest.mark.django_db
def test_an_event_waits_for_its_due_time() -> None:
    lit(due_at=now() + timedelta(minutes=2))
    assert relay.run_batch() == 0
    with time_machine.travel(now() + timedelta(minutes=2, seconds=1)):
        assert relay.run_batch() == 1
    assert len(seen) == 1


@pytest.mark.django_db
def test_a_withdrawn_event_is_never_handled() -> None:
    lit(due_at=now() + timedelta(minutes=2))
    assert outbox.withdraw(LampOut, SUBJECT, BUSINESS) == 0
    assert outbox.withdraw(LampLit, uuid7(), BUSINESS) == 0
    assert outbox.withdraw(LampLit, SUBJECT, uuid7()) == 0
    assert outbox.withdraw(LampLit, SUBJECT, BUSINESS) == 1
    with time_machine.travel(now() + timedelta(hours=1)):
        assert relay.run_batch() == 0


@pytest.mark.django_db
def test_an_event_in_a_workers_hands_cannot_be_withdrawn() -> None:
    lit()
    (claimed,) = relay.claim_batch()
    assert outbox.withdraw(LampLit, SUBJECT, BUSINESS) == 0
    assert relay.handle(claimed)


@pytest.mark.django_db
def test_a_failed_handler_alone_runs_again_after_a_pause() -> None:
    subscribe(LampLit, note_also)
    failures.append(1)
    event = lit()
    start = now()
    relay.run_batch()
    assert (seen, also_seen) == ([event], [])
    row = only_row()
    assert row.attempts == 1
    assert "RuntimeError" in row.last_error
    assert "not well" not in row.last_error  # messages may quote personal data
    assert start < row.due_at < now() + timedelta(seconds=3)
    assert relay.run_batch() == 0  # not yet
    with time_machine.travel(now() + timedelta(seconds=5)):
        assert relay.run_batch() == 1
    assert (seen, also_seen) == ([event], [event])
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_what_a_failing_handler_wrote_is_gone() -> None:
    subscribe(LampLit, write_then_fail)
    lit()
    relay.run_batch()
    assert not PeriodicJob.objects.filter(name="written by a handler").exists()
    assert only_row().handled.endswith("note")


@pytest.mark.django_db
def test_pauses_double_up_to_an_hour() -> None:
    for attempts, seconds in ((1, 2), (2, 4), (5, 32), (12, 3600), (15, 3600)):
        for _ in range(50):
            assert seconds * 0.75 <= relay.pause_after(attempts).total_seconds() <= seconds * 1.25


@pytest.mark.django_db
def test_after_its_last_attempt_an_event_is_dead_visible_and_can_be_replayed() -> None:
    subscribe(LampLit, note_also)
    failures.extend([1] * relay.MAX_ATTEMPTS)
    lit()
    moment = now()
    for _ in range(relay.MAX_ATTEMPTS):
        moment += timedelta(hours=2)
        with time_machine.travel(moment):
            assert relay.run_batch() == 1
    with time_machine.travel(moment + timedelta(days=1)):
        assert relay.run_batch() == 0
        (dead,) = relay.dead_events()
        assert (dead.kind, dead.attempts, dead.business_id) == ("LampLit", relay.MAX_ATTEMPTS, BUSINESS)
        assert relay.replay_dead(uuid7()) == 0
        assert relay.replay_dead(dead.id) == 1
        assert relay.run_batch() == 1
    assert len(also_seen) == 1
    assert len(seen) == 1  # it was through at the first attempt
    assert relay.dead_events() == []


@pytest.mark.django_db
def test_an_event_nobody_knows_is_kept_for_a_release_that_does() -> None:
    lit()
    OutboxEvent.objects.update(kind="FromTheFuture")
    relay.run_batch()
    row = only_row()
    assert row.dead_at is None
    assert "FromTheFuture" in row.last_error


@pytest.mark.django_db
def test_the_events_of_a_killed_worker_come_back_when_its_lease_ends() -> None:
    event = lit()
    assert len(relay.claim_batch()) == 1  # and here the worker is killed
    assert relay.run_batch() == 0
    with time_machine.travel(now() + relay.LEASE + timedelta(seconds=1)):
        assert relay.run_batch() == 1
    assert seen == [event]


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_changes_nothing() -> None:
    lit()
    (slow,) = relay.claim_batch()
    with time_machine.travel(now() + relay.LEASE + timedelta(seconds=1)):
        (quick,) = relay.claim_batch()
        assert not relay.handle(slow)
        assert seen == []
        assert relay.handle(quick)
    assert len(seen) == 1


@pytest.mark.django_db
def test_an_event_that_kills_its_worker_every_time_dies_too() -> None:
    lit()
    OutboxEvent.objects.update(attempts=relay.MAX_ATTEMPTS)
    relay.run_batch()
    assert seen == []
    assert only_row().dead_at is not None


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_never_take_the_same_event() -> None:
    with transaction.atomic():
        for number in range(60):
            outbox.record(LampLit(SUBJECT, number), business_id=BUSINESS)

    def work(_: int) -> int:
        taken = 0
        for _ in range(40):
            taken += relay.run_batch(5)
        return taken

    assert sum(at_once(4, work)) == 60
    assert sorted(event.brightness for event in seen) == list(range(60))
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_commit_wakes_the_workers_on_postgresql(engine: str) -> None:
    if engine != "postgres":
        assert not connection.run_on_commit
        return
    from holdfast.core.worker import _listening

    outbox._woken_at = 0.0
    with _listening() as listener:
        lit()
        assert [notice.channel for notice in listener.notifies(timeout=5, stop_after=1)] == [outbox.CHANNEL]


@pytest.mark.django_db(transaction=True)
def test_notifications_are_throttled(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[float] = []
    monkeypatch.setattr(outbox, "_woken_at", 0.0)
    monkeypatch.setattr(outbox.time, "monotonic", lambda: 1000.0 + len(sent) * 0.0)
    with connection.execute_wrapper(
        lambda run, statement, *rest: (
            sent.append(1.0) if "NOTIFY" in statement else None,
            run(statement, *rest),
        )[1]
    ):
        for _ in range(10):
            lit()
    assert len(sent) == (1 if engine == "postgres" else 0)

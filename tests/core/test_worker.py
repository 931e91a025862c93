from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.db import connections, transaction

from holdfast.core import outbox, periodic, worker
from holdfast.core.events import subscribe, unsubscribe
from holdfast.core.models import OutboxEvent, WorkerHeartbeat
from holdfast.core.worker import Worker, drain, register_queue


@dataclass(frozen=True)
class BellRung:
    times: int


heard: list[int] = []


def hear(event: BellRung) -> None:
    heard.append(event.times)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only what the test itself registers."""
    monkeypatch.setattr(worker, "_queues", {})
    monkeypatch.setattr(periodic, "_jobs", {})
    heard.clear()
    subscribe(BellRung, hear)
    yield
    unsubscribe(BellRung, hear)


@pytest.fixture
def running(transactional_db: None) -> Iterator[Callable[[], Worker]]:
    started: list[tuple[Worker, threading.Thread]] = []

    def start() -> Worker:
        one = Worker()

        def run() -> None:
            one.run()
            connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        started.append((one, thread))
        return one

    yield start
    for one, thread in started:
        one.stop()
        thread.join(10)
        assert not thread.is_alive()


def until(condition: Callable[[], object], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def ring(times: int) -> None:
    with transaction.atomic():
        outbox.record(BellRung(times), business_id=None)


def test_a_running_worker_handles_what_is_recorded(running: Callable[[], Worker]) -> None:
    running()
    for times in range(3):
        ring(times)
    assert until(lambda: sorted(heard) == [0, 1, 2])
    assert until(lambda: not OutboxEvent.objects.exists())


def test_postgresql_wakes_the_worker_long_before_its_poll(
    running: Callable[[], Worker], engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "postgres":
        monkeypatch.setattr(worker, "POLL_SECONDS", 30.0)
    running()
    assert until(lambda: WorkerHeartbeat.objects.exists())
    time.sleep(0.5)
    ring(1)
    assert until(lambda: heard == [1], 2.0)


def test_a_queue_that_hangs_delays_nobody_else(running: Callable[[], Worker]) -> None:
    release = threading.Event()

    def hang() -> int:
        release.wait(20)
        return 0

    register_queue("messages", hang)
    running()
    ring(1)
    try:
        assert until(lambda: heard == [1])
    finally:
        release.set()


def test_a_queue_is_called_until_it_is_empty_and_survives_its_errors(running: Callable[[], Worker]) -> None:
    waiting = [1, 2, 3]
    calls: list[int] = []

    def send() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ConnectionError("the mail server is away")
        return waiting.pop() if waiting else 0

    worker_pause = worker.PAUSE_AFTER_FAILURE_SECONDS
    worker.PAUSE_AFTER_FAILURE_SECONDS = 0.05
    try:
        register_queue("messages", send)
        running()
        assert until(lambda: not waiting)
    finally:
        worker.PAUSE_AFTER_FAILURE_SECONDS = worker_pause


def test_a_worker_shows_that_it_is_alive_and_signs_off(running: Callable[[], Worker]) -> None:
    one = running()
    assert until(lambda: WorkerHeartbeat.objects.filter(name=one.name).exists())
    one.stop()
    assert until(lambda: not WorkerHeartbeat.objects.filter(name=one.name).exists())


def test_a_stopping_worker_finishes_what_it_is_doing(running: Callable[[], Worker]) -> None:
    began, finished = threading.Event(), threading.Event()

    def slow() -> int:
        began.set()
        time.sleep(0.4)
        finished.set()
        return 0

    register_queue("messages", slow)
    one = running()
    assert began.wait(5)
    one.stop()
    assert until(finished.is_set)


def test_two_queues_of_one_name_are_refused() -> None:
    register_queue("messages", lambda: 0)
    with pytest.raises(ValueError, match="two queues"):
        register_queue("messages", lambda: 1)


@pytest.mark.django_db
def test_drain_does_everything_that_is_due_here_and_now() -> None:
    waiting = [1, 1]
    register_queue("messages", lambda: waiting.pop() if waiting else 0)
    ring(5)
    assert drain() == 3
    assert (heard, waiting) == ([5], [])

"""The worker: one lane (thread) each for the outbox, every registered queue and the periodic jobs.

Lanes do not wait for each other: a mail server that hangs delays mail, never an offer. PostgreSQL wakes them by NOTIFY;
everywhere short polls find what was not announced.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import DatabaseError, connection, connections

from holdfast.core import periodic, relay, sql
from holdfast.core.clock import now
from holdfast.core.models import WorkerHeartbeat
from holdfast.core.outbox import CHANNEL

log = structlog.get_logger("holdfast.worker")

RunBatch = Callable[[], int]
POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 10.0
PERIODIC_SECONDS = 5.0
PAUSE_AFTER_FAILURE_SECONDS = 2.0

_queues: dict[str, RunBatch] = {}


def register_queue(name: str, run_batch: RunBatch) -> None:
    """Have every worker call ``run_batch`` until it returns 0, and again when woken or after the poll interval.

    ``run_batch`` takes a few due rows (leasing them itself), works on them outside any transaction, and returns
    how many it took.
    """
    known = _queues.setdefault(name, run_batch)
    if known is not run_batch:
        raise ValueError(f"two queues are called {name}")


def forget_queue(name: str) -> None:
    """Take a queue out of the registry."""
    _queues.pop(name, None)


def queues() -> dict[str, RunBatch]:
    """Every registered queue, by name."""
    return dict(_queues)


def drain(limit: int = 1000) -> int:
    """Do everything that is due now, in this thread: outbox and queues until both are empty. For tests and the demo.

    Returns how many events and messages were taken; stops after ``limit`` rounds.
    """
    taken = 0
    for _ in range(limit):
        round_taken = relay.run_batch() + sum(run_batch() for run_batch in _queues.values())
        if not round_taken:
            break
        taken += round_taken
    return taken


class Worker:
    """One worker process. ``run`` returns after ``stop``, when every lane has finished what it was doing."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"[:100]
        self._stopping = threading.Event()
        self._wakes: list[threading.Event] = []  # lanes that news concerns
        self._pauses: list[threading.Event] = []  # every lane
        self._reads, self._writes = os.pipe()

    def stop(self) -> None:
        """Ask the worker to end; safe in a signal handler."""
        self._stopping.set()
        os.write(self._writes, b"x")

    def run(self) -> None:
        """Work until stopped."""
        log.info("worker_started", worker=self.name, queues=sorted(_queues))
        periodic.prepare()
        lanes = [
            self._lane("outbox", relay.run_batch, POLL_SECONDS),
            *(self._lane(name, run_batch, POLL_SECONDS) for name, run_batch in _queues.items()),
            self._lane("periodic", periodic.run_due, PERIODIC_SECONDS),
        ]
        beat = self._lane("heartbeat", self._beat, HEARTBEAT_SECONDS)
        try:
            while not self._stopping.is_set():
                self._wait_for_news()
                self._wake_lanes()
        finally:
            self._stopping.set()
            for pause in self._pauses:
                pause.set()
            for lane in [*lanes, beat]:
                lane.join()
            WorkerHeartbeat.objects.filter(name=self.name).delete()
            log.info("worker_stopped", worker=self.name)

    def _lane(self, name: str, run_batch: RunBatch, poll_seconds: float) -> threading.Thread:
        wake = threading.Event()
        self._pauses.append(wake)
        if name not in ("heartbeat", "periodic"):
            self._wakes.append(wake)
        thread = threading.Thread(
            target=self._run_lane, args=(name, run_batch, wake, poll_seconds), name=name
        )
        thread.start()
        return thread

    def _run_lane(self, name: str, run_batch: RunBatch, wake: threading.Event, poll_seconds: float) -> None:
        while not self._stopping.is_set():
            wake.clear()  # before looking, so that news during the look is not lost
            if self._stopping.is_set():
                break
            pause = poll_seconds
            try:
                while run_batch() and not self._stopping.is_set():
                    pass
            except Exception as error:
                log.exception("lane_failed", lane=name)
                pause = PAUSE_AFTER_FAILURE_SECONDS
                if isinstance(error, DatabaseError):
                    connections.close_all()
            if not self._stopping.is_set():
                wake.wait(pause)
        connections.close_all()

    def _wake_lanes(self) -> None:
        for wake in self._wakes:
            wake.set()

    def _beat(self) -> int:
        moment = now()
        sql.run(
            "INSERT INTO core_workerheartbeat (name, started_at, seen_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at",
            (self.name, moment, moment),
        )
        return 0

    def _wait_for_news(self) -> None:
        """Wait for NOTIFY where there is one, else until stopped; lanes poll by themselves meanwhile."""
        if not sql.on_postgres():
            select.select([self._reads], [], [])
            return
        try:
            with _listening() as listener:
                while not self._stopping.is_set():
                    ready, _, _ = select.select([self._reads, listener.fileno()], [], [], 60)
                    if listener.fileno() in ready:
                        for _ in listener.notifies(timeout=0):
                            pass
                        self._wake_lanes()
                    elif not ready:
                        listener.execute("SELECT 1")  # notices a connection that died in silence
        except Exception:
            log.warning("listen_failed", exc_info=True)
            self._stopping.wait(PAUSE_AFTER_FAILURE_SECONDS)


@contextmanager
def _listening() -> Iterator[Any]:
    import psycopg

    parameters = connection.get_connection_params()
    for django_only in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(django_only, None)
    with psycopg.connect(**parameters, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        yield listener


def run_until_signalled() -> None:
    """Run a worker in the main thread; SIGTERM and SIGINT end it after the work in hand."""
    worker = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()

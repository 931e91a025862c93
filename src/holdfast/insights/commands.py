"""Counting: in memory while requests are answered, in the database a few seconds later."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from multiprocessing.util import Finalize
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from holdfast.businesses.rules import Action, authorise
from holdfast.core.transactions import command
from holdfast.insights.rules import Funnel, Step
from holdfast.insights.sql import Key, add_counts
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Refusal

log = structlog.get_logger("holdfast.insights")

# No more different counters than these wait in one process: beyond, new ones are dropped rather than memory eaten.
MOST_WAITING = 2_000
FLUSH_AT = 500


class Waiting:
    """What one process has counted and not yet written. Requests only add to a dictionary."""

    def __init__(self) -> None:
        self.counts: dict[Key, Funnel] = {}
        self.noted = 0
        self.lock = threading.Lock()
        self.enough = threading.Event()
        self.writer: threading.Thread | None = None
        self.is_over = False
        self.last_writing: Finalize | None = None

    def add(self, counts: Mapping[Key, Funnel]) -> None:
        with self.lock:
            for key, funnel in counts.items():
                if key in self.counts or len(self.counts) < MOST_WAITING:
                    self.counts[key] = self.counts.get(key, Funnel()) + funnel
                    self.noted += 1
            if self.noted >= FLUSH_AT:
                self.enough.set()

    def give_back(self, counts: Mapping[Key, Funnel]) -> None:
        """Keep for the next time what could not be written, without asking for that time to be now."""
        self.add(counts)
        with self.lock:
            self.noted = 0
            if not self.is_over:
                self.enough.clear()

    def take(self) -> dict[Key, Funnel]:
        with self.lock:
            taken, self.counts, self.noted = self.counts, {}, 0
            self.enough.clear()
        return taken

    def have_written(self) -> None:
        """Start the thread that writes, once a process, and the last writing when the process ends."""
        if self.writer is not None or not settings.FUNNEL_FLUSH_SECONDS:
            return
        with self.lock:
            if self.writer is None:
                self.writer = threading.Thread(target=self._write_now_and_then, name="funnel", daemon=True)
                self.writer.start()
                # Not atexit: the web server's processes are children that end without it.
                self.last_writing = Finalize(None, self.end, exitpriority=0)

    def _write_now_and_then(self) -> None:
        while not self.is_over:
            self.enough.wait(settings.FUNNEL_FLUSH_SECONDS)
            flush_counts()
            connection.close()  # this thread's own; it is needed for a moment every few seconds
        flush_counts()  # what came while the last writing was under way
        connection.close()

    def end(self) -> None:
        """Have the thread write what is left, and wait for it."""
        self.is_over = True
        self.enough.set()
        if self.writer is not None:
            self.writer.join(5)


_waiting = Waiting()


def count_step(*, business_id: UUID, service_id: UUID, step: Step, channel: str, on: date) -> None:
    """Count one step of the funnel on a local date; ``channel`` is ``page``, ``api`` or ``desk`` (SPEC M1).

    Inside a transaction it counts once that is committed. Costs no statement and cannot fail: it is written within
    ``FUNNEL_FLUSH_SECONDS``, and lost if the process is killed before.
    """
    key = (business_id, on, service_id, channel)

    def note() -> None:
        _waiting.add({key: Funnel(**{step.value: 1})})
        _waiting.have_written()

    transaction.on_commit(note, robust=True)


def flush_counts() -> int:
    """Write what this process has counted: one statement; how many counters it touched. What cannot be written now
    waits for the next time."""
    taken = _waiting.take()
    if not taken:
        return 0
    try:
        _write(counts=taken)
    except (DatabaseError, InterfaceError, Refusal) as error:
        _waiting.give_back(taken)
        log.warning("counts_not_written", waiting=len(taken), error=type(error).__name__)
        return 0
    return len(taken)


class Exported(StrEnum):
    """What somebody took away as a file."""

    BOOKINGS = "bookings"
    AUDIT = "audit"
    REVENUE = "revenue"


@command
def note_export(*, actor: Actor, business_id: UUID, what: Exported) -> None:
    """Tell the audit trail that somebody takes a list away (SPEC J7). Refusals: :class:`Missing`, :class:`Forbidden`."""
    authorise(actor, _MAY_EXPORT[what], business_id)


_MAY_EXPORT = {
    Exported.BOOKINGS: Action.EXPORT_BOOKINGS,
    Exported.AUDIT: Action.SEE_AUDIT,
    Exported.REVENUE: Action.REFUND,
}


@command
def _write(*, counts: Mapping[Key, Funnel]) -> None:
    add_counts(counts=counts)

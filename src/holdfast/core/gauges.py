"""Figures of the plumbing that are read from the database when the page of figures is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from holdfast.core import metrics, sql
from holdfast.core.clock import now


def connect() -> None:
    """Put them on the page; called once, when Django is ready."""
    metrics.gauge("holdfast_outbox_events", "Events in the outbox, by state", ("state",), _outbox)
    metrics.gauge("holdfast_workers", "Workers seen in the last minute", (), _workers)
    metrics.gauge(
        "holdfast_periodic_failures", "Failures in a row of each periodic job", ("job",), _failing_jobs
    )


def _outbox() -> Iterable[tuple[Sequence[str], float]]:
    row = sql.one(
        "SELECT COUNT(*) FILTER (WHERE dead_at IS NULL), COUNT(*) FILTER (WHERE dead_at IS NOT NULL)"
        " FROM core_outboxevent"
    )
    assert row is not None
    return [(("waiting",), row[0]), (("dead",), row[1])]


def _workers() -> Iterable[tuple[Sequence[str], float]]:
    row = sql.one(
        "SELECT COUNT(*) FROM core_workerheartbeat WHERE seen_at > %s", (now() - timedelta(seconds=60),)
    )
    assert row is not None
    return [((), row[0])]


def _failing_jobs() -> Iterable[tuple[Sequence[str], float]]:
    return [
        ((name,), count) for name, count in sql.rows("SELECT name, failures_in_a_row FROM core_periodicjob")
    ]

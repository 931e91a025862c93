"""Periodic jobs: a registry in code, one row each in the database, and a lease so that many workers run one once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from cronsim import CronSim

from holdfast.core import sql
from holdfast.core.clock import now
from holdfast.core.models import PeriodicJob

log = structlog.get_logger("holdfast.periodic")

TABLE = "core_periodicjob"
LEASE = timedelta(minutes=15)
Job = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Registered:
    cron: str
    job: Job


_jobs: dict[str, _Registered] = {}


def periodic(name: str, cron: str) -> Callable[[Job], Job]:
    """Register a function without arguments to run by ``cron`` (five fields, UTC). Jobs are idempotent.

    A job that outlives its lease (15 minutes) may be started a second time.
    """
    CronSim(cron, now())  # raises for a wrong expression, at the start and not in the night

    def register(job: Job) -> Job:
        known = _jobs.get(name)
        if known is not None and known.job is not job:
            raise ValueError(f"two periodic jobs are called {name}")
        _jobs[name] = _Registered(cron, job)
        return job

    return register


def forget(name: str) -> None:
    """Take a job out of the registry."""
    _jobs.pop(name, None)


def registered() -> dict[str, str]:
    """Every job's cron expression, by name."""
    return {name: entry.cron for name, entry in _jobs.items()}


def next_run(cron: str, after: datetime) -> datetime:
    """The first instant of ``cron`` after ``after``."""
    return next(CronSim(cron, after))


def prepare() -> None:
    """Give every registered job its row; a changed cron expression takes effect here."""
    moment = now()
    stored = dict(PeriodicJob.objects.values_list("name", "cron"))
    for name, entry in _jobs.items():
        if name not in stored:
            PeriodicJob.objects.get_or_create(
                name=name, defaults={"cron": entry.cron, "next_run_at": next_run(entry.cron, moment)}
            )
        elif stored[name] != entry.cron:
            PeriodicJob.objects.filter(name=name, cron=stored[name]).update(
                cron=entry.cron, next_run_at=next_run(entry.cron, moment)
            )


def run_due() -> int:
    """Run every job that is due and not leased by another worker; how many ran, failed ones included."""
    moment = now()
    due = sql.rows(
        f"SELECT name FROM {TABLE} WHERE next_run_at <= %s AND (leased_until IS NULL OR leased_until <= %s)"  # noqa: S608
        " ORDER BY next_run_at, name",
        (moment, moment),
    )
    return sum(_run(name) for (name,) in due if name in _jobs)


def _run(name: str) -> bool:
    lease = uuid4()
    if not _take(name, lease):
        return False
    error = ""
    try:
        _jobs[name].job()
    except Exception as exception:
        error = type(exception).__name__  # messages may quote personal data; the log has the traceback
        log.exception("periodic_job_failed", job=name)
    _finish(name, lease, error)
    return True


def _take(name: str, lease: UUID) -> bool:
    moment = now()
    return bool(
        sql.run(
            f"UPDATE {TABLE} SET lease = %s, leased_until = %s, last_started_at = %s"  # noqa: S608
            " WHERE name = %s AND next_run_at <= %s AND (leased_until IS NULL OR leased_until <= %s)",
            (lease, moment + LEASE, moment, name, moment, moment),
        )
    )


def _finish(name: str, lease: UUID, error: str) -> None:
    moment = now()
    failures = "failures_in_a_row + 1" if error else "0"
    sql.run(
        f"UPDATE {TABLE} SET lease = NULL, leased_until = NULL, next_run_at = %s, last_finished_at = %s,"  # noqa: S608
        f" last_error = %s, failures_in_a_row = {failures} WHERE name = %s AND lease = %s",
        (next_run(_jobs[name].cron, moment), moment, error, name, lease),
    )

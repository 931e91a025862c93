"""Is this installation well? A few cheap looks, no secrets, no writes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from holdfast import __version__
from holdfast.core import sql
from holdfast.core.clock import now

log = structlog.get_logger("holdfast.health")

OVERDUE = timedelta(minutes=5)
ALIVE = timedelta(seconds=60)
MINIMUM_FREE_BYTES = 100_000_000
_LOOK_AGAIN_SECONDS = 5.0
_migrations_seen: dict[str, Any] = {"complete": False, "looked_at": 0.0, "waiting": 0}


@dataclass(frozen=True, slots=True)
class Check:
    """One look: whether it went well, and figures worth showing."""

    ok: bool
    facts: dict[str, Any] = field(default_factory=dict)


def database() -> Check:
    """The database answers."""
    started = time.perf_counter()
    ok = sql.one("SELECT 1") is not None
    return Check(ok, {"engine": connection.vendor, "ms": round((time.perf_counter() - started) * 1000, 1)})


def migrations() -> Check:
    """Every migration of this release is applied. Once seen complete, a process does not look again."""
    seen = _migrations_seen
    if not seen["complete"] and time.monotonic() - seen["looked_at"] > _LOOK_AGAIN_SECONDS:
        executor = MigrationExecutor(connection)
        seen["waiting"] = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        seen["complete"] = not seen["waiting"]
        seen["looked_at"] = time.monotonic()
    return Check(bool(seen["complete"]), {} if seen["complete"] else {"waiting": seen["waiting"]})


def shared_cache() -> Check:
    """The cache answers."""
    cache.get("health")
    return Check(True)


def queue() -> Check:
    """Somebody handles the outbox: nothing in it is overdue by more than five minutes."""
    moment = now()
    row = sql.one(
        "SELECT (SELECT COUNT(*) FROM core_workerheartbeat WHERE seen_at > %s),"
        " (SELECT MIN(due_at) FROM core_outboxevent WHERE dead_at IS NULL),"
        " (SELECT COUNT(*) FROM core_outboxevent WHERE dead_at IS NOT NULL)",
        (moment - ALIVE,),
    )
    assert row is not None
    workers, oldest, dead = row
    overdue = _seconds_overdue(oldest, moment)
    return Check(
        overdue < OVERDUE.total_seconds(),
        {"workers": workers, "overdue_seconds": round(overdue), "dead": dead},
    )


def disk() -> Check:
    """The data directory has room left."""
    usage = shutil.disk_usage(settings.HOLDFAST_HOME)
    return Check(usage.free > MINIMUM_FREE_BYTES, {"used_percent": round(100 * usage.used / usage.total)})


ALL: dict[str, Callable[[], Check]] = {
    "database": database,
    "migrations": migrations,
    "cache": shared_cache,
    "queue": queue,
    "disk": disk,
}
# A queue that lags is no reason to send people to another web server.
READY = ["database", "migrations", "cache", "disk"]


def register_probe(name: str, is_well: Callable[[], bool]) -> None:
    """Have reports, those of readiness too, hold what another package knows how to look at."""
    ALL[name] = lambda: Check(is_well())
    if name not in READY:
        READY.append(name)


def report(names: Iterable[str] | None = None) -> tuple[bool, dict[str, Any]]:
    """Whether all named checks are well, and the JSON that says so."""
    checks = {name: _look(name) for name in (ALL if names is None else names)}
    ok = all(check.ok for check in checks.values())
    shown = {
        name: {"status": "ok" if check.ok else "failing", **check.facts} for name, check in checks.items()
    }
    return ok, {"status": "ok" if ok else "failing", "version": __version__, "checks": shown}


def _look(name: str) -> Check:
    try:
        return ALL[name]()
    except Exception as error:  # noqa: BLE001 - whatever is broken, the report must say so
        log.error("health_check_failed", check=name, error=type(error).__name__)
        return Check(False)


def _seconds_overdue(oldest: Any, moment: datetime) -> float:
    return max(0.0, (moment - sql.as_instant(oldest)).total_seconds()) if oldest else 0.0

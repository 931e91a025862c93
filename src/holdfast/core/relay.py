"""The relay: takes due events out of the outbox and runs their handlers.

A worker leases a batch by moving ``due_at`` to the end of its lease: should it die, its events are due again by
themselves. Each handler runs in a transaction that begins by marking the event, guarded by the lease, so that what a
handler writes and the fact that it ran are stored together, and a worker that lost its lease changes nothing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import transaction

from holdfast.core import sql
from holdfast.core.clock import now
from holdfast.core.events import Handler, from_json, handlers_of
from holdfast.core.metrics import counter
from holdfast.core.outbox import TABLE, wake

log = structlog.get_logger("holdfast.outbox")

BATCH = 20
LEASE = timedelta(seconds=120)
MAX_ATTEMPTS = 15
FIRST_PAUSE_SECONDS = 2
LONGEST_PAUSE_SECONDS = 3600

_handled = counter("holdfast_events_total", "Events by kind and outcome", ("kind", "outcome"))


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event this worker has leased."""

    id: UUID
    kind: str
    payload: str
    attempts: int
    handled: frozenset[str]
    lease: UUID


class LeaseLost(Exception):
    """Another worker has taken the event over."""


def run_batch(limit: int = BATCH) -> int:
    """Lease up to ``limit`` due events and handle each of them; how many were leased."""
    batch = claim_batch(limit)
    for event in batch:
        handle(event)
    return len(batch)


def claim_batch(limit: int = BATCH) -> list[Claimed]:
    """Lease due events, oldest first. An attempt counts from here, so that an event that kills its worker dies too."""
    moment = now()
    if not sql.on_postgres() and not _something_is_due(moment):
        return []  # a look does not need SQLite's only write lock
    lease = uuid4()
    skip = "FOR UPDATE SKIP LOCKED" if sql.on_postgres() else ""
    rows = sql.rows(
        f"UPDATE {TABLE} SET lease = %s, due_at = %s, attempts = attempts + 1 WHERE id IN ("  # noqa: S608
        f"SELECT id FROM {TABLE} WHERE dead_at IS NULL AND due_at <= %s ORDER BY due_at LIMIT %s {skip}"
        ") AND dead_at IS NULL AND due_at <= %s RETURNING id, kind, payload, attempts, handled",
        (lease, moment + LEASE, moment, limit, moment),
    )
    claimed = [
        Claimed(
            sql.as_uuid(row[0]), row[1], row[2], row[3], frozenset(filter(None, row[4].split("\n"))), lease
        )
        for row in rows
    ]
    return sorted(claimed, key=lambda event: event.id)


def handle(event: Claimed) -> bool:
    """Run the handlers that have not run yet; True when the event is through, and gone."""
    if event.attempts > MAX_ATTEMPTS:
        _put_back(event, "its last attempt never came to an end")
        return False
    try:
        missing = _missing_handlers(event)
    except KeyError:
        _put_back(event, f"no event is called {event.kind} in this release")
        return False
    done = set(event.handled)
    error = ""
    failed = 0
    for name, handler in missing.items():
        # The last handler deletes the row in its own transaction; nothing is left to clean up after it.
        last = handlers_of(event.kind).keys() <= {*done, name}
        try:
            _run(event, name, handler, done, last=last)
        except LeaseLost:
            return False
        except Exception as exception:
            failed += 1
            error = f"{name}: {type(exception).__name__}"
            log.warning(
                "event_handler_failed", kind=event.kind, event_id=str(event.id), handler=name, exc_info=True
            )
        else:
            done.add(name)
    if failed:
        _put_back(event, error)
        return False
    if not missing:
        sql.run(f"DELETE FROM {TABLE} WHERE id = %s AND lease = %s", (event.id, event.lease))  # noqa: S608
    _handled.labels(event.kind, "handled").inc()
    return True


def _something_is_due(moment: datetime) -> bool:
    found = sql.one(f"SELECT 1 FROM {TABLE} WHERE dead_at IS NULL AND due_at <= %s LIMIT 1", (moment,))  # noqa: S608
    return found is not None


def _missing_handlers(event: Claimed) -> dict[str, Handler]:
    return {name: handler for name, handler in handlers_of(event.kind).items() if name not in event.handled}


def _run(event: Claimed, name: str, handler: Handler, done: set[str], *, last: bool) -> None:
    fact: Any = from_json(event.kind, event.payload)
    with transaction.atomic():
        if last:
            marked = sql.run(f"DELETE FROM {TABLE} WHERE id = %s AND lease = %s", (event.id, event.lease))  # noqa: S608
        else:
            marked = sql.run(
                f"UPDATE {TABLE} SET handled = %s WHERE id = %s AND lease = %s",  # noqa: S608
                ("\n".join(sorted({*done, name})), event.id, event.lease),
            )
        if not marked:
            raise LeaseLost
        handler(fact)


def _put_back(event: Claimed, error: str) -> None:
    """Try again later, or bury the event after its last attempt."""
    moment = now()
    dead = event.attempts >= MAX_ATTEMPTS
    sql.run(
        f"UPDATE {TABLE} SET lease = NULL, due_at = %s, dead_at = %s, last_error = %s"  # noqa: S608
        " WHERE id = %s AND lease = %s",
        (moment + pause_after(event.attempts), moment if dead else None, error[:500], event.id, event.lease),
    )
    if dead:
        log.error("event_dead", kind=event.kind, event_id=str(event.id), error=error)
    _handled.labels(event.kind, "dead" if dead else "failed").inc()


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the nth failed attempt: doubling from two seconds to an hour, ± a quarter."""
    seconds = min(FIRST_PAUSE_SECONDS * 2 ** max(0, attempts - 1), LONGEST_PAUSE_SECONDS)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - spreads retries, guards nothing


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """An event nobody could handle."""

    id: UUID
    kind: str
    business_id: UUID | None
    attempts: int
    dead_at: datetime
    last_error: str


def dead_events(limit: int = 100) -> list[DeadEvent]:
    """Dead events, the latest first."""
    found = sql.rows(
        f"SELECT id, kind, business_id, attempts, dead_at, last_error FROM {TABLE}"  # noqa: S608
        " WHERE dead_at IS NOT NULL ORDER BY dead_at DESC LIMIT %s",
        (limit,),
    )
    return [
        DeadEvent(
            sql.as_uuid(row[0]),
            row[1],
            row[2] and sql.as_uuid(row[2]),
            row[3],
            sql.as_instant(row[4]),
            row[5],
        )
        for row in found
    ]


def replay_dead(event_id: UUID | None = None) -> int:
    """Make one dead event, or all of them, due again with all attempts; handlers that are through do not run again."""
    where, values = (" AND id = %s", [event_id]) if event_id else ("", [])
    count = sql.run(
        f"UPDATE {TABLE} SET dead_at = NULL, attempts = 0, due_at = %s, lease = NULL"  # noqa: S608
        f" WHERE dead_at IS NOT NULL{where}",
        [now(), *values],
    )
    if count:
        wake()
    return count

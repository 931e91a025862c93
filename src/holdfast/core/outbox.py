"""The outbox: events recorded in the transaction that made them true, handled afterwards by the worker.

Delivery is at least once; a handler's own database changes happen exactly once, because the row is marked or deleted
in the handler's transaction. Events carry ids, never names or addresses: the row is not encrypted.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from holdfast.core import sql
from holdfast.core.clock import now
from holdfast.core.events import declare, from_json, subscribe, to_json
from holdfast.core.ids import uuid7

__all__ = [
    "CHANNEL",
    "TABLE",
    "declare",
    "record",
    "row_for",
    "subscribe",
    "take_back",
    "wake",
    "withdraw",
]

TABLE = "core_outboxevent"
CHANNEL = "holdfast_outbox"
_WAKE_EVERY_SECONDS = 0.2

_wake_lock = threading.Lock()
_woken_at = 0.0


def record(
    event: Any, *, business_id: UUID | None, subject_id: UUID | None = None, due_at: datetime | None = None
) -> None:
    """Store ``event`` (a frozen dataclass) in the current transaction, to be handled after commit, not before ``due_at``.

    ``subject_id`` names what the event is about, so that ``withdraw`` can take it back.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "an event is recorded in the transaction that makes it true"
        )
    row = row_for(event, business_id=business_id, subject_id=subject_id, due_at=due_at)
    sql.insert_all([(TABLE, [row])])
    if due_at is None:
        wake()


def row_for(
    event: Any, *, business_id: UUID | None, subject_id: UUID | None = None, due_at: datetime | None = None
) -> dict[str, Any]:
    """The event as a row of ``TABLE`` for ``sql.insert_all``, to be inserted together with others; call ``wake()`` beside."""
    recorded_at = now()
    return {
        "id": uuid7(),
        "kind": type(event).__name__,
        "business_id": business_id,
        "subject_id": subject_id,
        "payload": to_json(event),
        "due_at": due_at or recorded_at,
        "created_at": recorded_at,
    }


def withdraw(kind: type, subject_id: UUID, business_id: UUID) -> int:
    """Delete the events of this class and subject that no worker has begun to handle; how many there were."""
    return len(take_back(kind, subject_id, business_id))


def take_back(kind: type, subject_id: UUID, business_id: UUID) -> list[Any]:
    """Like ``withdraw``, and hand out the events that were deleted, the earliest first."""
    found = sql.rows(
        f"DELETE FROM {TABLE} WHERE business_id = %s AND subject_id = %s AND kind = %s"  # noqa: S608
        " AND dead_at IS NULL AND handled = '' AND (lease IS NULL OR due_at <= %s) RETURNING created_at, payload",
        (business_id, subject_id, kind.__name__, now()),
    )
    ordered = sorted(found, key=lambda row: sql.as_instant(row[0]))
    return [from_json(kind.__name__, payload) for _, payload in ordered]


def wake() -> None:
    """Tell the workers, after the commit, that there is something to do; at most five times a second per process.

    What falls into the pause is found by the poll that follows every wake-up.
    """
    if connection.vendor == "postgresql":
        transaction.on_commit(_notify, robust=True)


def _notify() -> None:
    global _woken_at
    moment = time.monotonic()
    with _wake_lock:
        if moment - _woken_at < _WAKE_EVERY_SECONDS:
            return
        _woken_at = moment
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")

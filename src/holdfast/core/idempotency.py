"""``Idempotency-Key``: a repeated call gets the answer of the first one (DESIGN §2).

``begin`` is the first statement of the caller's transaction, ``store`` one of its last: key, effect and answer are
committed together or not at all. A refusal rolls the key back, so a repeat is decided anew.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from holdfast.core import sql
from holdfast.core.clock import now
from holdfast.core.encryption import decrypt, encrypt
from holdfast.core.errors import IdempotencyKeyReused, IdempotencyKeyUnusable
from holdfast.core.ids import uuid7
from holdfast.lib.refusals import Busy

TABLE = "core_idempotencykey"
KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
_EVERYWHERE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Fresh:
    """The first call with this key: do the work, then ``store`` the answer."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Stored:
    """A repeat: ``status`` and ``body`` (JSON text) are the first call's answer."""

    status: int
    body: str


def request_hash(*parts: str | bytes) -> str:
    """A digest of what makes a request the same one: path and body."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def begin(
    *, business_id: UUID | None, actor_key: str, route: str, key: str, request_hash: str
) -> Fresh | Stored:
    """Take the key, or find what it got before.

    Scope is business, actor and route. A concurrent first call makes this one wait for its end. Refusals:
    ``IdempotencyKeyReused`` (same key, other request), ``IdempotencyKeyUnusable``, ``Busy`` (the first call ended
    without an answer).
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "an idempotency key is taken in the transaction it protects"
        )
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise IdempotencyKeyUnusable.field("Idempotency-Key", "unusable", longest=LONGEST_KEY)
    business = business_id or _EVERYWHERE
    scope = _scope(actor_key, route, key)
    for _ in range(3):
        fresh_id = _insert(business, scope, request_hash)
        if fresh_id:
            return Fresh(fresh_id)
        found = sql.one(
            f"SELECT id, request_hash, status, body, created_at FROM {TABLE}"  # noqa: S608
            " WHERE business_id = %s AND scope = %s",
            (business, scope),
        )
        if found is None:
            continue  # cleaned up in between
        row_id, stored_hash, status, body, created_at = found
        if sql.as_instant(created_at) <= now() - KEPT_FOR:
            sql.run(f"DELETE FROM {TABLE} WHERE id = %s", (sql.as_uuid(row_id),))  # noqa: S608
            continue
        if stored_hash != request_hash:
            raise IdempotencyKeyReused.field("Idempotency-Key", "reused")
        if status is None:
            break
        return Stored(status, _open(sql.as_uuid(row_id), body))
    raise Busy(retry_after=1)


def store(fresh: Fresh, *, status: int, body: Any) -> None:
    """Keep the answer for repeats, encrypted: ``body`` is JSON text, or a JSON-able value."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    sealed = encrypt(text, table=TABLE, column="body", row_id=fresh.id)
    sql.run(f"UPDATE {TABLE} SET status = %s, body = %s WHERE id = %s", (status, sealed, fresh.id))  # noqa: S608


def forget_old() -> int:
    """Delete keys older than a day; how many."""
    return sql.run(f"DELETE FROM {TABLE} WHERE created_at <= %s", (now() - KEPT_FOR,))  # noqa: S608


def _scope(actor_key: str, route: str, key: str) -> str:
    return request_hash(actor_key, route, key)


def _insert(business: UUID, scope: str, digest: str) -> UUID | None:
    row_id = uuid7()
    inserted = sql.one(
        f"INSERT INTO {TABLE} (id, business_id, scope, request_hash, created_at) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608
        " ON CONFLICT (business_id, scope) DO NOTHING RETURNING id",
        (row_id, business, scope, digest, now()),
    )
    return row_id if inserted else None


def _open(row_id: UUID, body: bytes) -> str:
    text: str = decrypt(body, table=TABLE, column="body", row_id=row_id)
    return text

"""Rate limits: exact counters, one per client and bucket, one statement per knock, in the database or in Redis.

A window begins with a client's first knock and lasts its whole length, so nobody gets twice the limit around a full
hour. A counter's key is a keyed digest: neither the table nor Redis holds addresses. Where ``REDIS_URL`` is set Redis
counts, for all web processes together; while it cannot be reached the database does, so that a limit never falls away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from holdfast.core import redis_counters, sql
from holdfast.core.clock import now
from holdfast.core.encryption import blind_index
from holdfast.core.errors import TooMany

TABLE = "core_ratewindow"
GENERAL = "writes"
USUAL_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the knock was allowed; ``retry_after`` is in seconds, 0 when allowed. ``limit`` 0 means unlimited."""

    allowed: bool
    limit: int
    remaining: int
    retry_after: int


UNLIMITED = Verdict(allowed=True, limit=0, remaining=0, retry_after=0)


def hit(bucket: str, key: str, limit: int | None = None, window: int | None = None) -> Verdict:
    """Count one knock of the client ``key`` at ``bucket`` and judge it.

    Without ``limit`` :func:`usual_limit` holds; ``window`` is in seconds. Call it outside the transaction of the
    command, or a refusal would take the knock back.
    """
    allowed_hits = usual_limit(bucket) if limit is None else limit
    if allowed_hits == 0:
        return UNLIMITED
    seconds = window or settings.RATE_LIMIT_WINDOW_SECONDS
    hits, left = _count(_row_key(bucket, key), seconds)
    return _verdict(hits, allowed_hits, left)


def usual_limit(bucket: str) -> int:
    """The limit of the settings. 0 switches off the general limit alone: guesses are always limited."""
    limit: int = settings.RATE_LIMIT_MAX_REQUESTS
    return limit if limit or bucket == GENERAL else USUAL_LIMIT


def look(bucket: str, key: str, limit: int | None = None) -> Verdict:
    """Judge the next knock without counting it: for buckets that count only what went wrong (guesses at references).

    Without ``limit`` :func:`usual_limit` holds.
    """
    limit = usual_limit(bucket) if limit is None else limit
    if limit == 0:
        return UNLIMITED
    hits, left = _seen(_row_key(bucket, key))
    if not hits:
        return Verdict(allowed=True, limit=limit, remaining=limit, retry_after=0)
    return _verdict(hits + 1, limit, left)


def demand(verdict: Verdict) -> None:
    """Raise ``TooMany`` for a knock that was not allowed."""
    if not verdict.allowed:
        raise TooMany(retry_after=verdict.retry_after, limit=verdict.limit)


def forget_ended() -> int:
    """Delete windows that have ended; how many. Those in Redis end by themselves."""
    return sql.run(f"DELETE FROM {TABLE} WHERE ends_at <= %s", (now(),))  # noqa: S608


def _count(key: str, seconds: int) -> tuple[int, float]:
    """One more hit of a window; how many that makes, and the seconds it has left."""
    return redis_counters.count(key, seconds) or _count_in_database(key, seconds)


def _seen(key: str) -> tuple[int, float]:
    return redis_counters.seen(key) or _seen_in_database(key)


def _count_in_database(key: str, seconds: int) -> tuple[int, float]:
    moment = now()
    row = sql.one(
        f"INSERT INTO {TABLE} (key, hits, ends_at) VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET"  # noqa: S608
        f" hits = CASE WHEN {TABLE}.ends_at <= %s THEN 1 ELSE {TABLE}.hits + 1 END,"
        f" ends_at = CASE WHEN {TABLE}.ends_at <= %s THEN excluded.ends_at ELSE {TABLE}.ends_at END"
        " RETURNING hits, ends_at",
        (key, moment + timedelta(seconds=seconds), moment, moment),
    )
    assert row is not None
    return row[0], (sql.as_instant(row[1]) - moment).total_seconds()


def _seen_in_database(key: str) -> tuple[int, float]:
    moment = now()
    row = sql.one(
        f"SELECT hits, ends_at FROM {TABLE} WHERE key = %s AND ends_at > %s",  # noqa: S608
        (key, moment),
    )
    return (row[0], (sql.as_instant(row[1]) - moment).total_seconds()) if row else (0, 0.0)


def _verdict(hits: int, limit: int, seconds_left: float) -> Verdict:
    allowed = hits <= limit
    return Verdict(
        allowed=allowed,
        limit=limit,
        remaining=max(0, limit - hits),
        retry_after=0 if allowed else max(1, math.ceil(seconds_left)),
    )


def _row_key(bucket: str, key: str) -> str:
    return blind_index(key, purpose=f"rate limit {bucket}", business_id=None)

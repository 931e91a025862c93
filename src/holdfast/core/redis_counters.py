"""The counters of rate limits in Redis: one script a knock, so that no two processes count the same hit.

Nothing here raises while Redis is away: the answer is None then, and the caller counts elsewhere. Who did not answer is not
asked again for some seconds, so that a dead server does not hold up every request.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings

log = structlog.get_logger("holdfast.ratelimit")

_PREFIX = "holdfast:window:"
# Redis has its own clock; a web server whose clock is wrong neither lengthens nor shortens a window.
_COUNT = """
local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {hits, redis.call('PTTL', KEYS[1])}
"""
_SEEN = "return {redis.call('GET', KEYS[1]) or '0', redis.call('PTTL', KEYS[1])}"
_PATIENCE_SECONDS = 0.5
_LEFT_ALONE_SECONDS = 5
_away_since: dict[str, float] = {}  # by address, in seconds of the monotonic clock


def count(key: str, seconds: int) -> tuple[int, float] | None:
    """Count one hit of a window that lasts ``seconds`` from its first; the hits and the seconds left, or None."""
    return _run(_COUNT, key, int(seconds * 1000))


def seen(key: str) -> tuple[int, float] | None:
    """The hits of a window and the seconds it has left, or None; no hits are ``(0, 0)``."""
    return _run(_SEEN, key)


def _run(script: str, key: str, *values: int) -> tuple[int, float] | None:
    url = settings.REDIS_URL
    if not url or time.monotonic() - _away_since.get(url, -_LEFT_ALONE_SECONDS) < _LEFT_ALONE_SECONDS:
        return None
    try:
        hits, left = _connection(url).eval(script, 1, _PREFIX + key, *values)
    except redis.RedisError as error:
        _away_since[url] = time.monotonic()
        log.warning("redis_away", error=type(error).__name__)
        return None
    return int(hits), max(int(left), 0) / 1000


@cache
def _connection(url: str) -> Any:
    return redis.Redis.from_url(
        url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS
    )

"""Identifiers made before the insert: UUID version 7, so that new rows land at the end of every index."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

INSTALLATION = UUID(int=0)
"""Whose audit trail it is when no business is concerned."""

_RANDOM_BITS = 74
_lock = threading.Lock()
_last_ms = 0
_last_tail = 0


def _forget_after_fork() -> None:
    """A forked child must not continue its parent's counter: both would hand out the same numbers."""
    global _last_ms, _last_tail, _lock
    _lock = threading.Lock()
    _last_ms = 0
    _last_tail = 0


os.register_at_fork(after_in_child=_forget_after_fork)


def uuid7() -> UUID:
    """A new UUIDv7: 48 bits of milliseconds, 74 random bits.

    Within one process every value is greater than the one before it, also when the clock stands still or steps back
    (the random part then grows by a random step).
    """
    global _last_ms, _last_tail
    noise = os.urandom(10)
    with _lock:
        ms = time.time_ns() // 1_000_000
        if ms > _last_ms:
            # The top bit stays free so that steps within one millisecond do not overflow.
            tail = int.from_bytes(noise, "big") >> (80 - _RANDOM_BITS + 1)
        else:
            ms = _last_ms
            tail = _last_tail + 1 + int.from_bytes(noise[:4], "big")
            if tail >> _RANDOM_BITS:
                ms, tail = ms + 1, int.from_bytes(noise, "big") >> (80 - _RANDOM_BITS + 1)
        _last_ms, _last_tail = ms, tail
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return UUID(int=(ms << 80) | (7 << 76) | (high << 64) | (2 << 62) | low)

"""When something that failed is tried again: soon at first, then more rarely, and given up after about a day."""

from __future__ import annotations

from datetime import datetime, timedelta

# Waiting times after the first, second … failure: about a day in all, then somebody has to look.
BACKOFF_MINUTES = (1, 5, 15, 60, 240, 480, 640)
JITTER = 0.2
MOST_ATTEMPTS = len(BACKOFF_MINUTES) + 1


def next_attempt(
    attempts: int, now: datetime, chance: float, wait: timedelta | None = None
) -> datetime | None:
    """When to try again after that many attempts, or None when it is enough.

    ``chance`` in [0, 1) spreads the tries, so that a server that comes back is not met by everybody at once. ``wait`` is the
    least that the other side asked for, if it did.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    usual = timedelta(minutes=BACKOFF_MINUTES[max(attempts, 1) - 1]) * (1 + JITTER * (2 * chance - 1))
    return now + max(usual, wait or timedelta())

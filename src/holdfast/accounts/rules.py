"""Pure decisions about accounts and tokens."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta


def digest_of(secret: str) -> str:
    """What is stored of a token's secret. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


# Waiting times after the first, second … failure. After some hours the person has asked again, or given up.
MAIL_BACKOFF_MINUTES = (1, 2, 5, 15, 60, 240)


def next_mail_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after that many attempts, or None when it is enough."""
    if attempts > len(MAIL_BACKOFF_MINUTES):
        return None
    return now + timedelta(minutes=MAIL_BACKOFF_MINUTES[max(attempts, 1) - 1])

"""Whether a place is offered at all, and for how long (SPEC F3). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

LEAST_OFFER_MINUTES = 2


def offer_until(
    now: datetime, starts_at: datetime, *, hold_minutes: int, cutoff_minutes: int
) -> datetime | None:
    """Until when somebody may answer; None if the start is too near to ask.

    ``hold_minutes`` far ahead; nearer, half of what is left until the cut-off, two minutes at least: so the next in line can be
    asked, too.
    """
    left = int((starts_at - now).total_seconds()) // 60 - cutoff_minutes
    if left < LEAST_OFFER_MINUTES:
        return None
    minutes = min(hold_minutes, max(LEAST_OFFER_MINUTES, left // 2))
    return now + timedelta(minutes=minutes)

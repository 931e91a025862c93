"""The hours in which a business sends nobody anything unasked, on its own wall."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from holdfast.lib import walltime


def quiet_until(now: datetime, quiet_hours: tuple[str, str] | None, timezone: str) -> datetime | None:
    """When the quiet hours end in which ``now`` lies, or None outside of them.

    ``quiet_hours`` are two wall times, ``("21:00", "08:00")``: from the first, up to and without the second, over
    midnight when the second is the earlier one. Two equal times mean none.
    """
    if quiet_hours is None:
        return None
    first, last = map(time.fromisoformat, quiet_hours)
    tz = walltime.zone(timezone)
    wall = now.astimezone(tz)
    clock = wall.time()
    over_midnight = last < first
    is_quiet = (clock >= first or clock < last) if over_midnight else first <= clock < last
    if not is_quiet:
        return None
    ends_on = wall.date() + timedelta(days=1 if over_midnight and clock >= first else 0)
    ends_at = datetime.combine(ends_on, last, tz).astimezone(UTC)
    if ends_at <= now:  # in the second pass of a repeated hour the end of the first one is behind us
        ends_at = datetime.combine(ends_on, last, tz).replace(fold=1).astimezone(UTC)
    return ends_at

"""Bookings that belong together: the times of a series, and who serves whom in a group (SPEC D9, D10). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import minute_at

FEWEST_TIMES, MOST_TIMES = 2, 52
MOST_WEEKS_BETWEEN = 52
FEWEST_MEMBERS, MOST_MEMBERS = 2, 10


def series_starts(
    *, starts_at: datetime, tz: ZoneInfo, every_weeks: int, until: date | None, times: int | None
) -> tuple[datetime, ...]:
    """The starts of a series: the same wall time every so many weeks, however clocks change in between.

    Either ``until`` (a local date, included) or ``times`` (how many in all) ends it.
    Refusals: :class:`Invalid` on ``every_weeks``, ``until`` or ``times``.
    """
    if not 1 <= every_weeks <= MOST_WEEKS_BETWEEN:
        raise Invalid.field("every_weeks", "out_of_bounds", least=1, most=MOST_WEEKS_BETWEEN)
    if (until is None) == (times is None):
        raise Invalid.field("until", "required" if until is None else "not_allowed")
    wall = starts_at.astimezone(tz)
    count = _count(wall.date(), every_weeks, until) if times is None else times
    if not FEWEST_TIMES <= count <= MOST_TIMES:
        field = "times" if until is None else "until"
        raise Invalid.field(field, "series_length", least=FEWEST_TIMES, most=MOST_TIMES)
    minute = wall.hour * 60 + wall.minute
    later = (
        instant_of(minute_at(wall.date() + timedelta(weeks=every_weeks * number), minute, tz))
        for number in range(1, count)
    )
    return (starts_at, *later)


def _count(first: date, every_weeks: int, until: date | None) -> int:
    return 0 if until is None or until < first else (until - first).days // (7 * every_weeks) + 1


def match_distinct(options: Sequence[Sequence[UUID]]) -> tuple[UUID, ...] | None:
    """One resource for each member, all different, each among that member's ``options``; None if there is no way.

    Earlier options are preferred, but nobody goes without where any assignment serves all (augmenting paths).
    """
    holder: dict[UUID, int] = {}

    def assign(member: int, tried: set[UUID]) -> bool:
        for resource_id in options[member]:
            if resource_id in tried:
                continue
            tried.add(resource_id)
            if resource_id not in holder or assign(holder[resource_id], tried):
                holder[resource_id] = member
                return True
        return False

    if not all(assign(member, set()) for member in range(len(options))):
        return None
    chosen = {member: resource_id for resource_id, member in holder.items()}
    return tuple(chosen[member] for member in range(len(options)))

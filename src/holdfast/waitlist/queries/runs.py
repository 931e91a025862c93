"""The stretches of time in which a resource is open and free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.lib.timeline import Span, mask, minute_after, minute_before, spans_of, union
from holdfast.lib.walltime import local_date
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import absences, open_windows

_A_DAY = timedelta(days=1)


def free_runs(
    *, timetable: Timetable, resource_id: UUID, since: datetime, until: datetime, now: datetime
) -> list[Span]:
    """The free stretches of one resource; see :func:`free_runs_of`."""
    found = free_runs_of(timetable=timetable, resource_ids=[resource_id], since=since, until=until, now=now)
    return found[resource_id]


def free_runs_of(
    *,
    timetable: Timetable,
    resource_ids: Sequence[UUID],
    since: datetime,
    until: datetime,
    now: datetime,
) -> dict[UUID, list[Span]]:
    """The free stretches of each resource on the dates around ``since`` and ``until``, from now on, in minutes; one
    statement.

    What buffers reach outside of opening hours is not part of them.
    """
    first = local_date(minute_before(since), timetable.tz) - _A_DAY
    last = local_date(minute_before(until), timetable.tz) + _A_DAY
    windows = {id: open_windows(timetable.hours, id, first, last) for id in resource_ids}
    edges = [(one.start, one.end) for found in windows.values() for one in found]
    start = max(min((edge[0] for edge in edges), default=0), minute_after(now))
    end = max((edge[1] for edge in edges), default=0)
    if start >= end:
        return {id: [] for id in resource_ids}
    claims = hot.claims_in(
        business_id=timetable.business.id, resource_ids=list(resource_ids), start=start, end=end, now=now
    )
    length = end - start
    runs = {}
    for id, found in windows.items():
        packed = claims.get(id)
        taken = [*(hot.spans_of(packed) if packed else []), *absences(timetable.hours, id, start, end)]
        is_open = union(((one.start, one.end) for one in found), start, length)
        runs[id] = spans_of(is_open & (mask(0, length) ^ union(taken, start, length)), start)
    return runs

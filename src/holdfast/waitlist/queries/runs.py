"""The stretches of time in which a resource is open and free."""

from __future__ import annotations

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
    """The free stretches of a resource on the dates around ``since`` and ``until``, from now on, in minutes; one statement.

    What buffers reach outside of opening hours is not part of them.
    """
    first = local_date(minute_before(since), timetable.tz) - _A_DAY
    last = local_date(minute_before(until), timetable.tz) + _A_DAY
    windows = open_windows(timetable.hours, resource_id, first, last)
    if not windows:
        return []
    start = max(min(one.start for one in windows), minute_after(now))
    end = max(one.end for one in windows)
    if start >= end:
        return []
    claims = hot.claims_in(
        business_id=timetable.business.id, resource_ids=[resource_id], start=start, end=end, now=now
    ).get(resource_id)
    taken = [*(hot.spans_of(claims) if claims else []), *absences(timetable.hours, resource_id, start, end)]
    length = end - start
    is_open = union(((one.start, one.end) for one in windows), start, length)
    free = is_open & (mask(0, length) ^ union(taken, start, length))
    return spans_of(free, start)

"""How long somebody on the spot will wait, from today's line and how long visits really took (SPEC F4, F7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from holdfast.bookings.commands.placing import shape_of
from holdfast.lib.timeline import minute_after
from holdfast.lib.walltime import local
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.queries.entries import EntryFacts
from holdfast.waitlist.queries.replay import durations_seen
from holdfast.waitlist.queries.runs import free_runs_of
from holdfast.waitlist.queries.standing import ranked_entries
from holdfast.waitlist.rules.estimates import Estimate, InLine, Shift, estimate

_MEASURED = timedelta(days=60)


def estimate_for(*, timetable: Timetable, entry: EntryFacts, now: datetime) -> Estimate | None:
    """The wait of somebody who waits on the spot, as a range of minutes; None for everybody else, and when nobody can take
    them any more today.

    Those before them in line take their turns among the free stretches of today, as long as such visits took lately.
    """
    if not entry.walk_in or not entry.is_live:
        return None
    line = [one.entry for one in ranked_entries(timetable=timetable, now=now, services=entry.services)]
    before = [one for one in line if one.walk_in]
    place = next((n for n, one in enumerate(before) if one.id == entry.id), len(before))
    services = {id for one in (*before[:place], entry) for id in one.services}
    seen = durations_seen(business_id=timetable.business.id, service_ids=services, since=now - _MEASURED)
    runs = free_runs_of(
        timetable=timetable,
        resource_ids=[id for id, one in timetable.resources.items() if one.is_active],
        since=now,
        until=now,
        now=now,
    )
    today = now.astimezone(timetable.tz).date()
    shifts = [
        Shift(resource_id, run.start, run.end)
        for resource_id, found in runs.items()
        for run in found
        if _is_of(run.start, today.toordinal(), timetable)
    ]
    return estimate(
        now=minute_after(now),
        shifts=shifts,
        ahead=[_in_line(timetable, one, seen) for one in before[:place]],
        who=_in_line(timetable, entry, seen),
        seed=entry.id.int & 0xFFFF,
    )


def _in_line(timetable: Timetable, entry: EntryFacts, seen: dict[UUID, tuple[int, ...]]) -> InLine:
    """Somebody's turn: what they came for first, with whoever can give it to a party of their size."""
    service = timetable.service(entry.services[0])
    able = {
        id
        for id, one in timetable.givers[service.id].items()
        if one.seats_max >= entry.party_size and (entry.resources is None or id in entry.resources)
    }
    return InLine(shape_of(service).footprint, seen.get(service.id, ()), frozenset(able) or None)


def _is_of(minute: int, day: int, timetable: Timetable) -> bool:
    """Whether a stretch begins today or in the small hours after."""
    wall = local(minute, timetable.tz)
    return wall.date().toordinal() == day or (wall.date().toordinal() == day + 1 and wall.hour < 6)

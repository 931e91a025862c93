"""The state of the day, for people who come as they are: open or not, who is there, how soon (SPEC §1, ``waitlist``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from holdfast.availability.queries.times import open_times
from holdfast.bookings.queries import busy_until, expected_on
from holdfast.lib.timeline import instant_of, minute_before
from holdfast.lib.walltime import local_date
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import absences, next_opening, windows_by_resource, windows_of_interest

# Beyond these many services a page is no longer read at a glance, and every service costs a question.
MOST_SERVICES = 12


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody on today's hours. ``free_at`` is when the present booking ends, None unless ``busy``."""

    resource_id: UUID
    status: Literal["free", "busy", "away"]
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NextFree:
    """The next start of a service today that can be booked now; None if there is none left."""

    service_id: UUID
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class Today:
    """A business's day as it stands. ``closes_at`` while it is open, ``opens_at`` (the next time) while it is not.

    ``expected`` is how many bookings are still to come today.
    """

    is_open: bool
    opens_at: datetime | None
    closes_at: datetime | None
    on_duty: tuple[OnDuty, ...]
    next_free: tuple[NextFree, ...]
    expected: int


def state_of_day(*, timetable: Timetable, now: datetime) -> Today:
    """How the day stands at this moment. Two statements and one for each of up to 12 services booked by time."""
    hours, minute = timetable.hours, minute_before(now)
    active = tuple(resource.id for resource in timetable.resources.values() if resource.is_active)
    first, last = windows_of_interest(minute, minute + 1, timetable.tz)
    windows = windows_by_resource(hours, (None, *active), first, last)
    taken = busy_until(business_id=timetable.business.id, now=now)
    house = next((window for window in windows[None] if window.start <= minute < window.end), None)
    following = None if house else next_opening(hours, None, minute)
    return Today(
        is_open=house is not None,
        opens_at=instant_of(following.start) if following else None,
        closes_at=instant_of(house.end) if house else None,
        on_duty=tuple(
            _on_duty(timetable, id, minute, taken.get(id))
            for id in active
            if any(window.start <= minute < window.end for window in windows[id])
        ),
        next_free=_next_free(timetable, now),
        expected=expected_on(business_id=timetable.business.id, on=local_date(minute, timetable.tz), now=now),
    )


def _on_duty(timetable: Timetable, resource_id: UUID, minute: int, taken_until: datetime | None) -> OnDuty:
    if absences(timetable.hours, resource_id, minute, minute + 1):
        return OnDuty(resource_id, "away")
    return OnDuty(resource_id, "busy" if taken_until else "free", taken_until)


def _next_free(timetable: Timetable, now: datetime) -> tuple[NextFree, ...]:
    today = now.astimezone(timetable.tz).date()
    offered = [
        s
        for s in timetable.services.values()
        if s.is_active and s.mode == "appointment" and timetable.giving(s)
    ]
    found = []
    for service in offered[:MOST_SERVICES]:
        (day,) = open_times(timetable=timetable, service_id=service.id, first=today, last=today, now=now)
        found.append(NextFree(service.id, day.times[0].starts_at if day.times else None))
    return tuple(found)

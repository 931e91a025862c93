"""From a question about free times to the picker: counts for the grid, times only for the day that is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from holdfast.availability.queries import OpenTime, next_open_day, open_counts, open_times
from holdfast.bookings.queries import BookingFacts
from holdfast.catalog.queries import ServiceFacts
from holdfast.web import formats
from holdfast.web.public import words
from holdfast.web.public.frame import Visit
from holdfast.web.public.picker import (
    WEEKS,
    FreeDay,
    FreeTime,
    Picker,
    Question,
    first_of_grid,
    picker,
    soonest_of,
)

ANYONE = "any"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address of the page of times says. ``at`` is an instant as in the time radios, or empty."""

    service: ServiceFacts
    resource_id: UUID | None
    on: date | None = None
    first: date | None = None
    at: str = ""

    @property
    def who(self) -> str:
        return str(self.resource_id) if self.resource_id else ANYONE


def read_date(given: str) -> date | None:
    """A date of an address; None for anything else."""
    try:
        return date.fromisoformat(given) if len(given) == 10 else None
    except ValueError:
        return None


def read_instant(given: str) -> datetime | None:
    """An instant as the time radios send it, ``2026-11-22T10:30Z``; None for anything else."""
    try:
        read = datetime.fromisoformat(given) if 17 <= len(given) <= 25 else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None


def last_bookable(visit: Visit) -> date:
    """The furthest date that may be booked now."""
    return visit.today + timedelta(days=visit.business.settings.furthest_ahead_days)


def picker_for(
    visit: Visit, choice: Choice, url: Callable[[date, date, str], str], *, moving: BookingFacts | None = None
) -> Picker:
    """The picker of this choice; with ``moving`` the booking's own time counts as free and is marked."""
    weekday = formats.first_weekday()
    today, last = visit.today, last_bookable(visit)
    wanted = choice.first or choice.on or today
    first = first_of_grid(min(max(wanted, today), last), weekday)
    days = _days(visit, choice, first, moving)
    free = [day.on for day in days.values() if day.count]
    chosen = choice.on if choice.on in days and choice.on >= today else (free or [max(first, today)])[0]
    return picker(
        Question(
            today=today,
            chosen=chosen,
            first=first,
            last_bookable=last,
            zone=visit.business.timezone,
            zone_words=words.zone(visit.business.timezone),
            duration_minutes=choice.service.duration_minutes,
            url=url,
            chosen_at=choice.at,
            was_on=moving.local_on if moving else None,
            was_at=moving.starts_at if moving else None,
            anyone=choice.resource_id is None,
            days=days,
            times=_times(visit, choice, chosen, chosen, moving).get(chosen, ()) if days[chosen].count else (),
            next_free=None if days[chosen].count else _next_free(visit, choice, days, chosen, moving),
            soonest=_soonest(visit, choice, free, moving) if first <= today else (),
        )
    )


def _days(visit: Visit, choice: Choice, first: date, moving: BookingFacts | None) -> dict[date, FreeDay]:
    found = open_counts(
        timetable=visit.timetable,
        service_id=choice.service.id,
        first=first,
        last=first + timedelta(days=WEEKS * 7 - 1),
        now=visit.now,
        resource_id=choice.resource_id,
        party_size=moving.party_size if moving else 1,
        moving_booking_id=moving.id if moving else None,
    )
    return {day.on: FreeDay(on=day.on, is_open=day.open, count=day.free) for day in found}


def _times(
    visit: Visit, choice: Choice, first: date, last: date, moving: BookingFacts | None
) -> dict[date, tuple[FreeTime, ...]]:
    found = open_times(
        timetable=visit.timetable,
        service_id=choice.service.id,
        first=first,
        last=last,
        now=visit.now,
        resource_id=choice.resource_id,
        party_size=moving.party_size if moving else 1,
        moving_booking_id=moving.id if moving else None,
    )
    # A booking that moves keeps its price, whatever the new time costs.
    differs = moving is None and choice.service.id in visit.timetable.price_rules
    return {day.on: tuple(_free_time(visit, time, differs=differs) for time in day.times) for day in found}


def _free_time(visit: Visit, time: OpenTime, *, differs: bool) -> FreeTime:
    return FreeTime(
        starts_at=time.starts_at,
        local_start=time.starts_at.astimezone(visit.timetable.tz),
        names=tuple(visit.timetable.resources[id].name for id in time.resource_ids),
        repeated=time.repeated,
        second_pass=time.second_pass,
        price=formats.money(time.price_minor, visit.business.currency, brief=True) if differs else "",
    )


def _soonest(visit: Visit, choice: Choice, free: list[date], moving: BookingFacts | None) -> list[FreeTime]:
    """Out of the first two days with anything free: one more query of few minutes' worth."""
    near = free[:2]
    if not near:
        return []
    return soonest_of(_times(visit, choice, near[0], near[-1], moving))


def _next_free(
    visit: Visit, choice: Choice, days: dict[date, FreeDay], chosen: date, moving: BookingFacts | None
) -> date | None:
    near = [on for on, day in days.items() if on > chosen and day.count]
    if near:
        return near[0]
    return next_open_day(
        timetable=visit.timetable,
        service_id=choice.service.id,
        after=max(days),
        now=visit.now,
        resource_id=choice.resource_id,
        party_size=moving.party_size if moving else 1,
    )

"""What suits somebody who is about to wait, and is free already: whoever can have it need not wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from holdfast.availability.queries import OpenTime, open_times
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.timeline import DAY_MINUTES
from holdfast.waitlist.rules import DateRange
from holdfast.web import formats
from holdfast.web.public import words
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit
from holdfast.web.public.free import ANYONE, last_bookable
from holdfast.web.public.views_times import times_url

_MOST_FREE = 4
_MOST_A_DAY = 2
_DAYS_LOOKED_AT = 14
_SERVICES_LOOKED_AT = 3


@dataclass(frozen=True, slots=True)
class FreeNow:
    """A time that suits and is free already: in words, and where it is booked."""

    words: str
    url: str


def free_now(
    visit: Visit,
    services: Iterable[ServiceFacts],
    ranges: Sequence[DateRange],
    *,
    resources: Sequence[UUID] | None = None,
    party: int = 1,
) -> list[FreeNow]:
    """The first times that suit and can be booked at once: whoever can have one need not wait."""
    found: list[tuple[datetime, FreeNow]] = []
    for service in list(services)[:_SERVICES_LOOKED_AT]:
        for one in ranges:
            found += _free_of(visit, service, one, resources, party if service.mode != "appointment" else 1)
    found.sort(key=lambda each: each[0])
    return list(dict.fromkeys(each for _starts_at, each in found))[:_MOST_FREE]


def _free_of(
    visit: Visit, service: ServiceFacts, wished: DateRange, resources: Sequence[UUID] | None, party: int
) -> list[tuple[datetime, FreeNow]]:
    first = max(wished.first, visit.today)
    last = min(wished.last, first + timedelta(days=_DAYS_LOOKED_AT - 1), last_bookable(visit))
    if first > last:
        return []
    try:
        days = open_times(
            timetable=visit.timetable,
            service_id=service.id,
            first=first,
            last=last,
            now=visit.now,
            party_size=party,
        )
    except (Missing, Invalid):
        return []
    found = []
    for day in days:
        suits = [
            one
            for one in day.times
            if wished.includes(day.on, _minute(visit, day.on, one))
            and (resources is None or any(id in one.resource_ids for id in resources))
        ]
        found += [
            (one.starts_at, _shown(visit, service, day.on, one, resources, party))
            for one in suits[:_MOST_A_DAY]
        ]
        if len(found) >= _MOST_FREE:
            break
    return found


def _minute(visit: Visit, on: date, one: OpenTime) -> int:
    starts = wall(visit.timetable, one.starts_at)
    return starts.hour * 60 + starts.minute + (starts.date() - on).days * DAY_MINUTES


def _shown(
    visit: Visit, service: ServiceFacts, on: date, one: OpenTime, resources: Sequence[UUID] | None, party: int
) -> FreeNow:
    able = [id for id in one.resource_ids if resources is None or id in resources]
    who = str(able[0]) if resources is not None and service.mode == "appointment" and able else ANYONE
    at = str(one.slot_id) if one.slot_id else f"{one.starts_at:%Y-%m-%dT%H:%MZ}"
    url = f"{times_url(visit, service.id, who, on=on, places=party)}&{urlencode({'at': at})}"
    when = formats.day_and_clock(wall(visit.timetable, one.starts_at))
    named = visit.timetable.taken_by(able[:1]) if who != ANYONE else None
    return FreeNow(" ".join(filter(None, [when, words.with_resource(named, in_full=False)])), url)

"""Whom to ask for what came free: everybody who might want it, what is really free of it, scores, and the best plan.

Reads only. The order is: the wishes, by index; what is free of the gap for each kind of visit, by the very queries the
booking page asks; the score of everybody for whom something is left; the plan. What is chosen is held afterwards by a
command, which looks again under locks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import inf
from uuid import UUID

from holdfast.availability.queries import open_times
from holdfast.bookings.commands.placing import shape_of
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.timeline import DAY_MINUTES, minute_before, minute_of
from holdfast.lib.walltime import local_date
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import open_windows
from holdfast.waitlist import sql as hot
from holdfast.waitlist.queries.proposals import (
    Chance,
    FreePlace,
    Judge,
    Plan,
    plans_by_place,
    plans_by_run,
)
from holdfast.waitlist.rules import (
    DateRange,
    offer_until,
)
from holdfast.waitlist.sql import Waiting

WAITED_FOR = frozenset({"appointment", "table", "slot"})
# Who waits on the spot is asked for places that begin within the hour, not for this evening's.
WALK_IN_MINUTES = 60
_MOST_DAYS = 62
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Region:
    """What came free: a stretch of time, of one resource and service or of any (None)."""

    starts_at: datetime
    ends_at: datetime
    resource_id: UUID | None = None
    service_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """What a look at a region came to: plans, the best first, each of one proposal or of two that go together.

    ``earlier`` are, by entry that could have it, when they joined; ``reasons`` count why others were not asked.
    """

    plans: tuple[Plan, ...]
    joined: Mapping[UUID, datetime]
    reasons: Mapping[str, int]


@lru_cache(maxsize=64)
def eager(timetable: Timetable) -> Timetable:
    """The timetable without earliest notice: whom the business asks may come at once. The cut-off is the waitlist's own."""
    relaxed = replace(timetable.business.settings, earliest_notice_minutes=0)
    return replace(timetable, business=replace(timetable.business, settings=relaxed))


def matching(
    *,
    timetable: Timetable,
    region: Region,
    now: datetime,
    only_walk_ins: bool = False,
    entry_id: UUID | None = None,
) -> Matching:
    """Whom to ask for what is free of a region, the best plan first."""
    business = timetable.business
    services = _services(timetable, region)
    first, last = _dates(timetable, region, now)
    wishes = (
        hot.waiting_for(
            business_id=business.id,
            service_ids=[one.id for one in services],
            first=first,
            last=last,
            now=now,
            only_walk_ins=only_walk_ins,
            entry_id=entry_id,
        )
        if first <= last
        else []
    )
    reasons = Counter(waiting=len({one.entry_id for one in wishes}))
    wishes = _within_limits(timetable, wishes, now, reasons)
    chances = _chances(timetable, wishes, region, (first, last), now, reasons)
    if not chances:
        return Matching((), {}, dict(reasons))
    people = [one for chance in chances for one in chance.people]
    visits = hot.visits_of(business_id=business.id, customer_ids={one.customer_id for one in people})
    judge = Judge(timetable, now, visits)
    plans = _in_order(
        [
            *plans_by_run(timetable, chances, region.resource_id, judge),
            *([plan] for plan in plans_by_place(timetable, chances, judge)),
        ],
        judge,
    )
    joined = {one.entry_id: one.joined_at for one in people}
    return Matching(tuple(plans), joined, dict(reasons))


def _in_order(places: Sequence[Sequence[Plan]], judge: Judge) -> list[Plan]:
    """The plans of all places, the best first; what a place falls back on comes after its better plans.

    Two who share a stretch may be worth more together than somebody with a higher score. Among equals the time that passes
    first, then the lot.
    """
    ranked = []
    for plans in places:
        least = inf
        for position, plan in enumerate(plans):
            best = plan[0]
            least = min(least, best.score.total)
            lot = judge.tie(best.starts_at.isoformat(), best.entry_id)
            ranked.append((-least, position, best.starts_at, lot, plan))
    ranked.sort(key=lambda one: one[:4])
    return [plan for *_, plan in ranked]


def _services(timetable: Timetable, region: Region) -> list[ServiceFacts]:
    return [
        one
        for one in timetable.services.values()
        if one.is_active
        and one.mode in WAITED_FOR
        and (region.service_id is None or one.id == region.service_id)
        and (region.resource_id is None or region.resource_id in one.resource_ids)
    ]


def _dates(timetable: Timetable, region: Region, now: datetime) -> tuple[date, date]:
    """The dates under which starts in the region may be listed: the small hours of an evening belong to the day before."""
    begins, ends = minute_before(max(region.starts_at, now)), minute_before(region.ends_at)
    first = local_date(begins, timetable.tz)
    if any(one.end > begins for one in open_windows(timetable.hours, None, first - _A_DAY, first - _A_DAY)):
        first -= _A_DAY
    return first, min(local_date(ends - 1, timetable.tz), first + timedelta(days=_MOST_DAYS - 1))


def _within_limits(
    timetable: Timetable, wishes: list[Waiting], now: datetime, reasons: Counter[str]
) -> list[Waiting]:
    """Without those who were sent as many offers as one person gets in a day (SPEC F6)."""
    business = timetable.business
    most = business.settings.waitlist_messages_per_day
    sent = hot.customers_sent(business_id=business.id, most=most, since=now - _A_DAY) if wishes else set()
    full = {one.entry_id for one in wishes if one.customer_id in sent}
    reasons["limit"] += len(full)
    return [one for one in wishes if one.entry_id not in full]


def _chances(
    timetable: Timetable,
    wishes: Sequence[Waiting],
    region: Region,
    dates: tuple[date, date],
    now: datetime,
    reasons: Counter[str],
) -> list[Chance]:
    """Every start of the region that somebody waits for and may have."""
    free: dict[tuple[UUID, int], list[FreePlace]] = {}
    found: list[Chance] = []
    for people in _alike(wishes, dates):
        wish = people[0]
        visit = (wish.service_id, wish.party_size)
        if visit not in free:
            free[visit] = _free_of(timetable, *visit, region, dates, now)
        suits = _Suits(wish, now)
        if places := tuple(place for place in free[visit] if suits(place)):
            found.append(Chance(people, places))
    left = _not_offered(timetable, found)
    had_room = _entries(found)
    reasons["had_it"] += len(had_room - _entries(left))
    reasons["no_room"] += len({one.entry_id for one in wishes} - had_room)
    return left


def _alike(wishes: Sequence[Waiting], dates: tuple[date, date]) -> Iterable[list[Waiting]]:
    """The wishes by what they ask of a place on these dates: most of many ask the same, which is then decided once."""
    first, last = dates
    groups: dict[tuple[object, ...], list[Waiting]] = {}
    for one in wishes:
        asks = (
            one.service_id, one.party_size, one.resources, max(one.first_on, first), min(one.last_on, last),
            one.from_minute, one.to_minute, one.weekdays, one.walk_in, one.before,
        )  # fmt: skip
        groups.setdefault(asks, []).append(one)
    return groups.values()


def _not_offered(timetable: Timetable, chances: list[Chance]) -> list[Chance]:
    """Without the starts that somebody was offered already and did not take."""
    starts = [place.time.starts_at for chance in chances for place in chance.places]
    if not starts:
        return []
    before = hot.offered_before(business_id=timetable.business.id, first=min(starts), last=max(starts))
    return [left for chance in chances for left in _left_of(chance, before)] if before else chances


def _left_of(chance: Chance, before: Mapping[UUID, set[datetime]]) -> Iterator[Chance]:
    """Those who were offered none of it together, and each of the others with the starts that are new to them."""
    if fresh := [one for one in chance.people if one.entry_id not in before]:
        yield Chance(fresh, chance.places)
    for one in chance.people:
        had = before.get(one.entry_id, set())
        if had and (new := tuple(place for place in chance.places if place.time.starts_at not in had)):
            yield Chance([one], new)


def _entries(chances: Iterable[Chance]) -> set[UUID]:
    return {one.entry_id for chance in chances for one in chance.people}


class _Suits:
    """Whether a start is one that somebody waits for."""

    def __init__(self, waiting: Waiting, now: datetime) -> None:
        self._waiting = waiting
        self._range = DateRange(
            waiting.first_on, waiting.last_on, waiting.from_minute, waiting.to_minute, waiting.weekdays
        )
        limit = timedelta(minutes=WALK_IN_MINUTES)
        self._latest = (
            now + limit if waiting.walk_in else waiting.before and waiting.before - timedelta(minutes=1)
        )

    def __call__(self, place: FreePlace) -> bool:
        time, only = place.time, self._waiting.resources
        if self._latest is not None and time.starts_at > self._latest:
            return False
        if only is not None and not any(str(id) in only for id in time.resource_ids):
            return False
        return self._range.includes(place.on, place.minute)


def _free_of(
    timetable: Timetable,
    service_id: UUID,
    party_size: int,
    region: Region,
    dates: tuple[date, date],
    now: datetime,
) -> list[FreePlace]:
    """The free starts whose visit would take something of the region, far enough ahead to ask somebody first."""
    service = timetable.service(service_id)
    shape = shape_of(service)
    begins, ends = minute_before(region.starts_at), minute_before(region.ends_at)
    try:
        days = open_times(
            timetable=eager(timetable),
            service_id=service_id,
            first=dates[0],
            last=dates[1],
            now=now,
            party_size=party_size,
        )
    except (Missing, Invalid):  # nobody gives it to such a party (any more)
        return []
    cutoff = timetable.business.settings.waitlist_cutoff_minutes
    found = []
    for day in days:
        for time in day.times:
            start = minute_of(time.starts_at)
            taken = shape.claim(start)
            if taken.start >= ends or taken.end <= begins:
                continue
            if region.resource_id is not None and region.resource_id not in time.resource_ids:
                continue
            if offer_until(now, time.starts_at, hold_minutes=1, cutoff_minutes=cutoff) is None:
                continue
            hour, minute = time.local_time.split(":")
            later = (time.starts_at.astimezone(timetable.tz).date() - day.on).days
            minute_of_day = int(hour) * 60 + int(minute) + later * DAY_MINUTES
            found.append(FreePlace(day.on, minute_of_day, start, time))
    return found

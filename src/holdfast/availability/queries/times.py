"""What is free, why not, and what else (SPEC C4–C6). Two statements a question: the timetable's version, the claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast.availability.queries.asking import MOST_DAYS, free_board
from holdfast.availability.rules import Choice, nearest
from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Wish
from holdfast.bookings.commands.placing import able_resources, offered_service, shape_of, start_minute
from holdfast.bookings.queries import booking_by_id
from holdfast.lib.actors import Actor
from holdfast.lib.timeline import instant_of, iso_of, minute_of
from holdfast.lib.walltime import hhmm, pass_of
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import Check, check_start

_ALTERNATIVE_DAYS = 14


class OpenTime(NamedTuple):
    """A start that is free now. ``local_time`` is HH:MM; ``repeated`` marks the hour that comes twice in a night."""

    starts_at: datetime
    local_time: str
    repeated: bool
    second_pass: bool
    resource_ids: tuple[UUID, ...]
    price_minor: int


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A local date: whether the business gives this service then at all, and which starts are free."""

    on: date
    open: bool
    times: tuple[OpenTime, ...]


@dataclass(frozen=True, slots=True)
class DayCount:
    """A local date and how many starts are free on it."""

    on: date
    open: bool
    free: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another time that is free now. ``kind``: ``later``, ``earlier``, ``other_resource`` or ``other_day``."""

    starts_at: datetime
    local_on: date
    local_time: str
    resource_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a start is or is not bookable with one resource: the rules in order; staff also see what blocks it."""

    resource_id: UUID
    bookable: bool
    checks: tuple[Check, ...]


def open_times(
    *,
    timetable: Timetable,
    service_id: UUID,
    first: date,
    last: date,
    now: datetime,
    resource_id: UUID | None = None,
    party_size: int = 1,
    moving_booking_id: UUID | None = None,
) -> list[OpenDay]:
    """Every date from ``first`` to ``last`` (62 at most) with its free starts.

    ``moving_booking_id`` leaves that booking's own claims out of account, for the picker of a move.
    Refusals: :class:`Missing` (service, resource), :class:`Invalid` on ``to`` or ``party_size``.
    """
    free = free_board(
        timetable=timetable,
        service_id=service_id,
        first=first,
        last=last,
        now=now,
        resource_id=resource_id,
        party_size=party_size,
        moving_booking_id=moving_booking_id,
    )
    found = free.times
    tz, price = timetable.tz, free.service.price_minor
    days = []
    for on in _dates(first, last):
        starts = found.get(on)
        times = tuple(
            OpenTime(*_read_clock(minute, tz), resources, price)
            for minute, resources in (starts or {}).items()
        )
        days.append(OpenDay(on=on, open=starts is not None, times=times))
    return days


def open_counts(
    *,
    timetable: Timetable,
    service_id: UUID,
    first: date,
    last: date,
    now: datetime,
    resource_id: UUID | None = None,
    party_size: int = 1,
    moving_booking_id: UUID | None = None,
) -> list[DayCount]:
    """How many starts are free on every date from ``first`` to ``last`` (62 at most). Refusals: as open_times."""
    counts = free_board(
        timetable=timetable,
        service_id=service_id,
        first=first,
        last=last,
        now=now,
        resource_id=resource_id,
        party_size=party_size,
        moving_booking_id=moving_booking_id,
    ).counts
    return [DayCount(on=on, open=on in counts, free=counts.get(on, 0)) for on in _dates(first, last)]


def next_open_day(
    *, timetable: Timetable, service_id: UUID, after: date, now: datetime, resource_id: UUID | None = None
) -> date | None:
    """The next date with a free start, as far ahead as can be booked; None if there is none."""
    today = now.astimezone(timetable.tz).date()
    last_bookable = today + timedelta(days=timetable.business.settings.furthest_ahead_days)
    if after >= last_bookable:
        return None
    first = max(after + timedelta(days=1), today)
    while first <= last_bookable:
        last = min(first + timedelta(days=MOST_DAYS - 1), last_bookable)
        counts = open_counts(
            timetable=timetable,
            service_id=service_id,
            first=first,
            last=last,
            now=now,
            resource_id=resource_id,
        )
        for day in counts:
            if day.free:
                return day.on
        first = last + timedelta(days=1)
    return None


def alternatives(*, timetable: Timetable, wish: Wish, now: datetime) -> list[Alternative]:
    """Up to four free times near one that is gone: later, with somebody else, earlier, another day (SPEC C6).

    Refusals: :class:`Missing` (service), :class:`Invalid` on ``starts_at`` or ``party_size``.
    """
    minute = start_minute(timetable=timetable, starts_at=wish.starts_at.replace(second=0, microsecond=0))
    on = wish.starts_at.astimezone(timetable.tz).date()
    today = now.astimezone(timetable.tz).date()
    first = max(on - timedelta(days=1), today)
    found = free_board(
        timetable=timetable,
        service_id=wish.service_id,
        first=first,
        last=first + timedelta(days=_ALTERNATIVE_DAYS),
        now=now,
        party_size=wish.party_size,
    ).times
    choices = [
        Choice(start, day.toordinal(), resource_id)
        for day, times in found.items()
        for start, resources in times.items()
        for resource_id in resources
        if (start, wish.resource_id or resource_id) != (minute, resource_id)
    ]
    best = nearest(choices, minute=minute, day=on.toordinal(), resource=wish.resource_id)
    return [
        Alternative(
            starts_at=instant_of(choice.minute),
            local_on=date.fromordinal(choice.day),
            local_time=hhmm(choice.minute, timetable.tz),
            resource_id=choice.resource,
            kind=choice.kind,
        )
        for choice in best
    ]


def explain(*, timetable: Timetable, actor: Actor, wish: Wish, now: datetime) -> list[Explanation]:
    """The rules for a start, in order, with pass or fail, for each resource asked about (SPEC C5).

    What blocks is named for staff (the booking's reference, an absence's note) and only as taken for everybody else.
    Refusals: :class:`Missing` (service, resource), :class:`Invalid`.
    """
    service = offered_service(timetable=timetable, service_id=wish.service_id)
    start = start_minute(timetable=timetable, starts_at=wish.starts_at)
    resource_ids = able_resources(
        timetable=timetable, service=service, resource_id=wish.resource_id, party_size=wish.party_size
    )
    settings = timetable.business.settings
    shape = shape_of(service)
    span = shape.claim(start)
    in_the_way: dict[UUID, list[UUID]] = {}
    for resource_id, booking_id, dead in hot.bookings_in_the_way(
        business_id=timetable.business.id,
        resource_ids=resource_ids,
        starts_at=instant_of(span.start),
        ends_at=instant_of(span.end),
        now=now,
    ):
        if not dead:
            in_the_way.setdefault(resource_id, []).append(booking_id)
    explanations = []
    for resource_id in resource_ids:
        checks = check_start(
            timetable.hours,
            resource_id,
            start,
            shape,
            now=now,
            earliest_notice_minutes=settings.earliest_notice_minutes,
            furthest_ahead_days=settings.furthest_ahead_days,
        )
        unclaimed = _unclaimed(timetable, actor, in_the_way.get(resource_id, []))
        shown = tuple(_for(actor, check) for check in (*checks, unclaimed))
        explanations.append(Explanation(resource_id, all(check.passed for check in shown), shown))
    return explanations


def _unclaimed(timetable: Timetable, actor: Actor, booking_ids: Sequence[UUID]) -> Check:
    if not booking_ids:
        return Check("unclaimed", True)
    if not actor.is_staff:
        return Check("unclaimed", False)
    blocking = [
        booking_by_id(business_id=timetable.business.id, booking_id=booking_id) for booking_id in booking_ids
    ]
    facts = [
        {
            "reference": booking.shown_reference,
            "state": booking.state,
            "starts_at": iso_of(minute_of(booking.starts_at)),
            "ends_at": iso_of(minute_of(booking.ends_at)),
        }
        for booking in blocking
    ]
    return Check("unclaimed", False, {}, {"bookings": facts})


def _for(actor: Actor, check: Check) -> Check:
    if not actor.is_staff:
        return Check(check.rule, check.passed, check.facts)
    return Check(check.rule, check.passed, {**check.facts, **check.staff_facts})


@lru_cache(maxsize=32768)
def _read_clock(minute: int, tz: ZoneInfo) -> tuple[datetime, str, bool, bool]:
    """How a start reads in UTC and on the business's clock; the same for every question about it."""
    turn = pass_of(minute, tz)
    return instant_of(minute), hhmm(minute, tz), turn != 0, turn == 2


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

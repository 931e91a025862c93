"""What is free, why not, and what else (SPEC C4–C6). Two statements a question: the timetable's version, the claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from holdfast.availability.queries import dates as artist
from holdfast.availability.queries import slots, tables
from holdfast.availability.queries.answers import (
    Alternative,
    DayCount,
    Explanation,
    OpenDay,
    OpenTime,
    dates,
    read_clock,
)
from holdfast.availability.queries.asking import MOST_DAYS, free_board
from holdfast.availability.queries.prices import price_list
from holdfast.availability.queries.telling import told_to, unclaimed
from holdfast.availability.rules import Choice, nearest
from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Wish
from holdfast.bookings.commands.placing import able_resources, offered_service, shape_of, start_minute
from holdfast.lib.actors import Actor
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import hhmm
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import check_start

_ALTERNATIVE_DAYS = 14


class Mode(Protocol):
    """A module that answers for its mode."""

    @property
    def open_times(self) -> Callable[..., list[OpenDay]]: ...
    @property
    def open_counts(self) -> Callable[..., list[DayCount]]: ...
    @property
    def alternatives(self) -> Callable[..., list[Alternative]]: ...
    @property
    def explain(self) -> Callable[..., list[Explanation]]: ...


# Modes whose free times are no free minutes of a resource answer for themselves, in the same words.
_OTHER_MODES: Mapping[str, Mode] = {"request": artist, "slot": slots, "table": tables}


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
    if other := _OTHER_MODES.get(timetable.service(service_id).mode):
        return other.open_times(
            timetable=timetable,
            service_id=service_id,
            first=first,
            last=last,
            now=now,
            resource_id=resource_id,
            party_size=party_size,
            moving_booking_id=moving_booking_id,
        )
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
    tz, prices = timetable.tz, price_list(timetable, service_id, party_size)
    days = []
    for on in dates(first, last):
        starts = found.get(on)
        times = tuple(
            OpenTime(*read_clock(minute, tz), resources, prices.at(minute, on, resources))
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
    if other := _OTHER_MODES.get(timetable.service(service_id).mode):
        return other.open_counts(
            timetable=timetable,
            service_id=service_id,
            first=first,
            last=last,
            now=now,
            resource_id=resource_id,
            party_size=party_size,
            moving_booking_id=moving_booking_id,
        )
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
    return [DayCount(on=on, open=on in counts, free=counts.get(on, 0)) for on in dates(first, last)]


def next_open_day(
    *,
    timetable: Timetable,
    service_id: UUID,
    after: date,
    now: datetime,
    resource_id: UUID | None = None,
    party_size: int = 1,
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
            party_size=party_size,
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
    if other := _OTHER_MODES.get(timetable.service(wish.service_id).mode):
        return other.alternatives(timetable=timetable, wish=wish, now=now)
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
    if other := _OTHER_MODES.get(timetable.service(wish.service_id).mode):
        return other.explain(timetable=timetable, actor=actor, wish=wish, now=now)
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
        free = unclaimed(timetable=timetable, actor=actor, booking_ids=in_the_way.get(resource_id, []))
        shown = tuple(told_to(actor=actor, check=check) for check in (*checks, free))
        explanations.append(Explanation(resource_id, all(check.passed for check in shown), shown))
    return explanations

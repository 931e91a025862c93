"""When a party can sit down, and at which tables (SPEC B3, C4, C5): minute bitmaps, one for each table.

Tables that only together seat a party are free when all of them are, so an arrangement is the AND of its tables, and a
start is free when any arrangement is. Three statements at most: the timetable's version, the claims, the guests who start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.availability.queries.answers import (
    Alternative,
    DayCount,
    Explanation,
    OpenDay,
    OpenTime,
    dates,
    read_clock,
)
from holdfast.availability.queries.asking import (
    MOST_DAYS,
    asked_service,
    board_with_claims,
    moving_booking,
)
from holdfast.availability.queries.telling import told_to, unclaimed
from holdfast.availability.rules import Choice, nearest
from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Wish
from holdfast.bookings.commands.placing import (
    choices_for,
    offered_service,
    order_for,
    seated_service,
    shape_of,
    start_minute,
)
from holdfast.bookings.commands.pricing import price_at
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import Arrangement, exceeds, full_intervals, interval_of
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.timeline import Span, instant_of, mask, positions
from holdfast.lib.walltime import hhmm, local_date
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import Board, Check, Columns, check_start, open_windows, windows_of_interest

_ALTERNATIVE_DAYS = 14


@dataclass(frozen=True, slots=True)
class FreeTables:
    """An answer before it is spelt out: by date with a window, the free starts of every table on the board.

    ``order`` is what the party may be given, best first; ``full`` are the intervals in which it may not start any more.
    """

    board: Board[UUID]
    days: dict[date, Columns]
    service: ServiceFacts
    order: tuple[Arrangement, ...]
    full: tuple[Span, ...]

    @property
    def times(self) -> dict[date, dict[int, tuple[UUID, ...]]]:
        """By date: the free starts, each with the tables that would be given; a date that is missing is closed."""
        found: dict[date, dict[int, tuple[UUID, ...]]] = {}
        for on, columns in self.days.items():
            starts: dict[int, tuple[UUID, ...]] = {}
            for begin, free in self._free(on, columns):
                given = 0
                for one, bits in zip(self.order, free, strict=True):
                    fresh = bits & ~given
                    if fresh:
                        starts |= dict.fromkeys((begin + at for at in positions(fresh)), one.tables)
                        given |= fresh
            found[on] = dict(sorted(starts.items()))
        return found

    @property
    def counts(self) -> dict[date, int]:
        """By date: how many starts are free; a date that is missing is closed."""
        found: dict[date, int] = {}
        for on, columns in self.days.items():
            found[on] = 0
            for _begin, free in self._free(on, columns):
                anything = 0
                for bits in free:
                    anything |= bits
                found[on] += anything.bit_count()
        return found

    def _free(self, on: date, columns: Columns) -> Iterator[tuple[int, list[int]]]:
        """By sheet: where it begins, and the free starts of each arrangement in order."""
        place = {id: column for column, id in enumerate(self.board.resources)}
        wanted = [[place[id] for id in one.tables] for one in self.order]
        for sheet, tables in zip(self.board.days[on], columns, strict=True):
            paced = mask(0, sheet.length)
            for start, end in self.full:
                paced &= ~mask(start - sheet.begin, end - sheet.begin)
            free = []
            for which in wanted:
                bits = paced
                for column in which:
                    bits &= tables[column]
                free.append(bits)
            yield sheet.begin, free


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
    """As ``times.open_times``; ``resource_ids`` of a time are the tables that would be given."""
    free = free_tables(
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
    days = []
    for on in dates(first, last):
        starts = []
        for minute, table_ids in found.get(on, {}).items():
            clock = read_clock(minute, timetable.tz)
            price = price_at(
                timetable=timetable,
                service=free.service,
                on=on,
                starts_at=clock[0],
                resource_ids=table_ids,
                party_size=party_size,
            )
            starts.append(OpenTime(*clock, table_ids, price))
        days.append(OpenDay(on=on, open=on in found, times=tuple(starts)))
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
    """As ``times.open_counts``."""
    counts = free_tables(
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


def alternatives(*, timetable: Timetable, wish: Wish, now: datetime) -> list[Alternative]:
    """As ``times.alternatives``: the tables that would be given at other times, and the table asked for, if one was."""
    minute = start_minute(timetable=timetable, starts_at=wish.starts_at.replace(second=0, microsecond=0))
    on = _evening_of(timetable, minute)
    first = max(on - timedelta(days=1), now.astimezone(timetable.tz).date())
    asked: dict[str, Any] = {
        "timetable": timetable,
        "service_id": wish.service_id,
        "first": first,
        "last": first + timedelta(days=_ALTERNATIVE_DAYS),
        "now": now,
        "party_size": wish.party_size,
    }
    found = [free_tables(**asked).times]
    wanted = wish.chosen or ((wish.resource_id,) if wish.resource_id else None)
    if wish.resource_id is not None and not wish.chosen:
        # A table that is not given to such a party (any more), as the first of several may be, has no times to offer.
        with suppress(Invalid, Missing):
            found.append(free_tables(**asked, resource_id=wish.resource_id).times)
    choices = {
        Choice(start, day.toordinal(), table_ids): None
        for times in found
        for day, starts in times.items()
        for start, table_ids in starts.items()
        if (start, wanted or table_ids) != (minute, table_ids)
    }
    return [
        Alternative(
            starts_at=instant_of(choice.minute),
            local_on=date.fromordinal(choice.day),
            local_time=hhmm(choice.minute, timetable.tz),
            resource_id=choice.resource[0],
            kind=choice.kind,
            also=choice.resource[1:],
        )
        for choice in nearest(choices, minute=minute, day=on.toordinal(), resource=wanted)
    ]


def free_tables(
    *,
    timetable: Timetable,
    service_id: UUID,
    first: date,
    last: date,
    now: datetime,
    resource_id: UUID | None = None,
    party_size: int = 1,
    moving_booking_id: UUID | None = None,
) -> FreeTables:
    """The free starts of a party from ``first`` to ``last`` (62 dates at most), at any tables or one.

    ``moving_booking_id`` leaves that booking out of account and keeps its length, for the picker of a move.
    Refusals: :class:`Missing` (service, resource), :class:`Invalid` on ``to`` or ``party_size``.
    """
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid.field("to", "out_of_bounds", least=1, most=MOST_DAYS)
    moving = moving_booking(timetable=timetable, booking_id=moving_booking_id)
    service = seated_service(
        service=asked_service(timetable=timetable, service_id=service_id, moving=moving),
        party_size=party_size,
        moving=moving,
    )
    order = choices_for(
        timetable=timetable, service=service, party_size=party_size, resource_id=resource_id, moving=moving
    )
    board, days = board_with_claims(
        timetable=timetable,
        shape=shape_of(service),
        resource_ids=tuple(dict.fromkeys(id for one in order for id in one.tables)),
        first=first,
        last=last,
        now=now,
        but=moving.id if moving else None,
    )
    full = _full(timetable, service, board, first, last, party_size, now, moving)
    return FreeTables(board, days, service, order, tuple(full))


def explain(*, timetable: Timetable, actor: Actor, wish: Wish, now: datetime) -> list[Explanation]:
    """Why a start is or is not bookable for a party: what fits it in the order in which it would be given, so that the
    first that is bookable is what the party gets; then the tables that do not fit.

    Refusals: :class:`Missing` (service, resource), :class:`Invalid` on ``starts_at``.
    """
    offered = offered_service(timetable=timetable, service_id=wish.service_id)
    service = seated_service(service=offered, party_size=wish.party_size)
    start = start_minute(timetable=timetable, starts_at=wish.starts_at)
    asked = _asked(timetable, service, wish)
    span = shape_of(service).claim(start)
    in_the_way = hot.bookings_in_the_way(
        business_id=timetable.business.id,
        resource_ids=list(dict.fromkeys(id for one in asked for id in one.tables)),
        starts_at=instant_of(span.start),
        ends_at=instant_of(span.end),
        now=now,
    )
    taken: dict[UUID, list[UUID]] = {}
    for table_id, booking_id, dead in in_the_way:
        if not dead:
            taken.setdefault(table_id, []).append(booking_id)
    pacing = _pacing(timetable, service, start, wish.party_size, now)
    rules: dict[UUID, tuple[Check, ...]] = {}
    found = []
    for one in asked:
        there = list(dict.fromkeys(booking for id in one.tables for booking in taken.get(id, ())))
        checks = (
            *_together([_rules(timetable, service, id, start, now, rules) for id in one.tables]),
            _seats(one, wish),
            unclaimed(timetable=timetable, actor=actor, booking_ids=there),
            pacing,
        )
        shown = tuple(told_to(actor=actor, check=check) for check in checks)
        bookable = all(check.passed for check in shown)
        found.append(Explanation(one.tables[0], bookable, shown, one.tables[1:]))
    return found


def _evening_of(timetable: Timetable, minute: int) -> date:
    """The date under which a start is listed: its window's, else its own."""
    windows = open_windows(timetable.hours, None, *windows_of_interest(minute, minute + 1, timetable.tz))
    opened = [window.on for window in windows if window.start <= minute < window.end]
    return opened[0] if opened else local_date(minute, timetable.tz)


def _asked(timetable: Timetable, service: ServiceFacts, wish: Wish) -> list[Arrangement]:
    """What fits in order, and then the tables that do not; or the one table asked about."""
    givers = timetable.givers[service.id]
    alone = {id: Arrangement((id,), one.seats_min, one.seats_max) for id, one in givers.items()}
    if wish.resource_id is not None:
        if wish.resource_id not in alone:
            raise Missing(what="resource")
        return [alone[wish.resource_id]]
    order = order_for(timetable, service.id, wish.party_size)
    return [*order, *(one for one in alone.values() if not one.fits(wish.party_size))]


def _rules(
    timetable: Timetable,
    service: ServiceFacts,
    table_id: UUID,
    start: int,
    now: datetime,
    known: dict[UUID, tuple[Check, ...]],
) -> tuple[Check, ...]:
    settings = timetable.business.settings
    if table_id not in known:
        known[table_id] = check_start(
            timetable.hours,
            table_id,
            start,
            shape_of(service),
            now=now,
            earliest_notice_minutes=settings.earliest_notice_minutes,
            furthest_ahead_days=settings.furthest_ahead_days,
        )
    return known[table_id]


def _together(each: Sequence[tuple[Check, ...]]) -> tuple[Check, ...]:
    """The rules of several tables as one: a rule fails with the first table that fails it."""
    by_rule: dict[str, Check] = {}
    for checks in each:
        for check in checks:
            if check.rule not in by_rule or (by_rule[check.rule].passed and not check.passed):
                by_rule[check.rule] = check
    return tuple(by_rule.values())


def _seats(one: Arrangement, wish: Wish) -> Check:
    facts = {"seats_min": one.seats_min, "seats_max": one.seats_max, "party_size": wish.party_size}
    return Check("seats", one.fits(wish.party_size), facts)


def _pacing(timetable: Timetable, service: ServiceFacts, start: int, party_size: int, now: datetime) -> Check:
    facts = {"pacing_covers": service.pacing_covers, "interval_minutes": service.interval_minutes}
    if not service.pacing_covers:
        return Check("pacing", True, facts)
    windows = open_windows(timetable.hours, None, *windows_of_interest(start, start + 1, timetable.tz))
    interval = interval_of(windows, start, service.interval_minutes)
    covers = hot.covers_in(
        business_id=timetable.business.id,
        service_id=service.id,
        start=interval.start,
        end=interval.end,
        now=now,
    )
    guests = sum(covers.values())
    passed = not exceeds(guests, party_size, service.pacing_covers)
    return Check("pacing", passed, facts, {"guests": guests})


def _full(
    timetable: Timetable,
    service: ServiceFacts,
    board: Board[UUID],
    first: date,
    last: date,
    party_size: int,
    now: datetime,
    moving: BookingFacts | None,
) -> list[Span]:
    if not service.pacing_covers or not board.days:
        return []
    if exceeds(0, party_size, service.pacing_covers):
        return [board.frame]
    # Of the evening before, too: its window may reach into the first date.
    windows = open_windows(timetable.hours, None, first - timedelta(days=1), last + timedelta(days=1))
    covers = hot.covers_in(
        business_id=timetable.business.id,
        service_id=service.id,
        start=board.frame.start,
        end=board.frame.end,
        now=now,
        but=moving.id if moving else None,
    )
    return full_intervals(
        windows, covers, service.interval_minutes, party_size=party_size, most=service.pacing_covers
    )

"""Which dates of an artist are free (S1, SPEC C4–C6): one entry a free date; who has asked for it is for staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
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
from holdfast.availability.queries.asking import MOST_DAYS
from holdfast.availability.queries.telling import told_to, unclaimed
from holdfast.availability.rules import Choice, nearest
from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Wish
from holdfast.bookings.commands.placing import able_resources, offered_service, shape_of, start_minute
from holdfast.bookings.commands.placing.requests import requestable_hours, span_of_date
from holdfast.bookings.commands.placing.wishes import ON_REQUEST
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.requests import asked_about
from holdfast.bookings.rules.requests import free_part
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import instant_of, minute_of
from holdfast.lib.walltime import hhmm, minute_at
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import absences, check_start, earliest_start, latest_start

_ALTERNATIVE_DAYS = 14


@dataclass(frozen=True, slots=True)
class ArtistDate:
    """A local date of a service on request. ``free`` has, by artist, the minutes from which to which it can be asked for;
    ``requests`` are those that wait on it. ``state``: ``free``, ``requested``, ``taken`` or ``closed``.
    """

    on: date
    open: bool
    free: dict[UUID, tuple[int, int]]
    requests: tuple[BookingFacts, ...] = ()

    @property
    def state(self) -> str:
        if not self.open:
            return "closed"
        if not self.free:
            return "taken"
        return "requested" if self.requests else "free"


def artist_dates(
    *,
    timetable: Timetable,
    service_id: UUID,
    first: date,
    last: date,
    now: datetime,
    resource_id: UUID | None = None,
    moving_booking_id: UUID | None = None,
) -> list[ArtistDate]:
    """Every date from ``first`` to ``last`` (62 at most) with what is free and what is asked for: for staff.

    Refusals: :class:`Missing` (service, resource), :class:`Invalid` on ``to``.
    """
    found = _free_dates(timetable, service_id, first, last, now, resource_id, moving_booking_id)
    service = timetable.service(service_id)
    waiting: dict[date, list[BookingFacts]] = {}
    for booking in asked_about(
        business_id=timetable.business.id,
        resource_ids=[resource_id] if resource_id else list(service.resource_ids),
        first=first,
        last=last,
        now=now,
    ):
        waiting.setdefault(booking.local_on, []).append(booking)
    return [replace(day, requests=tuple(waiting.get(day.on, ()))) for day in found]


def open_times(
    *,
    timetable: Timetable,
    service_id: UUID,
    first: date,
    last: date,
    now: datetime,
    resource_id: UUID | None = None,
    party_size: int = 1,  # noqa: ARG001 - an event's guests are the venue's to seat
    moving_booking_id: UUID | None = None,
) -> list[OpenDay]:
    """Every date, with one entry if it is free: its beginning. Refusals: as :func:`artist_dates`."""
    price = timetable.service(service_id).price_minor
    days = _free_dates(timetable, service_id, first, last, now, resource_id, moving_booking_id)
    return [OpenDay(day.on, day.open, _entry(day, timetable, price)) for day in days]


def open_counts(
    *,
    timetable: Timetable,
    service_id: UUID,
    first: date,
    last: date,
    now: datetime,
    resource_id: UUID | None = None,
    party_size: int = 1,  # noqa: ARG001
    moving_booking_id: UUID | None = None,
) -> list[DayCount]:
    """For every date 1 if it is free, else 0. Refusals: as :func:`artist_dates`."""
    days = _free_dates(timetable, service_id, first, last, now, resource_id, moving_booking_id)
    return [DayCount(day.on, day.open, int(bool(day.free))) for day in days]


def alternatives(*, timetable: Timetable, wish: Wish, now: datetime) -> list[Alternative]:
    """Up to four free dates near one that is given, at the same time of day where that is free.

    Refusals: :class:`Missing` (service), :class:`Invalid` on ``starts_at``.
    """
    start = start_minute(timetable=timetable, starts_at=wish.starts_at.replace(second=0, microsecond=0))
    wall = wish.starts_at.astimezone(timetable.tz)
    on, clock = wall.date(), wall.hour * 60 + wall.minute
    today = now.astimezone(timetable.tz).date()
    first = max(on - timedelta(days=_ALTERNATIVE_DAYS), today)
    last = max(on, first) + timedelta(days=_ALTERNATIVE_DAYS)
    choices = []
    for day in _free_dates(timetable, wish.service_id, first, last, now, None, None):
        same = minute_at(day.on, clock, timetable.tz)
        choices += [
            Choice(same if start_at <= same < end_at else start_at, day.on.toordinal(), resource_id)
            for resource_id, (start_at, end_at) in day.free.items()
        ]
    best = nearest(choices, minute=start, day=on.toordinal(), resource=wish.resource_id)
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
    """The rules for asking from that start on, for each artist; requests of others are no obstacle (SPEC C5).

    Refusals: :class:`Missing` (service, resource), :class:`Invalid`.
    """
    service = offered_service(timetable=timetable, service_id=wish.service_id, modes=ON_REQUEST)
    start = start_minute(timetable=timetable, starts_at=wish.starts_at)
    artists = able_resources(timetable=timetable, service=service, resource_id=wish.resource_id, party_size=1)
    settings, hours = timetable.business.settings, requestable_hours(timetable=timetable).hours
    shape = shape_of(replace(service, interval_minutes=1))
    span = shape.claim(start)
    blocking: dict[UUID, list[UUID]] = {}
    for resource_id, booking_id, dead in hot.bookings_in_the_way(
        business_id=timetable.business.id,
        resource_ids=artists,
        starts_at=instant_of(span.start),
        ends_at=instant_of(span.end),
        now=now,
    ):
        if not dead:
            blocking.setdefault(resource_id, []).append(booking_id)
    explanations = []
    for resource_id in artists:
        checks = check_start(
            hours,
            resource_id,
            start,
            shape,
            now=now,
            earliest_notice_minutes=settings.earliest_notice_minutes,
            furthest_ahead_days=settings.furthest_ahead_days,
        )
        taken = unclaimed(timetable=timetable, actor=actor, booking_ids=blocking.get(resource_id, []))
        # Any start will do: there is no grid to be on.
        rules = [check for check in checks if check.rule != "grid"]
        shown = tuple(told_to(actor=actor, check=check) for check in (*rules, taken))
        explanations.append(Explanation(resource_id, all(check.passed for check in shown), shown))
    return explanations


def _entry(day: ArtistDate, timetable: Timetable, price_minor: int) -> tuple[OpenTime, ...]:
    if not day.free:
        return ()
    start = min(begin for begin, _ in day.free.values())
    return (OpenTime(*read_clock(start, timetable.tz), tuple(day.free), price_minor),)


def _free_dates(
    timetable: Timetable,
    service_id: UUID,
    first: date,
    last: date,
    now: datetime,
    resource_id: UUID | None,
    moving_booking_id: UUID | None,
) -> list[ArtistDate]:
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid.field("to", "out_of_bounds", least=1, most=MOST_DAYS)
    service = _service(timetable, service_id, moving_booking_id)
    artists = able_resources(timetable=timetable, service=service, resource_id=resource_id, party_size=1)
    timetable = requestable_hours(timetable=timetable)
    settings, tz = timetable.business.settings, timetable.tz
    earliest = earliest_start(now, settings.earliest_notice_minutes)
    latest = latest_start(now, settings.furthest_ahead_days, tz)
    start = minute_at(first, 0, tz) - service.buffer_before_minutes
    end = minute_at(last + timedelta(days=2), 0, tz) + service.buffer_after_minutes
    packed = hot.claims_in(
        business_id=timetable.business.id,
        resource_ids=artists,
        start=start,
        end=end,
        now=now,
        but=moving_booking_id,
    )
    taken = {
        id: [
            *(hot.spans_of(packed[id]) if id in packed else []),
            *absences(timetable.hours, id, start, end),
        ]
        for id in artists
    }
    return [_date(timetable, service, on, artists, taken, earliest, latest) for on in dates(first, last)]


def _date(
    timetable: Timetable,
    service: ServiceFacts,
    on: date,
    artists: Sequence[UUID],
    taken: dict[UUID, list[tuple[int, int]]],
    earliest: int,
    latest: int,
) -> ArtistDate:
    is_open, free = False, {}
    for id in artists:
        span = span_of_date(timetable=timetable, resource_id=id, on=on)
        if span is None:
            continue
        is_open = True
        left = free_part(
            minute_of(span[0]),
            minute_of(span[1]),
            taken[id],
            before=service.buffer_before_minutes,
            after=service.buffer_after_minutes,
        )
        if left is not None and earliest <= left[0] <= latest:
            free[id] = left
    return ArtistDate(on, is_open, free)


def _service(timetable: Timetable, service_id: UUID, moving_booking_id: UUID | None) -> ServiceFacts:
    if moving_booking_id is not None:
        return timetable.service(service_id)
    return offered_service(timetable=timetable, service_id=service_id, modes=ON_REQUEST)

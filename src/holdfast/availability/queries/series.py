"""The times of a series, each free or in conflict, with what else there is (SPEC D9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from holdfast.availability.queries.answers import Alternative
from holdfast.availability.queries.times import alternatives
from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Wish
from holdfast.bookings.commands.placing import (
    Terms,
    able_resources,
    bookable_service,
    shape_of,
    start_minute,
)
from holdfast.bookings.commands.placing.wishes import judge
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules.together import series_starts
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.timeline import instant_of
from holdfast.schedule.queries import Timetable


@dataclass(frozen=True, slots=True)
class SeriesOccurrence:
    """One time of a series. ``why`` is empty while it can be booked, else ``time_taken`` or what stands in its way
    (``closed``, ``too_far_ahead`` …, with ``facts``); then ``alternatives`` are free times near it."""

    number: int
    starts_at: datetime
    local_on: date
    why: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    alternatives: tuple[Alternative, ...] = ()

    @property
    def is_free(self) -> bool:
        return not self.why


def preview_series(
    *,
    actor: Actor,
    timetable: Timetable,
    wish: Wish,
    every_weeks: int,
    now: datetime,
    until: date | None = None,
    times: int | None = None,
    held: BookingFacts | None = None,
) -> list[SeriesOccurrence]:
    """The times of a series as they stand now, in order; nothing is held or written.

    Either ``until`` (a local date, included) or ``times`` ends it; ``held`` is a hold of the asker's own for the first.
    Refusals: :class:`Missing`, :class:`OnlineBookingOff`, :class:`Forbidden`, :class:`Invalid` on ``every_weeks``,
    ``until``, ``times`` (also when customers ask for more than can be booked ahead) or ``party_size``.
    """
    service = bookable_service(timetable=timetable, service_id=wish.service_id, actor=actor)
    if service.mode != "appointment":
        raise Missing(what="service")
    starts = series_starts(
        starts_at=wish.starts_at, tz=timetable.tz, every_weeks=every_weeks, until=until, times=times
    )
    if not actor.is_staff:
        _check_horizon(timetable, starts[-1], now, "until" if times is None else "times")
    return [
        _occurrence(actor, timetable, service, wish, number, starts_at, now, held)
        for number, starts_at in enumerate(starts, start=1)
    ]


def _check_horizon(timetable: Timetable, last: datetime, now: datetime, name: str) -> None:
    ahead = timetable.business.settings.furthest_ahead_days
    furthest = now.astimezone(timetable.tz).date() + timedelta(days=ahead)
    if last.astimezone(timetable.tz).date() > furthest:
        raise Invalid.field(name, "too_far_ahead", furthest_ahead_days=ahead)


def _occurrence(
    actor: Actor,
    timetable: Timetable,
    service: ServiceFacts,
    wish: Wish,
    number: int,
    starts_at: datetime,
    now: datetime,
    held: BookingFacts | None,
) -> SeriesOccurrence:
    on = starts_at.astimezone(timetable.tz).date()
    if held is not None and number == 1 and held.starts_at == starts_at:
        return SeriesOccurrence(number, starts_at, on)
    this = Wish(wish.service_id, starts_at, wish.resource_id, wish.party_size)
    why, facts = _why_not(actor, timetable, service, this, now)
    if not why:
        return SeriesOccurrence(number, starts_at, on)
    others = tuple(alternatives(timetable=timetable, wish=this, now=now))
    return SeriesOccurrence(number, starts_at, on, why, facts, others)


def _why_not(
    actor: Actor, timetable: Timetable, service: ServiceFacts, wish: Wish, now: datetime
) -> tuple[str, Mapping[str, Any]]:
    """What stands in the way of every resource; nothing where one can have it."""
    able = able_resources(
        timetable=timetable, service=service, resource_id=wish.resource_id, party_size=wish.party_size
    )
    start = start_minute(timetable=timetable, starts_at=wish.starts_at)
    span = shape_of(service).claim(start)
    taken = {
        resource_id
        for resource_id, _, dead in hot.bookings_in_the_way(
            business_id=timetable.business.id,
            resource_ids=able,
            starts_at=instant_of(span.start),
            ends_at=instant_of(span.end),
            now=now,
        )
        if not dead
    }
    why: tuple[str, Mapping[str, Any]] = ("time_taken", {})
    for resource_id in able:
        try:
            judge(timetable, service, resource_id, start, Terms(actor, now))
        except TimeTaken:
            continue
        except Invalid as refusal:
            why = refusal.fields["starts_at"][0] if not taken else why
            continue
        if resource_id not in taken:
            return "", {}
    return why

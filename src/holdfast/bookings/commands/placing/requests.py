"""Where and when a request may be: judged like any start, but of any length, and without taking anything yet.

A request asks for a span of time, or for a local date: the whole of its opening. It takes nothing until it is accepted; a
span that somebody else has already is refused all the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.placing.appointments import able_resources
from holdfast.bookings.commands.placing.wishes import Place, Terms, judge, start_minute
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.rules import claim_span
from holdfast.bookings.rules.requests import free_part
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.actors import WORKER
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.timeline import instant_of, minute_of
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import Hours, WeeklyWindow, absences, open_windows

# With the hours set aside the week is open around the clock.
_ALWAYS = tuple(WeeklyWindow(weekday, 0, 1440) for weekday in range(7))


def free_place(
    *,
    timetable: Timetable,
    service: ServiceFacts,
    resource_id: UUID | None,
    span: tuple[datetime, datetime] | None,
    on: date | None,
    terms: Terms,
) -> Place:
    """The first artist who can be asked for that span or date, in the business's order; nothing is locked.

    Refusals: :class:`Missing` (``what`` is resource), :class:`Invalid` on ``starts_at`` or ``date``, :class:`TimeTaken`.
    """
    asked = able_resources(timetable=timetable, service=service, resource_id=resource_id, party_size=1)
    if not asked:
        raise Missing(what="resource")
    timetable = requestable_hours(timetable=timetable)
    problem: Invalid | TimeTaken = TimeTaken()
    for candidate in asked:
        try:
            place = _judged(timetable, service, candidate, span, on, terms)
        except Invalid as refusal:
            problem = refusal
            continue
        except TimeTaken:
            continue
        if not is_taken(business_id=timetable.business.id, place=place, now=terms.now):
            return replace(place, any_resource=resource_id is None)
        problem = TimeTaken()
    raise problem


def check_still_offered(*, timetable: Timetable, place: Place) -> None:
    """What was asked for may be promised now, whatever the clock says of notice and horizon.

    Refusals: :class:`Missing` (service, resource) for what is retired, :class:`Invalid` on ``starts_at``, :class:`TimeTaken`
    for an absence.
    """
    service, resource_id = place.service, place.resource_id
    if not service.is_active:
        raise Missing(what="service")
    able_resources(timetable=timetable, service=service, resource_id=resource_id, party_size=1)
    assert resource_id is not None  # a request is of an artist
    minutes = (place.ends_at - place.starts_at) // timedelta(minutes=1)
    shaped = replace(service, duration_minutes=minutes, interval_minutes=1)
    terms = Terms(WORKER, place.starts_at - timedelta(minutes=1))
    judge(requestable_hours(timetable=timetable), shaped, resource_id, minute_of(place.starts_at), terms)


def requestable_hours(*, timetable: Timetable) -> Timetable:
    """The timetable for requests: with its hours, or around the clock where the business takes requests for any time."""
    if timetable.business.settings.requests_keep_hours:
        return timetable
    absences = tuple(exception for exception in timetable.hours.exceptions if exception.kind == "absence")
    return replace(timetable, hours=Hours(timetable.hours.tz, _ALWAYS, {}, absences, {}))


def span_of_date(*, timetable: Timetable, resource_id: UUID, on: date) -> tuple[datetime, datetime] | None:
    """The longest opening of a local date, around the clock the whole of it; None if it is closed."""
    windows = open_windows(timetable.hours, resource_id, on, on)
    if not windows:
        return None
    longest = max(windows, key=lambda window: window.end - window.start)
    return instant_of(longest.start), instant_of(longest.end)


def _rest_of_date(
    timetable: Timetable, service: ServiceFacts, resource_id: UUID, on: date, now: datetime
) -> tuple[datetime, datetime]:
    """What an artist has left of a date: all of its opening, but for the end of an event of the night before."""
    span = span_of_date(timetable=timetable, resource_id=resource_id, on=on)
    if span is None:
        raise Invalid.field("date", "closed")
    before, after = service.buffer_before_minutes, service.buffer_after_minutes
    start, end = map(minute_of, span)
    first, last = start - before, end + after
    packed = hot.claims_in(
        business_id=timetable.business.id, resource_ids=[resource_id], start=first, end=last, now=now
    )
    claims = hot.spans_of(packed[resource_id]) if resource_id in packed else []
    taken = [*claims, *absences(timetable.hours, resource_id, first, last)]
    left = free_part(start, end, taken, before=before, after=after)
    if left is None:
        raise TimeTaken
    return instant_of(left[0]), instant_of(left[1])


def is_taken(*, business_id: UUID, place: Place, now: datetime) -> bool:
    """Whether somebody alive has any of the place's time; a look, without a lock."""
    starts_at, ends_at = claim_span(
        place.starts_at,
        place.ends_at,
        place.service.buffer_before_minutes,
        place.service.buffer_after_minutes,
    )
    in_the_way = hot.bookings_in_the_way(
        business_id=business_id,
        resource_ids=place.resource_ids,
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
    )
    return any(not dead for _, _, dead in in_the_way)


def _judged(
    timetable: Timetable,
    service: ServiceFacts,
    resource_id: UUID,
    span: tuple[datetime, datetime] | None,
    on: date | None,
    terms: Terms,
) -> Place:
    if on is not None:
        span = _rest_of_date(timetable, service, resource_id, on, terms.now)
    assert span is not None
    starts_at, ends_at = span
    start = start_minute(timetable=timetable, starts_at=starts_at)
    minutes = (ends_at - starts_at) // timedelta(minutes=1)
    shaped = replace(service, duration_minutes=minutes, interval_minutes=1)
    try:
        local_on, overridden = judge(timetable, shaped, resource_id, start, terms)
    except Invalid as refusal:
        if on is None:
            raise
        raise Invalid({"date": refusal.fields["starts_at"]}) from refusal
    return Place(service, (resource_id,), starts_at, ends_at, local_on, False, overridden)

"""What is free of published slots (SPEC C3–C6): two statements a question, the timetable's version and the slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import NamedTuple
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
from holdfast.availability.queries.prices import price_list
from holdfast.availability.rules import Choice, nearest
from holdfast.availability.sql import slots_in
from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Wish
from holdfast.bookings.commands.placing import offered_service, start_minute
from holdfast.bookings.commands.placing.slots import closed_by
from holdfast.bookings.queries import booking_by_id
from holdfast.bookings.rules import check_party
from holdfast.catalog.queries import ServiceFacts
from holdfast.core import sql
from holdfast.lib.actors import Actor
from holdfast.lib.pages import Page
from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import Span, instant_of, iso_of, minute_of
from holdfast.lib.walltime import hhmm, minute_at
from holdfast.schedule.queries import SlotFacts, SlotFilter, Timetable, list_slots, slots_at, slots_of_day
from holdfast.schedule.rules import Check, absences, check_limits, earliest_start, latest_start

_ALTERNATIVE_DAYS = 14


class SlotTime(NamedTuple):
    """A published slot that can still be reached; ``remaining`` places may be too few, or none."""

    slot_id: UUID
    resource_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    minute: int
    capacity: int
    remaining: int


@dataclass(frozen=True, slots=True)
class SlotDay:
    """A local date: whether slots are published then at all, and which can still be reached."""

    on: date
    open: bool
    slots: tuple[SlotTime, ...]


def slot_days(
    *,
    timetable: Timetable,
    service_id: UUID,
    first: date,
    last: date,
    now: datetime,
    resource_id: UUID | None = None,
    moving_booking_id: UUID | None = None,
) -> list[SlotDay]:
    """Every date from ``first`` to ``last`` (62 at most) with its open slots, full ones too.

    Left out are slots of who is away then or retired, and what is past, or nearer or farther than can be booked. ``moving_booking_id`` leaves a booking's own places
    out of account. Refusals: :class:`Missing` (service, resource), :class:`Invalid` on ``to``.
    """
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid.field("to", "out_of_bounds", least=1, most=MOST_DAYS)
    _service(timetable, service_id, moving_booking_id)
    if resource_id is not None:
        timetable.resource(resource_id)
    settings, tz = timetable.business.settings, timetable.tz
    earliest = earliest_start(now, settings.earliest_notice_minutes)
    latest = latest_start(now, settings.furthest_ahead_days, tz)
    rows = slots_in(
        business_id=timetable.business.id,
        service_id=service_id,
        first=first,
        last=last,
        # A slot after midnight is listed under the evening before; no window is longer than a day and a clock change.
        starts_from=instant_of(minute_at(first, 0, tz)),
        starts_until=instant_of(minute_at(last + timedelta(days=2), 0, tz)),
        now=now,
        but=moving_booking_id,
    )
    found: dict[date, list[SlotTime]] = {}
    away = cache(partial(_away, timetable, first, last))
    for id, owner, starts_at, ends_at, local_on, capacity, taken in rows:
        whose = sql.as_uuid(owner) if owner else None
        if resource_id is not None and whose != resource_id:
            continue
        starts, ends = sql.as_instant(starts_at), sql.as_instant(ends_at)
        minute, end = minute_of(starts), minute_of(ends)
        if any(span.start < end and span.end > minute for span in away(whose)):
            continue
        listed = found.setdefault(_date(local_on), [])
        if earliest <= minute <= latest:
            listed.append(
                SlotTime(sql.as_uuid(id), whose, starts, ends, minute, capacity, capacity - int(taken))
            )
    return [SlotDay(on, on in found, tuple(found.get(on, ()))) for on in dates(first, last)]


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
    """Every date with the slots that have room for the party. Refusals: as :func:`slot_days`, and ``party_size``."""
    check_party(party_size, ())
    prices = price_list(timetable, service_id, party_size)
    days = slot_days(
        timetable=timetable,
        service_id=service_id,
        first=first,
        last=last,
        now=now,
        resource_id=resource_id,
        moving_booking_id=moving_booking_id,
    )
    return [
        OpenDay(
            day.on,
            day.open,
            tuple(
                OpenTime(
                    *read_clock(slot.minute, timetable.tz),
                    (slot.resource_id,) if slot.resource_id else (),
                    prices.at(slot.minute, day.on, (slot.resource_id,) if slot.resource_id else ()),
                    slot.slot_id,
                    slot.remaining,
                )
                for slot in day.slots
                if slot.remaining >= party_size
            ),
        )
        for day in days
    ]


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
    """How many slots of every date have room for the party. Refusals: as :func:`open_times`."""
    check_party(party_size, ())
    days = slot_days(
        timetable=timetable,
        service_id=service_id,
        first=first,
        last=last,
        now=now,
        resource_id=resource_id,
        moving_booking_id=moving_booking_id,
    )
    return [
        DayCount(day.on, day.open, sum(slot.remaining >= party_size for slot in day.slots)) for day in days
    ]


def alternatives(*, timetable: Timetable, wish: Wish, now: datetime) -> list[Alternative]:
    """Up to four slots with room near one that is gone (SPEC C6). Refusals: as :func:`open_times`."""
    minute = start_minute(timetable=timetable, starts_at=wish.starts_at.replace(second=0, microsecond=0))
    on = wish.starts_at.astimezone(timetable.tz).date()
    first = max(on - timedelta(days=1), now.astimezone(timetable.tz).date())
    days = slot_days(
        timetable=timetable,
        service_id=wish.service_id,
        first=first,
        last=first + timedelta(days=_ALTERNATIVE_DAYS),
        now=now,
    )
    by_place: dict[tuple[int, UUID | None], SlotTime] = {}
    choices = []
    for day in days:
        for slot in day.slots:
            if slot.remaining >= wish.party_size and slot.slot_id != wish.slot_id:
                by_place[slot.minute, slot.resource_id] = slot
                choices.append(Choice(slot.minute, day.on.toordinal(), slot.resource_id))
    best = nearest(choices, minute=minute, day=on.toordinal(), resource=wish.resource_id)
    return [
        Alternative(
            starts_at=instant_of(choice.minute),
            local_on=date.fromordinal(choice.day),
            local_time=hhmm(choice.minute, timetable.tz),
            resource_id=choice.resource,
            kind=choice.kind,
            slot_id=by_place[choice.minute, choice.resource].slot_id,
        )
        for choice in best
    ]


def explain(*, timetable: Timetable, actor: Actor, wish: Wish, now: datetime) -> list[Explanation]:
    """The rules for every slot that begins then, in order: clock, published, open, places (SPEC C5).

    How many places are taken is for staff. Refusals: :class:`Missing` (service, resource), :class:`Invalid`.
    """
    service = offered_service(timetable=timetable, service_id=wish.service_id)
    start = start_minute(timetable=timetable, starts_at=wish.starts_at)
    check_party(wish.party_size, ())
    if wish.resource_id is not None:
        timetable.resource(wish.resource_id)
    settings, business_id = timetable.business.settings, timetable.business.id
    limits = check_limits(
        timetable.business.timezone,
        start,
        now,
        settings.earliest_notice_minutes,
        settings.furthest_ahead_days,
    )
    slots = slots_at(business_id=business_id, service_id=service.id, starts_at=wish.starts_at)
    if wish.resource_id is not None:
        slots = [slot for slot in slots if slot.resource_id == wish.resource_id]
    if not slots:
        missing = Check("published", False, _next_published(timetable, service, wish, now))
        return [Explanation(wish.resource_id, False, (*limits, missing))]
    dead = hot.dead_places(business_id=business_id, now=now)
    explanations = []
    for slot in slots:
        closed = closed_by(timetable=timetable, slot=slot)
        away = [Check("not_absent", False)] if "not_absent" in closed else []
        is_open = not {"slot_open", "resource_retired"} & set(closed)
        room = (Check("slot_open", is_open), _places(actor, slot, wish.party_size, dead))
        checks = (*limits, Check("published", True), *away, *room)
        explanations.append(Explanation(slot.resource_id, all(check.passed for check in checks), checks))
    return explanations


def live_slots(
    *, business_id: UUID, now: datetime, wanted: SlotFilter | None = None, cursor: str = "", limit: int = 50
) -> Page[SlotFacts]:
    """Slots by start, open and closed, with what is taken by the clock. Refusals: :class:`Invalid` on ``cursor``."""
    page = list_slots(business_id=business_id, wanted=wanted, cursor=cursor, limit=limit)
    return Page(_by_the_clock(business_id, page.items, now), page.next_cursor)


def live_slots_of_day(*, business_id: UUID, on: date, now: datetime) -> list[SlotFacts]:
    """Every slot listed under a date, open and closed, with what is taken by the clock."""
    return _by_the_clock(business_id, slots_of_day(business_id=business_id, on=on), now)


def live_slot(*, business_id: UUID, slot: SlotFacts, now: datetime) -> SlotFacts:
    """A slot with what is taken by the clock."""
    return _by_the_clock(business_id, [slot], now)[0]


def _by_the_clock(business_id: UUID, slots: Sequence[SlotFacts], now: datetime) -> list[SlotFacts]:
    """Places whose bookings' time has run out are free, whether or not a worker has given them back."""
    if not any(slot.taken for slot in slots):
        return list(slots)
    dead = hot.dead_places(business_id=business_id, now=now)
    return [slot.without(dead[slot.id]) if slot.id in dead else slot for slot in slots]


def _date(stored: date | str) -> date:
    return stored if isinstance(stored, date) else date.fromisoformat(stored)


def _away(timetable: Timetable, first: date, last: date, resource_id: UUID | None) -> list[Span]:
    """When a resource gives none of its slots between two dates; whoever is retired gives none at all."""
    start, end = minute_at(first, 0, timetable.tz), minute_at(last + timedelta(days=3), 0, timetable.tz)
    if resource_id is None:
        return []
    if not timetable.resource(resource_id).is_active:
        return [Span(start, end)]
    return absences(timetable.hours, resource_id, start, end)


def _places(actor: Actor, slot: SlotFacts, party_size: int, dead: dict[UUID, int]) -> Check:
    remaining = slot.remaining + dead.get(slot.id, 0)
    facts: dict[str, object] = {"remaining": remaining, "wanted": party_size}
    if actor.is_staff:
        facts |= {"capacity": slot.capacity, "taken": slot.capacity - remaining}
    return Check("places", remaining >= party_size, facts)


def _next_published(
    timetable: Timetable, service: ServiceFacts, wish: Wish, now: datetime
) -> dict[str, object]:
    """The next slot after a start at which there is none."""
    after = max(wish.starts_at, now)
    wanted = SlotFilter(service_id=service.id, resource_id=wish.resource_id, is_open=True, since=after)
    page = list_slots(business_id=timetable.business.id, wanted=wanted, limit=1)
    return {"next_at": iso_of(minute_of(page.items[0].starts_at))} if page.items else {}


def _service(timetable: Timetable, service_id: UUID, moving_booking_id: UUID | None) -> ServiceFacts:
    """The service as it is on offer; a booking that moves may have one that is retired."""
    if moving_booking_id is None:
        return offered_service(timetable=timetable, service_id=service_id)
    booking_by_id(business_id=timetable.business.id, booking_id=moving_booking_id)
    return timetable.service(service_id)

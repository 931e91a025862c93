"""Places in published slots as the page shows them: a strip of days, the slots of one day with what is left, in words.

Slots that have too few places for the party stay where they are, dimmed and with the reason; closed ones are not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.availability.queries import SlotDay, SlotTime, next_open_day, slot_days
from holdfast.bookings.queries import BookingFacts
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.timeline import minute_of
from holdfast.lib.walltime import pass_of
from holdfast.web import formats
from holdfast.web.public import words
from holdfast.web.public.frame import Visit
from holdfast.web.public.free import last_bookable
from holdfast.web.public.picker import (
    EVENING,
    NOON,
    STRIP_DAYS,
    DayCell,
    Empty,
    FreeDay,
    Link,
    Question,
    day_cell,
)

MOST_ASKED = 50
_PIPS = 10


@dataclass(frozen=True, slots=True)
class PlacesChoice:
    """What the address says: the service, how many places, the day looked at, the slot chosen; ``url`` makes others."""

    service: ServiceFacts
    places: int
    on: date | None
    first: date | None
    slot: str
    url: Callable[[date, date, int], str]


@dataclass(frozen=True, slots=True)
class SlotCell:
    """One slot: its radio's value, its clock, what is left in words and pips; dimmed where too few are left."""

    value: str
    clock: str
    when: str
    ends: str
    left: str
    remaining: int
    capacity: int
    pips: int
    why: str
    note: str
    who: str
    is_dim: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class SlotPart:
    name: str
    icon: str
    slots: list[SlotCell]


@dataclass(frozen=True, slots=True)
class Stepper:
    """How many places: the number and where one fewer and one more lead; empty where it goes no further."""

    count: int
    fewer: str
    more: str


@dataclass(frozen=True, slots=True)
class PlacesPicker:
    stepper: Stepper
    strip: list[DayCell]
    earlier: Link | None
    later: Link | None
    day_title: str
    free_words: str
    says: str
    parts: list[SlotPart]
    dimmed: str
    empty: Empty | None
    zone: str
    zone_words: str
    on: date
    is_open: bool


def places_picker(visit: Visit, choice: PlacesChoice, *, moving: BookingFacts | None = None) -> PlacesPicker:
    """The days and slots of a choice; with ``moving`` the booking's own slot counts its places as free and is marked."""
    today, last = visit.today, last_bookable(visit)
    first = min(max(choice.first or choice.on or today, today), last)
    if choice.on and choice.first is None:
        # A day near enough is shown in the strip that begins today.
        first = today if today <= choice.on < today + timedelta(days=STRIP_DAYS) else first
    days = {day.on: day for day in _days(visit, choice, first, moving)}
    free = [on for on, day in days.items() if _free(day, choice.places)]
    chosen = choice.on if choice.on in days else (free or [first])[0]
    day = days[chosen]
    title = formats.day_in_full(chosen)
    count = _free(day, choice.places)
    said = _left_words(count)
    question = Question(
        today=today,
        chosen=chosen,
        first=first,
        last_bookable=last,
        zone=visit.business.timezone,
        zone_words=words.zone(visit.business.timezone),
        duration_minutes=choice.service.duration_minutes,
        url=lambda on, from_, _at: choice.url(on, from_, choice.places),
        was_on=moving.local_on if moving else None,
        days={on: FreeDay(on, one.open, _free(one, choice.places)) for on, one in days.items()},
    )
    return PlacesPicker(
        stepper=_stepper(choice, chosen, first),
        strip=[day_cell(question, on, at % 7) for at, on in enumerate(days)],
        earlier=_page(choice, question, -STRIP_DAYS, _("Earlier days, from %(day)s")),
        later=_page(choice, question, STRIP_DAYS, _("Later days, from %(day)s")),
        day_title=title,
        free_words=said,
        says=f"{title}, {said}",
        parts=_parts(visit, choice, day, moving),
        dimmed=_dimmed(day, choice.places),
        empty=None if day.slots else _empty(visit, choice, day, days),
        zone=question.zone,
        zone_words=question.zone_words,
        on=chosen,
        is_open=day.open,
    )


def _days(visit: Visit, choice: PlacesChoice, first: date, moving: BookingFacts | None) -> Sequence[SlotDay]:
    days = slot_days(
        timetable=visit.timetable,
        service_id=choice.service.id,
        first=first,
        last=first + timedelta(days=STRIP_DAYS - 1),
        now=visit.now,
        moving_booking_id=moving.id if moving else None,
    )
    limit = last_bookable(visit)
    return [day if day.on <= limit else replace(day, open=False) for day in days]


def _free(day: SlotDay, places: int) -> int:
    """Places that can be had by a party of this size."""
    return sum(slot.remaining for slot in day.slots if slot.remaining >= places)


def _left_words(count: int) -> str:
    if not count:
        return _("No places left")
    return ngettext("%(count)s place free", "%(count)s places free", count) % {"count": count}


def _stepper(choice: PlacesChoice, on: date, first: date) -> Stepper:
    fewer = choice.url(on, first, choice.places - 1) if choice.places > 1 else ""
    more = choice.url(on, first, choice.places + 1) if choice.places < MOST_ASKED else ""
    return Stepper(choice.places, fewer, more)


def _page(choice: PlacesChoice, q: Question, days: int, name: str) -> Link | None:
    first = max(q.first + timedelta(days=days), q.today)
    if first > q.last_bookable or first == q.first:
        return None
    return Link(choice.url(first, first, choice.places), name % {"day": formats.month_day(first)})


def _parts(visit: Visit, choice: PlacesChoice, day: SlotDay, moving: BookingFacts | None) -> list[SlotPart]:
    names = {"morning": _("Morning"), "afternoon": _("Afternoon"), "evening": _("Evening")}
    cells: dict[str, list[SlotCell]] = {part: [] for part in names}
    several = len({slot.resource_id for slot in day.slots}) > 1
    for slot in day.slots:
        starts = slot.starts_at.astimezone(visit.timetable.tz)
        late = starts.date() != day.on or starts.hour >= EVENING
        part = "evening" if late else "morning" if starts.hour < NOON else "afternoon"
        cells[part].append(_slot_cell(visit, choice, slot, moving, several=several))
    return [SlotPart(names[part], part, slots) for part, slots in cells.items() if slots]


def _slot_cell(
    visit: Visit, choice: PlacesChoice, slot: SlotTime, moving: BookingFacts | None, *, several: bool
) -> SlotCell:
    starts, ends = (at.astimezone(visit.timetable.tz) for at in (slot.starts_at, slot.ends_at))
    turn = pass_of(minute_of(slot.starts_at), visit.timetable.tz)
    passes = {1: _("(first)"), 2: _("(second)")}.get(turn, "")
    is_dim = slot.remaining < choice.places
    left = _("Full") if not slot.remaining else _("%(count)s left") % {"count": slot.remaining}
    resource = visit.timetable.resource(slot.resource_id) if several and slot.resource_id else None
    zone = words.zone(visit.business.timezone)
    return SlotCell(
        value=str(slot.slot_id),
        clock=f"{formats.clock(starts)} {passes}".strip(),
        when=formats.day_and_clock(starts),
        ends=_("%(zone)s, ends %(time)s") % {"zone": zone, "time": formats.clock(ends)},
        left=left,
        remaining=slot.remaining,
        capacity=slot.capacity,
        pips=min(slot.capacity, _PIPS),
        why=_("too few for %(count)s") % {"count": choice.places} if is_dim and slot.remaining else "",
        note=_("Your time now") if moving and moving.slot_id == slot.slot_id else "",
        who=resource.name if resource else "",
        is_dim=is_dim,
        is_chosen=str(slot.slot_id) == choice.slot and not is_dim,
    )


def _dimmed(day: SlotDay, places: int) -> str:
    """Why some are dimmed, where they would do for fewer people."""
    if not any(0 < slot.remaining < places for slot in day.slots):
        return ""
    asked = {"count": places}
    return _("Times with fewer than %(count)s places are dimmed because you asked for %(count)s.") % asked


def _empty(visit: Visit, choice: PlacesChoice, day: SlotDay, days: dict[date, SlotDay]) -> Empty:
    name = {"day": formats.day_in_full(day.on)}
    title = _("No time left on %(day)s") % name if day.open else _("Nothing on %(day)s") % name
    near = [on for on, one in days.items() if on > day.on and _free(one, choice.places)]
    following = near[0] if near else _next_open(visit, choice, max(days))
    if following is None:
        return Empty(title, _("No other day that can be booked now has a free place."), None)
    return Empty(
        title,
        _("The next free day is %(day)s.") % {"day": formats.day_in_full(following)},
        Link(
            choice.url(following, following, choice.places),
            _("Go to %(day)s") % {"day": formats.short_month_day(following)},
        ),
    )


def _next_open(visit: Visit, choice: PlacesChoice, after: date) -> date | None:
    return next_open_day(timetable=visit.timetable, service_id=choice.service.id, after=after, now=visit.now)

"""The day as a board: a lane per resource, everything in its place. Pure: values in, a picture in minutes out.

Places are minutes after the board's first hour, in elapsed time, so a day on which the clocks change is an hour longer
or shorter and its labels show what the clocks on the wall do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast.catalog.queries import ResourceFacts
from holdfast.lib.timeline import Span, joined_spans, minute_before, minute_of
from holdfast.lib.walltime import local, offset_at
from holdfast.schedule.queries import SlotFacts, Timetable
from holdfast.schedule.rules import OpenWindow, absences_of, windows_by_resource
from holdfast.web.desk.picture import Block, Board, Card, Counts, Gap, Lane, Place, SlotCard, Visit

LONGEST_HOURS = 47
# A gap shorter than this is of no use to anybody, whatever the services are.
_LEAST_GAP_MINUTES = 10
# A booking nobody marked is late on its day; days later it is merely unmarked.
_LATE_FOR_MINUTES = 12 * 60


def face_of(visit: Visit, now: datetime, late_after_minutes: int) -> str:
    """``booked``, ``late``, ``unmarked``, ``arrived``, ``here``, ``done``, ``no_show``, ``held`` or ``paying``.

    Empty for what has no place on the board (any more).
    """
    if visit.state == "confirmed":
        late = minute_before(now) - minute_of(visit.starts_at)
        if late < late_after_minutes:
            return "booked"
        return "late" if late < _LATE_FOR_MINUTES else "unmarked"
    if visit.state == "checked_in":
        return "arrived" if now < visit.starts_at else "here"
    if visit.state in ("held", "awaiting_payment"):
        alive = visit.releases_at is None or visit.releases_at > now
        return {"held": "held", "awaiting_payment": "paying"}[visit.state] if alive else ""
    return {"completed": "done", "no_show": "no_show"}.get(visit.state, "")


def draw(
    timetable: Timetable,
    on: date,
    visits: Iterable[Visit],
    now: datetime,
    slots: Sequence[SlotFacts] = (),
) -> Board:
    """The board of one date of the business, as it stands now, with the slots published for it."""
    settings = timetable.business.settings
    faces = [(visit, face_of(visit, now, settings.late_after_minutes)) for visit in visits]
    seen = [(visit, face) for visit, face in faces if face]
    busy = {id for visit, _ in seen for id in visit.resource_ids}
    busy |= {slot.resource_id for slot in slots if slot.resource_id}
    shown = _by_area([r for r in timetable.resources.values() if r.is_active or r.id in busy])
    windows = windows_by_resource(timetable.hours, [resource.id for resource in shown], on, on)
    frame = _frame(
        [span for of_one in windows.values() for span in of_one],
        [*(visit for visit, _ in seen), *slots],
        timetable.tz,
    )
    lanes = tuple(
        _lane(timetable, resource.id, frame, windows[resource.id], seen, now, slots) for resource in shown
    ) + _slot_lanes(timetable, frame, seen, now, slots)
    current = minute_before(now)
    board = Board(
        on=on,
        lanes=lanes,
        hours=tuple(local(minute, timetable.tz) for minute in range(frame.start, frame.end, 60)),
        first_minute=frame.start,
        counts=_counts(lanes, seen),
        next_gap=min((gap for lane in lanes for gap in lane.gaps), key=lambda gap: gap.starts, default=None),
        now=Place(current - frame.start, 0) if frame.start <= current < frame.end else None,
        is_open=any(windows.values()),
    )
    return _with_version(board)


def _by_area(resources: Sequence[ResourceFacts]) -> list[ResourceFacts]:
    """What stands in one area side by side: areas in the order in which they first come."""
    areas = list(dict.fromkeys(resource.area for resource in resources))
    return sorted(resources, key=lambda resource: areas.index(resource.area))


def _frame(windows: Sequence[OpenWindow], visits: Sequence[Visit | SlotFacts], tz: ZoneInfo) -> Span:
    """Whole hours that hold all windows and bookings of the date."""
    starts = [window.start for window in windows] + [minute_of(visit.starts_at) for visit in visits]
    ends = [window.end for window in windows] + [minute_of(visit.ends_at) for visit in visits]
    if not starts:
        return Span(0, 0)
    first = min(starts)
    first -= (
        first + offset_at(first, tz)
    ) % 60  # a whole hour on the wall: zones may be half an hour off UTC
    return Span(first, first + min(-(-(max(ends) - first) // 60), LONGEST_HOURS) * 60)


def _lane(
    timetable: Timetable,
    resource_id: UUID,
    frame: Span,
    windows: Sequence[OpenWindow],
    seen: Sequence[tuple[Visit, str]],
    now: datetime,
    slots: Sequence[SlotFacts],
) -> Lane:
    resource = timetable.resources[resource_id]
    mine = sorted(
        (pair for pair in seen if resource_id in pair[0].resource_ids), key=lambda p: p[0].starts_at
    )
    away = absences_of(timetable.hours, resource_id, *frame)
    opening = joined_spans((window.start, window.end) for window in windows)
    absent = joined_spans(span for span, _ in away)
    open_spans = _without(opening, absent)
    taken = joined_spans(_claim(timetable, visit) for visit, _ in mine)
    free = _without(open_spans, taken)
    open_minutes = _length(open_spans)
    return Lane(
        id=resource_id,
        name=resource.name,
        detail=" · ".join(filter(None, [resource.area, _seats(resource), resource.detail])),
        share=round(100 * (open_minutes - _length(free)) / open_minutes) if open_minutes else None,
        cards=tuple(_card(timetable, visit, face, frame, now) for visit, face in _loose(mine, slots)),
        blocks=tuple(
            Block(place, exception.note)
            for span, exception in away
            if (place := _place(span, frame)).minutes > 0
        ),
        off=tuple(_place(span, frame) for span in _without([frame], opening)),
        gaps=_gaps(timetable, resource_id, free, now),
        slots=tuple(
            _slot_card(timetable, slot, frame, seen, now) for slot in slots if slot.resource_id == resource_id
        ),
    )


def _slot_lanes(
    timetable: Timetable,
    frame: Span,
    seen: Sequence[tuple[Visit, str]],
    now: datetime,
    slots: Sequence[SlotFacts],
) -> tuple[Lane, ...]:
    """A lane for every service whose slots belong to no resource."""
    nobodys = [slot for slot in slots if slot.resource_id is None]
    loose = [pair for pair in _loose(seen, slots) if not pair[0].resource_ids]
    asked = {slot.service_id for slot in nobodys} | {visit.service_id for visit, _ in loose}
    return tuple(
        Lane(
            id=None,
            name=service.name,
            detail="",
            share=None,
            cards=tuple(
                _card(timetable, visit, face, frame, now)
                for visit, face in loose
                if visit.service_id == service.id
            ),
            blocks=(),
            off=(),
            gaps=(),
            slots=tuple(
                _slot_card(timetable, slot, frame, seen, now)
                for slot in nobodys
                if slot.service_id == service.id
            ),
            service_id=service.id,
        )
        for service in timetable.services.values()
        if service.id in asked
    )


def _loose(pairs: Sequence[tuple[Visit, str]], slots: Sequence[SlotFacts]) -> list[tuple[Visit, str]]:
    """Those that stand on the board by themselves and not in a slot."""
    shown = {slot.id for slot in slots}
    return [pair for pair in pairs if pair[0].slot_id not in shown]


def _slot_card(
    timetable: Timetable, slot: SlotFacts, frame: Span, seen: Sequence[tuple[Visit, str]], now: datetime
) -> SlotCard:
    start, end = minute_of(slot.starts_at), minute_of(slot.ends_at)
    inside = [pair for pair in seen if pair[0].slot_id == slot.id]
    return SlotCard(
        id=slot.id,
        place=_place(Span(start, end), frame),
        starts=local(start, timetable.tz),
        ends=local(end, timetable.tz),
        service=timetable.services[slot.service_id].name,
        taken=slot.taken,
        capacity=slot.capacity,
        is_open=slot.is_open,
        cards=tuple(_card(timetable, visit, face, frame, now) for visit, face in inside),
    )


def _seats(resource: ResourceFacts) -> str:
    """How many sit at a table; nothing for anything else."""
    return f"{resource.seats_min}–{resource.seats_max}" if resource.kind == "table" else ""


def _card(timetable: Timetable, visit: Visit, face: str, frame: Span, now: datetime) -> Card:
    start, end = minute_of(visit.starts_at), minute_of(visit.ends_at)
    service = timetable.services.get(visit.service_id)
    return Card(
        visit=visit,
        face=face,
        place=_place(Span(start, end), frame),
        starts=local(start, timetable.tz),
        ends=local(end, timetable.tz),
        service=service.name if service else "",
        late_minutes=minute_before(now) - start if face == "late" else 0,
    )


def _gaps(timetable: Timetable, resource_id: UUID, free: Sequence[Span], now: datetime) -> tuple[Gap, ...]:
    """Free time from now on that is long enough for the shortest thing the resource gives."""
    given = [
        service
        for service in timetable.services.values()
        if service.is_active and service.mode != "slot" and resource_id in service.resource_ids
    ]
    if not given or not timetable.resources[resource_id].is_active:
        return ()
    least = max(_LEAST_GAP_MINUTES, min(service.duration_minutes for service in given))
    earliest = -(-minute_before(now) // 5) * 5
    gaps = []
    for span in free:
        start = max(span.start, earliest)
        if span.end - start >= least:
            name = timetable.resources[resource_id].name
            gaps.append(Gap(resource_id, name, local(start, timetable.tz), span.end - start))
    return tuple(gaps)


def _counts(lanes: Sequence[Lane], seen: Sequence[tuple[Visit, str]]) -> Counts:
    faces = [face for _, face in seen]
    shares = [lane.share for lane in lanes if lane.share is not None]
    return Counts(
        booked=sum(face not in ("held", "paying") for face in faces),
        to_come=faces.count("booked"),
        late=faces.count("late"),
        share=round(sum(shares) / len(shares)) if shares else None,
    )


def _claim(timetable: Timetable, visit: Visit) -> tuple[int, int]:
    service = timetable.services.get(visit.service_id)
    before, after = (service.buffer_before_minutes, service.buffer_after_minutes) if service else (0, 0)
    return minute_of(visit.starts_at) - before, minute_of(visit.ends_at) + after


def _place(span: Span, frame: Span) -> Place:
    start, end = max(span.start, frame.start), min(span.end, frame.end)
    return Place(start - frame.start, max(0, end - start))


def _without(spans: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """What of ``spans`` is in none of ``taken`` (which are joined and in order)."""
    left: list[Span] = []
    for start, end in spans:
        at = start
        for other in taken:
            if other.end <= at or other.start >= end:
                continue
            if other.start > at:
                left.append(Span(at, other.start))
            at = max(at, other.end)
        if at < end:
            left.append(Span(at, end))
    return left


def _length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def _with_version(board: Board) -> Board:
    """The board under a digest of all that it shows except the line of the present, which the page moves itself."""
    shown = repr((board.on, board.lanes, board.hours, board.counts))
    version = hashlib.sha256(shown.encode()).hexdigest()[:20]
    return replace(board, version=version)

"""Places for somebody who waits: free times that they wait for, and where they can be seated now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from holdfast.availability.queries import MOST_DAYS, Explanation, OpenTime, explain, open_times
from holdfast.bookings.commands import Wish
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.timeline import DAY_MINUTES
from holdfast.waitlist.queries import WAITED_FOR, EntryFacts
from holdfast.waitlist.rules import DateRange
from holdfast.web import formats
from holdfast.web.desk.access import Desk
from holdfast.web.desk.card import for_staff
from holdfast.web.desk.fields import Mistakes, identity
from holdfast.web.desk.moving import clock_words

# What does not keep somebody who stands there from sitting down.
_OF_NO_MATTER = frozenset({"in_future", "notice", "grid"})
_SOON = timedelta(hours=2)
_MOST_SEATS = 12
# What a button sends where anybody, or the best table, will do.
_ANYBODY = "any"


@dataclass(frozen=True, slots=True)
class Seat:
    """A place to be seated at, from ``starts_at``; ``resource_ids`` are all tables of a combination."""

    service: ServiceFacts
    starts_at: datetime
    resource_ids: tuple[UUID, ...]
    slot_id: UUID | None
    is_now: bool

    @property
    def value(self) -> str:
        return place_value(self.service.id, self.starts_at, self.resource_ids, self.slot_id)


def place_value(
    service_id: UUID, starts_at: datetime, resource_ids: Sequence[UUID], slot_id: UUID | None
) -> str:
    """What the button of a place sends: service, instant, resources, slot."""
    with_whom = "+".join(map(str, resource_ids)) or _ANYBODY
    return " ".join(filter(None, [str(service_id), starts_at.isoformat(), with_whom, str(slot_id or "")]))


def chosen_place(text: str) -> Wish | None:
    """The place of a pressed button; None for anything else. The party is the entry's, and filled in later."""
    service_text, instant_text, with_text, slot_text = [*text.split(" "), "", "", "", ""][:4]
    service_id = identity(service_text)
    try:
        starts_at = datetime.fromisoformat(instant_text)
    except ValueError:
        return None
    resources = tuple(id for part in with_text.split("+") if (id := identity(part)) is not None)
    if service_id is None or starts_at.tzinfo is None or not (resources or with_text == _ANYBODY):
        return None
    alone = resources[0] if len(resources) == 1 else None
    return Wish(service_id, starts_at, alone, 1, identity(slot_text), resources if len(resources) > 1 else ())


def wanted_services(desk: Desk, entry: EntryFacts) -> list[ServiceFacts]:
    """The services of an entry that can still be had."""
    known = (desk.timetable.services.get(id) for id in entry.services)
    return [one for one in known if one is not None and one.is_active and one.mode in WAITED_FOR]


# ---- Free times to offer ----------------------------------------------------------------------------------------------


def times_context(desk: Desk, entry: EntryFacts) -> dict[str, Any]:
    """The days with free times that the entry waits for, and those of the chosen day as buttons."""
    asked = desk.request.GET
    with_whom = identity(asked.get("with", ""))
    with_whom = with_whom if with_whom in _allowed(desk, entry) else None
    found = list(_matching(desk, entry, with_whom))
    days = sorted({on for _service, on, _time in found})
    try:
        wanted: date | None = date.fromisoformat(asked.get("day", ""))
    except ValueError:
        wanted = None
    on = wanted if wanted in days else next(iter(days), None)
    sections = [
        {
            "name": service.name,
            "times": [
                _button(entry, service, time, with_whom)
                for each, day, time in found
                if each.id == service.id and day == on
            ],
        }
        for service in wanted_services(desk, entry)
    ]
    query = f"&with={with_whom}" if with_whom else ""
    return {
        "days": [
            {
                "url": f"?day={day.isoformat()}{query}#offer",
                "label": formats.short_weekday(day),
                "number": day.day,
                "free": formats.short_month(day),
                "is_chosen": day == on,
            }
            for day in days[:21]
        ],
        "on_words": formats.day_in_full(on) if on else "",
        "sections": [one for one in sections if one["times"]],
        "people": _people(desk, entry, with_whom, on),
    }


def _allowed(desk: Desk, entry: EntryFacts) -> list[UUID]:
    """Whom one can choose: those they wait for, or all who give it; nobody for tables and slots, which are found."""
    services = [one for one in wanted_services(desk, entry) if one.mode == "appointment"]
    giving = [id for one in services for id in desk.timetable.giving(one)]
    return [id for id in dict.fromkeys(giving) if entry.resources is None or id in entry.resources]


def _people(desk: Desk, entry: EntryFacts, chosen: UUID | None, on: date | None) -> list[dict[str, Any]]:
    ids = _allowed(desk, entry)
    if len(ids) < 2:
        return []
    day = f"day={on.isoformat()}" if on else ""
    rows: list[dict[str, Any]] = [
        {"label": _("Anybody"), "url": f"?{day}#offer", "is_chosen": chosen is None}
    ]
    return rows + [
        {
            "label": desk.timetable.resources[id].name,
            "url": f"?{day}&with={id}#offer",
            "is_chosen": id == chosen,
        }
        for id in ids
    ]


def _button(
    entry: EntryFacts, service: ServiceFacts, time: OpenTime, with_whom: UUID | None
) -> dict[str, str]:
    label = clock_words(time.local_time, time.second_pass)
    resources: tuple[UUID, ...] = (with_whom,) if with_whom else ()
    if entry.resources is not None and not resources and time.slot_id is None:
        resources = tuple(id for id in time.resource_ids if id in entry.resources)[:1]
    return {"label": label, "value": place_value(service.id, time.starts_at, resources, time.slot_id)}


def _matching(
    desk: Desk, entry: EntryFacts, with_whom: UUID | None
) -> Iterator[tuple[ServiceFacts, date, OpenTime]]:
    """Every free start that the entry waits for: by date and time, by whom, before the booking they would give up."""
    first = max(min(one.first for one in entry.ranges), desk.today)
    last = min(max(one.last for one in entry.ranges), first + timedelta(days=MOST_DAYS - 1))
    if last < first:
        return
    for service in wanted_services(desk, entry):
        try:
            days = open_times(
                timetable=for_staff(desk.timetable),
                service_id=service.id,
                first=first,
                last=last,
                now=desk.now,
                resource_id=with_whom,
                party_size=entry.party_size,
            )
        except (Missing, Invalid):  # nobody gives it to such a party (any more)
            continue
        for day in days:
            for time in day.times:
                if _suits(desk, entry, day.on, time):
                    yield service, day.on, time


def _suits(desk: Desk, entry: EntryFacts, on: date, time: OpenTime) -> bool:
    wanted = entry.resources
    if wanted is not None and time.resource_ids and not set(wanted) & set(time.resource_ids):
        return False
    hour, minute = map(int, time.local_time.split(":"))
    later = (time.starts_at.astimezone(desk.timetable.tz).date() - on).days * DAY_MINUTES
    ranges: Sequence[DateRange] = entry.ranges
    return any(one.includes(on, later + hour * 60 + minute) for one in ranges)


# ---- Seats for who stands there ---------------------------------------------------------------------------------------


def seats(desk: Desk, entry: EntryFacts) -> list[dict[str, Any]]:
    """Where somebody can sit down now, else what comes free within two hours."""
    found: dict[tuple[UUID, tuple[UUID, ...], UUID | None], Seat] = {}
    for service in wanted_services(desk, entry):
        for seat in (*_now(desk, entry, service), *_soon(desk, entry, service)):
            found.setdefault((service.id, seat.resource_ids, seat.slot_id), seat)
    several = len({key[0] for key in found}) > 1
    ordered = sorted(found.values(), key=lambda seat: not seat.is_now)[:_MOST_SEATS]
    return [_seat_row(desk, seat, several) for seat in ordered]


def _seat_row(desk: Desk, seat: Seat, several: bool) -> dict[str, Any]:
    starts = formats.local(seat.starts_at, desk.business.timezone)
    resource = desk.timetable.taken_by(seat.resource_ids)
    name = resource.name if resource else _("Slot")
    when = _("now") if seat.is_now else _("from %(time)s") % {"time": formats.clock(starts)}
    return {
        "value": seat.value,
        "name": f"{name} · {seat.service.name}" if several else name,
        "when": when,
        "is_now": seat.is_now,
    }


def _now(desk: Desk, entry: EntryFacts, service: ServiceFacts) -> list[Seat]:
    """Who is free for the whole visit from this minute on, or from the start of the grid that is running."""
    if service.mode == "slot":
        return []
    minute = desk.now.astimezone(UTC).replace(second=0, microsecond=0)
    running = minute - timedelta(minutes=minute.minute % min(service.interval_minutes, 15))
    found = []
    for starts_at in dict.fromkeys((minute, running)):
        wish = Wish(service.id, starts_at, None, entry.party_size)
        try:
            explained = explain(
                timetable=for_staff(desk.timetable), actor=desk.actor, wish=wish, now=desk.now
            )
        except (Missing, Invalid):
            return []
        found += [
            Seat(service, starts_at, _taken(one), None, True)
            for one in explained
            if _is_free(one) and _is_wanted(entry, _taken(one))
        ]
    return found


def _taken(one: Explanation) -> tuple[UUID, ...]:
    return (*(() if one.resource_id is None else (one.resource_id,)), *one.also)


def _is_free(one: Explanation) -> bool:
    return all(check.passed or check.rule in _OF_NO_MATTER for check in one.checks)


def _is_wanted(entry: EntryFacts, resource_ids: Sequence[UUID]) -> bool:
    return entry.resources is None or not resource_ids or bool(set(entry.resources) & set(resource_ids))


def _soon(desk: Desk, entry: EntryFacts, service: ServiceFacts) -> list[Seat]:
    """The next start with each person, table or slot within two hours."""
    try:
        days = open_times(
            timetable=for_staff(desk.timetable),
            service_id=service.id,
            first=desk.today - timedelta(days=1),
            last=desk.today,
            now=desk.now,
            party_size=entry.party_size,
        )
    except (Missing, Invalid):
        return []
    found = []
    for time in (time for day in days for time in day.times):
        if not desk.now <= time.starts_at <= desk.now + _SOON:
            continue
        if service.mode == "appointment":
            found += [
                Seat(service, time.starts_at, (id,), None, False)
                for id in time.resource_ids
                if _is_wanted(entry, (id,))
            ]
        elif _is_wanted(entry, time.resource_ids):
            found.append(Seat(service, time.starts_at, time.resource_ids, time.slot_id, False))
    return found


def nothing_chosen(name: str = "place") -> Mistakes:
    """What to say where a form came without a place."""
    return {name: [("no_time", {})]}

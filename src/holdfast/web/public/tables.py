"""A floor as the page shows it: the party, the nights, the times of one night, and its tables as a plan and as a list.

Plan and list say the same: what is free can be chosen in either. A night that runs past midnight is one night.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.availability.queries import (
    DayCount,
    Explanation,
    OpenTime,
    explain,
    next_open_day,
    open_counts,
    open_times,
    party_bounds,
)
from holdfast.bookings.commands import Wish
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.lib.actors import GUEST
from holdfast.web import formats
from holdfast.web.public import words
from holdfast.web.public.frame import Visit
from holdfast.web.public.free import ANYONE, last_bookable
from holdfast.web.public.picker import Empty, Link

NIGHTS = 8
USUAL_PARTY = 2
_SEARCHED_DAYS = 42
_FEW = 3
_MOST_TOGETHER = 12


@dataclass(frozen=True, slots=True)
class TablesChoice:
    """What the address says; ``url`` makes others of ``(party, night, at, table, first night)``."""

    service: ServiceFacts
    party: int
    on: date | None
    first: date | None
    at: str
    table: str
    url: Callable[[int, date | None, str, str, date | None], str]


@dataclass(frozen=True, slots=True)
class Night:
    """One night to choose: its date in words, what is free in it."""

    id: str
    name: str
    left: str
    kind: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """One time of the night."""

    id: str
    clock: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """One table on the plan. ``kind``: ``free``, ``chosen``, ``taken`` or ``small`` (not meant for so many)."""

    id: str
    name: str
    seats: str
    kind: str
    says: str
    url: str


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    tiles: list[Tile]


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the list; ``value`` is what its radio sends."""

    value: str
    name: str
    about: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TablesPage:
    """Everything the page shows for a choice."""

    party: int
    party_words: str
    fewer: str
    more: str
    too_many: str
    nights: list[Night]
    earlier: Link | None
    later: Link | None
    arrivals: list[Arrival]
    areas: list[Area]
    options: list[Option]
    empty: Empty | None
    night_words: str
    when: str
    ends: str
    at: str
    table_words: str
    says: str
    price_minor: int
    on: date
    is_open: bool


def tables_page(visit: Visit, choice: TablesChoice) -> TablesPage:
    """The page of a choice; what the address leaves open is chosen for the visitor."""
    least, most = party_bounds(timetable=visit.timetable, service_id=choice.service.id)
    party = min(max(choice.party, max(least, 1)), max(most, 1))
    nights, counts = _nights(visit, choice, party)
    on = _night(visit, choice, counts)
    times = _times(visit, choice, party, on)
    time = next((one for one in times if _value(one) == choice.at), times[0] if times else None)
    found = _explained(visit, choice, party, time) if time else []
    free = [one for one in found if one.bookable]
    options = _options(visit, choice, free)
    chosen = next((one for one in options if one.is_chosen), None)
    shown = visit.timetable
    return TablesPage(
        party=party,
        party_words=_people(party),
        fewer=choice.url(party - 1, on, choice.at, ANYONE, choice.first) if party > max(least, 1) else "",
        more=choice.url(party + 1, on, choice.at, ANYONE, choice.first) if party < most else "",
        too_many=_too_many(visit, most),
        nights=[_night_cell(visit, choice, party, one, is_chosen=one.on == on) for one in nights],
        earlier=_earlier(visit, choice, party),
        later=_later(visit, choice, party, nights),
        arrivals=[_arrival(choice, party, on, one, is_chosen=one is time) for one in times],
        areas=_areas(visit, choice, party, on, time, found, chosen),
        options=options,
        empty=None if times else _empty(visit, choice, party, on, counts.get(on)),
        night_words=_("Night of %(day)s") % {"day": formats.day(on)},
        when=formats.day_and_clock(time.starts_at.astimezone(shown.tz)) if time else "",
        ends=words.zone(visit.business.timezone),
        at=_value(time) if time else "",
        table_words=chosen.name if chosen else "",
        says=_("%(people)s, %(night)s, %(count)s free times")
        % {"people": _people(party), "night": formats.day(on), "count": len(times)},
        price_minor=time.price_minor if time else choice.service.price_minor,
        on=on,
        is_open=on in counts and counts[on].open,
    )


def tables_of_value(value: str) -> tuple[UUID, ...]:
    """The tables a radio or an alternative sends; none for the best there are, and for what is none."""
    try:
        return tuple(UUID(part) for part in value.split("+")) if len(value) >= 36 else ()
    except ValueError:
        return ()


def value_of_tables(table_ids: Sequence[UUID]) -> str:
    """The same the other way round."""
    return "+".join(str(id) for id in table_ids)


def _value(time: OpenTime) -> str:
    return time.starts_at.strftime("%Y-%m-%dT%H:%MZ")


def _people(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def _too_many(visit: Visit, most: int) -> str:
    if visit.business.phone:
        return _("More than %(most)s? Call %(phone)s.") % {"most": most, "phone": visit.business.phone}
    return _("%(most)s people at most for one table or several together.") % {"most": most}


def _nights(visit: Visit, choice: TablesChoice, party: int) -> tuple[list[DayCount], dict[date, DayCount]]:
    """The open nights from the first one asked for, and all that was looked at."""
    first = min(max(choice.first or visit.today, visit.today), last_bookable(visit))
    if (
        choice.first is None
        and choice.on is not None
        and choice.on > first + timedelta(days=_SEARCHED_DAYS - 8)
    ):
        first = min(choice.on, last_bookable(visit))
    counts = open_counts(
        timetable=visit.timetable,
        service_id=choice.service.id,
        first=first,
        last=min(first + timedelta(days=_SEARCHED_DAYS - 1), last_bookable(visit)),
        now=visit.now,
        party_size=party,
    )
    nights = [one for one in counts if one.open][:NIGHTS]
    chosen = next((one for one in counts if one.on == choice.on), None)
    if chosen is not None and chosen not in nights:
        nights = [*nights[: NIGHTS - 1], chosen]
    return nights, {one.on: one for one in counts}


def _night(visit: Visit, choice: TablesChoice, counts: dict[date, DayCount]) -> date:
    if choice.on is not None and choice.on in counts:
        return choice.on
    free = [on for on, one in counts.items() if one.free]
    return next(iter(free), next((on for on, one in counts.items() if one.open), visit.today))


def _times(visit: Visit, choice: TablesChoice, party: int, on: date) -> tuple[OpenTime, ...]:
    found = open_times(
        timetable=visit.timetable,
        service_id=choice.service.id,
        first=on,
        last=on,
        now=visit.now,
        party_size=party,
    )
    return found[0].times


def _explained(visit: Visit, choice: TablesChoice, party: int, time: OpenTime) -> list[Explanation]:
    wish = Wish(choice.service.id, time.starts_at, party_size=party)
    return explain(timetable=visit.timetable, actor=GUEST, wish=wish, now=visit.now)


def _night_cell(visit: Visit, choice: TablesChoice, party: int, one: DayCount, *, is_chosen: bool) -> Night:
    left = ngettext("%(count)s time", "%(count)s times", one.free) % {"count": one.free}
    name = _("Tonight") if one.on == visit.today else formats.day(one.on)
    return Night(
        id=f"night-{one.on.isoformat()}",
        name=name,
        left=left if one.free else _("Full") if one.open else _("Closed"),
        kind="full" if not one.free else "few" if one.free <= _FEW else "",
        url=choice.url(party, one.on, "", ANYONE, choice.first),
        is_chosen=is_chosen,
    )


def _earlier(visit: Visit, choice: TablesChoice, party: int) -> Link | None:
    if choice.first is None or choice.first <= visit.today:
        return None
    return Link(choice.url(party, None, "", ANYONE, None), _("Earlier nights"))


def _later(visit: Visit, choice: TablesChoice, party: int, nights: Sequence[DayCount]) -> Link | None:
    if not nights or max(one.on for one in nights) >= last_bookable(visit):
        return None
    first = max(one.on for one in nights) + timedelta(days=1)
    return Link(choice.url(party, None, "", ANYONE, first), _("Later nights"))


def _arrival(choice: TablesChoice, party: int, on: date, time: OpenTime, *, is_chosen: bool) -> Arrival:
    hours, minutes = map(int, time.local_time.split(":"))
    clock = formats.clock(datetime(2000, 1, 1, hours, minutes))
    if time.repeated:
        clock = f"{clock} {_('(second)') if time.second_pass else _('(first)')}"
    url = choice.url(party, on, _value(time), choice.table, choice.first)
    return Arrival(f"at-{_value(time)[:-1].replace(':', '')}", clock, url, is_chosen)


def _options(visit: Visit, choice: TablesChoice, free: Sequence[Explanation]) -> list[Option]:
    """The best first, then every free table, or what tables together seat the party if none does alone."""
    if not free:
        return []
    single = [one for one in free if not one.also]
    listed = single or list(free[:_MOST_TOGETHER])
    values = [value_of_tables(_ids(one)) for one in listed]
    wanted = choice.table if choice.table in values else ANYONE
    best = _named(visit, free[0])
    found = [
        Option(
            ANYONE,
            _("Best table for you"),
            _("We choose: %(table)s as it stands now") % {"table": best.name},
            wanted == ANYONE,
        )
    ]
    for one, value in zip(listed, values, strict=True):
        table = _named(visit, one)
        found.append(Option(value, table.name, _about(visit, one), value == wanted))
    return found


def _areas(
    visit: Visit,
    choice: TablesChoice,
    party: int,
    on: date,
    time: OpenTime | None,
    found: Sequence[Explanation],
    chosen: Option | None,
) -> list[Area]:
    """The plan: every table in its area, in the business's order."""
    if time is None:
        return []
    alone = {one.resource_id: one for one in found if not one.also}
    mine = tables_of_value(chosen.value) if chosen else ()
    areas: dict[str, list[Tile]] = {}
    for id, table in visit.timetable.givers[choice.service.id].items():
        one = alone.get(id)
        kind = _kind(one, is_mine=id in mine)
        url = choice.url(party, on, _value(time), str(id), choice.first) if kind == "free" else ""
        tile = Tile(f"tile-{id}", table.name, _seats(table), kind, _says(table, kind, party), url)
        areas.setdefault(table.area, []).append(tile)
    return [Area(name or _("Tables"), tiles) for name, tiles in areas.items()]


def _kind(one: Explanation | None, *, is_mine: bool) -> str:
    if is_mine:
        return "chosen"
    if one is None:
        return "taken"
    if any(check.rule == "seats" and not check.passed for check in one.checks):
        return "small"
    return "free" if one.bookable else "taken"


def _seats(table: ResourceFacts) -> str:
    if table.seats_min == table.seats_max:
        return str(table.seats_max)
    return _("%(least)s–%(most)s") % {"least": table.seats_min, "most": table.seats_max}


def _says(table: ResourceFacts, kind: str, party: int) -> str:
    """A tile for those who do not see it."""
    states = {
        "free": _("free"),
        "chosen": _("chosen"),
        "taken": _("taken"),
        "small": _("not for %(count)s") % {"count": party},
    }
    said = {"name": table.name, "seats": _seats(table), "state": states[kind]}
    return _("%(name)s, seats %(seats)s, %(state)s") % said


def _ids(one: Explanation) -> tuple[UUID, ...]:
    return () if one.resource_id is None else (one.resource_id, *one.also)


def _named(visit: Visit, one: Explanation) -> ResourceFacts:
    found = visit.timetable.taken_by(_ids(one))
    assert found is not None  # an explanation of tables names one at least
    return found


def _about(visit: Visit, one: Explanation) -> str:
    """Where it stands and how many it seats."""
    tables = [visit.timetable.resources[id] for id in _ids(one)]
    places = list(dict.fromkeys(table.area for table in tables if table.area))
    seats = next((check.facts for check in one.checks if check.rule == "seats"), {})
    details = [table.detail for table in tables if table.detail]
    most = _("up to %(most)s") % {"most": seats.get("seats_max", "")}
    return " · ".join([*places, *details, most])


def _empty(visit: Visit, choice: TablesChoice, party: int, on: date, day: DayCount | None) -> Empty:
    """No table for this party in this night, and where there is one."""
    name = formats.day_in_full(on)
    is_open = day is not None and day.open
    title = _("No table for %(people)s on %(day)s") if is_open else _("Closed on %(day)s")
    said = {"people": _people(party), "day": name}
    next_on = next_open_day(
        timetable=visit.timetable, service_id=choice.service.id, after=on, now=visit.now, party_size=party
    )
    if next_on is None:
        return Empty(title % said, _("No later night has a table for so many."), None)
    return Empty(
        title % said,
        _("The next free night is %(day)s.") % {"day": formats.day_in_full(next_on)},
        Link(
            choice.url(party, next_on, "", ANYONE, None),
            _("Go to %(day)s") % {"day": formats.short_month_day(next_on)},
        ),
    )

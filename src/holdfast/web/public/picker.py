"""The day grid and the times of one day as the picker template shows them. Pure: free times in, words out.

The grid rolls: five weeks from the one that holds its first day, so it never opens on rows of past days. Days that are
full stay links, because their page names the next free day; closed days are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.web import formats

WEEKS = 5
STRIP_DAYS = 14
FEW = 3
NOON, EVENING = 12, 17


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A start that can be booked: the instant, its wall time in the business's zone, and who is free for it.

    ``repeated`` marks the hour that a clock going back shows twice. ``price`` is what it costs, where times differ.
    """

    starts_at: datetime
    local_start: datetime
    names: tuple[str, ...] = ()
    repeated: bool = False
    second_pass: bool = False
    price: str = ""


@dataclass(frozen=True, slots=True)
class FreeDay:
    """One date of the business: whether it opens at all, and how many starts are free."""

    on: date
    is_open: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    name: str


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of the grid or the strip. ``kind``: ``few``, ``full``, ``off`` (closed) or empty."""

    iso: str
    number: str
    name: str
    weekday: str
    month: str
    month_short: str
    free: str
    kind: str
    url: str
    column: int
    opens_month: bool = False
    is_today: bool = False
    is_chosen: bool = False
    is_past: bool = False
    is_was: bool = False


@dataclass(frozen=True, slots=True)
class TimeCell:
    value: str
    clock: str
    when: str
    ends: str
    note: str = ""
    pass_words: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    icon: str
    times: list[TimeCell]


@dataclass(frozen=True, slots=True)
class Soon:
    url: str
    when: str
    with_whom: str


@dataclass(frozen=True, slots=True)
class Empty:
    title: str
    words: str
    next: Link | None


@dataclass(frozen=True, slots=True)
class Weekday:
    full: str
    narrow: str


@dataclass(frozen=True, slots=True)
class Picker:
    months: str
    weekdays: list[Weekday]
    weeks: list[list[DayCell]]
    strip: list[DayCell]
    earlier: Link | None
    later: Link | None
    soonest: list[Soon]
    day_title: str
    free_words: str
    says: str
    parts: list[Part]
    empty: Empty | None
    zone: str
    zone_words: str
    on: date
    is_open: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What the visitor looks at, and where its links lead: ``url(on, first, at)`` gives the address of a choice.

    ``days`` are those of the grid, ``times`` the free starts of the chosen one.
    """

    today: date
    chosen: date
    first: date
    last_bookable: date
    zone: str
    zone_words: str
    duration_minutes: int
    url: Callable[[date, date, str], str]
    chosen_at: str = ""
    was_on: date | None = None
    was_at: datetime | None = None
    anyone: bool = True
    days: Mapping[date, FreeDay] = field(default_factory=dict)
    times: Sequence[FreeTime] = ()
    next_free: date | None = None
    soonest: Sequence[FreeTime] = ()


def first_of_grid(on: date, first_weekday: int) -> date:
    """The first day of the week that holds ``on``."""
    return on - timedelta(days=(on.weekday() - first_weekday) % 7)


def picker(question: Question) -> Picker:
    """Everything the picker shows for this question."""
    q = question
    grid = [q.first + timedelta(days=n) for n in range(WEEKS * 7)]
    cells = {on: day_cell(q, on, at % 7) for at, on in enumerate(grid)}
    start = max(q.first, q.today)
    strip = [start + timedelta(days=n) for n in range(STRIP_DAYS)]
    day = q.days.get(q.chosen, FreeDay(q.chosen, is_open=False))
    title = formats.day_in_full(q.chosen)
    free = _free_words(len(q.times))
    return Picker(
        months=formats.months_between(max(grid[0], q.today), grid[-1]),
        weekdays=[Weekday(formats.weekday(on), formats.narrow_weekday(on)) for on in grid[:7]],
        weeks=[[cells[on] for on in grid[row : row + 7]] for row in range(0, len(grid), 7)],
        strip=[replace(cells[on], column=at % 7) for at, on in enumerate(strip) if on in cells],
        earlier=_earlier(q),
        later=_later(q),
        soonest=_soonest(q),
        day_title=title,
        free_words=free,
        says=f"{title}, {free}",
        parts=_parts(q),
        empty=None if q.times else _empty(q, day),
        zone=q.zone,
        zone_words=q.zone_words,
        on=q.chosen,
        is_open=day.is_open,
    )


def soonest_of(days: Mapping[date, Sequence[FreeTime]], count: int = 3) -> list[FreeTime]:
    """The first free start of each part of each day, the first ``count`` of them: near, but not all the same hour."""
    firsts: dict[tuple[date, str], FreeTime] = {}
    for on, times in days.items():
        for time in times:
            firsts.setdefault((on, _part_of(time, on)), time)
    return list(firsts.values())[:count]


def relative_day(on: date, today: date) -> str:
    """``Today``, ``Tomorrow`` or ``Sat 22 Nov``."""
    if on == today:
        return _("Today")
    if on == today + timedelta(days=1):
        return _("Tomorrow")
    return formats.day(on)


def with_names(names: Sequence[str]) -> str:
    """``with Amara`` when only one person is free, else nothing: who it will be is decided when the time is held."""
    return _("with %(name)s") % {"name": names[0].split()[0]} if len(names) == 1 else ""


def _free_words(count: int) -> str:
    return ngettext("%(count)s free", "%(count)s free", count) % {"count": count} if count else _("None free")


def day_cell(q: Question, on: date, column: int) -> DayCell:
    """One day of the grid or the strip, in words."""
    day = q.days.get(on)
    count = day.count if day else 0
    is_past = on < q.today
    if is_past or day is None or on > q.last_bookable:
        kind, free, url = "off", "–", ""
    elif not day.is_open:
        kind, free, url = "off", _("Closed"), ""
    else:
        kind = "full" if not count else "few" if count <= FEW else ""
        full = _("None left") if on == q.today else _("Full")
        free = _("%(count)s free") % {"count": count} if count else full
        url = q.url(on, q.first, "")
    return DayCell(
        iso=on.isoformat(),
        number=str(on.day),
        name=_("Today") if on == q.today else formats.short_weekday(on),
        weekday=formats.weekday(on),
        month=formats.month_name(on),
        month_short=formats.short_month(on),
        free=free,
        kind=kind,
        url=url,
        column=column,
        opens_month=on.day == 1,
        is_today=on == q.today,
        is_chosen=on == q.chosen,
        is_past=is_past,
        is_was=on == q.was_on,
    )


def _earlier(q: Question) -> Link | None:
    if q.first <= q.today:
        return None
    first = q.first - timedelta(days=WEEKS * 7)
    on = max(first, q.today)
    return Link(q.url(on, max(first, first_of_grid(q.today, q.first.weekday())), ""), _("Earlier weeks, from %(day)s") % {
        "day": formats.month_day(on)
    })  # fmt: skip


def _later(q: Question) -> Link | None:
    first = q.first + timedelta(days=WEEKS * 7)
    if first > q.last_bookable:
        return None
    return Link(q.url(first, first, ""), _("Later weeks, from %(day)s") % {"day": formats.month_day(first)})


def _soonest(q: Question) -> list[Soon]:
    return [
        Soon(
            url=q.url(
                time.local_start.date(),
                first_of_grid(time.local_start.date(), q.first.weekday()),
                _value(time),
            ),
            when=_("%(day)s, %(time)s")
            % {
                "day": relative_day(time.local_start.date(), q.today),
                "time": formats.clock(time.local_start),
            },
            with_whom=with_names(time.names) if q.anyone else "",
        )
        for time in q.soonest
    ]


def _value(time: FreeTime) -> str:
    return time.starts_at.strftime("%Y-%m-%dT%H:%MZ")


def _part_of(time: FreeTime, on: date) -> str:
    """A time after midnight belongs to the evening of the date its opening window began on."""
    if time.local_start.date() != on or time.local_start.hour >= EVENING:
        return "evening"
    return "morning" if time.local_start.hour < NOON else "afternoon"


def _parts(q: Question) -> list[Part]:
    names = {"morning": _("Morning"), "afternoon": _("Afternoon"), "evening": _("Evening")}
    cells: dict[str, list[TimeCell]] = {part: [] for part in names}
    note = _("Last one") if len(q.times) == 1 else ""
    for time in q.times:
        cells[_part_of(time, q.chosen)].append(_time_cell(q, time, note))
    return [Part(name=names[part], icon=part, times=times) for part, times in cells.items() if times]


def _time_cell(q: Question, time: FreeTime, note: str) -> TimeCell:
    passes = _("(second)") if time.second_pass else _("(first)")
    # Elapsed minutes: added to the instant, not to the wall time.
    ends = (time.starts_at + timedelta(minutes=q.duration_minutes)).astimezone(time.local_start.tzinfo)
    value = _value(time)
    return TimeCell(
        value=value,
        clock=formats.clock(time.local_start),
        when=formats.day_and_clock(time.local_start),
        ends=_("%(zone)s, ends %(time)s") % {"zone": q.zone_words, "time": formats.clock(ends)},
        note=_("Your time now")
        if q.was_at == time.starts_at
        else " · ".join(filter(None, [time.price, note])),
        pass_words=passes if time.repeated else "",
        is_chosen=value == q.chosen_at,
    )


def _empty(q: Question, day: FreeDay) -> Empty:
    name = formats.day_in_full(q.chosen)
    title = _("%(day)s is full") if day.is_open else _("Closed on %(day)s")
    if day.is_open and q.chosen == q.today:
        title = _("No time left today, %(day)s")
    if q.next_free is None:
        return Empty(title % {"day": name}, _("No other day that can be booked now has a free time."), None)
    next_name = formats.day_in_full(q.next_free)
    return Empty(
        title % {"day": name},
        _("The next free day is %(day)s.") % {"day": next_name},
        Link(
            q.url(q.next_free, first_of_grid(q.next_free, q.first.weekday()), ""),
            _("Go to %(day)s") % {"day": formats.short_month_day(q.next_free)},
        ),
    )

"""From hours and exceptions to the windows that are really open, in minutes (SPEC C1, C2; DESIGN §2 and §4).

**Precedence**, for every date and each level (the business, then the resource):

1. nothing, if a ``closed`` exception covers the date,
   or, at the business's level, if it is a public holiday without an ``hours`` exception;
2. else the windows of the ``hours`` exceptions that cover it, if there are any;
3. else the weekly windows of its weekday;
4. and then the windows of ``extra`` exceptions, always.

A resource without weekly windows of its own has the business's windows of the date at step 3. Whatever a resource
has is cut to the business's windows (touching ones joined): what remains keeps the date of the resource's window, and
its own opening is the origin of its grid. A holiday is the business's affair: a resource follows by the cut.

Only the edges of windows are wall times; between them elapsed time counts. Windows of one date that overlap are one
(touching ones stay two); a window that overlaps an earlier date's begins where the earlier ends, so no minute is in two
windows. What is empty after the conversion vanishes, and a date that the zone skipped has no windows.

An ``absence`` closes nothing: it only takes time of a resource (or of all), buffers included. By date it covers local
midnight to midnight.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Literal, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import DAY_MINUTES, Span, joined_spans
from holdfast.lib.walltime import exists, local_date, minute_at, zone
from holdfast.schedule.rules.hours import WeeklyWindow, end_of

Key = TypeVar("Key", bound="UUID | None")
Kind = Literal["closed", "hours", "extra", "absence"]

# Windows reach at most a day and a change of the clocks beyond their date, so two dates before decide about a third.
_LOOKBACK = timedelta(days=2)
_A_DAY = timedelta(days=1)
_FIRST_DATE, _LAST_DATE = date(1, 1, 7), date(9999, 12, 24)
# The longest day there is (a day plus the largest repeated stretch), rounded up generously.
_LONGEST_WINDOW = 27 * 60


@dataclass(frozen=True, slots=True)
class DatedException:
    """A departure from the week, by date (``starts_on`` to ``ends_on``, both included) or, absences only, by minute.

    ``resource_id`` None is the business itself. ``windows`` are pairs of minutes of the day as in ``WeeklyWindow``, for
    ``hours`` and ``extra``. ``note`` of the business's exceptions is for everybody, of a resource's for staff.
    """

    kind: Kind
    resource_id: UUID | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    windows: tuple[tuple[int, int], ...] = ()
    starts_minute: int | None = None
    ends_minute: int | None = None
    note: str = ""

    def covers(self, day: date) -> bool:
        """Whether that date is among its dates; never for an absence by minute."""
        return self.starts_on is not None and self.starts_on <= day <= (self.ends_on or self.starts_on)

    def span(self, tz: ZoneInfo) -> Span:
        """The minutes it covers: as given, or from local midnight to local midnight after its last date."""
        if self.starts_minute is not None and self.ends_minute is not None:
            return Span(self.starts_minute, self.ends_minute)
        if self.starts_on is None:
            return Span(0, 0)
        last = self.ends_on or self.starts_on
        return Span(minute_at(self.starts_on, 0, tz), minute_at(last, DAY_MINUTES, tz))


class OpenWindow(NamedTuple):
    """Open from ``start`` to ``end`` (minutes, half open), listed under the local date ``on``."""

    on: date
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """All that decides when one business and its resources are open.

    ``tz`` is an IANA name. ``resource_weekly`` has the weekly windows of resources that have their own; a missing or
    empty entry follows the business. ``holidays`` maps dates to names.
    """

    tz: str
    weekly: tuple[WeeklyWindow, ...] = ()
    resource_weekly: Mapping[UUID, tuple[WeeklyWindow, ...]] = field(default_factory=dict)
    exceptions: tuple[DatedException, ...] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)


def check_exception(exception: DatedException) -> None:
    """``Invalid`` unless the exception is whole: what its kind needs is there and nothing else.

    Codes: ``required``, ``before_start``, ``not_allowed`` on ``kind``, ``starts_on``, ``ends_on``, ``starts_at``,
    ``ends_at``, ``windows``.
    """
    timed = exception.starts_minute is not None or exception.ends_minute is not None
    if exception.kind not in ("closed", "hours", "extra", "absence"):
        raise Invalid.field("kind", "not_allowed")
    if timed and exception.kind != "absence":
        raise Invalid.field("starts_at", "not_allowed")
    if timed and (exception.starts_on or exception.ends_on):
        raise Invalid.field("starts_on", "not_allowed")
    if timed:
        _check_order(exception.starts_minute, exception.ends_minute, "starts_at", "ends_at")
        if exception.starts_minute == exception.ends_minute:
            raise Invalid.field("ends_at", "before_start")
    else:
        _check_order(exception.starts_on, exception.ends_on or exception.starts_on, "starts_on", "ends_on")
    if exception.kind in ("hours", "extra") and not exception.windows:
        raise Invalid.field("windows", "required")
    if exception.kind in ("closed", "absence") and exception.windows:
        raise Invalid.field("windows", "not_allowed")


def _check_order(start: date | int | None, end: date | int | None, start_name: str, end_name: str) -> None:
    if start is None:
        raise Invalid.field(start_name, "required")
    if end is None:
        raise Invalid.field(end_name, "required")
    if end < start:  # type: ignore[operator]  # two dates or two minutes, never one of each
        raise Invalid.field(end_name, "before_start")


def open_windows(hours: Hours, resource_id: UUID | None, first: date, last: date) -> tuple[OpenWindow, ...]:
    """The windows of the business (None) or of a resource whose date lies in ``[first, last]``, in order of time."""
    return windows_by_resource(hours, (resource_id,), first, last)[resource_id]


def windows_by_resource(
    hours: Hours, resource_ids: Iterable[Key], first: date, last: date
) -> dict[Key, tuple[OpenWindow, ...]]:
    """``open_windows`` of many at once. Resources that simply follow the business share one tuple (the same object)."""
    first, last = max(first, _FIRST_DATE), min(last, _LAST_DATE)
    tz = zone(hours.tz)
    house = _business_windows(hours, tz, first - _LOOKBACK, last + _A_DAY)
    of_house = _dated_within(house, first, last)
    opening = joined_spans((window.start, window.end) for window in house)
    own_dates: dict[UUID | None, list[DatedException]] = {}
    for exception in hours.exceptions:
        if exception.resource_id is not None and exception.kind != "absence":
            own_dates.setdefault(exception.resource_id, []).append(exception)
    windows: dict[Key, tuple[OpenWindow, ...]] = {}
    for key in resource_ids:
        exceptions = own_dates.get(key, [])
        weekly = hours.resource_weekly.get(key) if key is not None else None
        if not weekly and not exceptions:
            windows[key] = of_house
            continue
        if weekly and not exceptions:
            own: Iterable[OpenWindow] = _plain_level(tuple(weekly), tz, first, last)
        else:
            base = _weekly_base(weekly, tz) if weekly else _dated_base(house)
            own = _level(base, exceptions, {}, tz, first, last)
        windows[key] = _dated_within(_cut(own, opening), first, last)
    return windows


def _business_windows(hours: Hours, tz: ZoneInfo, first: date, last: date) -> Sequence[OpenWindow]:
    exceptions = [e for e in hours.exceptions if e.resource_id is None and e.kind != "absence"]
    if not exceptions and not hours.holidays:
        return _plain_level(tuple(hours.weekly), tz, first, last)
    return _level(_weekly_base(hours.weekly, tz), exceptions, hours.holidays, tz, first, last)


@lru_cache(maxsize=4096)
def _plain_level(
    weekly: tuple[WeeklyWindow, ...], tz: ZoneInfo, first: date, last: date
) -> tuple[OpenWindow, ...]:
    """A level that only has its week. Everybody asks for the same few ranges of days, so it is remembered."""
    return tuple(_level(_weekly_base(weekly, tz), (), {}, tz, first, last))


def _level(
    base: Callable[[date], list[Span]],
    exceptions: Iterable[DatedException],
    holidays: Mapping[date, str],
    tz: ZoneInfo,
    first: date,
    last: date,
) -> list[OpenWindow]:
    """One level's windows by date, no minute twice; the two dates before ``first`` come too, as they reach into it."""
    near = [e for e in exceptions if e.starts_on is not None and e.starts_on <= last]
    windows: list[OpenWindow] = []
    before_yesterday: list[OpenWindow] = []
    yesterday: list[OpenWindow] = []
    for day in days(first - _LOOKBACK, last):
        if not exists(day, tz):
            continue
        covering = [e for e in near if e.covers(day)] if near else near
        if covering or day in holidays:
            spans = _date_spans(day, base, covering, day in holidays, tz)
        else:
            spans = base(day)
        today = _trimmed(day, spans, before_yesterday + yesterday) if spans else []
        windows += today
        before_yesterday, yesterday = yesterday, today
    return windows


def _date_spans(
    day: date, base: Callable[[date], list[Span]], covering: list[DatedException], holiday: bool, tz: ZoneInfo
) -> list[Span]:
    """The precedence of steps 1 to 4 for one date of one level."""
    kinds = {e.kind for e in covering}
    if "closed" in kinds or (holiday and "hours" not in kinds):
        spans = []
    elif "hours" in kinds:
        spans = _spans_on(day, _edges_of(covering, "hours"), tz)
    else:
        spans = list(base(day))
    return spans + _spans_on(day, _edges_of(covering, "extra"), tz)


def _edges_of(exceptions: Iterable[DatedException], kind: Kind) -> list[tuple[int, int]]:
    return [edges for e in exceptions if e.kind == kind for edges in e.windows]


def _weekly_base(weekly: Iterable[WeeklyWindow], tz: ZoneInfo) -> Callable[[date], list[Span]]:
    edges: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for window in weekly:
        edges[window.weekday].append((window.opens, window.closes))
    return lambda day: _spans_on(day, edges[day.weekday()], tz)


def _dated_base(windows: Iterable[OpenWindow]) -> Callable[[date], list[Span]]:
    by_date: dict[date, list[Span]] = {}
    for window in windows:
        by_date.setdefault(window.on, []).append(Span(window.start, window.end))
    return lambda day: by_date.get(day, [])


def _spans_on(day: date, edges: Iterable[tuple[int, int]], tz: ZoneInfo) -> list[Span]:
    return [
        Span(minute_at(day, opens, tz), minute_at(day, end_of(opens, closes), tz)) for opens, closes in edges
    ]


def _trimmed(day: date, spans: list[Span], earlier: list[OpenWindow]) -> list[OpenWindow]:
    """One date's spans as windows: overlapping ones merged, each begun where an earlier date's window ends."""
    merged: list[Span] = []
    for span in sorted(spans) if len(spans) > 1 else spans:
        if span.end <= span.start:
            continue
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    windows = []
    for start, end in merged:
        for other in earlier:
            if other.start < end and other.end > start:
                start = other.end
        if start < end:
            windows.append(OpenWindow(day, start, end))
    return windows


def _cut(windows: Iterable[OpenWindow], opening: list[Span]) -> list[OpenWindow]:
    """The windows cut to the spans (disjoint, in order): each piece keeps the date."""
    ends = [span.end for span in opening]
    pieces = []
    for on, start, end in windows:
        for index in range(bisect_right(ends, start), len(opening)):
            if opening[index].start >= end:
                break
            pieces.append(OpenWindow(on, max(start, opening[index].start), min(end, opening[index].end)))
    return pieces


def _dated_within(windows: Iterable[OpenWindow], first: date, last: date) -> tuple[OpenWindow, ...]:
    return tuple(sorted([w for w in windows if first <= w.on <= last], key=itemgetter(1)))


def absences_of(
    hours: Hours, resource_id: UUID | None, start: int, end: int
) -> list[tuple[Span, DatedException]]:
    """The absences of a resource (and those of everybody) that share a minute with ``[start, end)``, in order."""
    tz = zone(hours.tz)
    found = [
        (span, exception)
        for exception in hours.exceptions
        if exception.kind == "absence" and exception.resource_id in (None, resource_id)
        for span in (exception.span(tz),)
        if span.start < min(end, span.end) and span.end > start
    ]
    return sorted(found, key=lambda pair: pair[0])


def absences(hours: Hours, resource_id: UUID | None, start: int, end: int) -> list[Span]:
    """The minutes of ``absences_of`` as the fewest spans; not cut to ``[start, end)``."""
    return joined_spans(span for span, _ in absences_of(hours, resource_id, start, end))


def windows_of_interest(start: int, end: int, tz: ZoneInfo) -> tuple[date, date]:
    """The first and last date whose windows can contain a minute of ``[start, end)``.

    A window opens on its date and lasts up to a day, so it may have begun on the date before; the clocks may add to that.
    """
    return local_date(start - _LONGEST_WINDOW, tz), local_date(max(start, end - 1), tz)


def days(first: date, last: date) -> Iterator[date]:
    """Every date from ``first`` to ``last``, both included."""
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))

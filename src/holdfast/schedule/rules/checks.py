"""Why one start is possible or not: the rules in order, each with its facts (SPEC C5).

Booking asks whether every check passed; explain shows them. Facts are ready for JSON: ``_at`` is an instant in ISO 8601
UTC, ``_on`` a date. ``staff_facts`` are for the business's own people only (a note about somebody's absence).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast.lib.timeline import Span, iso_of, joined_spans, minute_after, minute_before
from holdfast.lib.walltime import local_date, minute_at, zone
from holdfast.schedule.rules.opening import (
    DatedException,
    Hours,
    OpenWindow,
    absences_of,
    open_windows,
    windows_of_interest,
)
from holdfast.schedule.rules.starts import Shape

Level = Literal["business", "resource"]
Because = Literal["closed", "holiday", "other_hours", "weekday", "outside_hours"]

_SEARCH_DAYS, _SEARCH_STEP = 92, 14
# Where every date and its neighbours can be computed in every zone: the years 1 to 9999 with a margin.
_REPRESENTABLE = range(-1_035_500_000, 4_223_300_000)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule about one start: ``rule`` is a stable word, ``passed`` the verdict, ``facts`` what it was judged by."""

    rule: str
    passed: bool
    facts: dict[str, Any] = field(default_factory=dict)
    staff_facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a date or a minute is not open.

    ``level`` says whose rule closes; ``note`` is the holiday's name or the exception's note (a resource's is for staff).
    ``weekday``: no weekly hours on that weekday. ``outside_hours``: open on that date, but not then.
    """

    because: Because
    level: Level
    on: date
    note: str = ""


def earliest_start(now: datetime, earliest_notice_minutes: int) -> int:
    """The first minute that is in the future and far enough away for the notice the business needs."""
    return max(minute_before(now) + 1, minute_after(now + timedelta(minutes=earliest_notice_minutes)))


def latest_start(now: datetime, furthest_ahead_days: int, tz: ZoneInfo) -> int:
    """The last minute of the last local date that can be booked: today and ``furthest_ahead_days`` more."""
    return minute_at(now.astimezone(tz).date() + timedelta(days=furthest_ahead_days + 1), 0, tz) - 1


def check_start(
    hours: Hours,
    resource_id: UUID | None,
    start: int,
    shape: Shape,
    *,
    now: datetime,
    earliest_notice_minutes: int,
    furthest_ahead_days: int,
) -> tuple[Check, ...]:
    """The rules for one start with one resource, in the order in which they are judged.

    ``in_future``, ``notice``, ``horizon``, ``open``, ``grid``, ``fits_hours``, ``not_absent``. A closed start has no
    grid and no end of opening: ``grid`` and ``fits_hours`` are there only if ``open`` passed. Whether the time is
    ``unclaimed`` is for those to add who know the claims.
    """
    checks = check_limits(hours.tz, start, now, earliest_notice_minutes, furthest_ahead_days)
    if start not in _REPRESENTABLE:
        return checks
    tz = zone(hours.tz)
    first, last = windows_of_interest(start, start + shape.duration, tz)
    windows = open_windows(hours, resource_id, first, last)
    window = next((w for w in windows if w.start <= start < w.end), None)
    if window is None:
        checks += (_not_open(hours, resource_id, start),)
    else:
        checks += (
            Check("open", True, {"on": window.on.isoformat(), **_edges("opens_at", "closes_at", window[1:])}),
            _grid(window, start, shape),
            _fits_hours(windows, window, start, shape),
        )
    return (*checks, _not_absent(hours, resource_id, shape.claim(start)))


def check_limits(tz: str, start: int, now: datetime, notice: int, days_ahead: int) -> tuple[Check, ...]:
    """The rules that know only the clock, ``in_future``, ``notice`` and ``horizon``: all there are for a published slot."""
    notice_ends = minute_after(now + timedelta(minutes=notice))
    latest = latest_start(now, days_ahead, zone(tz))
    latest_on = now.astimezone(zone(tz)).date() + timedelta(days=days_ahead)
    return (
        Check("in_future", start > minute_before(now)),
        Check(
            "notice",
            start >= notice_ends,
            {"earliest_notice_minutes": notice, "earliest_at": iso_of(notice_ends)},
        ),
        Check(
            "horizon",
            start <= latest,
            {"furthest_ahead_days": days_ahead, "latest_on": latest_on.isoformat()},
        ),
    )


def _not_open(hours: Hours, resource_id: UUID | None, start: int) -> Check:
    closure = why_closed(hours, resource_id, start)
    facts: dict[str, Any] = {"because": closure.because, "level": closure.level, "on": closure.on.isoformat()}
    following = next_opening(hours, resource_id, start)
    if following is not None:
        facts |= {
            "next_on": following.on.isoformat(),
            **_edges("next_opens_at", "next_closes_at", following[1:]),
        }
    note = {"note": closure.note} if closure.note else {}
    public = closure.level == "business"
    return Check("open", False, facts | note if public else facts, {} if public else note)


def _grid(window: OpenWindow, start: int, shape: Shape) -> Check:
    off = (start - window.start) % shape.interval
    facts: dict[str, Any] = {"interval_minutes": shape.interval}
    if off:
        after = start - off + shape.interval
        facts["before_at"] = iso_of(start - off)
        facts["after_at"] = iso_of(after) if after < window.end else None
    return Check("grid", not off, facts)


def _fits_hours(windows: tuple[OpenWindow, ...], window: OpenWindow, start: int, shape: Shape) -> Check:
    """Facts of a start that is too late: the last one on this window's grid that would be early enough, if any."""
    closes = next(span.end for span in joined_spans(w[1:] for w in windows) if span.start <= start < span.end)
    facts: dict[str, Any] = _edges("ends_at", "closes_at", (start + shape.duration, closes))
    passed = start + shape.duration <= closes
    if not passed:
        room = closes - shape.duration - window.start
        facts["latest_at"] = iso_of(window.start + room - room % shape.interval) if room >= 0 else None
    return Check("fits_hours", passed, facts)


def _not_absent(hours: Hours, resource_id: UUID | None, footprint: Span) -> Check:
    found = absences_of(hours, resource_id, *footprint)
    if not found:
        return Check("not_absent", True)
    span, exception = found[0]
    note = {"note": exception.note} if exception.note else {}
    # How long somebody is away is for their colleagues; everybody else learns that this time is taken.
    return Check("not_absent", False, {}, {**_edges("starts_at", "ends_at", span), **note})


def _edges(start_name: str, end_name: str, span: tuple[int, int]) -> dict[str, Any]:
    return {start_name: iso_of(span[0]), end_name: iso_of(span[1])}


def next_opening(hours: Hours, resource_id: UUID | None, after: int) -> OpenWindow | None:
    """The first window that opens later than that minute, within 92 days."""
    today = local_date(after, zone(hours.tz))
    for offset in range(0, _SEARCH_DAYS, _SEARCH_STEP):
        first = today + timedelta(days=offset)
        windows = open_windows(hours, resource_id, first, first + timedelta(days=_SEARCH_STEP - 1))
        for window in windows:
            if window.start > after:
                return window
    return None


def why_closed(hours: Hours, resource_id: UUID | None, minute: int) -> Closure:
    """Why that minute, which lies in no open window, is closed.

    If the weekly hours of a date would contain it (also those of the evening before), what changed that date is the
    reason, else what holds for its own local date.
    """
    first, last = windows_of_interest(minute, minute + 1, zone(hours.tz))
    level: Level = "business"
    if any(w.start <= minute < w.end for w in open_windows(hours, None, first, last)):
        level = "resource"
    usual = Hours(hours.tz, hours.weekly, hours.resource_weekly)
    asked = resource_id if level == "resource" else None
    for window in open_windows(usual, asked, first, last):
        if window.start <= minute < window.end:
            return _closure(hours, asked, level, window.on)
    return _closure(hours, asked, level, local_date(minute, zone(hours.tz)))


def why_closed_on(hours: Hours, resource_id: UUID | None, day: date) -> Closure | None:
    """Why a date has no open window; None if it has one."""
    if open_windows(hours, resource_id, day, day):
        return None
    if not open_windows(hours, None, day, day):
        return _closure(hours, None, "business", day)
    return _closure(hours, resource_id, "resource", day)


def _closure(hours: Hours, resource_id: UUID | None, level: Level, day: date) -> Closure:
    covering: list[DatedException] = [
        e for e in hours.exceptions if e.resource_id == resource_id and e.covers(day)
    ]
    by_kind = {exception.kind: exception for exception in reversed(covering)}
    if "closed" in by_kind:
        return Closure("closed", level, day, by_kind["closed"].note)
    if level == "business" and day in hours.holidays and "hours" not in by_kind:
        return Closure("holiday", level, day, hours.holidays[day])
    if "hours" in by_kind:
        return Closure("other_hours", level, day, by_kind["hours"].note)
    weekly = hours.weekly if resource_id is None else hours.resource_weekly.get(resource_id) or hours.weekly
    if all(window.weekday != day.weekday() for window in weekly):
        return Closure("weekday", level, day)
    return Closure("outside_hours", level, day)

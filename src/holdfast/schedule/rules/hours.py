"""Weekly opening hours as people write them: parsed, checked, and ready-made (SPEC C1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import DAY_MINUTES

MAX_WINDOWS_A_DAY = 10
_WEEK_MINUTES = 7 * DAY_MINUTES
_HHMM = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")

Mistakes = dict[str, list[tuple[str, dict[str, Any]]]]


@dataclass(frozen=True, slots=True, order=True)
class WeeklyWindow:
    """Open every week on ``weekday`` (0 = Monday), in minutes of the day as entered.

    ``opens`` is 0 to 1439, ``closes`` 0 to 1440 (``24:00``). ``closes <= opens`` runs into the next day, so equal
    edges are a whole day.
    """

    weekday: int
    opens: int
    closes: int

    @property
    def ends(self) -> int:
        """The closing minute counted from midnight of ``weekday``: beyond 1440 if it runs into the next day."""
        return end_of(self.opens, self.closes)


def end_of(opens: int, closes: int) -> int:
    """The closing minute of a window as entered, counted from midnight of the day on which it opens."""
    return closes if closes > opens else closes + DAY_MINUTES


def parse_hhmm(text: object, *, closing: bool = False) -> int:
    """``"09:30"`` as a minute of the day; ``"24:00"`` only for a closing time. Else ``ValueError``."""
    if closing and text == "24:00":
        return DAY_MINUTES
    match = _HHMM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("a time of day is written HH:MM")
    return int(match[1]) * 60 + int(match[2])


def format_hhmm(minute_of_day: int) -> str:
    """A minute of the day as ``"09:30"``; 1440 is ``"24:00"``, ``ValueError`` beyond."""
    if not 0 <= minute_of_day <= DAY_MINUTES:
        raise ValueError("a day has the minutes 0 to 1440")
    return f"{minute_of_day // 60:02}:{minute_of_day % 60:02}"


def weekly_windows(items: Sequence[Mapping[str, Any]], *, field: str = "windows") -> tuple[WeeklyWindow, ...]:
    """The week as entered (``{weekday, opens, closes}``, times as HH:MM), checked and in order.

    ``Invalid`` names every mistake under ``windows[i].weekday``, ``.opens``, ``.closes``: ``required``,
    ``wrong_format``, ``out_of_range``, ``overlaps`` (facts: ``other``, the index of the window before it), or under
    ``windows``: ``too_many``. Windows may touch; a window after midnight meets those of the next weekday (SPEC C1).
    """
    mistakes: Mistakes = {}
    if len(items) > 7 * MAX_WINDOWS_A_DAY:
        raise Invalid.field(field, "too_many", limit=MAX_WINDOWS_A_DAY)
    parsed: list[tuple[int, WeeklyWindow]] = []
    for index, item in enumerate(items):
        weekday = _weekday(item, f"{field}[{index}].weekday", mistakes)
        edges = _edges(item, f"{field}[{index}]", mistakes)
        if weekday is not None and edges is not None:
            parsed.append((index, WeeklyWindow(weekday, *edges)))
    for weekday in range(7):
        if sum(window.weekday == weekday for _, window in parsed) > MAX_WINDOWS_A_DAY:
            _add(mistakes, field, "too_many", limit=MAX_WINDOWS_A_DAY, weekday=weekday)
    spans = [
        (w.weekday * DAY_MINUTES + w.opens, w.weekday * DAY_MINUTES + w.ends, index) for index, w in parsed
    ]
    _refuse_overlaps(spans, _WEEK_MINUTES, field, mistakes)
    if mistakes:
        raise Invalid(mistakes)
    return tuple(sorted(window for _, window in parsed))


def dated_windows(
    items: Sequence[Mapping[str, Any]], *, field: str = "windows"
) -> tuple[tuple[int, int], ...]:
    """The windows of one date as entered (``{opens, closes}``): pairs of minutes of the day, in order.

    ``Invalid`` as in ``weekly_windows``.
    """
    mistakes: Mistakes = {}
    if len(items) > MAX_WINDOWS_A_DAY:
        raise Invalid.field(field, "too_many", limit=MAX_WINDOWS_A_DAY)
    parsed = [(index, _edges(item, f"{field}[{index}]", mistakes)) for index, item in enumerate(items)]
    spans = [(edges[0], end_of(*edges), index) for index, edges in parsed if edges is not None]
    _refuse_overlaps(spans, 0, field, mistakes)
    if mistakes:
        raise Invalid(mistakes)
    return tuple(sorted(edges for _, edges in parsed if edges is not None))


def _weekday(item: Mapping[str, Any], name: str, mistakes: Mistakes) -> int | None:
    weekday = item.get("weekday")
    if weekday is None:
        _add(mistakes, name, "required")
    elif not isinstance(weekday, int) or isinstance(weekday, bool):
        _add(mistakes, name, "wrong_format")
    elif not 0 <= weekday <= 6:
        _add(mistakes, name, "out_of_range", minimum=0, maximum=6)
    else:
        return weekday
    return None


def _edges(item: Mapping[str, Any], name: str, mistakes: Mistakes) -> tuple[int, int] | None:
    edges = []
    for edge in ("opens", "closes"):
        text = item.get(edge)
        if text is None or text == "":
            _add(mistakes, f"{name}.{edge}", "required")
            continue
        try:
            edges.append(parse_hhmm(text, closing=edge == "closes"))
        except ValueError:
            _add(mistakes, f"{name}.{edge}", "wrong_format")
    return (edges[0], edges[1]) if len(edges) == 2 else None


def _refuse_overlaps(spans: list[tuple[int, int, int]], period: int, field: str, mistakes: Mistakes) -> None:
    """Note every span that begins before another one ends; ``period`` is where time starts again, 0 for never."""
    for start, _, index in sorted(spans):
        for other_start, other_end, other in spans:
            since = (start - other_start) % period if period else start - other_start
            first_of_twins = since == 0 and index < other
            if other != index and 0 <= since < other_end - other_start and not first_of_twins:
                _add(mistakes, f"{field}[{index}].opens", "overlaps", other=other)
                break


def _add(mistakes: Mistakes, name: str, code: str, **facts: Any) -> None:
    mistakes.setdefault(name, []).append((code, facts))


def _week(weekdays: Sequence[int], opens: str, closes: str) -> tuple[WeeklyWindow, ...]:
    return tuple(WeeklyWindow(day, parse_hhmm(opens), parse_hhmm(closes, closing=True)) for day in weekdays)


HOUR_TEMPLATES: dict[str, tuple[WeeklyWindow, ...]] = {
    "weekday_9to5": _week(range(5), "09:00", "17:00"),
    "every_day_9to5": _week(range(7), "09:00", "17:00"),
    "weekend": _week((5, 6), "10:00", "16:00"),
    "evenings": _week(range(7), "17:00", "22:00"),
    "club_nights": _week((3, 4, 5), "22:00", "04:00"),
    "24_7": _week(range(7), "00:00", "24:00"),
    "barbershop": (
        *_week((1, 2), "09:00", "18:00"),
        *_week((3,), "09:00", "20:00"),
        *_week((4,), "09:00", "19:00"),
        *_week((5,), "08:00", "16:00"),
    ),
}

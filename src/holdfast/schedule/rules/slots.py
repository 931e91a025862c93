"""Which slots a range of dates holds: spans of equal length laid into the opening hours. Pure (SPEC C3).

Slots lie wholly inside one window and never across two that touch; the first begins where the window opens, each next one
``slot_minutes + gap_minutes`` elapsed minutes later, so a night in which the clocks change has a slot more or less. A slot
is listed under its window's date, also after midnight. What meets an absence of the resource, or of everybody, is left out
and moves nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import DAY_MINUTES
from holdfast.schedule.rules.opening import Hours, absences, open_windows

MOST_SLOTS = 10_000  # of one call
MOST_DATES = 731
MOST_PLACES = 10_000
MOST_DAYS_AHEAD = 365
# Windows are worked out a few weeks at a time, so that a range that is too large is refused early.
_STEP = 28


@dataclass(frozen=True, slots=True)
class SlotPattern:
    """How slots are laid: their length, the pause between two, and the weekdays (0 = Monday; none: every day)."""

    slot_minutes: int
    gap_minutes: int = 0
    weekdays: frozenset[int] = frozenset()


class SlotSpan(NamedTuple):
    """One slot to be: minutes, half open, and the date it is listed under."""

    on: date
    start: int
    end: int


def slot_spans(
    hours: Hours, resource_id: UUID | None, first: date, last: date, pattern: SlotPattern, *, after: int
) -> Iterator[SlotSpan]:
    """The slots of every date from ``first`` to ``last``, both included, that begin later than the minute ``after``."""
    day = first
    while day <= last:
        until = min(day + timedelta(days=_STEP - 1), last)
        yield from _spans(hours, resource_id, day, until, pattern, after)
        day = until + timedelta(days=1)


def clean_pattern(
    *, slot_minutes: int, gap_minutes: int, weekdays: tuple[int, ...], capacity: int
) -> SlotPattern:
    """The pattern, checked. Refusals: :class:`Invalid` naming ``slot_minutes``, ``gap_minutes``, ``weekdays``, ``capacity``."""
    mistakes: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for name, value, least, most in (
        ("slot_minutes", slot_minutes, 1, DAY_MINUTES),
        ("gap_minutes", gap_minutes, 0, DAY_MINUTES),
        ("capacity", capacity, 1, MOST_PLACES),
    ):
        if not least <= value <= most:
            mistakes[name] = [("out_of_bounds", {"least": least, "most": most})]
    if any(not 0 <= day <= 6 for day in weekdays):
        mistakes["weekdays"] = [("out_of_bounds", {"least": 0, "most": 6})]
    if mistakes:
        raise Invalid(mistakes)
    return SlotPattern(slot_minutes, gap_minutes, frozenset(weekdays))


def check_range(first: date, last: date) -> None:
    """Refusals: :class:`Invalid` on ``to`` for a range that ends before it begins or is too long."""
    if last < first:
        raise Invalid.field("to", "before_start")
    if (last - first).days >= MOST_DATES:
        raise Invalid.field("to", "out_of_bounds", least=1, most=MOST_DATES)


def _spans(
    hours: Hours, resource_id: UUID | None, first: date, last: date, pattern: SlotPattern, after: int
) -> Iterator[SlotSpan]:
    windows = open_windows(hours, resource_id, first, last)
    if not windows:
        return
    away = absences(hours, resource_id, windows[0].start, max(window.end for window in windows))
    step = pattern.slot_minutes + pattern.gap_minutes
    for on, opens, closes in windows:
        if pattern.weekdays and on.weekday() not in pattern.weekdays:
            continue
        for start in range(opens, closes - pattern.slot_minutes + 1, step):
            end = start + pattern.slot_minutes
            if start > after and not any(begins < end and ends > start for begins, ends in away):
                yield SlotSpan(on, start, end)

"""Decisions about requests: what a form may hold, how long an answer may take, who has which option. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from holdfast.lib import text
from holdfast.lib.money import MAX_MINOR

VENUE_LIMIT = 120
ADDRESS_LIMIT = 300
DETAILS_LIMIT = 4000
MESSAGE_LIMIT = 1000
TEMPLATE_NAME_LIMIT = 80
COMMENT_LIMIT = 300
MOST_TEMPLATES = 50
LONGEST_HOURS = 24
REMIND_HOURS_BEFORE = 24
# First, second and third: who stands behind them has no option but a hope.
MOST_OPTIONS = 3
ANSWERS = ("", "yes", "different")
# Beyond these, dates and their neighbours cannot be worked out in every zone.
_FIRST_YEAR, _LAST_YEAR = 1971, 8999

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Event:
    """What a request tells about the event, and the fee offered in minor units of the business's currency."""

    venue_name: str = ""
    venue_address: str = ""
    details: str = ""
    fee_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """When the event is, as wished: two instants, one and the service's usual length, or a whole local date."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    on: date | None = None


def clean_event(event: Event, mistakes: text.Mistakes, *, prefix: str = "request.") -> Event:
    """The event with trimmed texts; what is missing, too long or negative is added to ``mistakes`` by field."""

    def lines(name: str, limit: int) -> str:
        given = getattr(event, name)
        return text.paragraphs(given, field=f"{prefix}{name}", mistakes=mistakes, limit=limit, required=True)

    return Event(
        venue_name=text.line(
            event.venue_name, field=f"{prefix}venue_name", mistakes=mistakes, limit=VENUE_LIMIT
        ),
        venue_address=lines("venue_address", ADDRESS_LIMIT),
        details=lines("details", DETAILS_LIMIT),
        fee_minor=clean_fee(event.fee_minor, f"{prefix}fee_minor", mistakes, required=True),
    )


def clean_fee(fee_minor: int | None, field: str, mistakes: text.Mistakes, *, required: bool) -> int | None:
    """A fee that may be offered: nothing or more."""
    if fee_minor is None:
        if required:
            mistakes.setdefault(field, []).append(("required", {}))
    elif fee_minor < 0:
        mistakes.setdefault(field, []).append(("out_of_bounds", {"least": 0}))
    elif fee_minor > MAX_MINOR:
        mistakes.setdefault(field, []).append(("out_of_bounds", {"most": MAX_MINOR}))
    return fee_minor


def check_span(
    span: Span, mistakes: text.Mistakes, usual_minutes: int, *, now: datetime, today: date
) -> tuple[datetime, datetime] | None:
    """From when to when the event is, if that was said by instants; what is wrong with it is among ``mistakes``.

    Without an end it takes the service's usual length; ``today`` is the business's date. None for a date, whose hours depend on who is asked.
    """
    if span.on is not None:
        _check_date(span, span.on, today, mistakes)
        return None
    starts_at, ends_at = span.starts_at, span.ends_at
    if starts_at is None:
        mistakes["starts_at"] = [("required", {})]
        return None
    if not _FIRST_YEAR <= starts_at.year <= _LAST_YEAR:
        mistakes["starts_at"] = [("in_past" if starts_at.year < _FIRST_YEAR else "invalid_date", {})]
        return None
    if starts_at <= now:
        mistakes["starts_at"] = [("in_past", {})]
    for field, at in (("starts_at", starts_at), ("ends_at", ends_at)):
        if at is not None and (at.second or at.microsecond):
            mistakes[field] = [("whole_minutes", {})]
    ends_at = starts_at + timedelta(minutes=usual_minutes) if ends_at is None else ends_at
    if ends_at <= starts_at:
        mistakes["ends_at"] = [("before_start", {})]
    elif ends_at - starts_at > timedelta(hours=LONGEST_HOURS):
        mistakes["ends_at"] = [("longer_than_a_day", {"hours": LONGEST_HOURS})]
    return starts_at, ends_at


def _check_date(span: Span, on: date, today: date, mistakes: text.Mistakes) -> None:
    for field in ("starts_at", "ends_at"):
        if getattr(span, field) is not None:
            mistakes[field] = [("with_date", {})]
    if on < today:
        mistakes["date"] = [("in_past", {})]
    elif on.year > _LAST_YEAR:
        mistakes["date"] = [("invalid_date", {})]


def free_part(
    start: int, end: int, taken: Iterable[tuple[int, int]], *, before: int = 0, after: int = 0
) -> tuple[int, int] | None:
    """What a request for a whole date may have of its minutes ``[start, end)``, or None if the date is given.

    What began before and reaches into it, last night's event, only makes it shorter, and so does what begins after it;
    what begins on it takes it. ``before`` and ``after`` are the service's buffers, which reach into nothing that is taken.
    """
    begins, ends = start, end
    for first, last in taken:
        if start <= first < end:
            return None
        if first < start:
            begins = max(begins, last + before)
        else:
            ends = min(ends, first - after)
    return (begins, ends) if begins < ends else None


def answer_by(now: datetime, hours: int, starts_at: datetime) -> datetime:
    """Until when somebody has time to answer: the hours agreed, and never beyond the event's start."""
    return min(now + timedelta(hours=hours), starts_at)


def remind_at(now: datetime, until: datetime) -> datetime:
    """When the one who has to answer is reminded: at half time or a day before the end, whichever is later."""
    return max(now + (until - now) / 2, until - timedelta(hours=REMIND_HOURS_BEFORE)).astimezone(UTC)


def clean_answers(
    given: Sequence[Mapping[str, Any]], known: Iterable[T], mistakes: text.Mistakes
) -> dict[T, tuple[str, str]]:
    """``line → (answer, comment)`` of a customer's answers to rider lines; ``known`` are the lines there are."""
    lines, found = set(known), {}
    for index, item in enumerate(given):
        if item["line"] not in lines:
            mistakes[f"lines[{index}].line"] = [("unknown", {})]
            continue
        if item["answer"] not in ANSWERS:
            mistakes[f"lines[{index}].answer"] = [("unknown_choice", {"choices": list(ANSWERS)})]
        comment = text.line(
            item.get("comment", ""),
            field=f"lines[{index}].comment",
            mistakes=mistakes,
            limit=COMMENT_LIMIT,
            required=False,
        )
        found[item["line"]] = (item["answer"], comment)
    return found


def ranks(holders: Iterable[tuple[T, int]]) -> dict[T, int]:
    """``holder → 1, 2, 3`` from the order in which options were given, of those who are alive."""
    return {holder: rank for rank, (holder, _) in enumerate(sorted(holders, key=lambda pair: pair[1]), 1)}

"""The least that would have to change for a time to become bookable (SPEC C5). Pure.

Every rule that fails has one remedy with a price in minutes, so that they can be compared: closing ten minutes later is
less than moving somebody's booking, and that is less than opening on a day off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from holdfast.schedule.rules import Check

Key = TypeVar("Key")

_MOVE_A_BOOKING = 60
_SHORTEN_AN_ABSENCE = 120
_CHANGE_A_SLOT = 180
_OPEN_A_DAY = 480
_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change: ``change`` is a stable word, ``facts`` what it would be changed to, ``minutes`` its price."""

    change: str
    minutes: int
    facts: dict[str, Any] = field(default_factory=dict)


def smallest_change(
    explained: Iterable[tuple[Key, Iterable[Check]]], *, starts_at: datetime, ends_at: datetime
) -> tuple[Key, tuple[Remedy, ...]] | None:
    """Whose rules would have to give way least, and how; None if nothing fails or no change can help.

    ``explained`` are the checks of each resource for one start. Of equals the first is taken.
    """
    found: list[tuple[int, Key, tuple[Remedy, ...]]] = []
    for key, checks in explained:
        failed = [check for check in checks if not check.passed]
        if not failed:
            return None
        remedies = [_remedy(check, starts_at, ends_at) for check in failed]
        known = tuple(remedy for remedy in remedies if remedy is not None)
        if len(known) == len(remedies):
            found.append((sum(remedy.minutes for remedy in known), key, known))
    if not found:
        return None
    _price, key, remedies_of_key = min(found, key=lambda each: each[0])
    return key, remedies_of_key


def _remedy(check: Check, starts_at: datetime, ends_at: datetime) -> Remedy | None:
    """What would make the rule pass; None for the past, and for rules that nobody can change."""
    remedy = _REMEDIES.get(check.rule)
    return remedy(check.facts, starts_at, ends_at) if remedy else None


def _shorter_notice(facts: Mapping[str, Any], starts_at: datetime, _: datetime) -> Remedy:
    missing = _minutes(starts_at, facts["earliest_at"])
    wanted = max(facts["earliest_notice_minutes"] - missing, 0)
    return Remedy("shorter_notice", missing, {"earliest_notice_minutes": wanted})


def _further_ahead(facts: Mapping[str, Any], starts_at: datetime, _: datetime) -> Remedy:
    latest = datetime.fromisoformat(facts["latest_on"]).date()
    days = max((starts_at.date() - latest).days, 1)
    return Remedy(
        "further_ahead", days * _A_DAY, {"furthest_ahead_days": facts["furthest_ahead_days"] + days}
    )


def _other_start(facts: Mapping[str, Any], starts_at: datetime, _: datetime) -> Remedy:
    near = [at for at in (facts.get("before_at"), facts.get("after_at")) if at]
    nearest = min(near, key=lambda at: _minutes(starts_at, at))
    return Remedy("other_start", _minutes(starts_at, nearest), {"starts_at": nearest})


def _close_later(facts: Mapping[str, Any], _: datetime, __: datetime) -> Remedy:
    late = _minutes(datetime.fromisoformat(facts["ends_at"]), facts["closes_at"])
    return Remedy("close_later", late, {"closes_at": facts["ends_at"]})


def _open(facts: Mapping[str, Any], starts_at: datetime, ends_at: datetime) -> Remedy:
    return Remedy(
        "open",
        _OPEN_A_DAY,
        {"on": facts["on"], "opens_at": _iso(starts_at), "closes_at": _iso(ends_at), "level": facts["level"]},
    )


def _move_bookings(facts: Mapping[str, Any], _: datetime, __: datetime) -> Remedy:
    references = [booking["reference"] for booking in facts.get("bookings", [])]
    return Remedy("move_bookings", _MOVE_A_BOOKING * max(len(references), 1), {"references": references})


def _fixed(change: str, minutes: int) -> Callable[[Mapping[str, Any], datetime, datetime], Remedy]:
    return lambda facts, _starts, _ends: Remedy(change, minutes, dict(facts))


_REMEDIES: Mapping[str, Callable[[Mapping[str, Any], datetime, datetime], Remedy]] = {
    "notice": _shorter_notice,
    "horizon": _further_ahead,
    "grid": _other_start,
    "fits_hours": _close_later,
    "open": _open,
    "not_absent": _fixed("shorten_absence", _SHORTEN_AN_ABSENCE),
    "unclaimed": _move_bookings,
    "pacing": _fixed("more_guests_at_once", _CHANGE_A_SLOT),
    "slot_open": _fixed("open_slot", _CHANGE_A_SLOT),
    "places": _fixed("more_places", _CHANGE_A_SLOT),
    "published": _fixed("publish_slot", _OPEN_A_DAY),
}


def _minutes(one: datetime, other: str) -> int:
    return round(abs((datetime.fromisoformat(other) - one).total_seconds()) / 60)


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")

"""Deadlines as the pages show them: an instant for script, and a clock time for everybody (ux principle 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import HOLD_LIMIT_MINUTES
from holdfast.web import formats
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long something lasts, for a countdown; ``until`` is the same as a clock time."""

    deadline_ms: int
    now_ms: int
    total_seconds: int
    left_seconds: int
    clock: str
    until: str


@dataclass(frozen=True, slots=True)
class HoldClock(Deadline):
    """The clock of a hold, and whether more time can be had."""

    is_alive: bool = True
    when: str = ""
    may_extend: bool = False
    extend_url: str = ""


def deadline(visit: Visit, ends_at: datetime, total: timedelta) -> Deadline:
    """A countdown to ``ends_at`` out of ``total``."""
    left = max(0, int((ends_at - visit.now).total_seconds()))
    return Deadline(
        deadline_ms=int(ends_at.timestamp() * 1000),
        now_ms=int(visit.now.timestamp() * 1000),
        total_seconds=max(left, int(total.total_seconds())),
        left_seconds=left,
        clock=f"{left // 60}:{left % 60:02d}",
        until=formats.clock(wall(visit.timetable, ends_at)),
    )


def hold_clock(visit: Visit, held: BookingFacts, extend_url: str) -> HoldClock:
    """How long this hold still lasts."""
    minutes = visit.business.settings.hold_minutes
    ends_at = held.releases_at or visit.now
    plain = deadline(visit, ends_at, timedelta(minutes=minutes))
    is_alive = held.state_at(visit.now) == "held"
    limit = held.created_at + timedelta(minutes=max(HOLD_LIMIT_MINUTES, minutes))
    return HoldClock(
        deadline_ms=plain.deadline_ms,
        now_ms=plain.now_ms,
        total_seconds=plain.total_seconds,
        left_seconds=plain.left_seconds,
        clock=plain.clock,
        until=plain.until,
        is_alive=is_alive,
        when=formats.day_and_clock(wall(visit.timetable, held.starts_at)),
        # A few seconds more are not worth a button.
        may_extend=is_alive and limit >= ends_at + timedelta(seconds=30),
        extend_url=extend_url,
    )

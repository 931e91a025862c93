"""The policies a simulation compares: the business's own, first come first served, and telling everybody. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from holdfast.businesses.rules import Settings
from holdfast.lib.timeline import DAY_MINUTES
from holdfast.schedule.rules import parse_hhmm
from holdfast.waitlist.rules.scores import Weights


class Way(StrEnum):
    """How a place finds its person."""

    SCORE = "score"
    ORDER = "order"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class Policy:
    """How freed time is given out. Limits and cut-off are the same for all ways; only asking one by one holds a place.

    ``quiet`` are the minutes of the day from and to which nothing is sent, None for never.
    """

    way: Way
    weights: Weights
    hold_minutes: int = 10
    cutoff_minutes: int = 15
    messages_per_day: int = 5
    messages_per_minute: int = 60
    quiet: tuple[int, int] | None = None

    @classmethod
    def of(cls, settings: Settings, way: Way) -> Policy:
        """A way with the business's own numbers."""
        return cls(
            way,
            Weights.of(settings),
            settings.hold_minutes,
            settings.waitlist_cutoff_minutes,
            settings.waitlist_messages_per_day,
            settings.waitlist_messages_per_minute,
            None if settings.quiet_hours is None else _quiet(*settings.quiet_hours),
        )

    def speaks_at(self, now: int) -> int:
        """The first minute from ``now`` on that is not in the quiet hours."""
        if self.quiet is None:
            return now
        begins, ends = self.quiet
        since = (now - begins) % DAY_MINUTES
        lasts = (ends - begins) % DAY_MINUTES
        return now - since + lasts if since < lasts else now


def _quiet(begins: str, ends: str) -> tuple[int, int]:
    return parse_hhmm(begins), parse_hhmm(ends)

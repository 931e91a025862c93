"""What counts as looking, and what the counts say. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_ROBOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|scanner|monitor|uptime|facebookexternalhit", re.IGNORECASE
)


class Step(StrEnum):
    """A step of the funnel: somebody saw a service's times, held one, booked one."""

    VIEW = "views"
    HOLD = "holds"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of looking, over some days."""

    views: int = 0
    holds: int = 0
    booked: int = 0

    def __add__(self, other: Funnel) -> Funnel:
        return Funnel(self.views + other.views, self.holds + other.holds, self.booked + other.booked)

    @property
    def conversion(self) -> float | None:
        """Booked of those who looked, 0 to 1 (more were booked than seen where staff books by phone: then 1); None
        if nobody looked."""
        return min(1.0, self.booked / self.views) if self.views else None


def is_robot(user_agent: str, *, is_prefetch: bool = False) -> bool:
    """Whether a page was not looked at by a person: its reader names itself a bot, crawler, spider, preview, scanner or
    monitor, gives no name at all, or is a browser that fetches ahead."""
    return is_prefetch or not user_agent.strip() or _ROBOT.search(user_agent) is not None

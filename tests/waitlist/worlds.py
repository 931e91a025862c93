"""Small worlds for the tests of the simulation: a chair, a cut, people by name of a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from holdfast.businesses.rules import Settings
from holdfast.waitlist.rules import DateRange
from holdfast.waitlist.rules.simulation import Asker, Freed, Habits, Policy, Visit, Way, World, midnight

CHAIR, OTHER_CHAIR = UUID(int=11), UUID(int=12)
CUT, SHAVE = UUID(int=1), UUID(int=2)
MONDAY = date(2026, 11, 23)
NINE = midnight(MONDAY) + 9 * 60
# Everybody answers within the minute and says yes.
EAGER = Habits(quick_median=0.01, quick_spread=0.01, accepts=1.0)


def asker(number: int, joined: int = NINE - 3000, **more: Any) -> Asker:
    """Somebody who wants a cut on Monday at any time."""
    base = Asker(UUID(int=100 + number), joined, NINE + 1000, (CUT,), (DateRange(MONDAY, MONDAY),))
    return replace(base, **more)


def freed(start: int = NINE + 180, minutes: int = 30, at: int = NINE, **more: Any) -> Freed:
    """Time of the chair on Monday, at noon unless told otherwise."""
    return replace(Freed(at, CHAIR, MONDAY, start, start + minutes), **more)


def world(askers: list[Asker], came_free: list[Freed], habits: Habits = EAGER, seed: int = 1) -> World:
    """A cut takes 30 minutes, a shave 45; both chairs give both."""
    return World(
        {CUT: Visit(CUT, 30), SHAVE: Visit(SHAVE, 45)},
        {CHAIR: (CUT, SHAVE), OTHER_CHAIR: (CUT, SHAVE)},
        sorted(askers, key=lambda one: (one.joined, one.id)),
        sorted(came_free, key=lambda one: (one.at, one.start)),
        habits,
        seed,
    )


def policy(way: Way = Way.SCORE, **changes: Any) -> Policy:
    """The default settings."""
    return replace(Policy.of(Settings(), way), **changes)

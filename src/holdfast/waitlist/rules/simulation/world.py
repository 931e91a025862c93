"""What a simulation begins with: who joined when, what came free when, and how people answer (SPEC F9). Pure.

Minutes here are minutes on the business's wall since 1970: dates and times of the day are read off by division, and the two
nights a year when clocks change are an hour off for those awake then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import exp
from statistics import NormalDist
from uuid import UUID

from holdfast.lib.timeline import DAY_MINUTES, EPOCH
from holdfast.waitlist.rules.simulation.wishing import Wishing
from holdfast.waitlist.rules.wishes import DateRange

ANY_PARTY = 1_000_000
_EPOCH_ORDINAL = EPOCH.date().toordinal()
_NORMAL = NormalDist()
_BITS = (1 << 64) - 1


def midnight(on: date) -> int:
    """The minute at which a date begins on the wall."""
    return (on.toordinal() - _EPOCH_ORDINAL) * DAY_MINUTES


def date_of(minute: int) -> date:
    """The date on the wall."""
    return date.fromordinal(minute // DAY_MINUTES + _EPOCH_ORDINAL)


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit for a service takes: minutes with both buffers, the buffer in front, and the step of its starts."""

    service: UUID
    length: int
    before: int = 0
    step: int = 15


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody on the list, as the list knows them, and what it does not know.

    ``ends`` is the minute the last wish is over. ``leaves`` is when they found something else, None for never;
    ``tells``: whether they then leave the list or just answer no more. ``answers`` is False for who never answers,
    ``is_slow`` marks who reads messages when they sit down, not when the phone buzzes. ``misses`` is how likely they do not
    come to a place they took.
    """

    id: UUID
    joined: int
    ends: int
    services: tuple[UUID, ...]
    ranges: tuple[DateRange, ...]
    resources: frozenset[UUID] | None = None
    party_size: int = 1
    tier: int = 0
    shows: int = 0
    no_shows: int = 0
    boost: float = 0.0
    leaves: int | None = None
    tells: bool = True
    answers: bool = True
    is_slow: bool = False
    misses: float = 0.0

    def wants(self, on: date, minute_of_day: int) -> bool:
        """Whether a start listed under ``on`` is wished for."""
        for one in self.ranges:  # noqa: SIM110 - a loop is faster, and this is asked millions of times
            if one.includes(on, minute_of_day):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Freed:
    """Time of one resource that came free at the minute ``at``; ``on`` is the date it is listed under.

    ``seats`` is the largest party it takes.
    """

    at: int
    resource: UUID
    on: date
    start: int
    end: int
    seats: int = ANY_PARTY


@dataclass(frozen=True, slots=True)
class Habits:
    """How people answer a message, in minutes and shares; the reasons are in ``docs/how-it-works/waitlist-simulation.md``.

    Delays are lognormal: half answer within the median, ``spread`` is the deviation of the logarithm. Nobody answers
    between ``sleeps`` and ``wakes``, minutes of the day. ``wearies`` is the share of people who stop answering each time they
    said yes to a place that was gone.
    """

    quick_median: float = 3.0
    quick_spread: float = 1.0
    slow_median: float = 40.0
    slow_spread: float = 1.2
    accepts: float = 0.75
    wearies: float = 0.0
    wakes: int = 7 * 60
    sleeps: int = 23 * 60


@dataclass(frozen=True)
class World:
    """Everything that happens whatever the policy: the same people with the same habits for all that are compared.

    ``gives`` are the services each resource gives. ``askers`` are in order of joining, ``freed`` in order of ``at``.
    """

    visits: Mapping[UUID, Visit]
    gives: Mapping[UUID, Sequence[UUID]]
    askers: Sequence[Asker]
    freed: Sequence[Freed]
    habits: Habits = field(default_factory=Habits)
    seed: int = 1

    @cached_property
    def wishing(self) -> Wishing:
        """Who wishes for what."""
        return Wishing(self.askers)

    @cached_property
    def given(self) -> Mapping[UUID, Mapping[UUID, Visit]]:
        """The visits for the services each resource gives."""
        return {
            resource: {id: self.visits[id] for id in services} for resource, services in self.gives.items()
        }

    @cached_property
    def shortest(self) -> Mapping[UUID, int]:
        """The shortest visit that each resource gives."""
        return {
            resource: min((self.visits[id].length for id in services), default=DAY_MINUTES)
            for resource, services in self.gives.items()
        }

    def answer(self, asker: int, freed: int, told: int, in_vain: int = 0) -> tuple[int, bool] | None:
        """When somebody who is told of this time at minute ``told`` answers, and whether with yes; None for never.

        The same for whoever asks: drawn from the seed, the person and the time, not from what was drawn before.
        ``in_vain`` is how often they said yes for nothing.
        """
        one, habits = self.askers[asker], self.habits
        if not one.answers:
            return None
        if in_vain and uniform(self.seed, asker, 5) >= (1 - habits.wearies) ** in_vain:
            return None
        median, spread = (
            (habits.slow_median, habits.slow_spread)
            if one.is_slow
            else (habits.quick_median, habits.quick_spread)
        )
        drawn = min(max(uniform(self.seed, asker, freed, 1), 1e-9), 1 - 1e-9)
        at = told + max(1, round(median * exp(spread * _NORMAL.inv_cdf(drawn))))
        of_day = at % DAY_MINUTES
        if of_day >= habits.sleeps or of_day < habits.wakes:
            later = DAY_MINUTES if of_day >= habits.sleeps else 0
            at += habits.wakes - of_day + later + int(uniform(self.seed, asker, freed, 2) * 60)
        if one.leaves is not None and at >= one.leaves:
            return None
        return at, uniform(self.seed, asker, freed, 3) < habits.accepts

    def comes(self, asker: int, freed: int) -> bool:
        """Whether somebody who took this time comes."""
        return uniform(self.seed, asker, freed, 4) >= self.askers[asker].misses


def uniform(seed: int, *numbers: int) -> float:
    """A number in [0, 1) that looks drawn and depends on these alone (SplitMix64's mixing)."""
    mixed = seed & _BITS
    for number in numbers:
        mixed = (mixed + number * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & _BITS
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _BITS
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _BITS
        mixed ^= mixed >> 31
    return mixed / (1 << 64)

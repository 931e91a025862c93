"""The shipped scenario: a year of a barbershop that is mostly full, drawn from a seed (SPEC F9). Pure.

Every number here is an assumption; what stands behind each is said in ``docs/how-it-works/waitlist-simulation.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from math import ceil
from random import Random
from uuid import UUID

from holdfast.lib.timeline import DAY_MINUTES
from holdfast.waitlist.rules.simulation.world import Asker, Freed, Habits, Visit, World, date_of, midnight
from holdfast.waitlist.rules.wishes import DateRange

# The services of the barbershop: name, minutes, share of the visits.
SERVICES = (
    ("Buzz cut", 15, 0.08), ("Beard shape", 20, 0.12), ("Classic cut", 30, 0.38), ("Hot towel shave", 45, 0.08),
    ("Skin fade", 45, 0.19), ("Fade and beard", 60, 0.15),
)  # fmt: skip
_OPENS, _CLOSES = 9 * 60, 18 * 60
_WORKDAYS = (1, 2, 3, 4, 5)  # Tuesday to Saturday
_BARBERS = 5
# Of the bookings of a full diary, so many come free again.
_CANCELLED = 0.14
# How long before the start: share, and from when to when in minutes.
_NOTICE = ((0.12, 10, 120), (0.20, 120, 720), (0.28, 720, 2880), (0.40, 2880, 10_080))
# When in the week people want to come: from and to, in minutes of the day, weekdays, share.
_WORKING, _SATURDAY = 0b0011110, 0b0100000
_TIMES = (
    (0, DAY_MINUTES, _WORKING | _SATURDAY, 0.35),
    (9 * 60, 12 * 60, _WORKING | _SATURDAY, 0.15),
    (12 * 60, 14 * 60, _WORKING, 0.12),
    (16 * 60, DAY_MINUTES, _WORKING, 0.23),
    (0, DAY_MINUTES, _SATURDAY, 0.15),
)
# How likely somebody does not come: most hardly ever, few often; 7 in 100 on average.
_MISSES = (0.5, 6.64)
_TIERS = ((0, 0.70), (1, 0.18), (2, 0.08), (3, 0.04))
# The same shares added up, as drawing many times wants them.
_SERVICE_SHARES = tuple(accumulate(share for *_, share in SERVICES))
_TIME_SHARES = tuple(accumulate(share for *_, share in _TIMES))
_TIER_SHARES = tuple(accumulate(share for _, share in _TIERS))
#: Entries per freed booking, unless told otherwise: about two wait for every chair that comes free.
USUAL_ENTRIES_PER_FREED = 2.0


@dataclass(frozen=True, slots=True)
class Shape:
    """How long the scenario is, how many barbers it has and how many join; ``entries`` None for the usual share."""

    first: date = date(2026, 1, 1)
    days: int = 365
    barbers: int = _BARBERS
    entries: int | None = None
    habits: Habits = field(default_factory=Habits)


_USUAL = Shape()


def shipped(seed: int = 1, shape: Shape = _USUAL) -> World:
    """The world of the scenario. The same seed and shape make the same world."""
    drawn = Random(seed)  # noqa: S311 - chance, not secrets
    services = {_id(1, number): minutes for number, (_, minutes, _) in enumerate(SERVICES)}
    visits = {id: Visit(id, minutes) for id, minutes in services.items()}
    barbers = [_id(2, number) for number in range(shape.barbers)]
    freed = sorted(_freed(drawn, shape, barbers), key=lambda one: (one.at, one.start, one.resource))
    count = round(len(freed) * USUAL_ENTRIES_PER_FREED) if shape.entries is None else shape.entries
    askers = sorted(
        (_asker(drawn, shape, barbers, list(services), number) for number in range(count)),
        key=lambda one: (one.joined, one.id),
    )
    return World(visits, {barber: tuple(services) for barber in barbers}, askers, freed, shape.habits, seed)


def _freed(drawn: Random, shape: Shape, barbers: list[UUID]) -> Iterator[Freed]:
    """The diary of every barber, booked from opening to closing, and what of it comes free."""
    shares = [share for *_, share in SERVICES]
    for day in range(shape.days):
        on = shape.first + timedelta(days=day)
        if on.weekday() not in _WORKDAYS:
            continue
        for barber in barbers:
            at = midnight(on) + _OPENS
            while at + SERVICES[0][1] <= midnight(on) + _CLOSES:
                minutes = drawn.choices(SERVICES, shares)[0][1]
                if at + minutes <= midnight(on) + _CLOSES:
                    if drawn.random() < _CANCELLED:
                        yield Freed(_awake(drawn, at - _notice(drawn)), barber, on, at, at + minutes)
                    at += minutes
                    at += -at % 5
                else:
                    at += 15


def _notice(drawn: Random) -> int:
    _, least, most = drawn.choices(_NOTICE, [share for share, _, _ in _NOTICE])[0]
    return drawn.randint(least, most)


def _awake(drawn: Random, at: int) -> int:
    """Nobody cancels in their sleep: what falls into the night is done the evening before."""
    of_day = at % DAY_MINUTES
    if 7 * 60 <= of_day < 22 * 60:
        return at
    evening = at - of_day + 22 * 60 - (DAY_MINUTES if of_day < 7 * 60 else 0)
    return evening - drawn.randint(1, 180)


def _asker(drawn: Random, shape: Shape, barbers: list[UUID], services: list[UUID], number: int) -> Asker:
    joined = (
        midnight(shape.first) + drawn.randrange(shape.days) * DAY_MINUTES + drawn.randint(7 * 60, 22 * 60)
    )
    first = date_of(joined) + timedelta(days=min(int(drawn.expovariate(1 / 2.5)), 14))
    from_minute, to_minute, weekdays, _ = drawn.choices(_TIMES, cum_weights=_TIME_SHARES)[0]
    days = drawn.choices((1, 3, 7, 14), (0.15, 0.30, 0.35, 0.20))[0]
    last = first + timedelta(days=days - 1)
    while not any(
        weekdays >> (first + timedelta(days=n)).weekday() & 1 for n in range((last - first).days + 1)
    ):
        last += timedelta(days=1)
    wanted = drawn.choices(services, cum_weights=_SERVICE_SHARES)
    if drawn.random() < 0.15:
        wanted = list(dict.fromkeys([*wanted, drawn.choice(services)]))
    misses = drawn.betavariate(*_MISSES)
    visits = min(int(drawn.expovariate(1 / 6)), 40)
    missed = sum(drawn.random() < misses for _ in range(visits))
    patience = ceil(drawn.expovariate(1 / (8 * DAY_MINUTES)))
    ends = midnight(last) + DAY_MINUTES + 6 * 60
    return Asker(
        id=_id(3, number),
        joined=joined,
        ends=ends,
        services=tuple(wanted),
        ranges=(DateRange(first, last, from_minute, to_minute, weekdays),),
        resources=None if drawn.random() < 0.6 else frozenset({drawn.choice(barbers)}),
        tier=drawn.choices(_TIERS, cum_weights=_TIER_SHARES)[0][0],
        shows=visits - missed,
        no_shows=missed,
        leaves=joined + patience if joined + patience < ends else None,
        tells=drawn.random() < 0.5,
        answers=drawn.random() >= 0.08,
        is_slow=drawn.random() < 0.30,
        misses=misses,
    )


def _id(kind: int, number: int) -> UUID:
    return UUID(int=kind << 96 | number)

"""A floor of 60 tables with 40 combinations: choosing tables for a party, and the free starts of a month.

Computing alone, without a database: ``python -m benchmarks.tables``. The budget of a choice is 5 ms (docs/guides/tables.md).
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from holdfast.bookings.rules import (
    Arrangement,
    Combination,
    Table,
    arrangements,
    first_free,
    ranked,
)
from holdfast.lib.timeline import Span
from holdfast.schedule.rules import (
    Hours,
    Shape,
    board_of,
    columns_by_day,
    free_starts,
    weekly_windows,
    windows_by_resource,
)

TABLES, COMBINATIONS, NIGHTS = 60, 40, 31
BUDGET_MS = 5.0
_FIRST = date(2026, 12, 1)


def floor(seed: int = 1) -> tuple[list[Table], list[Combination], list[tuple[UUID, UUID]]]:
    """Tables of two to ten in rows of ten, neighbours side by side, and forty named combinations."""
    dice = random.Random(seed)
    ids = [UUID(int=number + 1) for number in range(TABLES)]
    sizes = ((1, 2), (2, 4), (3, 6), (4, 8), (5, 10))
    tables = [Table(id, *dice.choice(sizes)) for id in ids]
    beside = [(ids[at], ids[at + 1]) for at in range(TABLES - 1) if (at + 1) % 10]
    seats = {table.id: table.seats_max for table in tables}
    pairs = dice.sample([(first, second) for first in ids for second in ids if first < second], COMBINATIONS)
    together = [
        Combination(pair, max(seats[pair[0]], seats[pair[1]]) + 1, seats[pair[0]] + seats[pair[1]] + 1)
        for pair in pairs
    ]
    return tables, together, beside


def known_floor() -> tuple[Arrangement, ...]:
    """Everything a party can sit at, two tables together at most."""
    tables, together, beside = floor()
    return arrangements(tables, together, beside, 2)


def choose(known: tuple[Arrangement, ...], party: int, free: set[UUID]) -> Arrangement | None:
    """What booking computes for a party, nothing remembered from before."""
    return first_free(ranked(known, party), free)


def free_month(known: tuple[Arrangement, ...], party: int, busy: dict[UUID, list[Span]]) -> int:
    """How many starts a party has in a month of nights from ten to four."""
    week = [{"weekday": weekday, "opens": "22:00", "closes": "04:00"} for weekday in range(7)]
    hours = Hours("Europe/London", weekly_windows(week))
    order = ranked(known, party)
    ids = tuple(dict.fromkeys(id for one in order for id in one.tables))
    last = _FIRST + timedelta(days=NIGHTS - 1)
    board = board_of(windows_by_resource(hours, ids, _FIRST, last), Shape(120, 30), dates=(_FIRST, last))
    free = [free_starts(board, column, busy[id]) for column, id in enumerate(ids)]
    days = columns_by_day(board, free, board.frame.start, board.frame.end)
    place = {id: column for column, id in enumerate(ids)}
    count = 0
    for sheets in days.values():
        for columns in sheets:
            anything = 0
            for one in order:
                together = -1
                for id in one.tables:
                    together &= columns[place[id]]
                anything |= together
            count += anything.bit_count()
    return count


def milliseconds(work: Callable[[], object], times: int = 200) -> tuple[float, float]:
    """``(median, slowest)`` of some runs."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1000)
    return statistics.median(found), max(found)


def main() -> None:
    """Print what each costs."""
    dice = random.Random(2)
    tables, together, beside = floor()
    known = known_floor()
    ids = [table.id for table in tables]
    free = set(dice.sample(ids, TABLES // 3))
    opens = 29_776_560  # some evening's ten o'clock, in minutes
    busy = {
        id: [Span(at, at + 120) for night in range(NIGHTS) for at in [opens + night * 1440 + dice.randrange(0, 241, 30)]]
        for id in ids
    }  # fmt: skip
    rows = [
        (
            "everything a party can sit at, once for a timetable",
            lambda: arrangements(tables, together, beside, 2),
        ),
        ("choosing tables for a party of 2", lambda: choose(known, 2, free)),
        ("choosing tables for a party of 9", lambda: choose(known, 9, free)),
        ("choosing with no table free", lambda: choose(known, 9, set())),
        (f"free starts of a party of 6 in {NIGHTS} nights", lambda: free_month(known, 6, busy)),
    ]
    for name, work in rows:
        median, slowest = milliseconds(work, 30 if "nights" in name else 200)
        print(f"{name:55} {median:7.2f} ms, slowest {slowest:7.2f} ms")


if __name__ == "__main__":
    main()

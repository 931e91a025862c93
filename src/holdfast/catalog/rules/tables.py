"""What tables may be together: combinations, neighbours, and how long a party of a size stays. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from holdfast.lib.text import Mistakes, line

MOST_SEATS = 10_000
_MOST_TURNS = 20


def turn_for(turns: Iterable[tuple[int, int]], duration_minutes: int, party_size: int) -> int:
    """How long a party of this size stays: the first step that is large enough, else the usual length."""
    return next((minutes for most, minutes in turns if party_size <= most), duration_minutes)


def clean_turns(value: Any, mistakes: Mistakes) -> list[list[int]]:
    """``[[largest party, minutes], …]`` with rising parties; what is wrong is added to ``mistakes``."""
    steps = value if isinstance(value, (list, tuple)) else None
    if steps is None or not all(_is_pair(step) for step in steps):
        mistakes["turn_minutes"] = [("wrong_type", {})]
        return []
    if len(steps) > _MOST_TURNS:
        mistakes["turn_minutes"] = [("too_many", {"limit": _MOST_TURNS})]
    parties = [most for most, _ in steps]
    if any(later <= earlier for earlier, later in pairwise(parties)):
        mistakes["turn_minutes"] = [("not_rising", {})]
    for most, minutes in steps:
        if not 1 <= most <= MOST_SEATS:
            mistakes["turn_minutes"] = [("out_of_bounds", {"least": 1, "most": MOST_SEATS})]
        elif not 1 <= minutes <= 1440:
            mistakes["turn_minutes"] = [("out_of_bounds", {"least": 1, "most": 1440})]
    return [list(step) for step in steps]


def clean_combination(wanted: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The accepted columns of a combination; what is wrong is added to ``mistakes`` by field."""
    accepted: dict[str, Any] = {}
    for name, value in wanted.items():
        if name == "name" and isinstance(value, str):
            accepted[name] = line(value, field=name, mistakes=mistakes, limit=120, required=True)
        elif name not in ("seats_min", "seats_max", "position"):
            mistakes[name] = [("wrong_type" if name == "name" else "unknown_field", {})]
        elif isinstance(value, bool) or not isinstance(value, int):
            mistakes[name] = [("wrong_type", {})]
        else:
            least, most = (0, 100_000) if name == "position" else (1, MOST_SEATS)
            if not least <= value <= most:
                mistakes[name] = [("out_of_bounds", {"least": least, "most": most})]
            accepted[name] = value
    return accepted


def check_tables(
    tables: Sequence[UUID],
    *,
    known: Collection[UUID],
    others: Iterable[frozenset[UUID]],
    most_tables: int,
    mistakes: Mistakes,
) -> None:
    """Whether these can be a combination: at least two different tables of the business, no more than may be joined,
    and not the same ones as another combination."""
    together = frozenset(tables)
    if not together <= frozenset(known):
        mistakes["tables"] = [("unknown", {})]
    elif len(together) != len(tables):
        mistakes["tables"] = [("repeated", {})]
    elif len(together) < 2:
        mistakes["tables"] = [("too_few", {"limit": 2})]
    elif len(together) > most_tables:
        mistakes["tables"] = [("too_many", {"limit": most_tables})]
    elif together in set(others):
        mistakes["tables"] = [("same_tables", {})]


def check_seats(seats_min: int, seats_max: int, mistakes: Mistakes) -> None:
    """Whether the fewest seats are no more than the most."""
    if seats_min > seats_max and "seats_max" not in mistakes:
        mistakes["seats_max"] = [("less_than_seats_min", {})]


def _is_pair(step: Any) -> bool:
    return (
        isinstance(step, (list, tuple))
        and len(step) == 2
        and all(isinstance(number, int) and not isinstance(number, bool) for number in step)
    )

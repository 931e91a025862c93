"""Which tables a party gets (SPEC B3). Pure: tables in, an order of preference out.

An *arrangement* is what one party can sit at: one table, a combination the business named, or tables that stand side by
side. For a party all arrangements that fit are put in one order, best first:

1. a single table before several,
2. the least waste (seats that stay empty),
3. fewer tables,
4. tables that no arrangement of several needs, before those that one does,
5. the business's order.

The tables a party gets are those of the first arrangement that is free as a whole: so the choice is the best there is
by construction, costs one pass, and is the same for everybody who asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

# Connected tables grow in number with the maximum and the pairs; beyond this many, larger ones are not looked for.
MOST_ARRANGEMENTS = 4000


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be given: for at least ``seats_min`` and at most ``seats_max`` guests."""

    id: UUID
    seats_min: int
    seats_max: int


@dataclass(frozen=True, slots=True)
class Combination:
    """Tables that the business puts together under a name, with seats of their own."""

    tables: tuple[UUID, ...]
    seats_min: int
    seats_max: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What one party can sit at; ``tables`` in the business's order."""

    tables: tuple[UUID, ...]
    seats_min: int
    seats_max: int

    def fits(self, party_size: int) -> bool:
        return self.seats_min <= party_size <= self.seats_max


def arrangements(
    tables: Sequence[Table],
    combinations: Iterable[Combination],
    neighbours: Iterable[tuple[UUID, UUID]],
    most_tables: int,
) -> tuple[Arrangement, ...]:
    """Everything a party can sit at, of ``tables`` (in the business's order), ``most_tables`` together at most.

    Single tables; named combinations all of whose tables are there; and every set of tables connected by ``neighbours``,
    its seats the sums of theirs, unless the business named that very set.
    """
    known = {table.id: table for table in tables}
    place = {table.id: index for index, table in enumerate(tables)}
    found = {frozenset([t.id]): Arrangement((t.id,), t.seats_min, t.seats_max) for t in tables}
    for one in combinations:
        if 2 <= len(one.tables) <= most_tables and all(id in known for id in one.tables):
            together = tuple(sorted(one.tables, key=place.__getitem__))
            found.setdefault(frozenset(together), Arrangement(together, one.seats_min, one.seats_max))
    for connected in _connected(place, neighbours, most_tables):
        if connected not in found:
            together = tuple(sorted(connected, key=place.__getitem__))
            least = sum(known[id].seats_min for id in together)
            found[connected] = Arrangement(together, least, sum(known[id].seats_max for id in together))
    return tuple(found.values())


def ranked(known: Sequence[Arrangement], party_size: int) -> tuple[Arrangement, ...]:
    """The arrangements that fit a party, best first; see the order above.

    ``known`` are all there are, single tables first and in the business's order, as :func:`arrangements` gives them.
    """
    place = {one.tables[0]: index for index, one in enumerate(known) if len(one.tables) == 1}
    shared = {id for one in known if len(one.tables) > 1 for id in one.tables}

    def rank(one: Arrangement) -> tuple[bool, int, int, int, list[int]]:
        several = len(one.tables) > 1
        needed = sum(id in shared for id in one.tables)
        waste = one.seats_max - party_size
        return several, waste, len(one.tables), needed, [place[id] for id in one.tables]

    return tuple(sorted((one for one in known if one.fits(party_size)), key=rank))


def first_free(order: Iterable[Arrangement], free: Collection[UUID]) -> Arrangement | None:
    """The best arrangement all of whose tables are among ``free``; None if there is none."""
    return next((one for one in order if all(id in free for id in one.tables)), None)


def largest_party(known: Iterable[Arrangement]) -> int:
    """The largest party that can be seated on an empty floor; 0 without tables."""
    return max((one.seats_max for one in known), default=0)


def _connected(
    tables: Mapping[UUID, int], neighbours: Iterable[tuple[UUID, UUID]], most_tables: int
) -> Iterator[frozenset[UUID]]:
    """Every set of two tables or more that neighbours connect, small sets first."""
    beside: dict[UUID, list[UUID]] = {}
    for first, second in neighbours:
        if first in tables and second in tables:
            beside.setdefault(first, []).append(second)
            beside.setdefault(second, []).append(first)
    sets = {frozenset([id]) for id in beside}
    given = 0
    for _size in range(2, most_tables + 1):
        # In a fixed order, so that a limit that is reached leaves out the same sets every time.
        grown = {one | {other} for one in sets for id in one for other in beside[id] if other not in one}
        sets = set(
            sorted(grown, key=lambda one: sorted(tables[id] for id in one))[: MOST_ARRANGEMENTS - given]
        )
        given += len(sets)
        yield from sorted(sets, key=lambda one: sorted(tables[id] for id in one))

"""Which tables a party gets: the order of preference, against brute force on small floors (SPEC B3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.bookings.rules import (
    Arrangement,
    Combination,
    Table,
    arrangements,
    first_free,
    full_intervals,
    interval_of,
    largest_party,
    ranked,
)
from holdfast.lib.timeline import Span
from holdfast.schedule.rules import OpenWindow


def id_of(number: int) -> UUID:
    return UUID(int=number + 1)


A, B, C, D, E = map(id_of, range(5))


def best(
    tables: list[tuple[UUID, int, int]],
    party: int,
    *,
    groups: Sequence[tuple[tuple[UUID, ...], int, int]] = (),
    beside: list[tuple[UUID, UUID]] | None = None,
    most: int = 2,
    free: set[UUID] | None = None,
) -> tuple[UUID, ...]:
    known = arrangements(
        [Table(*table) for table in tables],
        [Combination(*group) for group in groups],
        beside or [],
        most,
    )
    found = first_free(ranked(known, party), {id for id, *_ in tables} if free is None else free)
    return found.tables if found else ()


def test_a_single_table_comes_before_a_combination_however_well_that_fits() -> None:
    assert best([(A, 1, 2), (B, 1, 2), (C, 1, 10)], 4, beside=[(A, B)]) == (C,)


def test_the_least_waste_wins() -> None:
    assert best([(A, 1, 8), (B, 1, 4), (C, 1, 6)], 4) == (B,)


def test_fewer_tables_come_before_more_that_waste_as_little() -> None:
    tables = [(A, 1, 2), (B, 1, 2), (C, 1, 2), (D, 1, 4)]
    assert best(tables, 6, beside=[(A, B), (B, C), (C, D)], most=3) == (C, D)


def test_tables_that_combinations_need_are_kept_for_last() -> None:
    assert best([(A, 1, 4), (B, 1, 4), (C, 1, 4)], 3, beside=[(A, B)]) == (C,)


def test_of_equals_the_first_in_the_business_order_is_given() -> None:
    assert best([(C, 1, 4), (A, 1, 4), (B, 1, 4)], 4) == (C,)


def test_a_small_party_does_not_take_a_large_table_meant_for_more() -> None:
    assert best([(A, 4, 8)], 2) == ()
    assert best([(A, 4, 8)], 4) == (A,)


def test_a_named_combination_has_seats_of_its_own_and_stands_for_its_tables() -> None:
    tables, groups = [(A, 1, 4), (B, 1, 4)], [((B, A), 5, 7)]
    assert best(tables, 7, groups=groups, beside=[(A, B)]) == (A, B)
    assert best(tables, 8, groups=groups, beside=[(A, B)]) == ()


def test_neighbours_seat_the_sum_and_must_be_connected() -> None:
    tables = [(A, 1, 2), (B, 1, 2), (C, 1, 2)]
    assert best(tables, 6, beside=[(A, B), (B, C)], most=3) == (A, B, C)
    assert best(tables, 6, beside=[(A, B)], most=3) == ()
    assert best(tables, 4, beside=[(A, B)], most=3, free={A, C}) == ()


def test_never_more_tables_than_may_be_joined() -> None:
    tables = [(A, 1, 2), (B, 1, 2), (C, 1, 2)]
    assert best(tables, 6, beside=[(A, B), (B, C)], groups=[((A, B, C), 5, 6)], most=2) == ()
    assert best(tables, 3, beside=[(A, B)], most=1) == ()


def test_a_combination_with_a_table_that_is_not_given_is_none() -> None:
    assert best([(A, 1, 4)], 6, groups=[((A, B), 5, 8)]) == ()


def test_the_largest_party_is_that_of_the_largest_arrangement() -> None:
    known = arrangements([Table(A, 1, 4), Table(B, 2, 6)], [], [(A, B)], 2)
    assert largest_party(known) == 10
    assert largest_party(()) == 0


Floor = tuple[list[Table], list[Combination], list[tuple[UUID, UUID]]]


@st.composite
def floors(draw: st.DrawFn) -> Floor:
    count = draw(st.integers(1, 6))
    ids = draw(st.permutations([id_of(number) for number in range(count)]))
    tables = []
    for id in ids:
        least = draw(st.integers(1, 4))
        tables.append(Table(id, least, draw(st.integers(least, 8))))
    pairs = list(combinations(ids, 2))
    beside = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6)) if pairs else []
    groups = []
    for _ in range(draw(st.integers(0, 3)) if count > 1 else 0):
        members = tuple(draw(st.lists(st.sampled_from(ids), min_size=2, max_size=4, unique=True)))
        least = draw(st.integers(1, 8))
        groups.append(Combination(members, least, draw(st.integers(least, 16))))
    return tables, groups, beside


def every_seating(floor: Floor, most_tables: int) -> dict[frozenset[UUID], tuple[int, int]]:
    """By brute force: every set of tables that may seat one party, with its seats."""
    tables, groups, beside = floor
    seats = {table.id: table for table in tables}
    edges = {frozenset(pair) for pair in beside}
    found: dict[frozenset[UUID], tuple[int, int]] = {}
    for size in range(1, most_tables + 1):
        for members in combinations(seats, size):
            together = frozenset(members)
            reached, frontier = {members[0]}, [members[0]]
            while frontier:
                at = frontier.pop()
                near = {other for other in together - reached if frozenset((at, other)) in edges}
                reached |= near
                frontier += near
            if reached == together:
                found[together] = (
                    sum(seats[id].seats_min for id in members),
                    sum(seats[id].seats_max for id in members),
                )
    for group in reversed(groups):
        if len(group.tables) <= most_tables:
            found[frozenset(group.tables)] = (group.seats_min, group.seats_max)
    return found


@given(floors(), st.integers(1, 20), st.integers(1, 4), st.data())
def test_the_choice_is_free_fits_and_is_as_good_as_any(
    floor: Floor, party: int, most_tables: int, data: st.DataObject
) -> None:
    tables, groups, beside = floor
    ids = [table.id for table in tables]
    free = set(data.draw(st.lists(st.sampled_from(ids), unique=True)))
    known = arrangements(tables, groups, beside, most_tables)
    chosen = first_free(ranked(known, party), free)
    seatings = every_seating(floor, most_tables)
    assert {frozenset(one.tables): (one.seats_min, one.seats_max) for one in known} == seatings
    shared = set().union(*(together for together in seatings if len(together) > 1))

    def worth(together: frozenset[UUID]) -> tuple[bool, int, int, int, list[int]]:
        waste, needed = seatings[together][1] - party, len(together & shared)
        return len(together) > 1, waste, len(together), needed, sorted(map(ids.index, together))

    possible = [
        together
        for together, (least, most) in seatings.items()
        if together <= free and least <= party <= most
    ]
    if chosen is None:
        assert possible == []
        return
    assert len(chosen.tables) <= most_tables
    assert set(chosen.tables) <= free
    assert frozenset(chosen.tables) == min(possible, key=worth)


@given(floors(), st.lists(st.integers(1, 10), max_size=12), st.integers(1, 4))
def test_parties_seated_one_after_another_never_share_a_table(
    floor: Floor, parties: list[int], most_tables: int
) -> None:
    known = arrangements(*floor, most_tables)
    free = {table.id for table in floor[0]}
    seated: list[Arrangement] = []
    for party in parties:
        given_to = first_free(ranked(known, party), free)
        if given_to is not None:
            assert set(given_to.tables) <= free
            assert given_to.fits(party)
            free -= set(given_to.tables)
            seated.append(given_to)
    taken = [id for one in seated for id in one.tables]
    assert len(taken) == len(set(taken))


def window(start: int, end: int) -> OpenWindow:
    return OpenWindow(date(2026, 11, 20), start, end)


@pytest.mark.parametrize(
    ("start", "interval"), [(600, (600, 630)), (629, (600, 630)), (630, (630, 660)), (50, (50, 80))]
)
def test_an_interval_is_counted_from_the_opening_of_the_window(start: int, interval: tuple[int, int]) -> None:
    assert interval_of([window(600, 960)], start, 30) == Span(*interval)


@given(
    st.dictionaries(st.integers(0, 400), st.integers(1, 30), max_size=20),
    st.integers(1, 60),
    st.integers(1, 20),
    st.integers(1, 60),
)
def test_full_intervals_are_those_in_which_one_more_party_is_too_many(
    covers: dict[int, int], step: int, party: int, most: int
) -> None:
    windows = [window(30, 390)]
    full = full_intervals(windows, covers, step, party_size=party, most=most)
    for start in range(30, 390):
        interval = interval_of(windows, start, step)
        guests = sum(count for at, count in covers.items() if interval_of(windows, at, step) == interval)
        assert (interval in full) == (guests > 0 and guests + party > most)


def test_every_pair_of_overlapping_choices_is_seen_by_the_brute_force_itself() -> None:
    """The yardstick: a naive floor of two neighbours has exactly three seatings."""
    floor: Floor = ([Table(A, 1, 2), Table(B, 1, 2)], [], [(A, B)])
    assert set(every_seating(floor, 2)) == {frozenset(part) for part in ({A}, {B}, {A, B})}

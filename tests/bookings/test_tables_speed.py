"""Choosing tables stays within its budget on a large floor: 60 tables, 40 combinations, 5 ms of computing."""

from __future__ import annotations

import time

import pytest

from benchmarks.tables import BUDGET_MS, COMBINATIONS, TABLES, choose, floor, known_floor


@pytest.mark.parametrize("party", [2, 9, 20])
def test_a_choice_on_a_large_floor_takes_less_than_its_budget(party: int) -> None:
    tables, together, _ = floor()
    assert (len(tables), len(together)) == (TABLES, COMBINATIONS)
    known, free = known_floor(), {table.id for table in tables[::3]}
    best = float("inf")
    for _ in range(20):  # the machine may be busy: the quickest run is what it costs
        begun = time.perf_counter()
        choose(known, party, free)
        best = min(best, time.perf_counter() - begun)
    assert best * 1000 <= BUDGET_MS

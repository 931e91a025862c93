"""Twelve clients, thirty times: whoever wants the same minutes of the same barber, exactly one gets them (SPEC D2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.races import weakening
from tests.races.crowd import CLIENTS, ROUNDS, Rounds, Run, in_processes, in_threads
from tests.races.evidence import assert_sound, double_bookings, overlapping_claims
from tests.races.plays import (
    WON,
    Play,
    Stage,
    book_anybody,
    book_overlapping,
    book_the_same,
    book_within_buffers,
)

pytestmark = pytest.mark.django_db(transaction=True)

ONE_WINNER = Counter({WON: 1, "time_taken": CLIENTS - 1})


def tallies(rounds: Rounds) -> list[Counter[str]]:
    return [Counter(turn) for turn in rounds]


@pytest.mark.parametrize(
    ("play", "run"),
    [
        (book_the_same, in_threads),
        (book_the_same, in_processes),
        (book_overlapping, in_threads),
        (book_overlapping, in_processes),
        (book_within_buffers, in_threads),
    ],
)
def test_one_of_twelve_clients_gets_the_time_thirty_times(
    play: Play, run: Run, stage: Stage, repetitions: Callable[[], int]
) -> None:
    assert tallies(run(play, stage)) == [ONE_WINNER] * ROUNDS
    assert_sound()
    assert repetitions() == 0


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_of_four_barbers_and_twelve_clients_four_win(
    run: Run, stage: Stage, repetitions: Callable[[], int]
) -> None:
    rounds = ROUNDS if run is in_threads else 10
    assert tallies(run(book_anybody, stage, rounds=rounds)) == [Counter({WON: 4, "time_taken": 8})] * rounds
    assert_sound()
    assert repetitions() == 0


@pytest.mark.parametrize("play", [book_the_same, book_overlapping, book_within_buffers, book_anybody])
def test_the_database_alone_prevents_double_booking_when_no_code_looks(
    play: Play, stage: Stage, no_code_checks: None
) -> None:
    outcomes = tallies(in_threads(play, stage, rounds=3))
    assert double_bookings() == 0
    assert_sound()
    assert all(turn[WON] >= 1 for turn in outcomes)
    assert set().union(*outcomes) <= {WON, "time_taken", "busy"}


@pytest.mark.parametrize("play", [book_the_same, book_overlapping, book_within_buffers, book_anybody])
def test_control_without_guard_and_checks_threads_double_book(
    play: Play, stage: Stage, no_database_guard: None, no_code_checks: None
) -> None:
    outcomes = tallies(in_threads(play, stage, rounds=1))
    assert outcomes == [Counter({WON: CLIENTS})]
    assert overlapping_claims() > 0
    with pytest.raises(AssertionError):
        assert_sound()


def test_control_without_guard_and_checks_processes_double_book(
    stage: Stage, no_database_guard: None
) -> None:
    outcomes = in_processes(book_the_same, stage, rounds=1, without_code_checks=True)
    assert tallies(outcomes) == [Counter({WON: CLIENTS})]
    assert overlapping_claims() == CLIENTS * (CLIENTS - 1) // 2


def test_control_without_the_lock_what_was_seen_as_free_is_taken_by_the_time_of_writing(
    stage: Stage, no_database_guard: None, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """The look alone is not enough; on SQLite the transaction itself is the lock and stands in for it."""
    weakening.remove_lock_alone(monkeypatch.setattr)
    outcomes = tallies(in_threads(book_the_same, stage, rounds=3))
    if engine == "postgres":
        assert sum(turn[WON] for turn in outcomes) > 3
        assert double_bookings() > 0
    else:
        assert outcomes == [ONE_WINNER] * 3
        assert_sound()

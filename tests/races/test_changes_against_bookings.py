"""Moves, confirmations and undone cancellations against bookings: still one winner, and nothing left hanging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections

from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Wish, book, cancel_booking, hold_time
from holdfast.bookings.commands import booking as booking_commands
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.lib.actors import GUEST
from tests.races import plays, weakening
from tests.races.crowd import CLIENTS, ROUNDS, in_processes, in_threads
from tests.races.evidence import NO_LOOSE_ENDS, assert_sound, double_bookings, loose_ends
from tests.races.plays import (
    WON,
    Stage,
    book_over_dead_holds,
    client,
    confirm_or_book,
    move_or_book,
    swap_barbers,
    undo_or_book,
)
from tests.races.test_one_winner import tallies

pytestmark = pytest.mark.django_db(transaction=True)

MOVERS = CLIENTS // 2


def booked(stage: Stage, wish: Wish, number: int = 0) -> UUID:
    made = book(actor=GUEST, timetable=stage.timetable, wish=wish, details=client(number), now=stage.now)
    return made.id


def with_movers(stage: Stage) -> Stage:
    """Six bookings of another barber, a week later."""
    times = [stage.turns[turn] + timedelta(days=7) for turn in range(MOVERS)]
    return replace(
        stage,
        bookings=(tuple(booked(stage, Wish(stage.services[0], at, stage.resources[1])) for at in times),),
    )


def with_holds(stage: Stage, rounds: int = ROUNDS) -> Stage:
    """A hold of every turn's time, alive for ten minutes from now."""
    holds = (
        hold_time(
            actor=GUEST,
            timetable=stage.timetable,
            wish=Wish(stage.services[0], at, stage.resources[0]),
            now=stage.now,
        )
        for at in stage.turns[:rounds]
    )
    return replace(stage, bookings=tuple((hold.id,) for hold in holds))


def with_cancellations(stage: Stage, rounds: int = ROUNDS) -> Stage:
    """A booking of every turn's time, cancelled a moment ago at the desk: ten seconds to take it back."""
    bookings = []
    for at in stage.turns[:rounds]:
        booking_id = booked(stage, Wish(stage.services[0], at, stage.resources[0]))
        cancel_booking(
            actor=stage.desk, timetable=stage.timetable, booking_id=booking_id, now=stage.now, undo=True
        )
        bookings.append((booking_id,))
    return replace(stage, bookings=tuple(bookings))


def test_moving_to_a_time_and_booking_it_have_one_winner(
    stage: Stage, repetitions: Callable[[], int]
) -> None:
    outcomes = tallies(in_threads(move_or_book, with_movers(stage)))
    assert outcomes == [Counter({WON: 1, "time_taken": CLIENTS - 1})] * ROUNDS
    assert_sound()
    assert repetitions() == 0


def test_control_moving_and_booking_without_guard_and_checks_overlap(
    stage: Stage, no_database_guard: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    movers = with_movers(stage)
    weakening.remove_code_checks(monkeypatch.setattr)
    assert tallies(in_threads(move_or_book, movers, rounds=1)) == [Counter({WON: CLIENTS})]
    assert double_bookings() > 0


def test_moving_and_booking_cannot_overlap_when_no_code_looks(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    movers = with_movers(stage)
    weakening.remove_code_checks(monkeypatch.setattr)
    outcomes = tallies(in_threads(move_or_book, movers, rounds=3))
    assert_sound()
    assert set().union(*outcomes) <= {WON, "time_taken", "busy"}


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_a_hold_is_confirmed_or_its_time_is_taken_but_never_both(
    run: Callable[..., list[list[str]]], stage: Stage, repetitions: Callable[[], int]
) -> None:
    rounds = ROUNDS if run is in_threads else 10
    for outcomes in run(confirm_or_book, with_holds(stage, rounds), rounds=rounds):
        assert Counter(outcomes)[WON] == 1
        assert outcomes[0] in {WON, "hold_ended"}
        assert set(outcomes[1:]) <= {WON, "time_taken"}
    assert_sound()
    assert repetitions() == 0


def test_a_cancellation_is_undone_or_its_time_is_taken_but_never_both(
    stage: Stage, repetitions: Callable[[], int]
) -> None:
    for outcomes in in_threads(undo_or_book, with_cancellations(stage)):
        assert Counter(outcomes)[WON] == 1
        assert outcomes[0] in {WON, "undo_ended"}
        assert set(outcomes[1:]) <= {WON, "time_taken"}
    assert_sound()
    assert repetitions() == 0


@pytest.mark.parametrize(
    ("play", "prepare"), [(confirm_or_book, with_holds), (undo_or_book, with_cancellations)]
)
def test_control_ending_what_only_looked_dead_gives_one_time_to_two(
    play: Callable[..., str],
    prepare: Callable[..., Stage],
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The end of a dead booking without the condition on its state and clock."""
    ready = prepare(stage, 5)
    monkeypatch.setattr(hot, "end_dead_bookings", weakening.end_whatever_looks_dead)
    monkeypatch.setattr(booking_commands, "locked", _read_without_lock)
    in_threads(play, ready, rounds=5)
    assert double_bookings() > 0
    assert loose_ends() != NO_LOOSE_ENDS


def _read_without_lock(*, business_id: UUID, booking_id: UUID) -> BookingFacts:
    return booking_by_id(business_id=business_id, booking_id=booking_id)


def test_two_barbers_changed_in_opposite_order_never_wait_for_each_other(
    stage: Stage, repetitions: Callable[[], int]
) -> None:
    outcomes = in_threads(swap_barbers, with_swappers(stage), rounds=10)
    assert tallies(outcomes) == [Counter({WON: CLIENTS})] * 10
    assert_sound()
    assert repetitions() == 0


def test_control_two_barbers_in_opposite_order_without_sorted_locks_or_immediate_transactions_collide(
    stage: Stage, repetitions: Callable[[], int], monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    ready = with_swappers(stage)
    if engine == "postgres":
        monkeypatch.setattr(hot, "look_under_locks", weakening.lock_in_given_order_and_look)
        in_threads(swap_barbers, ready, clients=2, rounds=1)
        assert repetitions() > 0
    else:
        monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "transaction_mode", "DEFERRED")
        monkeypatch.setattr(plays, "MOST_TRIES", 1)
        outcomes = in_threads(swap_barbers, ready, rounds=2)
        assert sum(turn["busy"] for turn in tallies(outcomes)) > 0


def with_swappers(stage: Stage) -> Stage:
    """One booking a client, half of them with one barber and half with another."""
    bookings = (
        booked(
            stage,
            Wish(
                stage.services[0],
                stage.turns[0] + timedelta(minutes=30 * number),
                stage.resources[number % 2],
            ),
        )
        for number in range(CLIENTS)
    )
    return replace(stage, bookings=(tuple(bookings),))


def test_tidying_and_booking_over_several_dead_holds_never_deadlock(
    stage: Stage, repetitions: Callable[[], int]
) -> None:
    for at in stage.turns[:20]:
        for minutes in (30, 0):  # the later one first, so that ids and times are in opposite order
            wish = Wish(stage.services[0], at + timedelta(minutes=minutes), stage.resources[0])
            hold_time(actor=GUEST, timetable=stage.timetable, wish=wish, now=stage.now)
    for outcomes in in_threads(book_over_dead_holds, stage, rounds=20):
        assert Counter(outcomes) == Counter({WON: 1, "time_taken": 8, "tidied": 3})
    assert_sound()
    assert repetitions() == 0

"""Forty clients for a slot of ten: ten get in, and the count always equals the bookings (SPEC D2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from holdfast.bookings.commands.placing import slots as placing
from holdfast.core import clock
from tests.counter import make_counter
from tests.races.crowd import Run, in_processes, in_threads
from tests.races.plays import WON, Stage
from tests.races.slot_plays import (
    come_and_go,
    take_one,
    take_what_was_seen,
    take_without_guard,
    take_without_looking,
    twice_at_once,
)

pytestmark = pytest.mark.django_db(transaction=True)
OCCUPYING = "('held', 'awaiting_payment', 'confirmed', 'checked_in', 'completed', 'no_show')"
CLIENTS, CAPACITY = 40, 10


def slots(rounds: int, capacity: int) -> Stage:
    """Two slots a round, an hour apart, in a counter of their own."""
    counter = make_counter()
    made = []
    for turn in range(rounds):
        day, hour = 3 + turn // 4, 9 + 2 * (turn % 4)
        pair = [counter.slot(f"{hour + more:02}:00", day, capacity=capacity).id for more in (0, 1)]
        made.append(tuple(pair))
    return Stage(counter.slug, clock.now(), (counter.at(days=3),), (counter.portrait.id,), (), tuple(made))


def wrong_counts() -> list[tuple[int, int, int]]:
    """``(capacity, taken, places of bookings that count)`` of every slot that is oversold or miscounted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.capacity, s.taken, COALESCE(sum(b.party_size), 0) FROM schedule_slot s"
            " LEFT JOIN bookings_booking b ON b.slot_id = s.id"
            f" AND (b.state IN {OCCUPYING} OR (b.state = 'cancelled' AND b.releases_at IS NOT NULL))"
            " GROUP BY s.id, s.capacity, s.taken"
        )
        rows = [(capacity, taken, int(live)) for capacity, taken, live in cursor.fetchall()]
    return [row for row in rows if row[1] != row[2] or row[1] > row[0]]


@pytest.fixture
def no_constraint(transactional_db: None) -> Iterator[None]:
    """The constraint that no slot is oversold is gone for this test (on SQLite the play switches it off)."""
    check = "CHECK (taken >= 0 AND taken <= capacity)"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE schedule_slot DROP CONSTRAINT slot_never_oversold")
    yield
    with connection.cursor() as cursor:
        cursor.execute("UPDATE schedule_slot SET capacity = 100")
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE schedule_slot ADD CONSTRAINT slot_never_oversold {check}")
        else:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_of_forty_clients_ten_get_into_a_slot_of_ten(run: Run, repetitions: Callable[[], int]) -> None:
    stage = slots(3, CAPACITY)
    outcomes = run(take_one, stage, clients=CLIENTS, rounds=3)
    assert [Counter(turn) for turn in outcomes] == [
        Counter({WON: CAPACITY, "slot_full": CLIENTS - CAPACITY})
    ] * 3
    assert wrong_counts() == []


def test_of_two_people_one_gets_the_last_place_thirty_times() -> None:
    stage = slots(30, 1)
    outcomes = in_threads(take_one, stage, clients=2, rounds=30)
    assert [Counter(turn) for turn in outcomes] == [Counter({WON: 1, "slot_full": 1})] * 30
    assert wrong_counts() == []


def test_one_person_with_many_devices_gets_into_a_slot_once() -> None:
    stage = slots(4, 20)
    outcomes = in_threads(twice_at_once, stage, clients=12, rounds=4)
    assert [Counter(turn)[WON] for turn in outcomes] == [1] * 4
    assert set().union(*outcomes) <= {WON, "limit_reached"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_booking WHERE state = 'confirmed' GROUP BY slot_id, customer_id"
        )
        assert {row[0] for row in cursor.fetchall()} == {1}
    assert wrong_counts() == []


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_the_count_equals_the_bookings_whatever_forty_clients_do(
    run: Run, repetitions: Callable[[], int]
) -> None:
    stage = slots(3, CAPACITY)
    outcomes = run(come_and_go, stage, clients=CLIENTS, rounds=3)
    assert set().union(*outcomes) <= {WON, "slot_full", "invalid", "limit_reached"}
    assert wrong_counts() == []
    assert repetitions() == 0


def test_the_database_itself_refuses_to_oversell_where_no_code_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(placing, "take_places", take_without_looking)
    stage = slots(1, CAPACITY)
    outcomes = in_threads(take_one, stage, clients=CLIENTS, rounds=1)
    assert Counter(outcomes[0]) == Counter({WON: CAPACITY, "refused by the database": CLIENTS - CAPACITY})
    assert wrong_counts() == []


def test_control_without_guard_and_constraint_the_slot_is_oversold(
    no_constraint: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "take_places", take_without_guard)
    stage = slots(1, CAPACITY)
    outcomes = in_threads(take_one, stage, clients=CLIENTS, rounds=1)
    assert Counter(outcomes[0]) == Counter({WON: CLIENTS})
    assert wrong_counts() == [(CAPACITY, CLIENTS, CLIENTS)]


def test_control_a_look_and_then_a_write_loses_count(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    """On SQLite the transaction is the lock, and nothing is lost."""
    monkeypatch.setattr(placing, "take_places", take_what_was_seen)
    stage = slots(1, CAPACITY)
    outcomes = in_threads(take_one, stage, clients=CLIENTS, rounds=1)
    if engine == "postgres":
        assert wrong_counts() != []
    else:
        assert Counter(outcomes[0])[WON] == CAPACITY
        assert wrong_counts() == []

"""Parties that want overlapping tables at once: all tables of a combination or none, whoever comes first (SPEC B3, D2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Wish, book, swap_tables
from holdfast.bookings.commands.making import Details
from holdfast.bookings.models import Booking, Claim
from holdfast.catalog.commands import create_combination
from holdfast.core import clock, transactions
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.lib.refusals import Refusal
from holdfast.schedule.queries import timetable_at
from tests.cast import OPERATOR
from tests.club import Club, make_club
from tests.races import weakening
from tests.races.crowd import in_threads
from tests.races.evidence import assert_sound, double_bookings, overlapping_claims
from tests.races.plays import WON, Stage

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS, ROUNDS = 8, 10
DESK = Actor(role=Role.OPERATOR, via="page", name="desk")


@pytest.fixture
def floor(transactional_db: None) -> Club:
    """A club with three tables of four in a row, put together in two ways that share the middle one."""
    club = make_club(tables={"A": (1, 4, "Floor"), "B": (1, 4, "Floor"), "C": (1, 4, "Floor")})
    for name, tables in (("Left", ("A", "B")), ("Right", ("C", "B"))):
        wanted = {"name": name, "tables": [club.ids[one] for one in tables], "seats_min": 5, "seats_max": 8}
        create_combination(actor=OPERATOR, business_id=club.business_id, wanted=wanted)
    return club


def stage_of(club: Club) -> Stage:
    turns = tuple(club.night("22:00", 3 + night) for night in range(ROUNDS))
    return Stage(club.slug, clock.now(), turns, (club.cut.id,), tuple(club.ids.values()))


def sit(stage: Stage, number: int, turn: int, party: int, chosen: tuple[int, ...] = ()) -> str:
    tables = tuple(stage.resources[index] for index in chosen)
    wish = Wish(stage.services[0], stage.turns[turn], party_size=party, chosen=tables)
    contact = Contact(f"Guest {number}", f"guest{number}@example.org")
    try:
        book(
            actor=DESK if chosen else GUEST,
            timetable=timetable_at(slug=stage.slug),
            wish=wish,
            details=Details(contact),
            now=stage.now,
        )
    except Refusal as refusal:
        return refusal.code
    return WON


def opposite_orders(stage: Stage, number: int, turn: int) -> str:
    """Half of the parties name the shared table first, half last."""
    return sit(stage, number, turn, 6, ((0, 1), (1, 0), (1, 2), (2, 1))[number % 4])


def combination_or_single(stage: Stage, number: int, turn: int) -> str:
    """Half of the parties need two tables, half want the middle one."""
    return sit(stage, number, turn, 6) if number % 2 else sit(stage, number, turn, 4, (1,))


def paced(stage: Stage, number: int, turn: int) -> str:
    """Everybody finds a table of their own, but only four guests may start at once."""
    return sit(stage, number, turn, 4, (number % 3,))


def whole_or_nothing() -> None:
    """Every live booking has exactly the claims of its tables."""
    for booking in Booking.objects.filter(state="confirmed"):
        tables = {str(booking.resource_id), *(booking.also or [])}
        claims = Claim.objects.filter(booking=booking).values_list("resource_id", flat=True)
        assert sorted(map(str, claims)) == sorted(tables)
    assert Claim.objects.exclude(booking__state="confirmed").count() == 0


def deadlocks_noted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    seen: list[str] = []
    judge = transactions.should_retry

    def note(error: Exception) -> bool:
        again = judge(error)
        if again:
            seen.append(str(error))
        return again

    monkeypatch.setattr(transactions, "should_retry", note)
    return lambda: len(seen)


def test_combinations_that_share_a_table_go_to_one_party_in_whatever_order_they_are_named(
    floor: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeated = deadlocks_noted(monkeypatch)
    outcomes = in_threads(opposite_orders, stage_of(floor), clients=CLIENTS, rounds=ROUNDS)
    assert [Counter(turn) for turn in outcomes] == [Counter({WON: 1, "time_taken": CLIENTS - 1})] * ROUNDS
    assert_sound()
    whole_or_nothing()
    assert repeated() == 0


def test_a_combination_against_its_middle_table_leaves_no_half_taken(floor: Club) -> None:
    outcomes = in_threads(combination_or_single, stage_of(floor), clients=CLIENTS, rounds=ROUNDS)
    assert all(Counter(turn)[WON] == 1 for turn in outcomes)
    assert_sound()
    whole_or_nothing()


def test_no_more_guests_than_the_pace_allows_ever_start_at_once(floor: Club) -> None:
    floor.change(pacing_covers=4)
    outcomes = in_threads(paced, stage_of(floor), clients=6, rounds=ROUNDS)
    assert [Counter(turn)[WON] for turn in outcomes] == [1] * ROUNDS
    assert set().union(*map(set, outcomes)) <= {WON, "pacing_reached", "time_taken"}
    assert_sound()


def test_control_without_the_lock_on_the_service_the_pace_is_exceeded(
    floor: Club, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """On SQLite the transaction itself is the lock and stands in for it."""
    floor.change(pacing_covers=4)
    count = hot.covers_in

    def count_and_dawdle(**question: object) -> dict[int, int]:
        found = count(**question)  # type: ignore[arg-type]
        weakening.pause()
        return found

    monkeypatch.setattr(hot, "lock_service", lambda service_id: None)
    monkeypatch.setattr(hot, "covers_in", count_and_dawdle)
    outcomes = in_threads(paced, stage_of(floor), clients=6, rounds=4)
    won = sum(Counter(turn)[WON] for turn in outcomes)
    assert won > 4 if engine == "postgres" else won == 4


@pytest.mark.parametrize("play", [opposite_orders, combination_or_single])
def test_the_database_alone_keeps_tables_apart_when_no_code_looks(
    play: Callable[[Stage, int, int], str], floor: Club, no_code_checks: None
) -> None:
    outcomes = in_threads(play, stage_of(floor), clients=CLIENTS, rounds=3)
    assert double_bookings() == 0
    whole_or_nothing()
    assert all(WON in turn for turn in outcomes)
    assert set().union(*map(set, outcomes)) <= {WON, "time_taken", "busy"}


def test_control_without_guard_and_checks_tables_are_given_twice(
    floor: Club, no_database_guard: None, no_code_checks: None
) -> None:
    in_threads(opposite_orders, stage_of(floor), clients=CLIENTS, rounds=1)
    assert overlapping_claims() > 0


def swap_round(stage: Stage, number: int, turn: int) -> str:
    """Two desks swap the same two parties at once."""
    pair = list(Booking.objects.order_by("id").values_list("id", flat=True)[:2])
    one, other = pair if number % 2 else pair[::-1]
    try:
        swap_tables(
            actor=DESK, timetable=timetable_at(slug=stage.slug), booking_id=one, other_id=other, now=stage.now
        )
    except Refusal as refusal:
        return refusal.code
    return WON


def test_swaps_crossing_each_other_keep_every_party_at_one_table(
    floor: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeated = deadlocks_noted(monkeypatch)
    for table in ("A", "C"):
        floor.party(4, table=table)
    outcomes = in_threads(swap_round, stage_of(floor), clients=4, rounds=5)
    assert set().union(*map(set, outcomes)) <= {WON, "time_taken"}
    assert Claim.objects.count() == 2
    whole_or_nothing()
    assert_sound()
    assert repeated() == 0

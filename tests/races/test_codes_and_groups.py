"""Promotion codes with few uses left, and groups that want the same barbers in opposite orders (SPEC B7, D10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Details, GroupMember, Wish, book, book_group
from holdfast.bookings.models import Booking
from holdfast.catalog import sql as catalog_sql
from holdfast.catalog.commands import create_promotion
from holdfast.catalog.models import Promotion
from holdfast.core import sql
from holdfast.lib.actors import GUEST
from tests.cast import OPERATOR
from tests.races import weakening
from tests.races.crowd import CLIENTS, Run, in_processes, in_threads
from tests.races.evidence import assert_sound, overlapping_claims
from tests.races.plays import WON, Stage, attempt, client

pytestmark = pytest.mark.django_db(transaction=True)

GUESTS, USES, ROUNDS = 20, 5, 10
ONE_GROUP = Counter({WON: 1, "time_taken": CLIENTS - 1})


def book_with_code(stage: Stage, number: int, turn: int) -> str:
    """Everybody has a time of their own; only the code is scarce."""
    barber = stage.resources[(number + turn) % len(stage.resources)]
    wish = Wish(stage.services[0], stage.turns[number], barber)
    details = Details(client(number).contact, promo_code="five")
    return attempt(
        lambda: book(actor=GUEST, timetable=stage.timetable, wish=wish, details=details, now=stage.now)
    )


def book_crosswise(stage: Stage, number: int, turn: int) -> str:
    """A family of two with two barbers, named in either order."""
    pair = stage.resources[:2] if number % 2 else stage.resources[1::-1]
    return attempt(
        lambda: book_group(
            actor=GUEST,
            timetable=stage.timetable,
            members=[GroupMember(stage.services[0], resource_id) for resource_id in pair],
            starts_at=stage.turns[turn],
            details=client(number),
            now=stage.now,
        )
    )


@pytest.fixture
def code(stage: Stage) -> Promotion:
    """A code for five."""
    made = create_promotion(
        actor=OPERATOR,
        business_id=stage.timetable.business.id,
        wanted={"code": "FIVE", "effect": "percent", "percent": 50, "most_uses": USES},
    )
    return Promotion.objects.get(id=made.id)


def uses_of(code: Promotion) -> tuple[int, int]:
    """What is counted, and what is there to be counted."""
    code.refresh_from_db()
    return code.uses, Booking.objects.filter(promo_code="FIVE").count()


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_of_twenty_guests_five_use_the_code(run: Run, stage: Stage, code: Promotion) -> None:
    [outcome] = run(book_with_code, stage, clients=GUESTS, rounds=1)
    assert Counter(outcome) == Counter({WON: USES, "invalid": GUESTS - USES})
    assert uses_of(code) == (USES, USES)
    assert_sound()


def test_control_when_nobody_counts_everybody_uses_the_code(
    stage: Stage, code: Promotion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_sql, "take_use", lambda **_: True)
    [outcome] = in_threads(book_with_code, stage, clients=GUESTS, rounds=1)
    assert Counter(outcome) == Counter({WON: GUESTS})
    assert uses_of(code) == (0, GUESTS)


def test_control_a_count_that_is_read_before_it_is_written_gives_too_many(
    stage: Stage, code: Promotion, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """On SQLite the transaction itself is the lock and stands in for the guarded update."""

    def read_then_write(*, business_id: object, promotion_id: object) -> bool:
        row = sql.one("SELECT uses FROM catalog_promotion WHERE id = %s", [promotion_id])
        assert row is not None
        weakening.pause()
        if row[0] >= USES:
            return False
        sql.run("UPDATE catalog_promotion SET uses = %s WHERE id = %s", [row[0] + 1, promotion_id])
        return True

    monkeypatch.setattr(catalog_sql, "take_use", read_then_write)
    [outcome] = in_threads(book_with_code, stage, clients=GUESTS, rounds=1)
    if engine == "postgres":
        assert Counter(outcome)[WON] > USES
    else:
        assert Counter(outcome)[WON] == USES


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_one_family_gets_both_barbers_whoever_is_named_first(
    run: Run, stage: Stage, repetitions: Callable[[], int]
) -> None:
    outcomes = run(book_crosswise, stage, rounds=ROUNDS)
    assert [Counter(turn) for turn in outcomes] == [ONE_GROUP] * ROUNDS
    assert Booking.objects.filter(state="confirmed").count() == 2 * ROUNDS
    assert_sound()
    assert repetitions() == 0


def test_control_without_the_order_of_locks_families_wait_for_each_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, repetitions: Callable[[], int], engine: str
) -> None:
    """SQLite has one lock, which nobody can take in another order."""
    monkeypatch.setattr(
        hot, "lock_resources", weakening.lock_in_given_order if engine == "postgres" else lambda ids: None
    )
    in_threads(book_crosswise, stage, rounds=3)
    assert (repetitions() > 0) == (engine == "postgres")
    assert_sound()


def test_control_without_guard_and_checks_every_family_gets_the_barbers(
    stage: Stage, no_database_guard: None, no_code_checks: None
) -> None:
    [outcome] = in_threads(book_crosswise, stage, rounds=1)
    assert Counter(outcome) == Counter({WON: CLIENTS})
    assert overlapping_claims() > 0

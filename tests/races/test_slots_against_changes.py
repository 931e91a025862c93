"""A service is retired while people book its slots: nobody keeps a place that nobody decided about (SPEC C7).

The slots belong to no resource, so no resource's lock keeps the two apart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from uuid import UUID

import pytest

from holdfast.availability.commands import Care, Decision, change_service
from holdfast.bookings.commands import Wish, book
from holdfast.bookings.commands.placing import slots as placing
from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.schedule.sql import version_now
from tests.counter import make_counter
from tests.races.crowd import CLIENTS, in_threads
from tests.races.plays import WON, Stage, attempt, client
from tests.races.test_slots import wrong_counts

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    """Two slots with room for everybody."""
    counter = make_counter()
    pair = tuple(counter.slot(hhmm, capacity=CLIENTS).id for hhmm in ("10:00", "11:00"))
    return Stage(counter.slug, clock.now(), (counter.at(days=3),), (counter.portrait.id,), (), (pair,))


def set_offered(stage: Stage, *, is_active: bool) -> None:
    """The service is offered or not; every booking that loses it is cancelled."""
    business_id = stage.timetable.business.id
    change_service(
        actor=Actor(role=Role.MANAGER, business_id=business_id, via="page"),
        business_id=business_id,
        service_id=stage.services[0],
        wanted={"is_active": is_active},
        care=Care(stage.now, {}, others=Decision("cancel")),
    )


def retire_or_book(stage: Stage, number: int, turn: int) -> str:
    """One retires the service; the others, who all saw it offered, take places a little later one by one."""
    seen = stage.timetable
    if number == 0:
        time.sleep(0.05)
        return attempt(lambda: set_offered(stage, is_active=False))
    time.sleep(0.015 * number)
    wish = Wish(stage.services[0], stage.turns[0], None, 1, stage.bookings[0][number % 2])
    return attempt(
        lambda: book(actor=GUEST, timetable=seen, wish=wish, details=client(number), now=stage.now)
    )


def one_round(stage: Stage) -> list[str]:
    set_offered(stage, is_active=True)
    (outcomes,) = in_threads(retire_or_book, stage, rounds=1)
    return outcomes


def stranded() -> int:
    """Bookings that stand although their service is retired."""
    return Booking.objects.filter(state="confirmed", service__is_active=False).count()


def test_nobody_slips_into_a_slot_of_a_service_that_is_retired_meanwhile(
    stage: Stage, repetitions: Callable[[], int]
) -> None:
    for _ in range(ROUNDS):
        outcomes = one_round(stage)
        assert outcomes[0] == WON
        assert set(outcomes[1:]) <= {WON, "not_found"}
        assert stranded() == 0
    assert wrong_counts() == []
    assert repetitions() == 0


def test_control_judging_by_the_offer_seen_before_leaves_people_in_its_slots(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "looked", lambda _, look: look)
    one_round(stage)
    assert stranded() > 0


def test_control_a_look_that_holds_nothing_still_leaves_people_in_its_slots(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """On SQLite the transaction is the lock, and nobody can change anything between the look and the places."""
    looked, retired = threading.Event(), threading.Event()
    seen = stage.timetable

    def look_and_wait(*, business_id: UUID) -> int:
        version = version_now(business_id=business_id)
        looked.set()
        retired.wait(10 if engine == "postgres" else 1)
        return version

    def retire_after_the_look(stage: Stage, number: int, turn: int) -> str:
        if number == 0:
            wish = Wish(stage.services[0], stage.turns[0], None, 1, stage.bookings[0][0])
            return attempt(
                lambda: book(actor=GUEST, timetable=seen, wish=wish, details=client(1), now=stage.now)
            )
        looked.wait(10)
        outcome = attempt(lambda: set_offered(stage, is_active=False))
        retired.set()
        return outcome

    monkeypatch.setattr(placing, "offer_held_still", look_and_wait)
    in_threads(retire_after_the_look, stage, clients=2, rounds=1)
    assert stranded() == (1 if engine == "postgres" else 0)

"""Requests raced by threads and processes: one date, one agreement; a confirmation against its end; two challenges (S1)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from holdfast.bookings import sql as hot
from holdfast.bookings.commands import (
    accept_offer,
    accept_request,
    challenge_option,
    give_option,
    options,
    tidy_dead_bookings,
)
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST
from tests.bookings.artist import Studio, make_studio
from tests.races import weakening
from tests.races.crowd import Run, in_processes, in_threads
from tests.races.evidence import assert_sound, double_bookings
from tests.races.plays import WON, Stage, attempt

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS, ROUNDS = 8, 10


@pytest.fixture
def studio(transactional_db: None) -> Studio:
    return make_studio()


def stage_of(studio: Studio, bookings: list[list[UUID]]) -> Stage:
    """The bookings of every round, and the artist's desk."""
    return Stage(
        studio.slug,
        clock.now(),
        tuple(studio.at(days=20 + turn) for turn in range(len(bookings))),
        (studio.service_id,),
        (studio.artist_id,),
        bookings=tuple(tuple(each) for each in bookings),
    )


def asked(studio: Studio, each: int = CLIENTS, rounds: int = ROUNDS) -> list[list[UUID]]:
    """For every round some requests for one date, no two for the same hours, any two overlapping."""
    return [
        [
            studio.ask(
                f"{18 + number % 3}:00",
                20 + turn,
                contact=Contact(f"Client {number}", f"client-{number}@example.org"),
            ).id
            for number in range(each)
        ]
        for turn in range(rounds)
    ]


def accept_another(stage: Stage, number: int, turn: int) -> str:
    """Everybody at the desk accepts another request for one date."""
    return attempt(
        lambda: accept_request(
            actor=stage.desk,
            timetable=stage.timetable,
            booking_id=stage.bookings[turn][number],
            now=stage.now,
        )
    )


def accept_the_same(stage: Stage, number: int, turn: int) -> str:
    """Everybody at the desk accepts the same request."""
    return attempt(
        lambda: accept_request(
            actor=stage.desk, timetable=stage.timetable, booking_id=stage.bookings[turn][0], now=stage.now
        )
    )


def confirm_or_end(stage: Stage, number: int, turn: int) -> str:
    """The challenged holder confirms a second before the end; the others, whose clock is ahead, end it or go on."""
    first, second = stage.bookings[turn]
    end = stage.now + timedelta(hours=48)
    if number == 0:
        return attempt(
            lambda: accept_offer(
                actor=GUEST.holding(first),
                timetable=stage.timetable,
                booking_id=first,
                now=end - timedelta(seconds=1),
            )
        )
    if number % 2:
        tidy_dead_bookings(now=end + timedelta(seconds=1))
        return "tidied"
    return attempt(
        lambda: accept_request(
            actor=stage.desk,
            timetable=stage.timetable,
            booking_id=second,
            now=end + timedelta(seconds=1),
        )
    )


def challenge_at_once(stage: Stage, number: int, turn: int) -> str:
    """The second and the third option challenge the first at the same moment, again and again."""
    return attempt(
        lambda: challenge_option(
            actor=stage.desk,
            timetable=stage.timetable,
            booking_id=stage.bookings[turn][1 + number % 2],
            now=stage.now,
        )
    )


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_of_many_requests_for_one_date_one_is_accepted(run: Run, studio: Studio) -> None:
    stage = stage_of(studio, asked(studio))
    outcomes = run(accept_another, stage, clients=CLIENTS, rounds=ROUNDS)
    assert [Counter(turn) for turn in outcomes] == [Counter({WON: 1, "time_taken": CLIENTS - 1})] * ROUNDS
    assert Booking.objects.filter(state="confirmed").count() == Claim.objects.count() == ROUNDS
    assert_sound()


def test_one_request_is_accepted_once(studio: Studio) -> None:
    stage = stage_of(studio, asked(studio, each=1))
    outcomes = in_threads(accept_the_same, stage, clients=CLIENTS, rounds=ROUNDS)
    assert [Counter(turn) for turn in outcomes] == [Counter({WON: 1, "illegal_step": CLIENTS - 1})] * ROUNDS
    assert_sound()


def test_the_database_alone_lets_one_request_for_a_date_be_accepted(
    studio: Studio, no_code_checks: None
) -> None:
    stage = stage_of(studio, asked(studio, rounds=2))
    outcomes = in_threads(accept_another, stage, clients=CLIENTS, rounds=2)
    assert all(turn.count(WON) == 1 for turn in outcomes)
    assert set().union(*outcomes) <= {WON, "time_taken", "busy"}
    assert double_bookings() == 0


def test_control_without_guard_and_checks_every_request_is_accepted(
    studio: Studio, no_database_guard: None, no_code_checks: None
) -> None:
    stage = stage_of(studio, asked(studio, rounds=1))
    outcomes = in_threads(accept_another, stage, clients=CLIENTS, rounds=1)
    assert outcomes[0].count(WON) > 1
    assert double_bookings() > 0


def with_options(studio: Studio, each: int, rounds: int = ROUNDS) -> list[list[UUID]]:
    bookings = asked(studio, each=each, rounds=rounds)
    for turn in bookings:
        for booking_id in turn:
            give_option(
                actor=studio.actor(), timetable=studio.timetable, booking_id=booking_id, now=clock.now()
            )
    return bookings


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_a_challenged_option_is_confirmed_or_lost_and_never_both(run: Run, studio: Studio) -> None:
    bookings = with_options(studio, each=2)
    stage = stage_of(studio, bookings)
    for _, second in bookings:
        challenge_option(actor=studio.actor(), timetable=studio.timetable, booking_id=second, now=stage.now)
    outcomes = run(confirm_or_end, stage, clients=4, rounds=ROUNDS)
    for (first, second), turn in zip(bookings, outcomes, strict=True):
        states = dict(Booking.objects.filter(id__in=[first, second]).values_list("id", "state"))
        assert list(states.values()).count("confirmed") == 1, (states, turn)
        assert states[first] == ("confirmed" if turn[0] == WON else "expired")
    assert_sound()


def test_of_two_challenges_at_once_one_is_made(studio: Studio) -> None:
    stage = stage_of(studio, with_options(studio, each=3))
    outcomes = in_threads(challenge_at_once, stage, clients=CLIENTS, rounds=ROUNDS)
    assert [Counter(turn) for turn in outcomes] == [
        Counter({WON: 1, "option_challenged": CLIENTS - 1})
    ] * ROUNDS


def test_control_without_locks_two_challenges_are_made(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """On SQLite the transaction itself is the lock and stands in for it."""
    write = options.update

    def dawdle(*written: Any, **guard: Any) -> BookingFacts:
        weakening.pause()
        return write(*written, **guard)

    def read(*, business_id: UUID, booking_id: UUID, sequence: int | None = None) -> BookingFacts:
        return booking_by_id(business_id=business_id, booking_id=booking_id)

    monkeypatch.setattr(hot, "lock_resources", lambda _: None)
    monkeypatch.setattr(options, "locked", read)
    monkeypatch.setattr(options, "update", dawdle)
    stage = stage_of(studio, with_options(studio, each=3, rounds=3))
    outcomes = in_threads(challenge_at_once, stage, clients=CLIENTS, rounds=3)
    won = sum(turn.count(WON) for turn in outcomes)
    assert won > 3 if engine == "postgres" else won == 3

"""Hours are shortened while people book the hours that go away: nobody keeps a time that nobody decided about (SPEC C7)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from holdfast.availability import commands as availability
from holdfast.availability.commands import Care, Decision, replace_hours
from holdfast.bookings.commands import Wish, book, confirm_hold, hold_time
from holdfast.bookings.commands.placing import taking
from holdfast.lib.actors import GUEST, Actor, Role
from tests.races.crowd import CLIENTS, in_threads
from tests.races.evidence import assert_sound
from tests.races.plays import WON, Play, Stage, attempt, client
from tests.races.weakening import pause

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6
ALL_DAY = [{"weekday": day, "opens": "09:00", "closes": "17:00"} for day in range(7)]
MORNINGS = [window | {"closes": "12:00"} for window in ALL_DAY]


def set_hours(stage: Stage, windows: list[dict[str, object]]) -> None:
    """The new hours; every booking they leave without its time is cancelled."""
    business_id = stage.timetable.business.id
    manager = Actor(role=Role.MANAGER, business_id=business_id, via="page")
    care = Care(stage.now, {}, others=Decision("cancel"))
    replace_hours(actor=manager, business_id=business_id, windows=windows, care=care)


def shorten_or_book(stage: Stage, number: int, turn: int) -> str:
    """One shortens the hours; the others, who all saw the old ones, book the afternoon a little later one by one."""
    if number == 0:
        return attempt(lambda: set_hours(stage, MORNINGS))
    seen = stage.timetable
    time.sleep(0.02 * number)
    starts_at = stage.turns[0].replace(hour=13) + timedelta(minutes=15 * (number % 8))
    wish = Wish(stage.services[0], starts_at, stage.resources[number % 4])
    return attempt(
        lambda: book(actor=stage.desk, timetable=seen, wish=wish, details=client(number), now=stage.now)
    )


def afternoons() -> int:
    """Bookings that stand although the business is closed by then: what the database says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_booking WHERE state = 'confirmed' AND substr(local_start, 12) > '11:30'"
        )
        return int(cursor.fetchone()[0])


def one_round(stage: Stage) -> list[str]:
    set_hours(stage, ALL_DAY)
    (outcomes,) = in_threads(shorten_or_book, stage, rounds=1)
    return outcomes


def test_no_booking_slips_past_hours_that_are_shortened_meanwhile(
    stage: Stage, repetitions: Callable[[], int]
) -> None:
    for _ in range(ROUNDS):
        outcomes = one_round(stage)
        assert outcomes[0] == WON
        assert set(outcomes[1:]) <= {WON, "invalid", "time_taken"}
        assert len(outcomes) == CLIENTS
        assert afternoons() == 0
    assert_sound()
    assert repetitions() == 0


def test_control_judging_by_hours_seen_before_the_lock_leaves_bookings_outside_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "looked", lambda _, look: look)
    for _ in range(ROUNDS):
        one_round(stage)
    assert afternoons() > 0


def shorten_or_confirm(stage: Stage, number: int, turn: int) -> str:
    """One shortens the hours; the others confirm what they hold of the afternoon, one a little later than the other."""
    if number == 0:
        time.sleep(0.05)
        return attempt(lambda: set_hours(stage, MORNINGS))
    seen, hold_id = stage.timetable, stage.bookings[0][number]
    time.sleep(0.02 * number)
    return attempt(
        lambda: confirm_hold(
            actor=GUEST.holding(hold_id),
            timetable=seen,
            hold_id=hold_id,
            details=client(number),
            now=stage.now,
        )
    )


def shorten_first(stage: Stage, number: int, turn: int) -> str:
    """The same, the confirming a moment behind: whoever is confirmed before makes the change be refused."""
    if number:
        pause()
    return shorten_or_confirm(stage, number, turn)


def one_round_of_holds(stage: Stage, play: Play = shorten_or_confirm) -> list[str]:
    set_hours(stage, ALL_DAY)
    held = []
    for number in range(CLIENTS):
        starts_at = stage.turns[0].replace(hour=13) + timedelta(minutes=30 * (number // 4))
        wish = Wish(stage.services[0], starts_at, stage.resources[number % 4])
        held.append(hold_time(actor=GUEST, timetable=stage.timetable, wish=wish, now=stage.now).id)
    (outcomes,) = in_threads(play, replace(stage, bookings=(tuple(held),)), rounds=1)
    return outcomes


def test_no_hold_is_confirmed_into_hours_that_are_gone(stage: Stage, repetitions: Callable[[], int]) -> None:
    for _ in range(ROUNDS):
        outcomes = one_round_of_holds(stage)
        assert outcomes[0] == WON
        assert set(outcomes[1:]) <= {WON, "hold_ended"}
        assert afternoons() == 0
    assert_sound()
    assert repetitions() == 0


def test_control_a_change_that_ends_no_holds_leaves_bookings_outside_the_hours(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(availability, "lapsing_between", lambda **_: [])
    one_round_of_holds(stage, shorten_first)
    assert afternoons() > 0

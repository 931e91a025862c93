"""Offers under contention: one place, one person, one answer (SPEC F3, issue "Guarantees")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from holdfast.bookings.commands import Wish
from holdfast.bookings.models import Booking
from holdfast.waitlist import sql as hot
from holdfast.waitlist.commands import gaps, joining, match_gap, offers, open_gap
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.queries import Region
from tests.cast import Shop
from tests.races.crowd import Run, in_processes, in_threads
from tests.races.evidence import assert_sound
from tests.races.plays import WON, Stage, client, take
from tests.races.waitlist_plays import (
    accept,
    accept_or_come_after,
    accept_or_withdraw,
    check_and_dawdle,
    dawdle_and_end,
    dawdle_and_hold,
    entry_without_lock,
    match,
    match_or_leave,
)
from tests.waitlist.line import person, wait

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS, ROUNDS = 4, 8
ONE_PENDING = "CREATE UNIQUE INDEX one_offer_at_a_time ON waitlist_offer (entry_id) WHERE state = 'pending'"


def open_gaps(shop: Shop, stage: Stage, rounds: int) -> Stage:
    """A round has one person who waits for a time, and for each of the four barbers a gap then: ``(entry, *gaps)``."""
    ids = []
    for turn in range(rounds):
        starts_at = stage.turns[turn]
        local = starts_at.astimezone(shop.timetable.tz)
        days = (local.date() - stage.now.astimezone(shop.timetable.tz).date()).days
        hhmm = f"{local:%H:%M}"
        entry = wait(shop, person(f"Turn{turn}"), days=days, from_time=hhmm, to_time=hhmm, now=stage.now)
        until = starts_at + timedelta(minutes=30)
        gap_ids = [
            open_gap(
                business_id=shop.business_id,
                region=Region(starts_at, until, barber),
                cause="cancelled",
                now=stage.now,
            )
            for barber in stage.resources
        ]
        ids.append((entry.id, *filter(None, gap_ids)))
    return Stage(stage.slug, stage.now, stage.turns, stage.services, stage.resources, tuple(ids))


def make_offers(shop: Shop, stage: Stage, rounds: int) -> Stage:
    """The same, each of them offered: ``(offer, entry)`` a round."""
    opened = open_gaps(shop, stage, rounds)
    ids = []
    for entry_id, gap_id, *_ in opened.bookings:
        (offer,) = match_gap(gap_id=gap_id, now=stage.now)
        ids.append((offer.id, entry_id))
    return Stage(stage.slug, stage.now, stage.turns, stage.services, stage.resources, tuple(ids))


def most_pending() -> int:
    """The most offers that any entry has out at once."""
    return max(
        Counter(Offer.objects.filter(state="pending").values_list("entry_id", flat=True)).values(), default=0
    )


def confirmed(stage: Stage) -> Counter[UUID]:
    return Counter(Booking.objects.filter(state="confirmed").values_list("id", flat=True))


def double_takings() -> list[object]:
    """Starts with a barber that more than one confirmed booking has."""
    found = Counter(Booking.objects.filter(state="confirmed").values_list("resource_id", "starts_at"))
    return [place for place, count in found.items() if count > 1]


@pytest.fixture
def no_entry_lock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody's entry is locked, matchers do not wait for each other, and the database allows several offers at once."""
    for module in (gaps, joining, offers):
        monkeypatch.setattr(module, "locked_entry", entry_without_lock)
    monkeypatch.setattr(hot, "lock_waitlist", lambda **_: None)
    monkeypatch.setattr(offers, "check_open_offer", check_and_dawdle)
    monkeypatch.setattr(offers, "hold_time", dawdle_and_hold)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_offer_at_a_time")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM waitlist_offer")
        cursor.execute(ONE_PENDING)


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_of_several_matchers_one_makes_the_offer(
    run: Run, shop: Shop, stage: Stage, repetitions: Callable[[], int]
) -> None:
    opened = open_gaps(shop, stage, ROUNDS)
    outcomes = run(match, opened, clients=CLIENTS, rounds=ROUNDS)
    assert [Counter(turn) for turn in outcomes] == [Counter(offered=1, none=CLIENTS - 1)] * ROUNDS
    assert most_pending() == 1
    assert_sound()
    assert repetitions() == 0


def test_control_without_locks_one_person_is_offered_several_places(
    shop: Shop, stage: Stage, no_entry_lock: None, engine: str
) -> None:
    """On SQLite the transaction itself is the lock and stands in for it."""
    outcomes = in_threads(match, open_gaps(shop, stage, 3), clients=CLIENTS, rounds=3)
    offered = sum(turn.count("offered") for turn in outcomes)
    assert offered > 3 if engine == "postgres" else offered == 3
    assert (most_pending() > 1) is (engine == "postgres")


def test_accepting_at_once_and_again_is_one_booking(shop: Shop, stage: Stage) -> None:
    offered = make_offers(shop, stage, ROUNDS)
    outcomes = in_threads(accept, offered, clients=CLIENTS, rounds=ROUNDS)
    assert [Counter(turn) for turn in outcomes] == [Counter({WON: CLIENTS})] * ROUNDS
    assert len(confirmed(stage)) == ROUNDS
    assert double_takings() == []
    assert_sound()


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_an_answer_and_the_end_of_the_offer_have_one_winner(run: Run, shop: Shop, stage: Stage) -> None:
    offered = make_offers(shop, stage, ROUNDS)
    outcomes = run(accept_or_come_after, offered, clients=CLIENTS, rounds=ROUNDS)
    assert [turn.count(WON) for turn in outcomes] == [1] * ROUNDS
    assert double_takings() == []
    assert_sound()
    states = Counter(Offer.objects.values_list("state", flat=True))
    assert states["accepted"] + states["expired"] + states["pending"] == ROUNDS
    assert states["accepted"] == sum(turn[0] == WON for turn in outcomes)


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_an_answer_and_a_withdrawal_have_one_winner(run: Run, shop: Shop, stage: Stage) -> None:
    offered = make_offers(shop, stage, ROUNDS)
    outcomes = run(accept_or_withdraw, offered, clients=2, rounds=ROUNDS)
    assert [Counter(turn) for turn in outcomes] == [Counter({WON: 1, "offer_expired": 1})] * ROUNDS
    kept = Offer.objects.filter(state="accepted").count()
    assert Booking.objects.filter(state="confirmed").count() == kept
    assert Entry.objects.filter(state="booked").count() == kept


def test_control_without_the_lock_an_offer_is_accepted_and_withdrawn(
    shop: Shop, stage: Stage, no_entry_lock: None, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "_end", dawdle_and_end)
    outcomes = in_threads(accept_or_withdraw, make_offers(shop, stage, 5), clients=2, rounds=5)
    both = [turn for turn in outcomes if turn.count(WON) == 2]
    assert bool(both) is (engine == "postgres")


def test_nobody_who_left_is_offered_anything(shop: Shop, stage: Stage) -> None:
    opened = open_gaps(shop, stage, ROUNDS)
    in_threads(match_or_leave, opened, clients=CLIENTS, rounds=ROUNDS)
    assert Entry.objects.filter(state="left").count() == ROUNDS
    assert Offer.objects.filter(state="pending").count() == 0


def test_offers_end_by_the_clock_with_every_worker_dead(shop: Shop, stage: Stage) -> None:
    offered = make_offers(shop, stage, 1)
    offer = Offer.objects.get(id=offered.bookings[0][0])
    wish = Wish(offer.service_id, offer.starts_at, UUID(offer.resources[0]))
    assert take(offered, client(1), wish, offer.expires_at) == WON
    assert accept(offered, 0, 0, offer.expires_at) == "offer_expired"
    assert accept(offered, 0, 0, stage.now) == "offer_expired"  # a clock that is behind finds the place gone
    assert double_takings() == []

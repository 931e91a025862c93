"""One person on many devices, and one request sent many times."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from holdfast.bookings.commands import people
from holdfast.bookings.models import Booking, Claim
from holdfast.businesses.commands import change_business_settings
from holdfast.businesses.models import Business
from holdfast.core import idempotency
from holdfast.core.ids import uuid7
from holdfast.core.models import OutboxEvent
from holdfast.customers.models import Customer
from tests.cast import OPERATOR
from tests.races.crowd import CLIENTS, in_processes, in_threads
from tests.races.evidence import assert_sound
from tests.races.plays import WON, Stage, book_as_one_person, repeat_one_request
from tests.races.test_one_winner import tallies

pytestmark = pytest.mark.django_db(transaction=True)

TURNS = 10


@pytest.fixture
def one_booking_each(stage: Stage) -> Stage:
    """The business allows everybody one upcoming booking."""
    business = Business.objects.get(slug=stage.slug)
    change_business_settings(
        actor=OPERATOR, business_id=business.id, wanted={"upcoming_bookings_per_customer": 1}
    )
    return stage


def test_first_bookings_of_a_new_customer_at_once_make_one_customer_and_keep_the_limit(
    one_booking_each: Stage,
) -> None:
    outcomes = tallies(in_threads(book_as_one_person, one_booking_each, rounds=TURNS))
    assert outcomes == [Counter({WON: 1, "limit_reached": CLIENTS - 1})] * TURNS
    assert Customer.objects.count() == TURNS
    assert Booking.objects.filter(state="confirmed").count() == TURNS
    assert_sound()


def test_bookings_of_a_known_customer_at_once_keep_the_limit(one_booking_each: Stage) -> None:
    in_threads(book_as_one_person, one_booking_each, rounds=TURNS)
    Booking.objects.update(state="cancelled")
    Claim.objects.all().delete()
    outcomes = tallies(in_threads(book_as_one_person, one_booking_each, rounds=TURNS))
    assert outcomes == [Counter({WON: 1, "limit_reached": CLIENTS - 1})] * TURNS
    assert Customer.objects.count() == TURNS


def test_control_without_counting_one_person_gets_every_time(
    one_booking_each: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "counts_of_customer", lambda **_: (0, 0))
    assert tallies(in_threads(book_as_one_person, one_booking_each, rounds=1)) == [Counter({WON: CLIENTS})]


def test_one_request_sent_twelve_times_books_once_and_every_reply_is_the_same(stage: Stage) -> None:
    rounds = in_threads(repeat_one_request, stage, rounds=TURNS)
    references = [set(replies) for replies in rounds]
    assert [len(told) for told in references] == [1] * TURNS
    stored = set(Booking.objects.values_list("reference", flat=True))
    assert set().union(*references) == stored
    assert len(stored) == TURNS
    assert OutboxEvent.objects.filter(kind="BookingConfirmed").count() == TURNS
    assert_sound()


def test_a_retry_after_a_cut_reply_gets_the_first_answer_although_the_time_is_taken_by_then(
    stage: Stage,
) -> None:
    alone = replace(stage, resources=stage.resources[:1])
    [[first]] = in_processes(repeat_one_request, alone, clients=1, rounds=1)  # nobody reads the reply
    [later] = in_threads(repeat_one_request, alone, rounds=1)
    assert later == [first] * CLIENTS
    assert Booking.objects.count() == 1


def test_control_without_the_key_every_repeat_books_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always_fresh(**_: Any) -> idempotency.Fresh:
        return idempotency.Fresh(uuid7())

    monkeypatch.setattr(idempotency, "begin", always_fresh)
    [replies] = in_threads(repeat_one_request, stage, rounds=1)
    assert Counter(replies)["time_taken"] == CLIENTS - len(stage.resources)
    assert Booking.objects.count() == len(stage.resources)

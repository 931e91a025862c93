"""Answering a request: what accepting, declining, offering something else and withdrawing do (S1)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from holdfast.bookings.commands import (
    accept_offer,
    accept_request,
    cancel_booking,
    counter_request,
    decline_offer,
    decline_request,
    withdraw_request,
)
from holdfast.bookings.errors import IllegalStep, NothingToAnswer, TimeTaken
from holdfast.bookings.models import Claim
from holdfast.bookings.queries import booking_by_id
from holdfast.bookings.queries.requests import waiting_count
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.bookings.artist import ERIN, Studio, make_studio

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


def told(kind: str) -> list[dict[str, object]]:
    rows = OutboxEvent.objects.filter(kind=kind).order_by("id").values_list("payload", flat=True)
    return [json.loads(payload) for payload in rows]


def test_accepting_takes_the_time_and_nobody_else_can_have_or_ask_for_it(studio: Studio) -> None:
    dana, erin = studio.ask(), studio.ask("21:00", contact=ERIN)
    accepted = accept_request(
        actor=studio.actor(), timetable=studio.timetable, booking_id=dana.id, now=clock.now()
    )
    assert (accepted.state, accepted.releases_at, accepted.price_minor) == ("confirmed", None, 80_000)
    claim = Claim.objects.get()
    assert (claim.starts_at, claim.ends_at) == (dana.starts_at, dana.ends_at)
    with pytest.raises(TimeTaken):
        accept_request(actor=studio.actor(), timetable=studio.timetable, booking_id=erin.id, now=clock.now())
    with pytest.raises(TimeTaken):
        studio.ask("22:00", contact=ERIN)
    assert booking_by_id(business_id=studio.business_id, booking_id=erin.id).state == "requested"
    assert len(told("BookingConfirmed")) == 1


def test_accepting_twice_is_refused_with_the_state(studio: Studio) -> None:
    booking = studio.ask()
    accept_request(actor=studio.actor(), timetable=studio.timetable, booking_id=booking.id, now=clock.now())
    with pytest.raises(IllegalStep) as refusal:
        accept_request(
            actor=studio.actor(), timetable=studio.timetable, booking_id=booking.id, now=clock.now()
        )
    assert refusal.value.facts["state"] == "confirmed"


def test_customers_cannot_answer_their_own_request(studio: Studio) -> None:
    booking = studio.ask()
    for act in (accept_request, decline_request, counter_request):
        with pytest.raises((Missing, Forbidden)):
            act(
                actor=GUEST.holding(booking.id),
                timetable=studio.timetable,
                booking_id=booking.id,
                now=clock.now(),
            )


def test_declining_keeps_the_reason(studio: Studio) -> None:
    booking = studio.ask()
    declined = decline_request(
        actor=studio.actor(),
        timetable=studio.timetable,
        booking_id=booking.id,
        reason="On tour",
        now=clock.now(),
    )
    assert declined.state == "declined"
    assert studio.read(declined).decline_reason == "On tour"
    assert told("RequestDeclined")[0]["by_staff"] is True


def test_a_counter_offer_waits_for_the_customer_who_accepts_it(studio: Studio) -> None:
    booking, now = studio.ask(), clock.now()
    countered = counter_request(
        actor=studio.actor(),
        timetable=studio.timetable,
        booking_id=booking.id,
        fee_minor=95_000,
        starts_at=studio.at("21:00", 32),
        message="Friday would suit us",
        now=now,
    )
    assert (countered.state, countered.releases_at) == ("requested", now + timedelta(hours=72))
    assert waiting_count(business_id=studio.business_id, now=now) == 0
    with pytest.raises(Missing):
        accept_offer(actor=GUEST, timetable=studio.timetable, booking_id=booking.id, now=now)
    accepted = accept_offer(
        actor=GUEST.holding(booking.id), timetable=studio.timetable, booking_id=booking.id, now=now
    )
    assert (accepted.state, accepted.price_minor) == ("confirmed", 95_000)
    assert (accepted.starts_at, accepted.ends_at) == (studio.at("21:00", 32), studio.at("00:00", 33))
    assert (accepted.local_on, accepted.local_start[:10]) == (studio.on(32), studio.on(32).isoformat())
    assert Claim.objects.get().starts_at == studio.at("21:00", 32)
    counter = studio.read(accepted).counter
    assert counter is not None
    assert (counter.state, counter.message) == ("accepted", "Friday would suit us")


def test_a_counter_offer_that_is_declined_ends_the_request(studio: Studio) -> None:
    booking, now = studio.ask(), clock.now()
    counter_request(
        actor=studio.actor(), timetable=studio.timetable, booking_id=booking.id, fee_minor=1, now=now
    )
    declined = decline_offer(
        actor=GUEST.holding(booking.id),
        timetable=studio.timetable,
        booking_id=booking.id,
        reason="Too much",
        now=now,
    )
    assert declined.state == "declined"
    assert told("RequestDeclined")[0]["by_staff"] is False


def test_there_is_nothing_to_answer_before_the_business_has_spoken(studio: Studio) -> None:
    booking = studio.ask()
    for act in (accept_offer, decline_offer):
        with pytest.raises(NothingToAnswer):
            act(
                actor=GUEST.holding(booking.id),
                timetable=studio.timetable,
                booking_id=booking.id,
                now=clock.now(),
            )


def test_a_counter_offer_offers_something_possible(studio: Studio) -> None:
    booking, taken = studio.ask(), studio.ask(days=31, contact=ERIN)
    accept_request(actor=studio.actor(), timetable=studio.timetable, booking_id=taken.id, now=clock.now())
    common = {
        "actor": studio.actor(), "timetable": studio.timetable, "booking_id": booking.id, "now": clock.now(),
    }  # fmt: skip
    for wanted, field, code in (
        ({}, "fee_minor", "nothing_offered"),
        ({"fee_minor": -1}, "fee_minor", "out_of_bounds"),
        ({"starts_at": studio.at(days=-2)}, "starts_at", "in_past"),
        ({"ends_at": booking.starts_at}, "ends_at", "before_start"),
        ({"fee_minor": 5, "message": "x" * 1001}, "message", "too_long"),
    ):
        with pytest.raises(Invalid) as refusal:
            counter_request(**common, **wanted)  # type: ignore[arg-type]
        assert [found for found, _ in refusal.value.fields[field]] == [code]
    with pytest.raises(TimeTaken):
        counter_request(**common, starts_at=studio.at(days=31))  # type: ignore[arg-type]
    assert studio.read(booking).counter is None


def test_withdrawing_needs_no_notice_and_cannot_be_undone(studio: Studio) -> None:
    for withdraw in (withdraw_request, cancel_booking):
        booking = studio.ask(days=2)
        off = withdraw(
            actor=GUEST.holding(booking.id),
            timetable=studio.timetable,
            booking_id=booking.id,
            now=clock.now(),
        )
        assert (off.state, off.undo_until) == ("cancelled", None)
    assert len(told("RequestWithdrawn")) == 2
    assert told("BookingCancelled") == []

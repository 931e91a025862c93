"""Asking for a date: what a form may hold, what the clock decides, the rider (S1). Answers: ``test_requests_answered.py``."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from holdfast.bookings.commands import (
    RequestWish,
    accept_request,
    answer_rider,
    check_line,
    counter_request,
    decline_request,
    remind_of_requests,
    tidy_dead_bookings,
    withdraw_request,
)
from holdfast.bookings.errors import IllegalStep
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFilter, booking_by_id, history_of, list_bookings
from holdfast.bookings.queries.requests import inbox, waiting_count
from holdfast.bookings.rules.requests import Event, Span
from holdfast.businesses.commands import change_business_settings
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from holdfast.schedule.commands import ExceptionWish, add_exception
from tests.bookings.artist import EVENT, Studio, make_studio
from tests.cast import DANA, OPERATOR, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


def told(kind: str) -> list[dict[str, object]]:
    rows = OutboxEvent.objects.filter(kind=kind).order_by("id").values_list("payload", flat=True)
    return [json.loads(payload) for payload in rows]


def test_a_request_keeps_everything_and_takes_no_time(studio: Studio) -> None:
    now = clock.now()
    booking = studio.ask(now=now)
    assert (booking.state, booking.releases_at) == ("requested", now + timedelta(hours=72))
    assert (booking.price_minor, booking.deposit_minor) == (80_000, 0)
    assert Claim.objects.count() == 0
    request = studio.read(booking)
    assert (request.venue_name, request.venue_address) == ("The Vault", "1 Mill Lane, Leeds")
    assert (request.details, request.fee_minor) == ("Opening night, 300 people", 80_000)
    assert [(line.section, line.text) for line in request.rider] == [
        ("technical", "Stereo line at the stage"),
        ("hospitality", "Hot vegan meal for three"),
        ("travel", "Two hotel rooms"),
    ]
    assert len(told("RequestMade")) == 1
    assert [b.id for b in inbox(business_id=studio.business_id, now=now, to_answer=True)] == [booking.id]


def test_what_a_request_tells_is_sealed_in_the_database(studio: Studio) -> None:
    booking = studio.ask()
    row = Booking.objects.filter(id=booking.id).values(
        "request__venue_name", "request__venue_address", "request__details"
    )[0]
    assert all(b"Vault" not in bytes(v) and b"Mill" not in bytes(v) for v in row.values())


@pytest.mark.parametrize(
    ("event", "field", "code"),
    [
        (replace(EVENT, venue_name=" "), "request.venue_name", "required"),
        (replace(EVENT, venue_address=""), "request.venue_address", "required"),
        (replace(EVENT, details=""), "request.details", "required"),
        (replace(EVENT, fee_minor=None), "request.fee_minor", "required"),
        (replace(EVENT, fee_minor=-1), "request.fee_minor", "out_of_bounds"),
        (replace(EVENT, venue_name="v" * 121), "request.venue_name", "too_long"),
        (replace(EVENT, venue_address="v" * 301), "request.venue_address", "too_long"),
        (replace(EVENT, details="v" * 4001), "request.details", "too_long"),
    ],
)
def test_a_wrong_event_is_refused_by_field(studio: Studio, event: Event, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        studio.ask(event=event)
    assert [code for code, _ in refusal.value.fields[field]] == [code]
    assert Booking.objects.count() == 0


def test_a_wrong_time_is_refused_by_field(studio: Studio) -> None:
    start = studio.at()
    cases = [
        (Span(), "starts_at", "required"),
        (Span(start, start), "ends_at", "before_start"),
        (Span(start, start - timedelta(hours=1)), "ends_at", "before_start"),
        (Span(start, start + timedelta(hours=24, minutes=1)), "ends_at", "longer_than_a_day"),
        (Span(start + timedelta(seconds=1)), "starts_at", "whole_minutes"),
        (Span(start - timedelta(days=40)), "starts_at", "in_past"),
        (Span(clock.now().replace(second=0, microsecond=0) + timedelta(hours=2)), "starts_at", "too_soon"),
        (Span(start + timedelta(days=600)), "starts_at", "too_far_ahead"),
        (Span(on=date(2020, 2, 29)), "date", "in_past"),
        (Span(on=date(1, 1, 1)), "date", "in_past"),
        (Span(on=studio.on(600)), "date", "too_far_ahead"),
        (Span(start, on=studio.on()), "starts_at", "with_date"),
    ]
    for span, field, code in cases:
        with pytest.raises(Invalid) as refusal:
            studio.ask(wish=RequestWish(studio.service_id, span, EVENT))
        assert {name: [c for c, _ in found] for name, found in refusal.value.fields.items()} == {
            field: [code]
        }, span


def test_every_mistake_is_named_at_once(studio: Studio) -> None:
    with pytest.raises(Invalid) as refusal:
        studio.ask(wish=RequestWish(studio.service_id, Span(), Event()), contact=Contact("", "nonsense"))
    assert set(refusal.value.fields) == {
        "starts_at", "request.venue_name", "request.venue_address", "request.details", "request.fee_minor",
        "customer.name", "customer.email",
    }  # fmt: skip


def test_a_date_alone_asks_for_the_whole_of_it(studio: Studio) -> None:
    booking = studio.ask(wish=RequestWish(studio.service_id, Span(on=studio.on()), EVENT))
    assert booking.local_on == studio.on()
    assert (booking.starts_at, booking.ends_at) == (studio.at("00:00"), studio.at("00:00", 31))
    assert studio.read(booking).whole_day


def test_a_date_without_an_end_lasts_as_long_as_the_service(studio: Studio) -> None:
    booking = studio.ask(wish=RequestWish(studio.service_id, Span(studio.at()), EVENT))
    assert booking.ends_at - booking.starts_at == timedelta(minutes=120)


def test_requests_keep_the_opening_hours_unless_they_need_not(studio: Studio) -> None:
    wish = ExceptionWish(kind="closed", starts_on=studio.on(), ends_on=studio.on(), windows=[])
    add_exception(actor=OPERATOR, business_id=studio.business_id, wish=wish)
    with pytest.raises(Invalid) as refusal:
        studio.ask("12:00")
    assert refusal.value.fields["starts_at"][0][0] == "closed"
    change_business_settings(
        actor=OPERATOR, business_id=studio.business_id, wanted={"requests_keep_hours": False}
    )
    assert studio.ask("12:00").state == "requested"


def test_an_appointment_cannot_be_requested_and_a_date_cannot_be_booked(studio: Studio, shop: Shop) -> None:
    with pytest.raises(Missing):
        studio.ask(wish=RequestWish(shop.cut.id, Span(studio.at()), EVENT))


def test_an_unanswered_request_expires_by_the_clock_whoever_works(studio: Studio) -> None:
    booking = studio.ask()
    later = clock.now() + timedelta(hours=72)
    assert booking.state_at(later) == "expired"
    assert waiting_count(business_id=studio.business_id, now=later) == 0
    with pytest.raises(IllegalStep) as refusal:
        accept_request(actor=studio.actor(), timetable=studio.timetable, booking_id=booking.id, now=later)
    assert refusal.value.facts["state"] == "expired"
    assert tidy_dead_bookings(now=later) == 1
    assert booking_by_id(business_id=studio.business_id, booking_id=booking.id).state == "expired"
    assert told("RequestExpired") == [{"booking_id": str(booking.id), "challenged": False}]
    last = history_of(business_id=studio.business_id, booking_id=booking.id)[-1]
    assert (last.action, last.details) == ("expire", {"from": "requested"})


def test_lists_by_state_go_by_the_clock(studio: Studio) -> None:
    booking = studio.ask()

    def listed(state: str, hours: int) -> list[str]:
        now = clock.now() + timedelta(hours=hours)
        wanted = BookingFilter(states=(state,))
        page = list_bookings(business_id=studio.business_id, now=now, wanted=wanted)
        return [found.reference for found in page.items]

    assert (listed("requested", 0), listed("expired", 0)) == ([booking.reference], [])
    assert (listed("requested", 73), listed("expired", 73)) == ([], [booking.reference])


def test_nobody_has_longer_to_answer_than_until_the_event(studio: Studio) -> None:
    booking = studio.ask(days=2)
    assert booking.releases_at == booking.starts_at


def test_the_artist_is_reminded_once_a_day_before_the_end(studio: Studio) -> None:
    booking, now = studio.ask(), clock.now()
    assert remind_of_requests(now=now + timedelta(hours=47)) == 0
    assert remind_of_requests(now=now + timedelta(hours=48, minutes=1)) == 1
    assert remind_of_requests(now=now + timedelta(hours=49)) == 0
    assert told("RequestUnanswered") == [{"booking_id": str(booking.id)}]


def test_nobody_is_reminded_of_what_is_answered(studio: Studio) -> None:
    now = clock.now()
    booking = studio.ask()
    counter_request(
        actor=studio.actor(), timetable=studio.timetable, booking_id=booking.id, fee_minor=1, now=now
    )
    assert remind_of_requests(now=now + timedelta(hours=60)) == 0


def test_the_rider_is_answered_by_the_customer_and_checked_off_by_staff(studio: Studio) -> None:
    booking, now = studio.ask(), clock.now()
    first, second, third = studio.read(booking).rider
    answer_rider(
        actor=GUEST.holding(booking.id),
        business_id=studio.business_id,
        booking_id=booking.id,
        lines=[
            {"line": first.id, "answer": "yes"},
            {"line": second.id, "answer": "different", "comment": "Cold buffet"},
        ],
        now=now,
    )
    check_line(
        actor=studio.actor(),
        business_id=studio.business_id,
        booking_id=booking.id,
        line_id=first.id,
        now=now,
    )
    lines = studio.read(booking).rider
    assert [(line.answer, line.comment, line.checked_by) for line in lines] == [
        ("yes", "", "Bob Agent"),
        ("different", "Cold buffet", ""),
        ("", "", ""),
    ]
    changes = [c.action for c in history_of(business_id=studio.business_id, booking_id=booking.id)]
    assert changes == ["request", "rider", "check"]
    with pytest.raises((Missing, Forbidden)):
        check_line(
            actor=GUEST.holding(booking.id),
            business_id=studio.business_id,
            booking_id=booking.id,
            line_id=third.id,
            now=now,
        )
    with pytest.raises(Invalid):
        answer_rider(
            actor=GUEST.holding(booking.id),
            business_id=studio.business_id,
            booking_id=booking.id,
            lines=[{"line": first.id, "answer": "maybe"}],
            now=now,
        )


def test_nothing_of_a_request_is_visible_next_door(studio: Studio, shop: Shop) -> None:
    booking = studio.ask(contact=DANA)
    stranger = shop.actor(Role.ADMIN)
    for act in (accept_request, decline_request, counter_request, withdraw_request):
        with pytest.raises(Missing):
            act(actor=stranger, timetable=studio.timetable, booking_id=booking.id, now=clock.now())
        with pytest.raises(Missing):
            act(actor=stranger, timetable=shop.timetable, booking_id=booking.id, now=clock.now())
    assert inbox(business_id=shop.business_id, now=clock.now()) == []

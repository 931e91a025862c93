"""The artist's blueprint takes its first request, and the demo's artist has one in every state."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from holdfast.blueprints.commands import create_from_blueprint, load_demo
from holdfast.blueprints.commands import demo as demo_package
from holdfast.blueprints.commands.demo import artist
from holdfast.bookings.commands import Details, RequestWish, request_date
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries.requests import inbox, options_on, request_of, requests_of
from holdfast.bookings.rules.requests import Event, Span
from holdfast.businesses.models import Business
from holdfast.catalog.queries.riders import riders_of
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import GUEST
from holdfast.schedule.queries import load_timetable
from tests.cast import DANA, OPERATOR, PASSWORD

pytestmark = pytest.mark.django_db


def test_an_artist_from_the_blueprint_can_be_asked_at_once_and_has_a_rider() -> None:
    business = create_from_blueprint(
        actor=OPERATOR, blueprint="artist", slug="mara", name="Mara", timezone="Europe/London", currency="GBP"
    )
    timetable = load_timetable(business_id=business.id)
    (service,) = timetable.services.values()
    assert service.mode == "request"
    on = (clock.now() + timedelta(days=700)).date()
    booking = request_date(
        actor=GUEST,
        timetable=timetable,
        wish=RequestWish(service.id, Span(on=on), Event("Hall", "1 Mill Lane", "A night", 0)),
        details=Details(DANA),
        now=clock.now(),
    )
    rider = request_of(business_id=business.id, booking=booking, now=clock.now()).rider
    assert {line.section for line in rider} == {"technical", "hospitality", "travel"}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Business:
    monkeypatch.setattr(demo_package, "DEMOS", (artist.DEMO,))
    load_demo(actor=OPERATOR, password=PASSWORD, now=clock.now(), tell=lambda _: None)
    return Business.objects.get(slug="ilse-varga")


def test_the_demo_has_a_request_in_every_state(told: Business) -> None:
    now = clock.now()
    states = Counter(Booking.objects.filter(business=told).values_list("state", flat=True))
    assert states == {
        "requested": 5, "confirmed": 2, "declined": 1, "cancelled": 1, "expired": 1, "completed": 1,
    }  # fmt: skip
    bookings = inbox(business_id=told.id, now=now)
    asked = requests_of(business_id=told.id, bookings=bookings, now=now)
    assert all(len(each.rider) == 8 for each in asked.values())
    assert sum(each.counter_is_open for each in asked.values()) == 1
    optioned = sorted(each.option.rank for each in asked.values() if each.option)
    assert optioned == [1, 2]
    assert sum(each.is_challenged for each in asked.values()) == 1
    assert Claim.objects.filter(business=told).count() == 3
    assert len(riders_of(business_id=told.id)) == 2
    assert OutboxEvent.objects.filter(subject_id__in=[b.id for b in bookings]).count() == 0
    first = next(b for b in bookings if asked[b.id].is_challenged)
    assert first.resource_id is not None
    assert (
        len(options_on(business_id=told.id, resource_id=first.resource_id, on=first.local_on, now=now)) == 2
    )


def test_the_demo_told_again_adds_nothing_until_all_is_answered(told: Business) -> None:
    before = Booking.objects.count()
    load_demo(actor=OPERATOR, password=PASSWORD, now=clock.now(), tell=lambda _: None)
    assert Booking.objects.count() == before
    later = clock.now() + timedelta(days=120)
    load_demo(actor=OPERATOR, password=PASSWORD, now=later, tell=lambda _: None)
    waiting = inbox(business_id=told.id, now=later, to_answer=True)
    assert len(waiting) == 2
    assert Booking.objects.filter(business=told, state="completed").count() == 1

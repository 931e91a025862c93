"""The counter from its blueprint, and the demo's (SPEC §1, C3)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Sum

from holdfast.blueprints.commands import create_from_blueprint
from holdfast.blueprints.commands.demo import counter as demo
from holdfast.bookings.commands import Details, Wish, book
from holdfast.bookings.models import Booking
from holdfast.bookings.rules import OCCUPYING
from holdfast.core import clock
from holdfast.lib.actors import GUEST
from holdfast.schedule.models import Slot, SlotSeries
from holdfast.schedule.queries import load_timetable, weekly_hours
from holdfast.schedule.rules import HOUR_TEMPLATES
from tests.cast import DANA, OPERATOR


def test_a_new_counter_has_hours_from_a_template_and_a_month_of_slots(db: None) -> None:
    business = create_from_blueprint(
        actor=OPERATOR,
        blueprint="counter",
        slug="stamps",
        name="Stamps",
        timezone="Europe/London",
        currency="GBP",
    )
    assert weekly_hours(business_id=business.id) == tuple(sorted(HOUR_TEMPLATES["weekday_9to5"]))
    series = SlotSeries.objects.get(business_id=business.id)
    slots = Slot.objects.filter(business_id=business.id)
    today = clock.now().astimezone(load_timetable(business_id=business.id).tz).date()
    assert (series.days_ahead, series.published_on) == (30, today + timedelta(days=30))
    assert slots.count() >= 20 * 16
    assert {slot.resource_id for slot in slots} == {series.resource_id} != {None}
    slot = slots.filter(local_on__gt=today).first()
    assert slot is not None
    booking = book(
        actor=GUEST,
        timetable=load_timetable(business_id=business.id),
        wish=Wish(slot.service_id, slot.starts_at, None, 3, slot.id),
        details=Details(DANA),
        now=clock.now(),
    )
    assert (booking.state, Slot.objects.get(id=slot.id).taken) == ("confirmed", 3)


def test_any_template_of_hours_can_be_chosen_with_the_blueprint(db: None) -> None:
    business = create_from_blueprint(
        actor=OPERATOR,
        blueprint="counter",
        slug="nights",
        name="Nights",
        timezone="Europe/London",
        currency="GBP",
        hours="club_nights",
    )
    assert weekly_hours(business_id=business.id) == tuple(sorted(HOUR_TEMPLATES["club_nights"]))
    assert {slot.local_on.weekday() for slot in Slot.objects.filter(business_id=business.id)} == {3, 4, 5}


def test_the_demos_counter_is_lively_and_its_counts_are_right(db: None) -> None:
    business = demo.DEMO.create(OPERATOR)
    now = clock.now()
    written = demo.DEMO.go_on(OPERATOR, business, now)
    assert written > 150
    live = Booking.objects.filter(business_id=business.id, state__in=OCCUPYING)
    counts = dict(live.values_list("slot").annotate(Sum("party_size")))
    assert {slot.id: slot.taken for slot in Slot.objects.filter(taken__gt=0)} == counts
    assert Slot.objects.filter(taken=F("capacity")).exists()
    assert Slot.objects.filter(is_open=False).count() == 1
    assert demo.DEMO.go_on(OPERATOR, business, now) == 0

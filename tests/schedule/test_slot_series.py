"""Series of slots, and the resource that gives slots alone (SPEC C3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from holdfast.bookings.commands import Wish, hold_time
from holdfast.catalog.commands import change_service, create_service
from holdfast.core import clock
from holdfast.lib.actors import GUEST, WORKER
from holdfast.lib.refusals import Invalid
from holdfast.schedule.commands import (
    SlotPlan,
    change_series,
    create_series,
    delete_series,
    delete_slot,
    publish_series,
)
from holdfast.schedule.jobs import publish_due_series
from holdfast.schedule.models import Slot, SlotSeries
from holdfast.schedule.queries import list_slots
from tests.cast import OPERATOR
from tests.counter import Counter, make_counter


@pytest.fixture
def counter(db: None) -> Counter:
    return make_counter()


def plan(counter: Counter, **wanted: Any) -> SlotPlan:
    return SlotPlan(**{"service_id": counter.portrait.id, "slot_minutes": 60, "capacity": 4, **wanted})


def start(counter: Counter, now: datetime | None = None, **more: Any) -> Any:
    wanted = plan(counter, **more.pop("plan", {}))
    return create_series(
        actor=counter.actor(),
        timetable=counter.timetable,
        plan=wanted,
        now=now or counter.at("18:00", 0),
        **more,
    )


def test_a_series_publishes_its_days_ahead_and_goes_on_each_day(counter: Counter) -> None:
    series, published = start(counter, days_ahead=7)
    assert (published.created, series.published_on) == (7 * 8, counter.day(7))
    args: dict[str, Any] = {"actor": WORKER, "timetable": counter.timetable, "series_id": series.id}
    assert publish_series(**args, now=counter.at("19:00", 0)).created == 0
    assert publish_series(**args, now=counter.at("01:00", 1)).created == 8
    assert publish_series(**args, now=counter.at("01:00", 4)).created == 24
    assert set(Slot.objects.values_list("series_id", flat=True)) == {series.id}


def test_what_somebody_deleted_is_not_published_again(counter: Counter) -> None:
    series, _ = start(counter, days_ahead=3)
    slots = list_slots(business_id=counter.business_id).items
    delete_slot(actor=counter.actor(), business_id=counter.business_id, slot_id=slots[0].id)
    args: dict[str, Any] = {"actor": WORKER, "timetable": counter.timetable, "series_id": series.id}
    publish_series(**args, now=counter.at("01:00", 1))
    publish_series(**args, now=counter.at("01:00", 1), first=counter.day(0), last=counter.day(6))
    assert not Slot.objects.filter(starts_at=slots[0].starts_at).exists()
    assert Slot.objects.count() == 6 * 8 - 1


def test_a_series_stops_and_starts_again_and_can_be_forgotten(counter: Counter) -> None:
    series, _ = start(counter, days_ahead=2)
    args: dict[str, Any] = {"timetable": counter.timetable, "series_id": series.id}
    change_series(actor=counter.actor(), **args, wanted={"is_active": False}, now=counter.at("18:00", 0))
    assert publish_series(actor=WORKER, **args, now=counter.at("18:00", 2)).created == 0
    again, published = change_series(
        actor=counter.actor(),
        **args,
        wanted={"is_active": True, "weekdays": [counter.day(3).weekday()], "capacity": 1},
        now=counter.at("18:00", 2),
    )
    assert (published.created, again.published_on) == (8, counter.day(4))
    delete_series(actor=counter.actor(), business_id=counter.business_id, series_id=series.id)
    assert (SlotSeries.objects.count(), Slot.objects.count()) == (0, 24)


def test_a_series_ends_on_its_last_date_and_begins_on_its_first(counter: Counter) -> None:
    _, published = start(counter, days_ahead=30, starts_on=counter.day(2), ends_on=counter.day(3))
    assert (published.created, published.until_on) == (16, counter.day(3))
    dates = set(Slot.objects.values_list("local_on", flat=True))
    assert dates == {counter.day(2), counter.day(3)}
    for wrong, field in (
        ({"days_ahead": 0}, "days_ahead"),
        ({"ends_on": date(2020, 1, 1)}, "ends_on"),
        ({"plan": {"capacity": 0}}, "capacity"),
    ):
        with pytest.raises(Invalid) as refused:
            start(counter, **wrong)
        assert list(refused.value.fields) == [field]


def test_a_series_leaves_out_what_would_overlap(counter: Counter) -> None:
    counter.slot("10:15", days=1, resource_id=counter.east.id)
    _, published = start(counter, days_ahead=1, plan={"resource_id": counter.east.id})
    assert (published.created, published.left_out) == (7, 1)


def test_the_worker_publishes_every_business_and_a_retired_service_rests(counter: Counter) -> None:
    other = make_counter("next-door-counter")
    for each in (counter, other):
        start(each, now=each.at("18:00", -2), days_ahead=2)
    before = {
        each.slug: Slot.objects.filter(business_id=each.business_id).count() for each in (counter, other)
    }
    change_service(
        actor=OPERATOR,
        business_id=other.business_id,
        service_id=other.portrait.id,
        wanted={"is_active": False},
    )
    for _ in range(2):  # the second time there is nothing left to publish
        publish_due_series()
        assert Slot.objects.filter(business_id=counter.business_id).count() == before["shutter"] + 16
        assert Slot.objects.filter(business_id=other.business_id).count() == before["next-door-counter"]


def test_a_resource_that_gives_slots_gives_nothing_else(counter: Counter) -> None:
    admin: dict[str, Any] = {"actor": OPERATOR, "business_id": counter.business_id}
    talk = {"name": "Talk", "duration_minutes": 30, "resources": [counter.east.id]}
    with pytest.raises(Invalid) as refused:
        create_service(**admin, wanted=talk)
    assert refused.value.fields == {"resources": [("gives_slots", {"name": "East window"})]}
    slot = counter.slot(resource_id=counter.east.id)
    change_service(**admin, service_id=counter.portrait.id, wanted={"resources": [counter.west.id]})
    with pytest.raises(Invalid):
        create_service(**admin, wanted=talk)  # there is still a slot to be given
    with pytest.raises(Invalid) as refused:
        change_service(**admin, service_id=counter.portrait.id, wanted={"mode": "appointment"})
    assert refused.value.fields == {"mode": [("has_slots", {})]}
    delete_slot(**admin, slot_id=slot.id)
    made = create_service(**admin, wanted=talk)
    hold_time(
        actor=GUEST,
        timetable=counter.timetable,
        wish=Wish(made.id, counter.at("10:00")),
        now=clock.now(),
    )
    with pytest.raises(Invalid) as refused:
        change_service(
            **admin,
            service_id=counter.portrait.id,
            wanted={"resources": [counter.east.id, counter.west.id]},
        )
    assert refused.value.fields == {"resources": [("gives_no_slots", {"name": "East window"})]}

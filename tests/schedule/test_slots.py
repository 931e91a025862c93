"""Publishing slots: generating, changing, deleting (SPEC C3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from holdfast.bookings.commands import cancel_booking
from holdfast.bookings.models import Booking
from holdfast.catalog.commands import create_service
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.core.transactions import violated
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from holdfast.schedule.commands import (
    Generation,
    SlotPlan,
    add_slot,
    change_series,
    change_slot,
    change_slots,
    create_series,
    delete_series,
    delete_slot,
    generate_slots,
    publish_series,
)
from holdfast.schedule.errors import (
    CapacityBelowTaken,
    SlotExists,
    SlotInUse,
    SlotsLeftOut,
    SlotsOverlap,
)
from holdfast.schedule.models import Slot
from holdfast.schedule.queries import SlotFilter, list_slots
from holdfast.schedule.sql import guard_is_up
from tests.cast import OPERATOR, Shop
from tests.counter import Counter, make_counter


@pytest.fixture
def counter(db: None) -> Counter:
    return make_counter()


def plan(counter: Counter, **wanted: Any) -> SlotPlan:
    return SlotPlan(**{"service_id": counter.portrait.id, "slot_minutes": 60, "capacity": 4, **wanted})


def generate(counter: Counter, days: int = 2, *, preview: bool = False, **wanted: Any) -> Generation:
    return generate_slots(
        actor=counter.actor(),
        timetable=counter.timetable,
        plan=plan(counter, **wanted),
        first=counter.day(1),
        last=counter.day(days),
        now=clock.now(),
        preview=preview,
    )


def kinds() -> list[str]:
    return list(OutboxEvent.objects.order_by("created_at", "id").values_list("kind", flat=True))


def test_a_preview_counts_and_writes_nothing(counter: Counter) -> None:
    made = generate(counter, preview=True)
    assert (len(made.new), made.created, made.existing) == (16, 0, 0)
    assert Slot.objects.count() == 0
    assert "SlotsPublished" not in kinds()


def test_generating_twice_creates_nothing_twice(counter: Counter) -> None:
    assert (generate(counter).created, generate(counter, days=3).existing) == (16, 16)
    assert Slot.objects.count() == 24
    again = generate(counter, days=3, capacity=9)
    assert (again.created, again.existing) == (0, 24)
    assert set(Slot.objects.values_list("capacity", flat=True)) == {4}
    events = OutboxEvent.objects.filter(kind="SlotsPublished")
    assert events.count() == 2


def test_a_new_slot_is_open_and_empty_and_listed_under_its_date(counter: Counter) -> None:
    generate(counter, days=1, resource_id=counter.east.id, gap_minutes=15)
    slots = list_slots(business_id=counter.business_id).items
    assert [slot.starts_at for slot in slots] == [
        counter.at(at, 1) for at in ("09:00", "10:15", "11:30", "12:45", "14:00", "15:15")
    ]
    assert {(slot.capacity, slot.taken, slot.is_open, slot.local_on) for slot in slots} == {
        (4, 0, True, counter.day(1))
    }
    assert {slot.resource_id for slot in slots} == {counter.east.id}


def test_ten_thousand_slots_are_published_at_once_and_more_are_refused(counter: Counter) -> None:
    made = generate(counter, days=125, slot_minutes=6, resource_id=counter.east.id)
    assert made.created == 10_000 == Slot.objects.count()
    with pytest.raises(Invalid) as refused:
        generate(counter, days=126, slot_minutes=6, resource_id=counter.west.id)
    assert refused.value.fields == {"to": [("too_many_slots", {"limit": 10_000})]}
    assert Slot.objects.count() == 10_000


def test_slots_of_a_resource_never_overlap_and_all_are_refused_together(counter: Counter) -> None:
    generate(counter, days=1, resource_id=counter.east.id)
    with pytest.raises(SlotsOverlap) as refused:
        generate(counter, days=2, resource_id=counter.east.id, slot_minutes=45)
    assert refused.value.facts["count"] == 7
    assert Slot.objects.count() == 8
    assert generate(counter, days=1, resource_id=counter.west.id, slot_minutes=45).created == 10
    assert generate(counter, days=1, slot_minutes=45).created == 10  # those of no resource may overlap


def test_the_database_itself_refuses_overlapping_slots_of_a_resource(counter: Counter) -> None:
    slot = counter.slot("10:00", resource_id=counter.east.id)
    assert guard_is_up()
    row = Slot.objects.get(id=slot.id)
    for minutes in (-29, 29):
        row.pk = uuid4()
        row.starts_at = slot.starts_at + timedelta(minutes=minutes)
        row.ends_at = slot.ends_at + timedelta(minutes=minutes)
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            row.save(force_insert=True)
        assert violated(refused.value) == "slot_overlap"
    row.starts_at, row.ends_at = slot.ends_at, slot.ends_at + timedelta(minutes=30)
    row.save(force_insert=True)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Slot.objects.filter(id=row.pk).update(starts_at=slot.starts_at + timedelta(minutes=5))
    assert violated(refused.value) == "slot_overlap"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slot_minutes": 0}, "slot_minutes"),
        ({"slot_minutes": 1441}, "slot_minutes"),
        ({"capacity": 0}, "capacity"),
        ({"gap_minutes": -1}, "gap_minutes"),
        ({"weekdays": (7,)}, "weekdays"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(counter: Counter, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        generate(counter, **wrong)
    assert list(refused.value.fields) == [field]


def test_ranges_that_are_backwards_or_years_long_are_refused(counter: Counter) -> None:
    for days in (0, 800):
        with pytest.raises(Invalid) as refused:
            generate(counter, days=days)
        assert list(refused.value.fields) == ["to"]


def test_only_a_service_by_slot_has_slots_and_only_who_gives_it(counter: Counter, shop: Shop) -> None:
    talk = create_service(
        actor=OPERATOR, business_id=counter.business_id, wanted={"name": "Talk", "duration_minutes": 30}
    )
    with pytest.raises(Invalid) as refused:
        generate(counter, service_id=talk.id)
    assert refused.value.fields == {"service": [("not_by_slot", {})]}
    for wanted in (
        {"service_id": shop.cut.id},
        {"resource_id": shop.theo.id},
        {"resource_id": uuid4()},
    ):
        with pytest.raises(Missing):
            generate(counter, **wanted)


def test_what_has_begun_is_not_published(counter: Counter) -> None:
    made = generate_slots(
        actor=counter.actor(),
        timetable=counter.timetable,
        plan=plan(counter),
        first=counter.day(3),
        last=counter.day(3),
        now=counter.at("12:00", 3),
    )
    assert made.created == 4


def test_slots_belong_to_managers_of_this_business(counter: Counter, other_shop: Shop) -> None:
    slot = counter.slot()
    series, _ = create_series(
        actor=counter.actor(), timetable=counter.timetable, plan=plan(counter), now=clock.now()
    )
    for actor, refusal in (
        (counter.actor(Role.STAFF), Forbidden),
        (other_shop.actor(Role.ADMIN), Missing),
        (GUEST, Missing),
    ):
        table: dict[str, Any] = {"actor": actor, "timetable": counter.timetable}
        place: dict[str, Any] = {"actor": actor, "business_id": counter.business_id}
        clocked = {**table, "now": clock.now()}
        day, at = counter.day(1), counter.at("15:00")
        for call in (
            partial(generate_slots, **clocked, plan=plan(counter), first=day, last=day),
            partial(add_slot, **clocked, service_id=counter.portrait.id, starts_at=at, capacity=1),
            partial(change_slot, **table, slot_id=slot.id, wanted={"capacity": 1}),
            partial(change_slots, **place, action="close", slot_ids=[slot.id]),
            partial(delete_slot, **place, slot_id=slot.id),
            partial(create_series, **clocked, plan=plan(counter)),
            partial(change_series, **clocked, series_id=series.id, wanted={}),
            partial(delete_series, **place, series_id=series.id),
            partial(publish_series, **clocked, series_id=series.id),
        ):
            with pytest.raises(refusal):
                call()


def change(counter: Counter, slot: Any, **wanted: Any) -> Any:
    return change_slot(actor=counter.actor(), timetable=counter.timetable, slot_id=slot.id, wanted=wanted)


def test_capacity_is_never_below_what_is_taken(counter: Counter) -> None:
    slot = counter.slot(capacity=5)
    counter.book(slot, 3)
    with pytest.raises(CapacityBelowTaken) as refused:
        change(counter, slot, capacity=2)
    assert refused.value.facts == {"taken": 3}
    assert change(counter, slot, capacity=3).remaining == 0
    assert change(counter, slot, capacity=4).remaining == 1
    assert kinds().count("SlotsEnlarged") == 1
    for wrong in (0, 10_001):
        with pytest.raises(Invalid):
            change(counter, slot, capacity=wrong)


def test_reopening_tells_of_new_places_and_closing_tells_nobody(counter: Counter) -> None:
    slot = counter.slot()
    change(counter, slot, is_open=False)
    change(counter, slot, capacity=9)  # closed: nobody could have them
    assert not {"SlotsReopened", "SlotsEnlarged"} & set(kinds())
    change(counter, slot, is_open=True)
    assert kinds().count("SlotsReopened") == 1


def test_a_slot_changes_its_resource_while_nobody_is_in_it(counter: Counter) -> None:
    slot = counter.slot("10:00")
    assert change(counter, slot, resource_id=counter.east.id).resource_id == counter.east.id
    later = counter.slot("10:15")
    with pytest.raises(SlotsOverlap):
        change(counter, later, resource_id=counter.east.id)
    assert change(counter, later, resource_id=counter.west.id).resource_id == counter.west.id
    counter.book(later)
    with pytest.raises(SlotInUse):
        change(counter, later, resource_id=None)
    with pytest.raises(SlotExists):
        counter.slot("10:15", resource_id=counter.west.id)


def test_a_slot_is_deleted_once_nobody_is_in_it(counter: Counter) -> None:
    slot = counter.slot()
    booking = counter.book(slot)
    place: dict[str, Any] = {"actor": counter.actor(), "business_id": counter.business_id}
    with pytest.raises(SlotInUse):
        delete_slot(**place, slot_id=slot.id)
    cancel_booking(
        actor=GUEST.holding(booking.id), timetable=counter.timetable, booking_id=booking.id, now=clock.now()
    )
    delete_slot(**place, slot_id=slot.id)
    row = Booking.objects.get(id=booking.id)
    assert (row.state, row.slot_id, row.starts_at) == ("cancelled", None, slot.starts_at)
    with pytest.raises(Missing):
        delete_slot(**place, slot_id=slot.id)


def test_many_slots_change_together_or_none(counter: Counter) -> None:
    generate(counter, days=2)
    slots = list_slots(business_id=counter.business_id).items
    counter.book(slots[0], 3)
    place: dict[str, Any] = {"actor": counter.actor(), "business_id": counter.business_id}
    first_day = SlotFilter(service_id=counter.portrait.id, from_on=counter.day(1), to_on=counter.day(1))
    closed = change_slots(**place, action="close", wanted=first_day)
    assert (closed.changed, closed.unchanged) == (8, 0)
    assert Slot.objects.filter(is_open=False).count() == 8
    assert change_slots(**place, action="close", wanted=first_day).unchanged == 8
    with pytest.raises(SlotsLeftOut) as refused:
        change_slots(**place, action="capacity", capacity=2, wanted=SlotFilter())
    assert refused.value.facts == {
        "count": 1,
        "left_out": [{"slot": str(slots[0].id), "reason": "capacity_below_taken"}],
    }
    assert set(Slot.objects.values_list("capacity", flat=True)) == {4}
    smaller = change_slots(**place, action="capacity", capacity=2, wanted=SlotFilter(), leave_out=True)
    assert (smaller.changed, smaller.left_out) == (15, ((slots[0].id, "capacity_below_taken"),))
    opened = change_slots(**place, action="open", slot_ids=[slot.id for slot in slots])
    assert (opened.changed, opened.unchanged) == (8, 8)
    gone = change_slots(**place, action="delete", wanted=SlotFilter(), leave_out=True)
    assert (gone.changed, Slot.objects.count()) == (15, 1)


def test_a_change_of_many_names_its_mistakes(counter: Counter, shop: Shop) -> None:
    slot = counter.slot()
    place: dict[str, Any] = {"actor": counter.actor(), "business_id": counter.business_id}
    for wrong, field in (
        ({"action": "burn", "slot_ids": [slot.id]}, "action"),
        ({"action": "capacity", "slot_ids": [slot.id]}, "capacity"),
        ({"action": "capacity", "slot_ids": [slot.id], "capacity": 0}, "capacity"),
        ({"action": "open"}, "slots"),
    ):
        with pytest.raises(Invalid) as refused:
            change_slots(**place, **wrong)
        assert list(refused.value.fields) == [field]
    with pytest.raises(Missing):
        change_slots(**place, action="close", slot_ids=[slot.id, uuid4()])
    next_door = make_counter("next-door-counter").slot()
    with pytest.raises(Missing):
        change_slots(**place, action="close", slot_ids=[next_door.id])
    assert Slot.objects.filter(is_open=False).count() == 0

"""Any sequence of commands on slots: what a slot counts is always what its live bookings take (SPEC C3, D2)."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from holdfast.availability.queries import open_times
from holdfast.bookings.commands import (
    Details,
    Wish,
    book,
    cancel_booking,
    confirm_hold,
    hold_time,
    move_booking,
    release_hold,
    tidy_dead_bookings,
    undo_change,
)
from holdfast.bookings.models import Booking, BookingChange
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Conflict, Invalid, Missing
from holdfast.schedule.commands import change_slot, change_slots, delete_slot
from holdfast.schedule.models import Slot
from holdfast.schedule.queries import Timetable
from tests.counter import Counter, counted, make_counter

EXAMPLES, STEPS, SLOTS, ROUNDS = 15, 25, 3, 6
CARRIED_OUT = {"hold", "book", "cancel", "move", "change", "delete"}
MINUTE = timedelta(minutes=1)
which = st.integers(0, SLOTS - 1)


class Places(RuleBasedStateMachine):
    """Three slots of a few places, people who come and go, a manager who resizes, closes and deletes."""

    bookings: Any = Bundle("bookings")
    counter: ClassVar[Counter]
    timetable: ClassVar[Timetable]
    done: ClassVar[Tally[str]]

    def __init__(self) -> None:
        super().__init__()
        for model in (BookingChange, OutboxEvent, Booking, Slot):
            model.objects.all().delete()
        self.now = clock.now().replace(second=0, microsecond=0)
        self.guests = 0
        self.slots = [
            self.counter.slot(f"{10 + at}:00", capacity=3 + at, now=self.now) for at in range(SLOTS)
        ]

    def tried(self, name: str, command: Callable[..., Any], **arguments: Any) -> Any:
        """The command's answer, or nothing when it was refused; a refusal changes nothing."""
        before = self.snapshot()
        try:
            answer = command(**arguments)
        except (Conflict, Invalid, Missing):
            assert self.snapshot() == before
            return None
        self.done[name] += 1
        return answer

    @staticmethod
    def snapshot() -> tuple[Any, ...]:
        states = Booking.objects.order_by("id").values_list("id", "state", "sequence", "slot_id")
        taken = Slot.objects.order_by("id").values_list("id", "taken", "capacity", "is_open")
        return (*states, *taken, OutboxEvent.objects.count())

    def wish(self, slot: int, places: int) -> Wish:
        return Wish(self.counter.portrait.id, self.slots[slot].starts_at, None, places, self.slots[slot].id)

    def somebody(self) -> Details:
        self.guests += 1
        return Details(Contact(f"Guest {self.guests}", f"guest-{self.guests % 6}@example.org"))

    def asked(self, id: UUID, **more: Any) -> dict[str, Any]:
        return {
            "actor": GUEST.holding(id),
            "timetable": self.timetable,
            "booking_id": id,
            "now": self.now,
            **more,
        }

    @rule(target=bookings, slot=which, places=st.integers(1, 3), held=st.booleans())
    def come(self, slot: int, places: int, held: bool) -> Any:
        shared: dict[str, Any] = {
            "actor": GUEST,
            "timetable": self.timetable,
            "wish": self.wish(slot, places),
            "now": self.now,
        }
        made = (
            self.tried("hold", hold_time, **shared)
            if held
            else self.tried("book", book, **shared, details=self.somebody())
        )
        return made.id if made else multiple()

    @rule(id=bookings)
    def confirm(self, id: UUID) -> None:
        shared = {"actor": GUEST.holding(id), "timetable": self.timetable, "now": self.now}
        self.tried("confirm", confirm_hold, **shared, hold_id=id, details=self.somebody())

    @rule(id=bookings)
    def release(self, id: UUID) -> None:
        shared = {"actor": GUEST.holding(id), "timetable": self.timetable, "now": self.now}
        self.tried("release", release_hold, **shared, hold_id=id)

    @rule(id=bookings, undo=st.booleans())
    def cancel(self, id: UUID, undo: bool) -> None:
        self.tried("cancel", cancel_booking, **self.asked(id, undo=undo))

    @rule(id=bookings)
    def take_back(self, id: UUID) -> None:
        self.tried("undo", undo_change, **self.asked(id))

    @rule(id=bookings, slot=which)
    def move(self, id: UUID, slot: int) -> None:
        to = self.slots[slot]
        self.tried("move", move_booking, **self.asked(id, starts_at=to.starts_at, slot_id=to.id))

    @rule(slot=which, capacity=st.integers(1, 5))
    def resize(self, slot: int, capacity: int) -> None:
        self.manage(slot, capacity=capacity)

    @rule(slot=which, is_open=st.booleans())
    def open_or_close(self, slot: int, is_open: bool) -> None:
        self.manage(slot, is_open=is_open)

    def manage(self, slot: int, **wanted: Any) -> None:
        self.tried(
            "change",
            change_slot,
            actor=self.counter.actor(),
            timetable=self.timetable,
            slot_id=self.slots[slot].id,
            wanted=wanted,
        )

    @rule(slot=which, many=st.booleans())
    def delete(self, slot: int, many: bool) -> None:
        place: dict[str, Any] = {
            "actor": self.counter.actor(),
            "business_id": self.counter.business_id,
        }
        if many:
            ids = [each.id for each in self.slots]
            self.tried("delete many", change_slots, **place, action="delete", slot_ids=ids, leave_out=True)
        else:
            self.tried("delete", delete_slot, **place, slot_id=self.slots[slot].id)

    @rule(minutes=st.sampled_from([1, 3, 11]))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule()
    def tidy(self) -> None:
        tidy_dead_bookings(now=self.now)

    @invariant()
    def the_count_is_what_the_bookings_take(self) -> None:
        for slot in Slot.objects.all():
            assert slot.taken == counted(slot)  # type: ignore[arg-type]
            assert 0 <= slot.taken <= slot.capacity

    @invariant()
    def what_is_free_is_what_is_not_taken_by_the_clock(self) -> None:
        day = self.slots[0].local_on
        found = open_times(
            timetable=self.timetable,
            service_id=self.counter.portrait.id,
            first=day,
            last=day,
            now=self.now,
        )[0].times
        expected = {}
        for slot in Slot.objects.filter(is_open=True):
            dead = Booking.objects.filter(slot_id=slot.id, releases_at__lte=self.now)
            remaining = slot.capacity - slot.taken + sum(dead.values_list("party_size", flat=True))
            if remaining:
                expected[slot.id] = remaining
        assert {time.slot_id: time.remaining for time in found} == expected


@pytest.mark.timeout(600)
def test_after_any_sequence_of_commands_a_slot_counts_what_its_bookings_take(db: None) -> None:
    Places.counter = make_counter()
    Places.timetable = Places.counter.timetable
    Places.done = Tally()
    # A sequence leaves some commands out; a few more of them until every one has been carried out.
    for _ in range(ROUNDS):
        run_state_machine_as_test(
            Places,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        if set(Places.done) >= CARRIED_OUT:
            break
    assert set(Places.done) >= CARRIED_OUT

"""What a client does in a race for the places of a slot. A stage's ``bookings`` are the slots of each round."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, connection

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
)
from holdfast.bookings.queries import BookingFacts
from holdfast.core import sql
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.lib.refusals import Refusal
from holdfast.schedule.commands import change_slot
from tests.races.plays import WON, Stage, attempt, client
from tests.races.weakening import pause


def wish(stage: Stage, slot_id: UUID, places: int = 1) -> Wish:
    return Wish(stage.services[0], stage.turns[0], None, places, slot_id)


def take_places_of(stage: Stage, who: Details, slot_id: UUID, places: int = 1) -> BookingFacts:
    return book(
        actor=GUEST, timetable=stage.timetable, wish=wish(stage, slot_id, places), details=who, now=stage.now
    )


def take_one(stage: Stage, number: int, turn: int) -> str:
    """Everybody wants one place of the same slot."""
    try:
        return attempt(lambda: take_places_of(stage, client(number), stage.bookings[turn][0]))
    except IntegrityError:
        return "refused by the database"


def twice_at_once(stage: Stage, number: int, turn: int) -> str:
    """One person, from many devices."""
    dana = Details(Contact(name="Dana Guest", email=f"dana-{turn}@example.org"))
    slot_id = stage.bookings[turn][0]
    if number % 2:
        return attempt(lambda: take_places_of(stage, dana, slot_id))

    def hold_and_confirm() -> None:
        held = hold_time(actor=GUEST, timetable=stage.timetable, wish=wish(stage, slot_id), now=stage.now)
        confirm_hold(
            actor=GUEST.holding(held.id),
            timetable=stage.timetable,
            hold_id=held.id,
            details=dana,
            now=stage.now,
        )

    return attempt(hold_and_confirm)


def come_and_go(stage: Stage, number: int, turn: int) -> str:
    """Booking one place or two, cancelling, holding and letting go, moving between two slots, and a manager who resizes."""
    here, there = stage.bookings[turn]
    who = client(number)
    business_id = stage.timetable.business.id
    kind = number % 8
    try:
        if kind == 7:
            manager = Actor(role=Role.MANAGER, business_id=business_id)
            for capacity in (7, 12, 10):
                attempt(
                    lambda size=capacity: change_slot(  # type: ignore[misc]
                        actor=manager, timetable=stage.timetable, slot_id=here, wanted={"capacity": size}
                    )
                )
            tidy_dead_bookings(now=stage.now)
            return WON
        if kind == 6:
            held = hold_time(actor=GUEST, timetable=stage.timetable, wish=wish(stage, here, 2), now=stage.now)
            release_hold(
                actor=GUEST.holding(held.id), timetable=stage.timetable, hold_id=held.id, now=stage.now
            )
            return WON
        booking = take_places_of(stage, who, here if kind % 2 else there, 1 + kind % 3)
        if kind in (1, 4):
            cancel_booking(
                actor=GUEST.holding(booking.id),
                timetable=stage.timetable,
                booking_id=booking.id,
                now=stage.now,
            )
        elif kind in (2, 5):
            move_booking(
                actor=stage.desk,
                timetable=stage.timetable,
                booking_id=booking.id,
                starts_at=stage.turns[0],
                slot_id=there if kind % 2 else here,
                now=stage.now,
            )
    except Refusal as refusal:
        return refusal.code
    return WON


def take_without_guard(*, business_id: UUID, slot_id: UUID, places: int, closed_too: bool = False) -> bool:
    """What taking places would be without its condition, and without the constraint of the database."""
    if connection.vendor == "sqlite":
        sql.run("PRAGMA ignore_check_constraints = ON")
    return take_without_looking(business_id=business_id, slot_id=slot_id, places=places)


def take_without_looking(*, business_id: UUID, slot_id: UUID, places: int, closed_too: bool = False) -> bool:
    """What taking places would be without its condition: only the database is left to refuse."""
    sql.run("UPDATE schedule_slot SET taken = taken + %s WHERE id = %s", [places, slot_id])
    return True


def take_what_was_seen(*, business_id: UUID, slot_id: UUID, places: int, closed_too: bool = False) -> bool:
    """What taking places would be as a look and then a write: somebody else may have been there in between."""
    seen = sql.one("SELECT taken, capacity FROM schedule_slot WHERE id = %s", [slot_id])
    assert seen is not None
    pause()
    if seen[0] + places > seen[1]:
        return False
    sql.run("UPDATE schedule_slot SET taken = %s WHERE id = %s", [seen[0] + places, slot_id])
    return True

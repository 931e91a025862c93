"""What a client does in a round of a race: real commands, committed, with the clock as an argument."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.bookings.commands import (
    Details,
    Wish,
    book,
    confirm_hold,
    move_booking,
    tidy_dead_bookings,
    undo_change,
)
from holdfast.core import idempotency
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.lib.refusals import Busy, Refusal
from holdfast.schedule.queries import Timetable, timetable_at

WON = "won"
MOST_TRIES = 5
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """What the clients compete for. ``turns`` holds the time at stake in each round; ``bookings`` those of the round."""

    slug: str
    now: datetime
    turns: tuple[datetime, ...]
    services: tuple[UUID, ...]
    resources: tuple[UUID, ...]
    bookings: tuple[tuple[UUID, ...], ...] = ()

    @property
    def timetable(self) -> Timetable:
        return timetable_at(slug=self.slug)

    @property
    def desk(self) -> Actor:
        return Actor(role=Role.STAFF, business_id=self.timetable.business.id, via="page")


Play = Callable[[Stage, int, int], str]


def attempt(act: Callable[[], object]) -> str:
    """``won``, or the code of the refusal; anything else is a fault and fails the race.

    Whoever is told that the database is busy tries again, as anybody would: a slow machine decides no race.
    """
    for _ in range(MOST_TRIES):
        try:
            act()
        except Busy:
            continue
        except Refusal as refusal:
            return refusal.code
        return WON
    return Busy.code


def client(number: int) -> Details:
    return Details(Contact(name=f"Client {number}", email=f"client-{number}@example.org"))


def take(stage: Stage, who: Details, wish: Wish, now: datetime) -> str:
    return attempt(lambda: book(actor=GUEST, timetable=stage.timetable, wish=wish, details=who, now=now))


def book_the_same(stage: Stage, number: int, turn: int) -> str:
    """Everybody wants the same time of the same barber."""
    return take(
        stage, client(number), Wish(stage.services[0], stage.turns[turn], stage.resources[0]), stage.now
    )


# Minutes after the turn's hour and the service (0: 30 minutes, 1: 60 minutes): each covers the minutes 30 to 45.
_OVERLAPPING = ((-15, 1), (0, 1), (15, 0), (15, 1), (30, 0), (30, 1))


def book_overlapping(stage: Stage, number: int, turn: int) -> str:
    """Different starts and lengths, any two of which overlap."""
    offset, service = _OVERLAPPING[number % len(_OVERLAPPING)]
    starts_at = stage.turns[turn] + timedelta(minutes=offset)
    return take(
        stage, client(number), Wish(stage.services[service], starts_at, stage.resources[0]), stage.now
    )


def book_within_buffers(stage: Stage, number: int, turn: int) -> str:
    """Services that only touch (30 minutes apart), whose buffers overlap."""
    starts_at = stage.turns[turn] + timedelta(minutes=30 * (number % 2))
    return take(stage, client(number), Wish(stage.services[2], starts_at, stage.resources[0]), stage.now)


def book_anybody(stage: Stage, number: int, turn: int) -> str:
    """Everybody wants the same time, of whoever is free."""
    return take(stage, client(number), Wish(stage.services[0], stage.turns[turn]), stage.now)


def move_or_book(stage: Stage, number: int, turn: int) -> str:
    """Half the clients move a booking they have to where the others want to book."""
    if number % 2:
        return book_the_same(stage, number, turn)
    return attempt(
        lambda: move_booking(
            actor=stage.desk,
            timetable=stage.timetable,
            booking_id=stage.bookings[0][number // 2],
            starts_at=stage.turns[turn],
            resource_id=stage.resources[0],
            now=stage.now,
        )
    )


def confirm_or_book(stage: Stage, number: int, turn: int) -> str:
    """The holder confirms a second before the hold ends; the others, whose clock is ahead, take the time after it."""
    if number:
        ended = stage.now + timedelta(minutes=10) + SECOND
        wish = Wish(stage.services[0], stage.turns[turn], stage.resources[0])
        return take(stage, client(number), wish, ended)
    hold_id = stage.bookings[turn][0]
    return attempt(
        lambda: confirm_hold(
            actor=GUEST.holding(hold_id),
            timetable=stage.timetable,
            hold_id=hold_id,
            details=client(0),
            now=stage.now + timedelta(minutes=10) - SECOND,
        )
    )


def undo_or_book(stage: Stage, number: int, turn: int) -> str:
    """A cancellation is taken back a second before its undo ends; the others take the time a second after it."""
    if number:
        wish = Wish(stage.services[0], stage.turns[turn], stage.resources[0])
        return take(stage, client(number), wish, stage.now + timedelta(seconds=11))
    booking_id = stage.bookings[turn][0]
    return attempt(
        lambda: undo_change(
            actor=stage.desk,
            timetable=stage.timetable,
            booking_id=booking_id,
            now=stage.now + timedelta(seconds=9),
        )
    )


def swap_barbers(stage: Stage, number: int, turn: int) -> str:
    """Every client moves a booking between two barbers, half of them one way and half the other, all at free times."""
    resource_id = stage.resources[(number + turn + 1) % 2]
    starts_at = stage.turns[0] + timedelta(minutes=30 * number, days=turn + 1)
    return attempt(
        lambda: move_booking(
            actor=stage.desk,
            timetable=stage.timetable,
            booking_id=stage.bookings[0][number],
            starts_at=starts_at,
            resource_id=resource_id,
            now=stage.now,
        )
    )


def book_as_one_person(stage: Stage, number: int, turn: int) -> str:
    """One person, new to the business, books different times at once from many devices."""
    dana = Details(Contact(name="Dana Guest", email=f"dana-{turn}@example.org"))
    starts_at = stage.turns[0] + timedelta(days=turn, minutes=30 * number)
    return take(stage, dana, Wish(stage.services[0], starts_at, stage.resources[number % 4]), stage.now)


def book_over_dead_holds(stage: Stage, number: int, turn: int) -> str:
    """An hour on which two holds ran out: some tidy, the others book it."""
    ended = stage.now + timedelta(minutes=11)
    if number % 4 == 3:
        tidy_dead_bookings(now=ended)
        return "tidied"
    wish = Wish(stage.services[1], stage.turns[turn], stage.resources[0])
    return take(stage, client(number), wish, ended)


@command
def book_under_key(*, stage: Stage, key: str, wish: Wish) -> str:
    """The reference of the booking made under this idempotency key, now or before."""
    business_id = stage.timetable.business.id
    begun = idempotency.begin(
        business_id=business_id,
        actor_key="guest",
        route="POST bookings",
        key=key,
        request_hash=idempotency.request_hash(str(wish)),
    )
    if isinstance(begun, idempotency.Stored):
        return str(json.loads(begun.body)["reference"])
    made = book(actor=GUEST, timetable=stage.timetable, wish=wish, details=client(0), now=stage.now)
    idempotency.store(begun, status=201, body={"reference": made.reference})
    return made.reference


def repeat_one_request(stage: Stage, number: int, turn: int) -> str:
    """Twelve tries of one request whose replies were cut: what each is told."""
    only = stage.resources[0] if len(stage.resources) == 1 else None
    wish = Wish(stage.services[0], stage.turns[turn], only)
    try:
        return book_under_key(stage=stage, key=f"round {turn}", wish=wish)
    except Refusal as refusal:
        return refusal.code

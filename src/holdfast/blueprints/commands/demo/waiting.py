"""What the waitlists of the demo are made of: a day without a free time, people who wait, silence about both."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from holdfast.availability.queries import open_times
from holdfast.blueprints.rules.diary import passer_by
from holdfast.bookings.commands import Details, Wish, book
from holdfast.businesses.models import Business
from holdfast.catalog.queries import ServiceFacts
from holdfast.core.models import OutboxEvent
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Conflict
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.commands import Waiter, WaitWish, join_waitlist
from holdfast.waitlist.models import Entry
from holdfast.waitlist.queries import EntryFacts
from holdfast.waitlist.rules import LIVE, RangeWish

# Whoever waits came through the booking page.
VISITOR = Actor(via="page")
_LOOK_WEEKS = 3
_SATURDAY = 5


def somebody_waits(business: Business) -> bool:
    """Whether the story is told already, and goes on."""
    return Entry.objects.filter(business=business, state__in=LIVE).exists()


def services_given(timetable: Timetable, mode: str) -> list[ServiceFacts]:
    """The services of a mode that can be booked, in the business's order."""
    return [
        one
        for one in timetable.services.values()
        if one.is_active and one.mode == mode and timetable.giving(one)
    ]


def next_saturday(timetable: Timetable, services: Sequence[ServiceFacts], now: datetime) -> date | None:
    """The first Saturday from the day after tomorrow on on which the first of the services is given; None if there is
    none for weeks, or nobody is waited for."""
    settings = timetable.business.settings
    if not services or not (settings.waitlist and settings.online_booking):
        return None
    soon = now.astimezone(timetable.tz).date() + timedelta(days=2)
    first = soon + timedelta(days=(_SATURDAY - soon.weekday()) % 7)
    for on in (first + timedelta(weeks=week) for week in range(_LOOK_WEEKS)):
        found = open_times(timetable=timetable, service_id=services[0].id, first=on, last=on, now=now)
        if found[0].open:
            return on
    return None


@command
def fill(
    *,
    actor: Actor,
    timetable: Timetable,
    on: date,
    kinds: Iterable[tuple[UUID, UUID | None, int]],
    dice: random.Random,
    now: datetime,
    latest: datetime | None = None,
) -> int:
    """Book what is free of a date, up to starts at ``latest``, until nothing is left; how many bookings that took.

    ``kinds`` are service, resource (None: any) and party size, taken in turns.
    """
    left, written = list(kinds), 0
    while left:
        for kind in tuple(left):
            if _book_first(actor, timetable, on, kind, dice, now, latest):
                written += 1
            else:
                left.remove(kind)
    return written


def _book_first(
    actor: Actor,
    timetable: Timetable,
    on: date,
    kind: tuple[UUID, UUID | None, int],
    dice: random.Random,
    now: datetime,
    latest: datetime | None,
) -> bool:
    """Somebody's booking of the first free start, made some days ago; False if there is none, or somebody was quicker."""
    service_id, resource_id, party_size = kind
    [day] = open_times(
        timetable=timetable,
        service_id=service_id,
        first=on,
        last=on,
        now=now,
        party_size=party_size,
        resource_id=resource_id,
    )
    free = next((time for time in day.times if latest is None or time.starts_at <= latest), None)
    if free is None:
        return False
    name, email, phone = passer_by(dice)
    booked_at = (now - timedelta(minutes=dice.randint(3 * 1440, 9 * 1440))).replace(second=0, microsecond=0)
    with suppress(Conflict), transaction.atomic():
        booking = book(
            actor=actor,
            timetable=timetable,
            wish=Wish(service_id, free.starts_at, resource_id, party_size, free.slot_id),
            details=Details(Contact(name, email, phone)),
            now=booked_at,
        )
        hush(timetable.business.id, [booking.id])
        return True
    return False


def waits(
    timetable: Timetable,
    who: Contact,
    wish: WaitWish,
    *,
    at: datetime,
    actor: Actor = VISITOR,
) -> EntryFacts:
    """Put somebody on the list as of ``at``; nobody hears of it."""
    entry = join_waitlist(actor=actor, timetable=timetable, wish=wish, who=Waiter(who), now=at)
    hush(timetable.business.id, [entry.id])
    return entry


def for_day(on: date, from_time: str = "", to_time: str = "") -> tuple[RangeWish, ...]:
    """A wish for one date."""
    return (RangeWish(on, on, from_time, to_time),)


def hush(business_id: UUID, subjects: Collection[UUID]) -> None:
    """Nobody is told about a story."""
    OutboxEvent.objects.filter(business_id=business_id, subject_id__in=subjects).delete()

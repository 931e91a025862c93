"""People who wait in Alice's barbershop, and the worker's part of what happens to them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from holdfast.bookings.commands import Details, book, cancel_booking
from holdfast.bookings.queries import BookingFacts
from holdfast.core import clock
from holdfast.core.relay import run_batch
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor
from holdfast.waitlist.commands import Waiter, WaitWish, join_waitlist
from holdfast.waitlist.models import Offer
from holdfast.waitlist.queries import EntryFacts, OfferFacts, offer_facts
from holdfast.waitlist.rules import RangeWish
from tests.cast import DANA, Shop

FULL = Contact("Full House", "full@example.org")


def person(name: str) -> Contact:
    """Somebody with this first name."""
    return Contact(f"{name} Waiting", f"{name.lower()}@example.org")


def day_of(shop: Shop, days: int = 3) -> date:
    """The local date some days from today."""
    return (clock.now().astimezone(shop.timetable.tz) + timedelta(days=days)).date()


def wait(
    shop: Shop,
    who: Contact = DANA,
    *,
    days: int = 3,
    until_days: int | None = None,
    actor: Actor = GUEST,
    now: datetime | None = None,
    services: tuple[Any, ...] | None = None,
    from_time: str = "",
    to_time: str = "",
    **more: Any,
) -> EntryFacts:
    """An entry for the cut some days from today."""
    ranges = (RangeWish(day_of(shop, days), day_of(shop, until_days or days), from_time, to_time),)
    wish = WaitWish(services or (shop.cut.id,), ranges, **more)
    return join_waitlist(
        actor=actor, timetable=shop.timetable, wish=wish, who=Waiter(who), now=now or clock.now()
    )


def fill(shop: Shop, days: int = 3, but: tuple[str, ...] = ()) -> dict[str, BookingFacts]:
    """Book every half hour of the day with both barbers, by their name and time; those in ``but`` are left out."""
    made, timetable = {}, shop.timetable
    for resource in (shop.theo, shop.amara):
        for half in range(16):
            hhmm = f"{9 + half // 2:02}:{half % 2 * 30:02}"
            key = f"{resource.name.split()[0].lower()} {hhmm}"
            if key not in but:
                made[key] = book(
                    actor=shop.actor(),
                    timetable=timetable,
                    wish=shop.wish(hhmm, days, resource),
                    details=Details(
                        Contact("Full House", f"{key.replace(' ', '.').replace(':', '')}@example.org")
                    ),
                    now=clock.now(),
                )
    return made


def cancel_one(shop: Shop, booking: BookingFacts) -> None:
    """Staff cancels a booking, at once."""
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=booking.id, now=clock.now())


def work(rounds: int = 30) -> None:
    """Handle every event that is due, as the worker does."""
    for _ in range(rounds):
        if not run_batch():
            return
    raise AssertionError("the outbox never came to rest")


def offers(shop: Shop, state: str = "") -> list[OfferFacts]:
    """The offers made so far, in order."""
    rows = Offer.objects.filter(business_id=shop.business_id).order_by("made_at", "id")
    return [offer_facts(row=row) for row in rows if state in ("", row.state)]

"""From a place that comes free to the booking of whoever was next."""

from __future__ import annotations

from datetime import timedelta

import pytest

from holdfast.bookings.commands import cancel_booking
from holdfast.bookings.errors import CustomerBlocked, TimeTaken
from holdfast.bookings.models import Booking, Claim
from holdfast.core import clock
from holdfast.customers.commands import block_customer, unblock_customer
from holdfast.waitlist.commands import (
    accept_offer,
    decline_offer,
    expire_offer,
    leave_waitlist,
    withdraw_offer,
)
from holdfast.waitlist.errors import OfferOver
from holdfast.waitlist.models import Entry, Gap
from holdfast.waitlist.queries import (
    EntryFacts,
    OfferFacts,
    Region,
    booking_led_to,
    entry_by_id,
    matching,
)
from tests.cast import GUEST, Shop
from tests.waitlist.line import fill, offers, person, wait, work

pytestmark = pytest.mark.django_db


def cancel(shop: Shop, key: str, booked: dict) -> None:
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=booked[key].id, now=clock.now())


def accept(shop: Shop, entry: EntryFacts, offer: OfferFacts, **more):
    more.setdefault("now", clock.now())
    return accept_offer(actor=GUEST.waiting_as(entry.id), timetable=shop.timetable, offer_id=offer.id, **more)


def state_of(entry: EntryFacts) -> str:
    return Entry.objects.get(id=entry.id).state


def test_cancelling_a_booking_offers_its_time_to_who_waits_and_holds_it(shop: Shop) -> None:
    booked = fill(shop)
    entry = wait(shop)
    work()
    assert offers(shop) == []
    cancel(shop, "theo 10:00", booked)
    work()
    (offer,) = offers(shop)
    assert (offer.entry_id, offer.starts_at, offer.resource_ids) == (
        entry.id,
        shop.at("10:00"),
        (shop.theo.id,),
    )
    assert offer.expires_at - offer.made_at == timedelta(minutes=10)
    assert offer.breakdown["total"] == offer.score > 0
    with pytest.raises(TimeTaken):
        shop.book("10:00", resource=shop.theo)
    booking = accept(shop, entry, offer)
    assert (booking.state, booking.starts_at, booking.contact.email) == (
        "confirmed",
        shop.at("10:00"),
        "dana@example.org",
    )
    assert state_of(entry) == "booked"
    assert Booking.objects.get(id=booking.id).customer_id == entry.customer_id


def test_accepting_twice_is_one_booking(shop: Shop) -> None:
    booked = fill(shop)
    entry = wait(shop)
    cancel(shop, "theo 10:00", booked)
    work()
    (offer,) = offers(shop)
    first = accept(shop, entry, offer)
    assert accept(shop, entry, offer).id == first.id
    assert Claim.objects.filter(resource_id=shop.theo.id, starts_at=shop.at("10:00")).count() == 1


@pytest.mark.parametrize("way", ["declined", "expired", "withdrawn", "left"])
def test_what_is_not_taken_goes_to_the_next_at_once(shop: Shop, way: str) -> None:
    booked = fill(shop)
    first = wait(shop, person("Ada"), now=clock.now() - timedelta(days=2))
    second = wait(shop, person("Ben"), now=clock.now() - timedelta(days=1))
    cancel(shop, "theo 10:00", booked)
    work()
    (offer,) = offers(shop)
    assert offer.entry_id == first.id
    mine = {"actor": GUEST.waiting_as(first.id), "business_id": shop.business_id}
    if way == "declined":
        decline_offer(**mine, offer_id=offer.id, now=clock.now())
    elif way == "expired":
        late = offer.expires_at
        assert expire_offer(offer_id=offer.id, now=late - timedelta(seconds=1)) is False
        assert expire_offer(offer_id=offer.id, now=late) is True
    elif way == "withdrawn":
        withdraw_offer(actor=shop.actor(), business_id=shop.business_id, offer_id=offer.id, now=clock.now())
    else:
        leave_waitlist(**mine, entry_id=first.id, now=clock.now())
    work()
    later = offers(shop)[1]
    assert (later.entry_id, later.starts_at) == (second.id, offer.starts_at)
    assert state_of(first) == ("left" if way == "left" else "waiting")
    with pytest.raises(OfferOver):
        accept(shop, first, offer)
    work()
    assert len(offers(shop)) == 2


def test_a_late_answer_is_refused_and_costs_nobody_anything(shop: Shop) -> None:
    booked = fill(shop)
    entry = wait(shop)
    cancel(shop, "theo 10:00", booked)
    work()
    (offer,) = offers(shop)
    with pytest.raises(OfferOver) as refusal:
        accept(shop, entry, offer, now=offer.expires_at)
    assert refusal.value.facts == {"state": "expired"}
    assert state_of(entry) == "waiting"


def test_what_came_free_says_why_nobody_was_asked(shop: Shop) -> None:
    booked = fill(shop)
    wait(shop, from_time="15:00")
    cancel(shop, "theo 10:00", booked)
    work()
    gap = Gap.objects.get(cause="cancelled")
    assert (gap.outcome, gap.details["waiting"], gap.details["no_room"]) == ("nobody", 1, 1)


def test_nobody_is_asked_to_come_earlier_for_a_booking_that_is_cancelled(shop: Shop) -> None:
    booked = shop.book("10:00", resource=shop.theo, contact=person("Ada"))
    mine = shop.book("15:00", resource=shop.theo)
    only = {"resources": (shop.theo.id,), "from_time": "10:00", "to_time": "10:00"}
    entry = wait(shop, actor=GUEST.holding(mine.id), earlier_than=mine.id, **only)
    work()
    cancel(shop, "theo 10:00", {"theo 10:00": booked})
    work()
    (offer,) = offers(shop)
    cancel(shop, "mine", {"mine": mine})
    assert (
        matching(
            timetable=shop.timetable, region=Region(shop.at("09:00"), shop.at("17:00")), now=offer.expires_at
        ).plans
        == ()
    )
    work()
    assert state_of(entry) == "expired"
    assert [one.state for one in offers(shop)] == ["withdrawn"]
    with pytest.raises(OfferOver):
        accept(shop, entry, offer)


def test_who_is_blocked_meanwhile_cannot_accept(shop: Shop) -> None:
    booked = fill(shop)
    entry = wait(shop)
    cancel(shop, "theo 10:00", booked)
    work()
    (offer,) = offers(shop)
    place = {"actor": shop.actor(), "business_id": shop.business_id, "customer_id": entry.customer_id}
    block_customer(**place, now=clock.now())
    with pytest.raises(CustomerBlocked):
        accept(shop, entry, offer)
    unblock_customer(**place)
    assert accept(shop, entry, offer).state == "confirmed"


def test_a_link_shows_the_booking_its_offer_led_to_and_no_other(shop: Shop) -> None:
    """Anybody can wait in Dana's name; what she books by herself is none of theirs."""
    booked = fill(shop)
    strangers, own = wait(shop), wait(shop, person("Ada"))
    cancel(shop, "theo 11:00", booked)
    shop.book("11:00", resource=shop.theo)
    work()
    taken_off = entry_by_id(business_id=shop.business_id, entry_id=strangers.id)
    assert (taken_off.state, booking_led_to(entry=taken_off)) == ("booked", None)
    cancel(shop, "theo 10:00", booked)
    work()
    made = accept(shop, own, next(one for one in offers(shop) if one.entry_id == own.id))
    assert booking_led_to(entry=entry_by_id(business_id=shop.business_id, entry_id=own.id)) == made.id

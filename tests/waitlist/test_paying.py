"""Money and the waitlist: who paid too late is first in line, and an offer of what costs money waits for it (SPEC E3)."""

from __future__ import annotations

from datetime import timedelta

from holdfast.bookings.queries import booking_by_id
from holdfast.core import clock
from holdfast.core.relay import claim_batch, handle
from holdfast.lib.actors import GUEST
from holdfast.waitlist.commands import accept_offer, offer_by_hand, put_first
from holdfast.waitlist.models import Entry
from holdfast.waitlist.queries import ranked_entries
from tests.bookings.money import pay, takes_money
from tests.cast import OPERATOR, Shop
from tests.waitlist.line import person, wait


def through_the_outbox() -> None:
    while events := claim_batch():
        for event in events:
            handle(event)


def test_who_paid_for_a_time_that_was_gone_is_put_first_by_the_event(shop: Shop) -> None:
    takes_money(shop, {"deposit_minor": 1000})
    now = clock.now()
    owing = shop.book("10:00", resource=shop.theo, now=now)
    for name in ("Early", "Bird"):
        wait(shop, person(name), days=3, from_time="10:00", to_time="10:00", now=now - timedelta(days=9))
    later = now + timedelta(minutes=31)
    for barber in (shop.theo, shop.amara):
        shop.book("10:00", resource=barber, actor=shop.actor(), now=later)
    assert pay(shop, owing.id, later) == "too_late"
    through_the_outbox()
    line = ranked_entries(timetable=shop.timetable, now=later)
    assert line[0].entry.contact.email == "dana@example.org"
    assert len(line) == 3
    again = put_first(
        timetable=shop.timetable, booking_id=owing.id, now=later
    )  # waits already: moved, not doubled
    assert again is not None
    assert Entry.objects.count() == 3


def test_accepting_an_offer_of_what_is_paid_ahead_keeps_the_place_for_the_payment(shop: Shop) -> None:
    takes_money(shop, {"deposit_minor": 1000})
    now = clock.now()
    entry = wait(shop, person("Wanda"), days=3, from_time="10:00", to_time="10:00", now=now)
    offer = offer_by_hand(
        actor=OPERATOR, timetable=shop.timetable, entry_id=entry.id, service_id=shop.cut.id,
        starts_at=shop.at("10:00"), resource_id=shop.theo.id, now=now,
    )  # fmt: skip
    booking = accept_offer(
        actor=GUEST.waiting_as(entry.id), timetable=shop.timetable, offer_id=offer.id, now=now
    )
    assert booking.state == "awaiting_payment"
    assert booking.releases_at == now + timedelta(minutes=30)
    assert pay(shop, booking.id, now) == "kept"
    assert booking_by_id(business_id=shop.business_id, booking_id=booking.id).state == "confirmed"

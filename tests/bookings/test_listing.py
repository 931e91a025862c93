"""The statement written by hand and the ORM's mean the same by every filter, page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from holdfast.bookings.commands import cancel_booking, hold_time
from holdfast.bookings.queries import BookingFacts, BookingFilter, every_booking, filtered, list_bookings
from holdfast.core import clock
from holdfast.lib.actors import GUEST
from tests.cast import DANA, Shop
from tests.club import Club

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(shop: Shop) -> list[BookingFacts]:
    """Bookings of two days and two people, one cancelled, and a hold."""
    other = replace(DANA, name="Erin Guest", email="erin@example.org")
    bookings = [
        shop.book("10:00", 3, resource=shop.theo),
        shop.book("10:00", 3, resource=shop.amara, contact=other),
        shop.book("11:00", 3, resource=shop.theo, contact=other),
        shop.book("10:00", 4, resource=shop.theo),
    ]
    off = shop.book("12:00", 4, resource=shop.amara)
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=off.id, now=clock.now())
    hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("16:00"), now=clock.now())
    return bookings


@pytest.mark.parametrize("when", ["", "upcoming", "past"])
@pytest.mark.parametrize(
    "narrowed",
    [
        lambda made: {},
        lambda made: {"states": ("cancelled", "held")},
        lambda made: {"from_on": made[3].local_on},
        lambda made: {"to_on": made[0].local_on},
        lambda made: {"resource_id": made[0].resource_id},
        lambda made: {"customer_id": made[1].customer_id},
        lambda made: {"account_id": made[0].id},
    ],
)
def test_pages_of_two_hold_just_what_the_filter_means(
    shop: Shop, made: list[BookingFacts], when: str, narrowed: Any
) -> None:
    wanted = BookingFilter(when=when, **narrowed(made))
    for now in (clock.now(), shop.at("10:45", 3), clock.now() + timedelta(days=30)):
        rows = filtered(business_id=shop.business_id, wanted=wanted, now=now)
        order = ("-starts_at", "-id") if when == "past" else ("starts_at", "id")
        meant = list(rows.order_by(*order).values_list("id", flat=True))
        found, cursor = [], ""
        while True:
            page = list_bookings(business_id=shop.business_id, now=now, wanted=wanted, cursor=cursor, limit=2)
            found += [booking.id for booking in page.items]
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        assert found == meant


def test_a_party_is_listed_under_each_of_its_tables(club: Club) -> None:
    party = club.party(10)
    assert len(party.resource_ids) == 2
    for table in party.resource_ids:
        wanted = BookingFilter(resource_id=table)
        page = list_bookings(business_id=club.business_id, now=clock.now(), wanted=wanted)
        assert [booking.id for booking in page.items] == [party.id]
        exported = every_booking(business_id=club.business_id, now=clock.now(), wanted=wanted)
        assert [booking.id for booking in exported] == [party.id]

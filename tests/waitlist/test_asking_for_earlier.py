"""Asking for an earlier time than a booking has (SPEC F8)."""

from __future__ import annotations

import pytest

from holdfast.businesses.commands import change_business_settings
from holdfast.core import clock
from holdfast.waitlist.commands import accept_offer
from tests.cast import DANA, GUEST, OPERATOR, Shop
from tests.waitlist.line import cancel_one, fill, offers, wait, work

pytestmark = pytest.mark.django_db


def test_who_has_as_many_bookings_as_allowed_may_still_ask_for_an_earlier_time(shop: Shop) -> None:
    booked = fill(shop)
    mine = shop.book("15:00", days=9)
    change_business_settings(
        actor=OPERATOR, business_id=shop.business_id, wanted={"upcoming_bookings_per_customer": 1}
    )
    entry = wait(shop, DANA, actor=GUEST.holding(mine.id), earlier_than=mine.id)
    assert (
        wait(shop, DANA, from_time="16:00").state == "waiting"
    )  # the limit is for the booking, when it comes to one
    cancel_one(shop, booked["theo 10:00"])
    work()
    (offer,) = offers(shop)
    moved = accept_offer(
        actor=GUEST.waiting_as(entry.id), timetable=shop.timetable, offer_id=offer.id, now=clock.now()
    )
    assert (moved.id, moved.starts_at) == (mine.id, shop.at("10:00"))

"""An offer whose place is gone before it is answered."""

from __future__ import annotations

import pytest

from holdfast.bookings.commands import end_hold
from holdfast.core import clock
from holdfast.waitlist.commands import accept_offer, offer_by_hand
from holdfast.waitlist.errors import OfferOver
from tests.cast import GUEST, OPERATOR, Shop
from tests.waitlist.line import wait

pytestmark = pytest.mark.django_db


def test_an_offer_whose_place_is_gone_is_over(shop: Shop) -> None:
    entry = wait(shop)
    offer = offer_by_hand(
        actor=shop.actor(),
        timetable=shop.timetable,
        entry_id=entry.id,
        service_id=shop.cut.id,
        starts_at=shop.at(),
        now=clock.now(),
    )
    # What a change of the offer does to everything that is only held of the times that go.
    end_hold(actor=OPERATOR, business_id=shop.business_id, hold_id=offer.booking_id, now=clock.now())
    with pytest.raises(OfferOver):
        accept_offer(
            actor=GUEST.waiting_as(entry.id), timetable=shop.timetable, offer_id=offer.id, now=clock.now()
        )

"""What joining does not ask, and what it insists on."""

from __future__ import annotations

import pytest

from holdfast.businesses.commands import change_business_settings
from holdfast.lib.refusals import Invalid
from holdfast.waitlist.errors import AlreadyWaiting
from holdfast.waitlist.models import Entry
from tests.cast import DANA, OPERATOR, Shop
from tests.waitlist.line import person, wait

pytestmark = pytest.mark.django_db


def test_whoever_has_as_many_bookings_as_allowed_may_still_wait(shop: Shop) -> None:
    wanted = {"bookings_per_customer_per_day": 1, "upcoming_bookings_per_customer": 1}
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted=wanted)
    shop.book(days=3)
    wait(shop, DANA, days=5)
    assert Entry.objects.count() == 1


def test_who_waits_on_the_spot_waits_for_today(shop: Shop) -> None:
    with pytest.raises(Invalid) as refusal:
        wait(shop, walk_in=True, days=0, until_days=1)
    assert refusal.value.fields == {"wishes": [("today_only", {})]}
    wait(shop, walk_in=True, days=0)


def test_the_same_service_named_twice_is_the_same_wish(shop: Shop) -> None:
    wait(shop)
    with pytest.raises(AlreadyWaiting):
        wait(shop, services=(shop.cut.id, shop.cut.id))


def test_a_wish_beyond_what_can_be_booked_is_told_how_far_that_is(shop: Shop) -> None:
    with pytest.raises(Invalid) as refusal:
        wait(shop, person("Ada"), days=100)
    assert refusal.value.fields == {"wishes[0].from": [("too_far_ahead", {"furthest_ahead_days": 90})]}

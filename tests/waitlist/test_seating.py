"""Seating somebody who waits on the spot."""

from __future__ import annotations

import pytest

from holdfast.bookings.commands import Wish
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.waitlist.commands import seat_entry
from holdfast.waitlist.models import Entry
from tests.cast import Shop
from tests.waitlist.line import wait

pytestmark = pytest.mark.django_db


def test_whoever_is_seated_is_told_to_be_here(shop: Shop) -> None:
    entry = wait(shop, walk_in=True, days=0)
    now = clock.now().replace(second=0, microsecond=0)
    seated = seat_entry(
        actor=shop.actor(),
        timetable=shop.timetable,
        entry_id=entry.id,
        wish=Wish(shop.cut.id, now, shop.theo.id),
        now=now,
        override_reason="is here",
    )
    assert seated.state == "checked_in"


def test_whoever_left_no_address_is_the_same_person_when_seated(shop: Shop) -> None:
    entry = wait(shop, Contact("Wanda Walker"), walk_in=True, days=0, actor=shop.actor())
    now = clock.now().replace(second=0, microsecond=0)
    seated = seat_entry(
        actor=shop.actor(),
        timetable=shop.timetable,
        entry_id=entry.id,
        wish=Wish(shop.cut.id, now, shop.theo.id),
        now=now,
        override_reason="is here",
    )
    assert seated.customer_id == Entry.objects.get(id=entry.id).customer_id

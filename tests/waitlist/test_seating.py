"""Seating somebody who waits on the spot."""

from __future__ import annotations

import pytest

from holdfast.bookings.commands import Wish
from holdfast.core import clock
from holdfast.waitlist.commands import seat_entry
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

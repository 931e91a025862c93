"""What somebody on the spot is told to expect, from today's line."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from holdfast.core import clock
from holdfast.waitlist.queries import entry_by_id
from holdfast.waitlist.queries.estimating import estimate_for
from tests.cast import Shop
from tests.waitlist.line import person, wait

pytestmark = pytest.mark.django_db


def queue(shop: Shop, *names: str) -> list:
    """People who walk in one after the other, none of them offered anything yet."""
    return [
        wait(shop, person(name), days=0, walk_in=True, now=clock.now() + timedelta(seconds=n))
        for n, name in enumerate(names)
    ]


def test_who_walks_in_is_told_a_wait_that_grows_with_the_line_and_is_kept(shop: Shop) -> None:
    with time_machine.travel(shop.at("10:02")):
        first, *_, last = queue(shop, "Ada", "Ben", "Cyd", "Dee", "Eve")
        assert (first.quoted_low, first.quoted_high) == (0, 5)
        # Two barbers, half an hour each: the fifth is third with one of them.
        assert last.quoted_low is not None
        assert last.quoted_high is not None
        assert 45 <= last.quoted_low < last.quoted_high <= 80
        kept = entry_by_id(business_id=shop.business_id, entry_id=last.id)
        assert (kept.quoted_low, kept.quoted_high) == (last.quoted_low, last.quoted_high)


def test_an_appointment_in_between_makes_the_wait_longer(shop: Shop) -> None:
    with time_machine.travel(shop.at("10:02")):
        for barber in (shop.theo, shop.amara):
            for hhmm in ("10:15", "10:45"):
                shop.book(
                    hhmm, 0, resource=barber, contact=person(f"At{hhmm[:2]}{hhmm[3:]}"), actor=shop.actor()
                )
        (only,) = queue(shop, "Ada")
        assert only.quoted_low is not None
        assert only.quoted_low >= 70


def test_nobody_is_told_a_wait_after_closing_or_for_another_day(shop: Shop) -> None:
    with time_machine.travel(shop.at("16:45")):
        (late,) = queue(shop, "Ada")
        assert (late.quoted_low, late.quoted_high) == (None, None)
        other = wait(shop, person("Ben"), days=2)
        assert estimate_for(timetable=shop.timetable, entry=other, now=clock.now()) is None

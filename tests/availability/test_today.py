"""The state of the day at a business that people walk into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from holdfast.availability.queries import Today, state_of_day
from holdfast.businesses.models import Business
from holdfast.schedule.commands import ExceptionWish, add_exception
from tests.cast import OPERATOR, Shop

pytestmark = pytest.mark.django_db

# A Friday; London keeps UTC in November.
ELEVEN = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


def seen(shop: Shop, at: datetime = ELEVEN) -> Today:
    return state_of_day(timetable=shop.timetable, now=at)


def test_an_open_day_says_who_is_free_busy_or_away_and_how_soon(shop: Shop) -> None:
    with time_machine.travel(ELEVEN - timedelta(hours=2), tick=False):
        shop.book("10:45", days=0, resource=shop.theo)
        shop.book("12:15", days=0, resource=shop.theo)
        wish = ExceptionWish(
            "absence",
            shop.amara.id,
            starts_at=ELEVEN - timedelta(hours=1),
            ends_at=ELEVEN + timedelta(hours=2),
        )
        add_exception(actor=OPERATOR, business_id=shop.business_id, wish=wish)
    today = seen(shop)
    assert (today.is_open, today.closes_at, today.opens_at) == (True, ELEVEN.replace(hour=17), None)
    assert [(each.resource_id, each.status, each.free_at) for each in today.on_duty] == [
        (shop.theo.id, "busy", ELEVEN.replace(minute=15)),
        (shop.amara.id, "away", None),
    ]
    (cut,) = today.next_free
    assert cut.starts_at == ELEVEN.replace(hour=12, minute=45), "an hour's notice, and after the booking"
    assert today.expected == 1


def test_a_closed_business_says_when_it_opens(shop: Shop) -> None:
    today = seen(shop, ELEVEN.replace(hour=20))
    assert (today.is_open, today.closes_at, today.on_duty) == (False, None, ())
    assert today.opens_at == ELEVEN.replace(hour=9) + timedelta(days=1)
    assert [each.starts_at for each in today.next_free] == [None]


def test_the_page_of_a_walk_in_business_shows_it_and_others_do_not(shop: Shop, client: object) -> None:
    with time_machine.travel(ELEVEN, tick=False):
        assert "Next free today" not in client.get(f"/b/{shop.slug}/").content.decode()  # type: ignore[attr-defined]
        Business.objects.filter(id=shop.business_id).update(blueprint="waitlist", version=99)
        page = client.get(f"/b/{shop.slug}/").content.decode()  # type: ignore[attr-defined]
    assert "Open now, until 17:00" in page
    assert "Theo Marsh: Free now" in page
    assert "Next free today at 12:00" in page

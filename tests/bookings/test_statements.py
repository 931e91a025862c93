"""How many statements the hot paths take, without BEGIN, COMMIT and savepoints (DESIGN §3 "Speed")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from holdfast.availability.queries import open_counts, open_times
from holdfast.bookings.commands import Details, book, cancel_booking, hold_time
from holdfast.bookings.queries import list_bookings
from holdfast.core import clock
from holdfast.lib.actors import GUEST
from holdfast.schedule.queries import timetable_at
from tests.cast import DANA, Shop

FRAMES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def statements(act: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured if not query["sql"].startswith(FRAMES)]


@pytest.mark.parametrize("ask", [open_times, open_counts])
def test_available_times_take_two_statements_once_the_timetable_is_known(
    shop: Shop, ask: Callable[..., object]
) -> None:
    shop.book()
    timetable_at(slug=shop.slug)
    first = shop.at().date()

    def answer() -> None:
        timetable = timetable_at(slug=shop.slug)
        last = first + timedelta(days=13)
        ask(timetable=timetable, service_id=shop.cut.id, first=first, last=last, now=clock.now())

    assert len(statements(answer)) == 2


@pytest.mark.parametrize(
    ("known", "most"), [(True, {"postgresql": 2, "sqlite": 7}), (False, {"postgresql": 2, "sqlite": 9})]
)
def test_booking_a_given_barber_takes_few_statements(shop: Shop, known: bool, most: dict[str, int]) -> None:
    """PostgreSQL: lock, claims in the way, the customer or a new one's row in one; everything else in one."""
    if known:
        shop.book("15:00")
    timetable, now = shop.timetable, clock.now()
    wish, details = shop.wish(resource=shop.theo), Details(DANA)
    ran = statements(lambda: book(actor=GUEST, timetable=timetable, wish=wish, details=details, now=now))
    assert len(ran) == most[connection.vendor], ran


def test_holding_any_barber_and_cancelling_take_few_statements(shop: Shop) -> None:
    timetable, now, wish = shop.timetable, clock.now(), shop.wish()
    assert len(statements(lambda: hold_time(actor=GUEST, timetable=timetable, wish=wish, now=now))) <= 6
    made = shop.book("15:00")
    staff = shop.actor()
    ran = statements(lambda: cancel_booking(actor=staff, timetable=timetable, booking_id=made.id, now=now))
    assert len(ran) <= 7, ran


def test_a_page_of_the_list_takes_one_statement(shop: Shop) -> None:
    for hour in range(9, 14):
        shop.book(f"{hour}:00")
    assert len(statements(lambda: list_bookings(business_id=shop.business_id, now=clock.now(), limit=3))) == 1

"""How many statements the hot paths take: a figure that only grows when somebody means it (DESIGN §3 "Speed")."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import Api, booking_body
from tests.cast import Shop

pytestmark = pytest.mark.django_db

# What a booking inserts into: words of the name, the consent to the privacy text, booking, claim, history, outbox.
BOOKED = 6
_FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@contextmanager
def counted(most: int, *, inserted_tables: int = 0) -> Iterator[None]:
    """At most so many statements, the transaction's own not counted.

    Rows of several tables go out in one statement on PostgreSQL and in one a table on SQLite: there
    ``inserted_tables`` count for so many statements instead of one.
    """
    with CaptureQueriesContext(connection) as captured:
        yield
    statements = [query["sql"] for query in captured if not query["sql"].startswith(_FRAME)]
    if inserted_tables and connection.vendor == "sqlite":
        most += inserted_tables - 1
    assert len(statements) <= most, "\n".join(statements)
    assert not any("django_session" in statement for statement in statements)


@pytest.fixture(autouse=True)
def warm(shop: Shop, guest: Api) -> None:
    """The timetable is in memory, as it is from the second request on."""
    assert guest.post("/bookings", booking_body(shop, "09:00", resource=str(shop.theo.id))).status == 201


def test_a_stranger_books_a_named_barber_in_five_statements(shop: Shop, guest: Api) -> None:
    stranger = {
        "customer": {"name": "Erin New Face", "email": "erin@example.org"},
        "resource": str(shop.theo.id),
    }
    body = booking_body(shop, "11:00") | stranger
    with counted(5, inserted_tables=BOOKED):
        assert guest.post("/bookings", body).status == 201


def test_a_known_guest_books_anybody_in_six_statements(shop: Shop, guest: Api) -> None:
    body = booking_body(shop, "11:00")
    with counted(6, inserted_tables=BOOKED):
        assert guest.post("/bookings", body).status == 201


def test_limits_and_keys_cost_three_statements(shop: Shop, guest: Api, settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 100
    body = booking_body(shop, "11:00")
    with counted(9, inserted_tables=BOOKED):
        assert guest.post("/bookings", body, Idempotency_Key="once").status == 201


def test_a_token_costs_two_statements_at_most(shop: Shop, staff: Api) -> None:
    body = booking_body(shop, "11:00")
    with counted(8, inserted_tables=BOOKED):  # the token, and once a minute a note that it was used
        assert staff.post("/bookings", body).status == 201
    with counted(2):
        assert staff.get("/services").status == 200


def test_free_times_take_two_statements(shop: Shop, guest: Api) -> None:
    first, last = shop.at(days=1).date().isoformat(), shop.at(days=14).date().isoformat()
    with counted(2):
        assert guest.get(f"/availability?service={shop.cut.id}&from={first}&to={last}").status == 200


@pytest.mark.parametrize("path", ["", "/services", "/resources", "/hours"])
def test_what_is_offered_is_read_from_memory(path: str, shop: Shop, guest: Api) -> None:
    with counted(1):
        assert guest.get(path).status == 200


def test_a_list_takes_three_statements(shop: Shop, staff: Api) -> None:
    staff.get("/services")
    with counted(3):
        assert staff.get("/bookings?when=upcoming").status == 200


def test_a_guest_cancels_in_ten_statements(shop: Shop, guest: Api) -> None:
    made = guest.post("/bookings", booking_body(shop, "11:00")).body
    token = made["manage_url"].rpartition("/")[2]
    with counted(10):
        assert guest.post(f"/bookings/{made['reference']}/cancel?token={token}").status == 200

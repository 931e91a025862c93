"""What the API says of money: a booking that waits for its payment, and one that has it."""

from __future__ import annotations

import pytest

from holdfast.bookings.models import Booking
from tests.api.conftest import Api, booking_body
from tests.bookings.money import pay, takes_money
from tests.cast import Shop

pytestmark = pytest.mark.django_db


def test_a_booking_that_is_to_be_paid_says_where_and_until_when(shop: Shop, guest: Api, staff: Api) -> None:
    takes_money(shop, {"deposit_percent": 50})
    made = guest.post("/bookings", booking_body(shop)).body
    assert (made["status"], made["deposit_minor"], made["paid_minor"]) == ("awaiting_payment", 1300, 0)
    assert made["payment"] == {
        "amount_minor": 1300,
        "due": "deposit",
        "url": f"{made['manage_url']}/pay",
        "pay_by": made["expires_at"],
    }
    pay(shop, Booking.objects.get().id)
    read = staff.get(f"/bookings/{made['reference']}").body
    assert "payment" not in read
    assert (read["status"], read["paid_minor"], read["balance_minor"]) == ("confirmed", 1300, 1300)

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


def test_the_desk_takes_money_and_gives_some_back_once_for_each_key(
    shop: Shop, staff: Api, manager: Api
) -> None:
    booking = shop.book("10:00")
    address = f"/bookings/{booking.reference}"
    once = {"Idempotency_Key": "till-1"}
    body = {"amount_minor": 2600, "method": "card"}
    taken = [staff.post(f"{address}/payments", body, **once) for _ in range(2)]
    assert [answer.status for answer in taken] == [201, 201]
    assert taken[0].body == taken[1].body
    assert taken[0].body["paid_minor"] == 2600
    assert staff.post(f"{address}/refunds", {"amount_minor": 1, "note": "no"}).status == 403
    given = manager.post(f"{address}/refunds", {"amount_minor": 600, "note": "Waited half an hour"})
    assert (given.status, given.body["refunded_minor"]) == (201, 600)
    [refund] = given.body["refunds"]
    assert (refund["status"], refund["note"]) == ("done", "Waited half an hour")
    too_much = manager.post(f"{address}/refunds", {"amount_minor": 2001, "note": "All of it"})
    assert (too_much.status, too_much.body["fields"]["amount_minor"][0]["code"]) == (422, "more_than_paid")
    assert staff.get(f"{address}/payments").body == given.body
    [listed] = staff.get("/payments?status=paid").body["items"]
    assert listed["paid_minor"] == 2600
    assert manager.post(f"/refunds/{refund['id']}/retry").body["code"] == "charge_under_way"


def test_a_fee_needs_a_missed_visit_and_a_card(shop: Shop, staff: Api) -> None:
    booking = shop.book("10:00")
    address = f"/bookings/{booking.reference}/no-show-fee"
    assert staff.post(address).body["code"] == "illegal_step"
    assert staff.delete(address).body["code"] == "nothing_due"

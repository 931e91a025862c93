"""Booking, reading, moving and cancelling through the API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from holdfast.bookings.models import Booking, Claim
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import Role
from tests.api.conftest import DANA, Api, booking_body
from tests.cast import Shop, make_shop

pytestmark = pytest.mark.django_db


def personal_token(booking: dict[str, str]) -> str:
    return booking["manage_url"].rpartition("/")[2]


def test_a_guest_books_a_time(shop: Shop, guest: Api) -> None:
    answer = guest.post("/bookings", booking_body(shop, party_size=1, notes="First visit"))
    assert answer.status == 201
    made = answer.body
    assert made["status"] == "confirmed"
    assert made["service"] == str(shop.cut.id)
    assert made["resources"] == [str(shop.theo.id)]
    assert made["starts_at"] == shop.at().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert made["local_start"].endswith("T10:00")
    assert made["customer"] == DANA
    assert made["notes"] == "First visit"
    assert (made["price_minor"], made["balance_minor"], made["currency"]) == (2600, 2600, "GBP")
    assert answer.headers["Cache-Control"] == "no-store"
    assert Booking.objects.get().via == "api"
    assert Claim.objects.count() == 1
    assert [event.subject_id for event in OutboxEvent.objects.filter(kind__contains="BookingConfirmed")] == [
        Booking.objects.get().id
    ]


def test_a_booking_is_read_with_its_personal_token_and_with_no_other(shop: Shop, guest: Api) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    other = guest.post("/bookings", booking_body(shop, "11:00")).body
    path = f"/bookings/{made['reference']}"
    assert guest.get(f"{path}?token={personal_token(made)}").body == made
    assert guest.get(f"{path.lower()}?token={personal_token(made)}").status == 200
    assert guest.get(path).status == 401
    for wrong in (personal_token(other), "x", "%00", "é"):
        answer = guest.get(f"{path}?token={wrong}")
        assert (answer.status, answer.code) == (404, "not_found")


def test_staff_reads_lists_and_finds_bookings(shop: Shop, guest: Api, staff: Api) -> None:
    first, second = (guest.post("/bookings", booking_body(shop, hhmm)).body for hhmm in ("10:00", "11:00"))
    assert staff.get(f"/bookings/{first['reference']}").body == first
    assert staff.get("/bookings?when=upcoming").body == {"items": [first, second], "next_cursor": None}
    assert staff.get(f"/bookings?q={second['reference']}").body["items"] == [second]
    assert staff.get("/bookings?q=dana").body["items"] == [first, second]
    assert staff.get("/bookings?when=past").body["items"] == []
    assert staff.get("/bookings?status=cancelled").body["items"] == []
    assert staff.get("/bookings?status=confirmed,cancelled").body["items"] == [first, second]
    assert staff.get(f"/bookings?resource={shop.amara.id}").body["items"] == [second]


def test_a_list_goes_on_from_its_cursor(shop: Shop, guest: Api, staff: Api) -> None:
    made = [guest.post("/bookings", booking_body(shop, f"{hour}:00")).body for hour in range(10, 15)]
    found, cursor = [], ""
    for _ in range(3):
        page = staff.get(f"/bookings?limit=2&cursor={cursor}").body
        found += page["items"]
        cursor = page["next_cursor"]
    assert cursor is None
    assert found == made


def test_a_guest_moves_a_booking_and_cancels_it(shop: Shop, guest: Api) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    path, token = f"/bookings/{made['reference']}", personal_token(made)
    starts_at = shop.at("14:30", 4)
    moved = guest.post(f"{path}/reschedule?token={token}", {"starts_at": starts_at.isoformat()})
    assert moved.status == 200
    assert moved.body["starts_at"] == starts_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert moved.body["manage_url"] == made["manage_url"]
    cancelled = guest.post(f"{path}/cancel?token={token}")
    assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
    assert "undo_until" not in cancelled.body
    assert Claim.objects.count() == 0
    again = guest.post(f"{path}/cancel?token={token}", {})
    assert (again.status, again.code, again.body["state"]) == (409, "illegal_step", "cancelled")


def test_a_taken_time_is_answered_with_alternatives(shop: Shop, guest: Api) -> None:
    body = booking_body(shop, resource=str(shop.theo.id))
    assert guest.post("/bookings", body).status == 201
    answer = guest.post("/bookings", body)
    assert (answer.status, answer.code) == (409, "time_taken")
    for other in answer.body["alternatives"]:
        assert set(other) == {"starts_at", "date", "local_time", "resource", "kind"}
    again = guest.post(
        "/bookings", body | {key: answer.body["alternatives"][0][key] for key in ("starts_at", "resource")}
    )
    assert again.status == 201


def test_a_move_to_a_taken_time_keeps_the_old_one(shop: Shop, guest: Api) -> None:
    guest.post("/bookings", booking_body(shop, "12:00", resource=str(shop.theo.id)))
    made = guest.post("/bookings", booking_body(shop, resource=str(shop.theo.id))).body
    answer = guest.post(
        f"/bookings/{made['reference']}/reschedule?token={personal_token(made)}",
        {"starts_at": shop.at("12:00").isoformat()},
    )
    assert (answer.status, answer.code) == (409, "time_taken")
    assert answer.body["alternatives"]
    assert guest.get(f"/bookings/{made['reference']}?token={personal_token(made)}").body == made


def test_whoever_holds_a_booking_moves_it_though_new_ones_are_refused(
    shop: Shop, guest: Api, manager: Api
) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    path = f"/bookings/{made['reference']}/reschedule?token={personal_token(made)}"
    assert manager.patch("/settings", {"online_booking": False}).status == 200
    assert guest.post("/bookings", booking_body(shop, "11:00")).code == "online_booking_off"
    assert guest.post(path, {"starts_at": shop.at("12:00").isoformat()}).status == 200
    manager.patch("/settings", {"online_booking": True})
    assert manager.patch(f"/services/{shop.cut.id}", {"who_may_book": "signed_in"}).status == 200
    assert guest.post("/bookings", booking_body(shop, "11:00")).code == "forbidden"
    assert guest.post(path, {"starts_at": shop.at("13:00").isoformat()}).status == 200


def test_a_move_to_a_day_that_is_full_for_the_customer_is_refused(
    shop: Shop, guest: Api, manager: Api
) -> None:
    manager.patch("/settings", {"bookings_per_customer_per_day": 1})
    guest.post("/bookings", booking_body(shop, "10:00", 3))
    made = guest.post("/bookings", booking_body(shop, "10:00", 4)).body
    path = f"/bookings/{made['reference']}/reschedule?token={personal_token(made)}"
    refused = guest.post(path, {"starts_at": shop.at("12:00", 3).isoformat()})
    assert (refused.status, refused.code, refused.body["limit"]) == (409, "limit_reached", 1)
    assert guest.post(path, {"starts_at": shop.at("12:00", 4).isoformat()}).status == 200


def test_staff_checks_in_completes_and_marks_no_shows(shop: Shop, staff: Api) -> None:
    soon = {"override_reason": "walk-in", "customer": {"name": "Walk In"}}
    starts_at = shop.at("10:00", -1).isoformat()
    first, second = (
        staff.post("/bookings", booking_body(shop) | soon | {"starts_at": starts_at}).body for _ in range(2)
    )
    assert first["resources"] != second["resources"]
    assert staff.post(f"/bookings/{first['reference']}/check-in").body["status"] == "checked_in"
    assert staff.post(f"/bookings/{first['reference']}/complete").body["status"] == "completed"
    assert staff.post(f"/bookings/{second['reference']}/no-show", {}).body["status"] == "no_show"
    late = staff.post(f"/bookings/{second['reference']}/check-in")
    assert (late.status, late.code, late.body["possible"]) == (409, "illegal_step", ["undo"])


def test_a_booking_far_off_is_not_checked_in(shop: Shop, guest: Api, staff: Api) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    answer = staff.post(f"/bookings/{made['reference']}/check-in")
    assert (answer.status, answer.code) == (409, "too_early")


def test_the_customers_notice_binds_the_customer_and_not_staff(db: None) -> None:
    with time_machine.travel(datetime(2027, 1, 12, 12, tzinfo=UTC), tick=False):
        shop = make_shop("fenwick")
        guest, staff = Api(shop.slug), Api(shop.slug, shop.token(Role.STAFF))
        made = guest.post("/bookings", booking_body(shop, "10:00", 1)).body
        path, token = f"/bookings/{made['reference']}", personal_token(made)
        for late in (
            guest.post(f"{path}/cancel?token={token}"),
            guest.post(f"{path}/reschedule?token={token}", {"starts_at": shop.at("15:00", 4).isoformat()}),
        ):
            assert (late.status, late.code, late.body["until"]) == (
                409,
                "too_late",
                "2027-01-12T10:00:00+00:00",
            )
        assert staff.post(f"{path}/cancel").body["status"] == "cancelled"


def test_a_change_that_missed_another_one_is_refused(shop: Shop, guest: Api, staff: Api) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    path = f"/bookings/{made['reference']}"
    seen = staff.get(path).headers["ETag"]
    assert staff.get(path, If_None_Match=seen).status == 304
    move = {"starts_at": shop.at("15:00").isoformat()}
    moved = staff.post(f"{path}/reschedule", move, If_Match=seen)
    assert moved.status == 200
    for stale in (
        seen,
        '"nonsense"',
        '"99999999999999"',
        f'"nonsense", {seen}',
        '"x,2-confirmed"',
        '"*"',
        "",
    ):
        late = staff.post(f"{path}/cancel", {}, If_Match=stale)
        assert (late.status, late.code) == (409, "changed_meanwhile")
    assert staff.post(f"{path}/cancel", {}, If_Match=moved.headers["ETag"]).status == 200


def test_a_change_may_name_several_versions_or_any(shop: Shop, guest: Api, staff: Api) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    path = f"/bookings/{made['reference']}"
    for hour, matching in enumerate(('"99-x", {}', '{},"99-x"', '"a b" , W/{}', "*"), start=11):
        seen = staff.get(path).headers["ETag"]
        moved = staff.post(
            f"{path}/reschedule",
            {"starts_at": shop.at(f"{hour}:00").isoformat()},
            If_Match=matching.format(seen),
        )
        assert moved.status == 200, matching
        assert moved.headers["ETag"] != seen


def test_the_operators_token_works_on_every_business(shop: Shop, other_shop: Shop) -> None:
    from holdfast.accounts.commands import create_token
    from holdfast.core import clock
    from tests.cast import OPERATOR

    made = create_token(
        actor=OPERATOR, business_id=None, role=Role.OPERATOR, name="operator", now=clock.now()
    )
    for slug in (shop.slug, other_shop.slug):
        assert Api(slug, made.secret).get("/settings").status == 200

"""Changes that would strand bookings, through the API (SPEC C7)."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.bookings.queries import booking_by_id
from holdfast.schedule.models import DatedException, WeeklyHours
from tests.api.conftest import Api
from tests.cast import Shop

pytestmark = pytest.mark.django_db

MORNINGS: dict[str, Any] = {
    "windows": [{"weekday": day, "opens": "09:00", "closes": "12:00"} for day in range(7)]
}


def closes_at_noon(shop: Shop) -> bool:
    return WeeklyHours.objects.filter(business_id=shop.business_id, closes=12 * 60).exists()


def test_shorter_hours_are_refused_with_whom_they_would_strand(shop: Shop, manager: Api) -> None:
    shop.book("10:00")
    booking = shop.book("14:00", resource=shop.theo)
    refused = manager.put("/hours", MORNINGS)
    assert (refused.status, refused.code) == (409, "would_strand")
    (only,) = refused.body["bookings"]
    assert only["reference"] == booking.shown_reference
    assert (only["why"], only["customer"]) == ("open", "Dana Guest")
    assert {"starts_at", "date", "local_time", "kind"} <= set(only["alternatives"][0])
    assert not closes_at_noon(shop)


def test_a_preview_changes_nothing(shop: Shop, manager: Api) -> None:
    booking = shop.book("14:00", resource=shop.theo)
    shown = manager.put("/hours?preview=true", MORNINGS)
    assert (shown.status, [each["reference"] for each in shown.body["bookings"]]) == (
        200,
        [booking.shown_reference],
    )
    assert manager.put("/hours?preview=true&stranded=cancel", {"windows": []}).status == 200
    assert not closes_at_noon(shop)
    assert booking_by_id(business_id=shop.business_id, booking_id=booking.id).state == "confirmed"


def test_what_was_decided_is_done_with_the_change(shop: Shop, manager: Api) -> None:
    one, other = (shop.book(f"{hour}:00", resource=shop.theo) for hour in (14, 15))
    decisions = {
        one.shown_reference: {
            "action": "move",
            "starts_at": shop.at("09:00").isoformat(),
            "resource": str(shop.amara.id),
        }
    }
    done = manager.put("/hours?stranded=cancel", {**MORNINGS, "decisions": decisions})
    assert done.status == 200
    assert closes_at_noon(shop)
    assert booking_by_id(business_id=shop.business_id, booking_id=one.id).resource_id == shop.amara.id
    assert booking_by_id(business_id=shop.business_id, booking_id=other.id).state == "cancelled"


@pytest.mark.parametrize(
    ("decision", "field"),
    [
        ({"action": "burn"}, "decisions.{0}.action"),
        ({"action": "keep", "starts_at": "2027-01-01T10:00:00Z"}, "decisions.{0}.starts_at"),
        ({"action": "move", "resource": "{1}"}, "decisions.{0}.starts_at"),
        ({}, "decisions.{0}.action"),
    ],
)
def test_a_decision_that_makes_no_sense_is_named(
    shop: Shop, manager: Api, decision: dict[str, str], field: str
) -> None:
    booking = shop.book("14:00", resource=shop.theo)
    told = {name: text.format(0, shop.theo.id) for name, text in decision.items()}
    refused = manager.put("/hours", {**MORNINGS, "decisions": {booking.reference: told}})
    assert refused.status == 422
    assert list(refused.mistakes) == [field.format(booking.reference)]
    assert not closes_at_noon(shop)


def test_every_other_change_asks_too(shop: Shop, manager: Api) -> None:
    shop.book("14:00", resource=shop.theo)
    on = shop.at("14:00").date().isoformat()
    closed = {"kind": "closed", "starts_on": on}
    extra = manager.post("/exceptions", {"kind": "extra", "starts_on": on, "windows": []})
    assert extra.status in (201, 422)
    assert manager.post("/exceptions", closed).code == "would_strand"
    assert manager.patch(f"/resources/{shop.theo.id}", {"active": False}).code == "would_strand"
    assert manager.patch(f"/services/{shop.cut.id}", {"resources": []}).code == "would_strand"
    assert not DatedException.objects.filter(business_id=shop.business_id, kind="closed").exists()
    made = manager.post("/exceptions?stranded=keep", closed)
    assert made.status == 201
    assert manager.delete(f"/exceptions/{made.body['id']}?preview=true").body == {"bookings": []}
    assert manager.delete(f"/exceptions/{made.body['id']}").status == 204


def test_removing_extra_hours_strands_who_was_booked_into_them(shop: Shop, manager: Api) -> None:
    on = shop.at("19:00").date().isoformat()
    extra = {"kind": "extra", "starts_on": on, "windows": [{"opens": "18:00", "closes": "20:00"}]}
    made = manager.post("/exceptions", extra)
    shop.book("19:00", resource=shop.theo)
    assert manager.delete(f"/exceptions/{made.body['id']}").code == "would_strand"
    assert manager.delete(f"/exceptions/{made.body['id']}?stranded=propose").status == 204


def test_public_holidays_close_the_business_and_ask(shop: Shop, manager: Api) -> None:
    assert manager.patch("/settings", {"hold_minutes": 12}).status == 200
    assert manager.patch("/settings?preview=true", {"public_holidays": "GB-ENG"}).body == {"bookings": []}
    assert manager.get("/settings").body["public_holidays"] is None

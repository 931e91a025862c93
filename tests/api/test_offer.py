"""What a business offers: profile, settings, services, resources, hours, exceptions."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from holdfast.businesses.models import Business
from holdfast.catalog.models import Resource, Service
from holdfast.schedule.models import DatedException, WeeklyHours
from tests.api.conftest import Api, booking_body
from tests.cast import Shop

pytestmark = pytest.mark.django_db


def test_anyone_reads_the_profile(shop: Shop, guest: Api) -> None:
    profile = guest.get().body
    assert (profile["slug"], profile["timezone"], profile["currency"]) == ("fenwick", "Europe/London", "GBP")
    assert "settings" not in profile


def test_a_manager_changes_the_profile(shop: Shop, manager: Api, guest: Api) -> None:
    assert manager.patch("", {"tagline": "  Hot towels  "}).body["tagline"] == "Hot towels"
    assert guest.get().body["tagline"] == "Hot towels"
    refused = manager.patch("", {"name": "", "email": "nobody", "slug": "other"})
    assert refused.mistakes == {"slug": ["unknown_field"]}
    assert manager.patch("", {"name": "", "email": "nobody"}).mistakes == {
        "name": ["required"],
        "email": ["invalid_email"],
    }


def test_an_unchanged_read_is_answered_without_a_body(shop: Shop, manager: Api, guest: Api) -> None:
    for path in ("", "/services", "/resources", "/hours", f"/services/{shop.cut.id}"):
        first = guest.get(path)
        again = guest.get(path, If_None_Match=f'"x", W/{first.headers["ETag"]}')
        assert (again.status, again.response.content, again.headers["ETag"]) == (
            304,
            b"",
            first.headers["ETag"],
        )
    seen = guest.get().headers["ETag"]
    manager.patch("", {"tagline": "New"})
    assert guest.get("", If_None_Match=seen).status == 200


def test_settings_are_read_and_changed(shop: Shop, manager: Api, staff: Api) -> None:
    before = staff.get("/settings").body
    assert (before["hold_minutes"], before["furthest_ahead_days"], before["quiet_hours"]) == (10, 90, None)
    wanted = {"hold_minutes": 15, "quiet_hours": ["22:00", "07:30"], "reminder_minutes": [60, 1440]}
    after = manager.patch("/settings", wanted).body
    assert after == before | wanted | {"reminder_minutes": [1440, 60]}
    assert staff.get("/settings").body == after
    assert manager.patch("/settings", {"quiet_hours": None}).body["quiet_hours"] is None
    assert manager.patch("/settings", {}).body == after | {"quiet_hours": None}


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        ({"hold_minutes": 0}, "hold_minutes", "out_of_bounds"),
        ({"hold_minutes": 61}, "hold_minutes", "out_of_bounds"),
        ({"hold_minutes": "10"}, "hold_minutes", "wrong_type"),
        ({"hold_minutes": None}, "hold_minutes", "wrong_type"),
        ({"furthest_ahead_days": 731}, "furthest_ahead_days", "out_of_bounds"),
        ({"online_booking": 1}, "online_booking", "wrong_type"),
        ({"quiet_hours": ["22:00"]}, "quiet_hours", "too_few"),
        ({"quiet_hours": ["22:00", "25:00"]}, "quiet_hours[1]", "wrong_format"),
        ({"accent": "red"}, "accent", "wrong_format"),
        ({"public_holidays": "ZZ"}, "public_holidays", "unknown_choice"),
        ({"public_holidays": "GB-ZZ"}, "public_holidays", "unknown_choice"),
        ({"maximum_pets": 1}, "maximum_pets", "unknown_field"),
    ],
)
def test_wrong_settings_are_refused(
    wanted: dict[str, Any], field: str, code: str, shop: Shop, manager: Api
) -> None:
    stored = Business.objects.get(slug=shop.slug).settings
    answer = manager.patch("/settings", wanted)
    assert (answer.status, answer.mistakes) == (422, {field: [code]})
    assert Business.objects.get(slug=shop.slug).settings == stored


def test_a_service_is_added_changed_and_deleted(shop: Shop, manager: Api, guest: Api) -> None:
    wanted = {
        "name": "Hot towel shave",
        "duration_minutes": 45,
        "price_minor": 3200,
        "deposit_minor": 500,
        "resources": [str(shop.amara.id)],
    }
    made = manager.post("/services", wanted)
    assert made.status == 201
    assert made.body == made.body | wanted | {"mode": "appointment", "currency": "GBP", "active": True}
    path = f"/services/{made.body['id']}"
    assert guest.get(path).body == made.body
    assert [each["name"] for each in guest.get("/services").body["items"]] == [
        "Classic cut",
        "Hot towel shave",
    ]
    changed = manager.patch(path, {"buffer_after_minutes": 10}).body
    assert changed == made.body | {"buffer_after_minutes": 10}
    assert manager.delete(path).status == 204
    assert guest.get(path).status == 404
    assert Service.objects.count() == 1


def test_what_is_retired_is_seen_by_staff_alone(shop: Shop, manager: Api, staff: Api, guest: Api) -> None:
    for path in (f"/services/{shop.cut.id}", f"/resources/{shop.theo.id}"):
        assert manager.patch(path, {"active": False}).body["active"] is False
        assert guest.get(path).status == 404
        assert staff.get(path).body["active"] is False
    assert guest.get("/services").body["items"] == []
    assert len(staff.get("/services").body["items"]) == 1
    assert [each["name"] for each in guest.get("/resources").body["items"]] == ["Amara Osei"]


def test_a_resource_is_added_changed_and_deleted(shop: Shop, manager: Api, guest: Api) -> None:
    made = manager.post("/resources", {"name": "Chair 3", "kind": "room", "seats_max": 2}).body
    assert made == {
        "id": made["id"],
        "name": "Chair 3",
        "kind": "room",
        "detail": "",
        "area": "",
        "seats_min": 1,
        "seats_max": 2,
        "active": True,
        "position": 2,
    }
    path = f"/resources/{made['id']}"
    assert manager.patch(path, {"name": "Chair three"}).body == made | {"name": "Chair three"}
    assert manager.patch(path, {"seats_min": 5}).mistakes == {"seats_max": ["less_than_seats_min"]}
    assert manager.delete(path).status == 204
    assert Resource.objects.count() == 2


def test_what_was_booked_is_not_deleted(shop: Shop, manager: Api, guest: Api) -> None:
    guest.post("/bookings", booking_body(shop))
    for path in (f"/services/{shop.cut.id}", f"/resources/{shop.theo.id}"):
        answer = manager.delete(path)
        assert (answer.status, answer.code) == (409, "in_use")
        assert answer.body["bookings"] >= 1


@pytest.mark.parametrize(
    ("path", "wanted", "field", "code"),
    [
        ("/services", {"duration_minutes": 30}, "name", "required"),
        ("/services", {"name": "Cut"}, "duration_minutes", "required"),
        ("/services", {"name": "Cut", "duration_minutes": 0}, "duration_minutes", "out_of_bounds"),
        ("/services", {"name": "Cut", "duration_minutes": 10**30}, "duration_minutes", "out_of_bounds"),
        (
            "/services",
            {"name": "Cut", "duration_minutes": 30, "deposit_minor": 1},
            "deposit_minor",
            "more_than_price",
        ),
        ("/services", {"name": "Cut", "duration_minutes": 30, "mode": "magic"}, "mode", "unknown_choice"),
        (
            "/services",
            {"name": "Cut", "duration_minutes": 30, "resources": [str(uuid4())]},
            "resources",
            "unknown",
        ),
        ("/services", {"name": "Cut", "duration_minutes": 30, "resources": ["x"]}, "resources", "unknown"),
        ("/services", {"name": "a\0b", "duration_minutes": 30}, "name", "control_characters"),
        ("/services", {"name": "Cut", "duration_minutes": 30, "id": "x"}, "id", "unknown_field"),
        ("/resources", {}, "name", "required"),
        ("/resources", {"name": "x" * 121}, "name", "too_long"),
        ("/resources", {"name": "Chair", "kind": "sofa"}, "kind", "unknown_choice"),
        ("/resources", {"name": "Chair", "seats_max": 0}, "seats_max", "out_of_bounds"),
        ("/resources", {"name": "Chair", "active": "yes"}, "active", "wrong_type"),
    ],
)
def test_a_wrong_catalog_entry_is_refused(
    path: str, wanted: dict[str, Any], field: str, code: str, shop: Shop, manager: Api
) -> None:
    answer = manager.post(path, wanted)
    assert (answer.status, answer.mistakes) == (422, {field: [code]})
    assert (Service.objects.count(), Resource.objects.count()) == (1, 2)


def test_the_week_is_replaced_as_a_whole(shop: Shop, manager: Api, guest: Api) -> None:
    assert len(guest.get("/hours").body["items"]) == 7
    windows = [
        {"weekday": 4, "opens": "22:00", "closes": "04:00"},
        {"weekday": 0, "opens": "09:00", "closes": "12:00"},
        {"weekday": 0, "opens": "13:00", "closes": "24:00"},
    ]
    week = [{"resource": None, **window} for window in (windows[1], windows[2], windows[0])]
    assert manager.put("/hours", {"windows": windows}).body == {"items": week}
    assert guest.get("/hours").body == {"items": week}
    own = [{"weekday": 0, "opens": "10:00", "closes": "12:00"}]
    theo = str(shop.theo.id)
    assert manager.put("/hours", {"resource": theo, "windows": own}).body["items"] == [
        {"resource": theo, **own[0]}
    ]
    assert guest.get("/hours").body["items"] == [*week, {"resource": theo, **own[0]}]


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({}, 422, "windows", "required"),
        (
            {"windows": [{"weekday": 7, "opens": "09:00", "closes": "17:00"}]},
            422,
            "windows[0].weekday",
            "out_of_bounds",
        ),
        (
            {"windows": [{"weekday": 0, "opens": "9", "closes": "17:00"}]},
            422,
            "windows[0].opens",
            "wrong_format",
        ),
        (
            {"windows": [{"weekday": 0, "opens": "24:00", "closes": "17:00"}]},
            422,
            "windows[0].opens",
            "wrong_format",
        ),
        ({"windows": [{"weekday": 0, "opens": "09:00"}]}, 422, "windows[0].closes", "required"),
        (
            {"windows": [{"weekday": 0, "opens": "09:00", "closes": "17:00"}] * 2},
            422,
            "windows[1].opens",
            "overlaps",
        ),
        ({"windows": [{"weekday": 0, "opens": "09:00", "closes": "17:00"}] * 71}, 422, "windows", "too_many"),
        ({"windows": [], "resource": str(uuid4())}, 404, "resource", "unknown"),
        # Left out it is the whole business; an empty one must not be.
        ({"windows": [], "resource": ""}, 422, "resource", "too_short"),
    ],
)
def test_wrong_hours_are_refused(
    body: dict[str, Any], status: int, field: str, code: str, shop: Shop, manager: Api
) -> None:
    answer = manager.put("/hours", body)
    assert (answer.status, answer.mistakes) == (status, {field: [code]})
    assert WeeklyHours.objects.count() == 7


def test_exceptions_are_added_listed_changed_and_removed(shop: Shop, manager: Api, staff: Api) -> None:
    closed = {"kind": "closed", "starts_on": "2027-12-25", "ends_on": "2027-12-26", "note": "Christmas"}
    absence = {
        "kind": "absence",
        "resource": str(shop.theo.id),
        "starts_at": "2027-06-01T09:00:00Z",
        "ends_at": "2027-06-01T11:00:00+01:00",
    }
    first = manager.post("/exceptions", closed)
    assert first.status == 201
    assert first.body == first.body | closed | {"resource": None, "windows": [], "starts_at": None}
    second = manager.post("/exceptions", absence).body
    assert second["ends_at"] == "2027-06-01T10:00:00Z"
    listed = staff.get("/exceptions").body["items"]
    assert {each["id"] for each in listed} == {first.body["id"], second["id"]}
    assert [each["id"] for each in staff.get("/exceptions?from=2027-12-01").body["items"]] == [
        first.body["id"]
    ]
    path = f"/exceptions/{first.body['id']}"
    changed = manager.patch(path, {"kind": "hours", "windows": [{"opens": "10:00", "closes": "14:00"}]})
    assert changed.body == first.body | {"kind": "hours", "windows": [{"opens": "10:00", "closes": "14:00"}]}
    assert staff.get(path).body == changed.body
    assert manager.delete(path).status == 204
    assert manager.delete(path).status == 404
    assert DatedException.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({"kind": "closed"}, 422, "starts_on", "required"),
        ({"kind": "holiday", "starts_on": "2027-12-25"}, 422, "kind", "unknown_choice"),
        ({"kind": "closed", "starts_on": "2027-02-29"}, 422, "starts_on", "invalid_date"),
        (
            {"kind": "closed", "starts_on": "2027-12-25", "ends_on": "2027-12-24"},
            422,
            "ends_on",
            "before_start",
        ),
        ({"kind": "closed", "starts_at": "2027-12-25T10:00:00Z"}, 422, "starts_at", "not_allowed"),
        ({"kind": "absence", "starts_at": "2027-12-25T10:00"}, 422, "starts_at", "offset_required"),
        ({"kind": "hours", "starts_on": "2027-12-25"}, 422, "windows", "required"),
        ({"kind": "closed", "starts_on": "2027-12-25", "resource": "x"}, 404, "resource", "unknown"),
        ({"kind": "closed", "starts_on": "2027-12-25", "resource": ""}, 422, "resource", "too_short"),
        ({"kind": "closed", "starts_on": "2027-12-25", "note": "a\0"}, 422, "note", "control_characters"),
        ({"kind": "closed", "starts_on": "2027-12-25", "reason": ""}, 422, "reason", "unknown_field"),
    ],
)
def test_wrong_exceptions_are_refused(
    body: dict[str, Any], status: int, field: str, code: str, shop: Shop, manager: Api
) -> None:
    answer = manager.post("/exceptions", body)
    assert (answer.status, answer.mistakes) == (status, {field: [code]})
    assert DatedException.objects.count() == 0


def pages(api: Api, path: str, limit: int) -> list[list[dict[str, Any]]]:
    """All pages of a list, by its cursors."""
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(f"{path}?limit={limit}&cursor={cursor}").body
        found.append(page["items"])
        cursor = page["next_cursor"]
    return found


def test_what_is_offered_is_listed_in_bounded_pages(shop: Shop, manager: Api, guest: Api) -> None:
    for path, more in (("/services", {"duration_minutes": 30}), ("/resources", {})):
        for number in range(3):
            # Placed the other way round than made, two of them at the same place.
            made = manager.post(path, {"name": f"New {number}", "position": 9 - number // 2} | more)
            assert made.status == 201
        whole = guest.get(path).body
        assert whole["next_cursor"] is None
        assert [item["position"] for item in whole["items"]][-3:] == [8, 9, 9]
        found = pages(guest, path, 2)
        assert [len(page) for page in found] == ([2, 2] if path == "/services" else [2, 2, 1])
        assert [item for page in found for item in page] == whole["items"]


def test_the_rest_of_a_list_outlives_the_row_its_cursor_came_from(
    shop: Shop, manager: Api, guest: Api
) -> None:
    first, second = guest.get("/resources").body["items"]
    third = manager.post("/resources", {"name": "Chair 3", "position": second["position"] + 1}).body
    cursor = guest.get("/resources?limit=1").body["next_cursor"]
    assert manager.delete(f"/resources/{first['id']}").status == 204
    assert guest.get(f"/resources?limit=9&cursor={cursor}").body["items"] == [second, third]


def test_exceptions_are_listed_in_order_of_time_in_bounded_pages(
    shop: Shop, manager: Api, staff: Api
) -> None:
    theo = str(shop.theo.id)
    absence = {"kind": "absence", "resource": theo}
    wanted = [
        {"kind": "closed", "starts_on": "2027-06-01"},
        absence | {"starts_at": "2027-06-01T09:00:00Z", "ends_at": "2027-06-01T11:00:00Z"},
        absence | {"starts_on": "2027-06-02", "ends_on": "2027-06-09"},
        absence | {"starts_at": "2027-06-02T07:00:00Z", "ends_at": "2027-06-02T08:00:00Z"},
        {"kind": "closed", "starts_on": "2027-12-25"},
    ]
    made = {number: manager.post("/exceptions", wanted[number]).body for number in (3, 0, 4, 2, 1)}
    found = pages(staff, "/exceptions", 2)
    assert [len(page) for page in found] == [2, 2, 1]
    assert [item for page in found for item in page] == [made[number] for number in range(5)]
    since = staff.get("/exceptions?from=2027-06-02&limit=2").body
    assert since["items"] == [made[2], made[3]]
    assert staff.get(f"/exceptions?from=2027-06-02&cursor={since['next_cursor']}").body["items"] == [made[4]]


@pytest.mark.parametrize("path", ["/services", "/resources", "/exceptions"])
@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "out_of_bounds"),
        ("limit=101", "limit", "out_of_bounds"),
        ("limit=ten", "limit", "wrong_type"),
        ("cursor=nonsense", "cursor", "invalid_cursor"),
    ],
)
def test_a_wrong_page_is_refused(
    path: str, query: str, field: str, code: str, shop: Shop, staff: Api
) -> None:
    answer = staff.get(f"{path}?{query}")
    assert (answer.status, answer.mistakes) == (422, {field: [code]})

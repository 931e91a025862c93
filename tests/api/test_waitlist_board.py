"""The desk's waitlist: by score with why, calling, seating, taking off, reordering."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.customers.models import Customer
from holdfast.waitlist.models import Entry, EntryChange
from tests.api.conftest import Api, nothing_stored
from tests.api.line import joined, mine, offered, wish
from tests.cast import Shop

pytestmark = pytest.mark.django_db


def names(answer: Any) -> list[str]:
    return [one["customer"]["name"].split()[0] for one in answer.body["items"]]


def since(entry: dict[str, Any], **long: float) -> None:
    Entry.objects.filter(id=entry["id"]).update(joined_at=clock.now() - timedelta(**long))


@pytest.fixture
def line(shop: Shop, guest: Api) -> dict[str, dict[str, Any]]:
    """Ada waits longest, then Ben, then Cleo."""
    found = {name: joined(shop, guest, name) for name in ("Cleo", "Ben", "Ada")}
    for days, name in enumerate(("Cleo", "Ben", "Ada")):
        since(found[name], days=days)
    return found


def test_the_list_is_by_score_and_says_what_it_is_made_of(
    shop: Shop, guest: Api, staff: Api, line: dict[str, Any]
) -> None:
    offer = offered(shop, staff, line["Ben"])
    answer = staff.get("/waitlist")
    assert names(answer) == ["Ada", "Ben", "Cleo"]
    items = answer.body["items"]
    totals = [one["score"]["total"] for one in items]
    assert totals == sorted(totals, reverse=True)
    assert items[0]["score"]["factors"]["waiting"] == pytest.approx(1 / 2, abs=0.01)
    assert items[0]["score"]["ageing"] > items[2]["score"]["ageing"]
    assert [one["status"] for one in items] == ["waiting", "offered", "waiting"]
    assert items[1]["offer"]["id"] == offer["id"]
    assert (items[0]["tier"], items[0]["visits_kept"], items[0]["visits_missed"]) == (0, 0, 0)
    assert staff.get("/waitlist", If_None_Match=answer.headers["ETag"]).status in (200, 304)


def test_a_tier_counts_as_it_weighs(shop: Shop, staff: Api, line: dict[str, Any]) -> None:
    cleo = Entry.objects.get(id=line["Cleo"]["id"]).customer_id
    Customer.objects.filter(id=cleo).update(tier=3)
    shown = {one["id"]: one for one in staff.get("/waitlist").body["items"]}[line["Cleo"]["id"]]
    assert (shown["tier"], shown["score"]["factors"]["tier"]) == (3, 1.0)


def test_pages_hold_everybody_once_even_if_somebody_leaves_between_them(
    shop: Shop, guest: Api, staff: Api, line: dict[str, Any]
) -> None:
    first = staff.get("/waitlist?limit=1")
    assert names(first) == ["Ada"]
    second = staff.get(f"/waitlist?limit=1&cursor={first.body['next_cursor']}")
    assert names(second) == ["Ben"]
    assert guest.delete(mine(line["Ben"])).status == 204
    third = staff.get(f"/waitlist?limit=1&cursor={second.body['next_cursor']}")
    assert (names(third), third.body["next_cursor"]) == (["Cleo"], None)


def test_the_list_is_of_one_service_where_that_is_asked(
    shop: Shop, guest: Api, staff: Api, manager: Api
) -> None:
    body = {"name": "Shave", "duration_minutes": 20, "resources": [str(shop.theo.id)]}
    shave = manager.post("/services", body).body["id"]
    joined(shop, guest, "Ada")
    joined(shop, guest, "Ben", services=[shave])
    joined(shop, guest, "Cleo", services=[shave, str(shop.cut.id)])
    assert set(names(staff.get(f"/waitlist?service={shave}"))) == {"Ben", "Cleo"}
    assert len(names(staff.get("/waitlist"))) == 3


@pytest.mark.parametrize(
    ("query", "status", "field", "code"),
    [
        ("service=x", 404, "service", "unknown"),
        ("service=", 422, "service", "too_short"),
        ("limit=0", 422, "limit", "out_of_bounds"),
        ("limit=101", 422, "limit", "out_of_bounds"),
        ("cursor=nonsense", 422, "cursor", "invalid_cursor"),
    ],
)
def test_wrong_questions_about_the_list_name_the_parameter(
    query: str, status: int, field: str, code: str, shop: Shop, staff: Api
) -> None:
    answer = staff.get(f"/waitlist?{query}")
    assert (answer.status, answer.mistakes) == (status, {field: [code]})
    if field in ("limit", "cursor"):
        assert staff.get(f"/waitlist/gaps?{query}").mistakes == {field: [code]}


def test_nobody_else_sees_scores(shop: Shop, guest: Api, line: dict[str, Any]) -> None:
    assert guest.get("/waitlist").status == 401
    for entry in line.values():
        text = guest.get(mine(entry)).response.content.decode()
        assert not any(word in text for word in ("score", "boost", "tier", "reliab"))


def test_calling_is_seen_by_whoever_waits_on_the_spot(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest, walk_in=True, wishes=[wish(shop, 0)])
    called = staff.post(f"/waitlist/{entry['id']}/call")
    assert (called.status, called.body["status"]) == (200, "waiting")
    assert guest.get(mine(entry)).body["called_at"] == called.body["called_at"] is not None
    assert staff.post(f"/waitlist/{entry['id']}/call", {}).status == 200
    assert guest.delete(mine(entry)).status == 204
    gone = staff.post(f"/waitlist/{entry['id']}/call")
    assert (gone.status, gone.code, gone.body["state"]) == (409, "entry_over", "left")


def test_seating_books_and_checks_in(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest, walk_in=True, wishes=[wish(shop, 0)])
    now = clock.now().replace(second=0, microsecond=0)
    place = {
        "service": str(shop.cut.id),
        "starts_at": now.isoformat(),
        "resource": str(shop.theo.id),
        "override_reason": "is here",
    }
    path = f"/waitlist/{entry['id']}/seat"
    first, again = (staff.post(path, place, Idempotency_Key="once") for _ in range(2))
    assert first.status == 201, first.body
    assert (first.body["status"], first.body["resources"]) == ("checked_in", [str(shop.theo.id)])
    assert again.body == first.body
    assert Booking.objects.count() == 1
    over = staff.post(path, place)
    assert (over.status, over.code, over.body["state"]) == (409, "entry_over", "booked")
    assert staff.get(f"/waitlist/{entry['id']}").body["booking"] == first.body["reference"]


def test_seating_hours_ahead_is_too_early_and_leaves_nothing(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest)
    place = {"service": str(shop.cut.id), "starts_at": shop.at().isoformat()}
    with nothing_stored():
        answer = staff.post(f"/waitlist/{entry['id']}/seat", place)
        assert (answer.status, answer.code) == (409, "too_early")
    assert guest.get(mine(entry)).body["status"] == "waiting"


@pytest.mark.parametrize("body", [None, {}, {"reason": "Rang to say no"}, {"no_show": True}])
def test_taking_somebody_off_the_list(
    body: dict[str, Any] | None, shop: Shop, guest: Api, staff: Api
) -> None:
    entry = joined(shop, guest)
    offered(shop, staff, entry)
    answer = staff.post(f"/waitlist/{entry['id']}/remove", body)
    assert (answer.status, answer.body["status"], answer.body["offer"]) == (200, "left", None)
    assert Entry.objects.get().state == ("no_show" if body == {"no_show": True} else "removed")
    assert "Rang" not in str([*EntryChange.objects.values_list("details", flat=True)])
    assert staff.post(f"/waitlist/{entry['id']}/remove").code == "entry_over"
    refused = guest.delete(mine(entry))
    assert (refused.status, refused.code) == (409, "entry_over")


def test_reordering_is_kept_with_its_reason_and_shows_in_the_score(
    shop: Shop, staff: Api, line: dict[str, Any]
) -> None:
    path = f"/waitlist/{line['Cleo']['id']}/reorder"
    answer = staff.post(path, {"reason": "Came twice for nothing", "before": line["Ben"]["id"]})
    assert (answer.status, answer.body["position"]) == (200, 2)
    assert names(staff.get("/waitlist")) == ["Ada", "Cleo", "Ben"]
    assert staff.post(path, {"reason": "And now first"}).body["position"] == 1
    found = staff.get("/waitlist")
    assert names(found) == ["Cleo", "Ada", "Ben"]
    assert found.body["items"][0]["score"]["boost"] > 0
    assert EntryChange.objects.filter(action="reorder").count() == 2


def test_a_wrong_reordering_is_refused(shop: Shop, guest: Api, staff: Api, line: dict[str, Any]) -> None:
    path = f"/waitlist/{line['Cleo']['id']}/reorder"
    with nothing_stored():
        assert staff.post(path, {}).mistakes == {"reason": ["required"]}
        assert staff.post(path, {"reason": " "}).mistakes == {"reason": ["required"]}
        assert staff.post(path, {"reason": "x" * 201}).mistakes == {"reason": ["too_long"]}
        assert staff.post(path, {"reason": "a\x07b"}).mistakes == {"reason": ["control_characters"]}
        for nobody in (str(uuid4()), "nobody"):
            answer = staff.post(path, {"reason": "First", "before": nobody})
            assert (answer.status, answer.mistakes) == (404, {"before": ["unknown"]})
    assert guest.delete(mine(line["Cleo"])).status == 204
    assert staff.post(path, {"reason": "First"}).code == "entry_over"


@pytest.mark.parametrize("step", ["call", "seat", "remove", "reorder", "offer"])
@pytest.mark.parametrize("name", ["0190a7f0-0000-7000-8000-000000000000", "nobody", "%00", "gaps"])
def test_the_desk_is_told_that_there_is_no_such_entry(step: str, name: str, shop: Shop, staff: Api) -> None:
    bodies = {"reorder": {"reason": "First"}, "seat": {"service": "x"}, "offer": {"service": "x"}}
    answer = staff.post(f"/waitlist/{name}/{step}", bodies.get(step, {}))
    assert (answer.status, answer.code, answer.mistakes) == (404, "not_found", {})


@pytest.mark.parametrize("step", ["call", "seat", "remove", "reorder", "offer"])
def test_the_persons_own_token_opens_nothing_of_the_desk(step: str, shop: Shop, guest: Api) -> None:
    entry = joined(shop, guest)
    assert guest.post(mine(entry, f"/{step}"), {}).status == 401
    assert Entry.objects.get().state == "waiting"

"""Slots through the API (DESIGN §4 "Slots"): the whole life of one, and who may do what."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.accounts.commands import create_token
from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.schedule.models import Slot
from tests.api.conftest import DANA, Api
from tests.cast import OPERATOR, Shop
from tests.counter import Counter, make_counter


@pytest.fixture
def counter(db: None) -> Counter:
    return make_counter()


def program(counter: Counter, role: Role = Role.MANAGER) -> Api:
    made = create_token(
        actor=OPERATOR, business_id=counter.business_id, role=role, name=f"test {role}", now=clock.now()
    )
    return Api(counter.slug, made.secret)


def range_body(counter: Counter, **more: Any) -> dict[str, Any]:
    return {
        "service": str(counter.portrait.id),
        "from": counter.day(1).isoformat(),
        "to": counter.day(2).isoformat(),
        "slot_minutes": 60,
        "capacity": 3,
    } | more


def booking_body(slot: dict[str, Any], number: int = 0, **more: Any) -> dict[str, Any]:
    customer = dict(DANA) if not number else {"name": f"Guest {number}", "email": f"g{number}@example.org"}
    return {"slot": slot["id"], "customer": customer} | more


def test_generating_previews_creates_and_does_no_harm_twice(counter: Counter) -> None:
    manager = program(counter)
    preview = manager.post("/slots/generate", range_body(counter, preview=True))
    assert (preview.status, preview.body["count"], preview.body["existing"]) == (200, 16, 0)
    assert preview.body["days"] == [{"date": counter.day(day).isoformat(), "count": 8} for day in (1, 2)]
    assert Slot.objects.count() == 0
    made = manager.post("/slots/generate", range_body(counter))
    assert (made.status, made.body) == (201, {"created": 16, "existing": 0})
    assert manager.post("/slots/generate", range_body(counter)).body == {"created": 0, "existing": 16}
    far = manager.post("/slots/generate", range_body(counter, slot_minutes=1, to=counter.day(60).isoformat()))
    assert (far.status, far.mistakes) == (422, {"to": ["too_many_slots"]})


def test_the_life_of_a_slot(counter: Counter) -> None:
    manager, guest = program(counter), Api(counter.slug)
    body = {
        "service": str(counter.portrait.id),
        "starts_at": counter.at("10:00").isoformat(),
        "capacity": 2,
        "resource": str(counter.east.id),
    }
    made = manager.post("/slots", body)
    slot = made.body
    assert made.status == 201
    assert (slot["capacity"], slot["taken"], slot["status"], slot["resource"]) == (
        2,
        0,
        "open",
        str(counter.east.id),
    )
    assert manager.post("/slots", body).code == "slot_exists"
    overlapping = body | {"starts_at": counter.at("10:15").isoformat()}
    assert manager.post("/slots", overlapping).code == "slots_overlap"
    booking = guest.post("/bookings", booking_body(slot, party_size=2))
    assert (booking.status, booking.body["slot"], booking.body["party_size"]) == (201, slot["id"], 2)
    address = f"/slots/{slot['id']}"
    assert manager.get(address).body["taken"] == 2
    assert manager.patch(address, {"capacity": 1}).code == "capacity_below_taken"
    assert manager.patch(address, {"resource": None}).code == "slot_in_use"
    assert manager.delete(address).code == "slot_in_use"
    closed = manager.patch(address, {"status": "closed", "capacity": 4})
    assert (closed.body["status"], closed.body["capacity"]) == ("closed", 4)
    refused = guest.post("/bookings", booking_body(slot, 1))
    assert (refused.status, refused.code) == (409, "slot_closed")
    token = booking.body["manage_url"].rsplit("/", 1)[1]
    reference = booking.body["reference"]
    assert guest.post(f"/bookings/{reference}/cancel?token={token}").status == 200
    assert manager.get(address).body["taken"] == 0
    assert manager.delete(address).status == 204
    assert manager.get(address).status == 404


def test_a_full_slot_is_refused_with_what_remains_and_what_else_there_is(counter: Counter) -> None:
    slot, later = counter.slot("10:00", capacity=3), counter.slot("11:00", capacity=3)
    counter.book(slot, 2)
    guest = Api(counter.slug)
    refused = guest.post("/bookings", booking_body({"id": str(slot.id)}, 1, party_size=2))
    assert (refused.status, refused.code, refused.body["remaining"]) == (409, "slot_full", 1)
    assert [(each["slot"], each["kind"]) for each in refused.body["alternatives"]] == [
        (str(later.id), "later")
    ]
    held = guest.post("/holds", {"service": str(counter.portrait.id), "slot": str(slot.id)})
    assert (held.status, held.body["slot"]) == (201, str(slot.id))
    full = guest.post(
        "/holds",
        {"service": str(counter.portrait.id), "starts_at": slot.starts_at.isoformat()},
    )
    assert (full.status, full.code, full.body["remaining"]) == (409, "slot_full", 0)


def test_the_same_slot_twice_a_past_one_and_an_unknown_one_are_refused(counter: Counter) -> None:
    slot = counter.slot(capacity=5)
    guest = Api(counter.slug)
    shown = {"id": str(slot.id)}
    assert guest.post("/bookings", booking_body(shown)).status == 201
    twice = guest.post("/bookings", booking_body(shown))
    assert (twice.status, twice.code, twice.body["per"]) == (409, "limit_reached", "slot")
    Slot.objects.filter(id=slot.id).update(starts_at=counter.at("10:00", -1), ends_at=counter.at("10:30", -1))
    past = guest.post("/bookings", booking_body(shown, 1))
    assert (past.status, past.mistakes) == (422, {"starts_at": ["in_past"]})
    unknown = guest.post("/bookings", booking_body({"id": "00000000-0000-0000-0000-000000000000"}, 1))
    assert (unknown.status, unknown.mistakes) == (404, {"slot": ["unknown"]})
    nowhere = {"service": str(counter.portrait.id), "starts_at": counter.at("12:00").isoformat()}
    none = guest.post("/bookings", {"customer": dict(DANA)} | nowhere)
    assert (none.status, none.mistakes) == (422, {"starts_at": ["no_slot"]})


def test_free_times_carry_the_slot_and_what_remains(counter: Counter) -> None:
    east = counter.slot("10:00", capacity=3, resource_id=counter.east.id)
    counter.slot("10:00", capacity=1)
    counter.book(east, 1)
    guest = Api(counter.slug)
    day = counter.day(3).isoformat()
    query = f"?service={counter.portrait.id}&from={day}&to={counter.day(4).isoformat()}"
    found = guest.get(f"/availability{query}&party_size=2")
    first, second = found.body["days"]
    assert first == {
        "date": day,
        "open": True,
        "times": [
            {
                "starts_at": counter.at("10:00").isoformat().replace("+00:00", "Z"),
                "local_time": "10:00",
                "resources": [str(counter.east.id)],
                "price_minor": 900,
                "slot": str(east.id),
                "remaining": 2,
            }
        ],
    }
    assert second == {"date": counter.day(4).isoformat(), "open": False, "times": []}
    assert len(guest.get(f"/availability{query}").body["days"][0]["times"]) == 2
    why = guest.get(
        f"/availability/explain?service={counter.portrait.id}&party_size=3"
        f"&starts_at={counter.at('10:00').isoformat().replace('+00:00', 'Z')}&resource={counter.east.id}"
    )
    checks = {check["rule"]: check["passed"] for check in why.body["resources"][0]["checks"]}
    assert checks == {
        "in_future": True,
        "notice": True,
        "horizon": True,
        "published": True,
        "slot_open": True,
        "places": False,
    }


def test_a_booking_moves_to_another_slot(counter: Counter) -> None:
    here, there = counter.slot("10:00"), counter.slot("11:00", capacity=1)
    booking = counter.book(here)
    staff = program(counter, Role.STAFF)
    moved = staff.post(f"/bookings/{booking.reference}/reschedule", {"slot": str(there.id)})
    assert (moved.status, moved.body["slot"]) == (200, str(there.id))
    by_start = staff.post(
        f"/bookings/{booking.reference}/reschedule", {"starts_at": here.starts_at.isoformat()}
    )
    assert by_start.body["slot"] == str(here.id)
    assert staff.post(f"/bookings/{booking.reference}/reschedule", {}).mistakes == {"starts_at": ["required"]}


def test_many_slots_change_by_filter_or_by_id_or_none_does(counter: Counter) -> None:
    manager = program(counter)
    manager.post("/slots/generate", range_body(counter))
    first = manager.get("/slots?limit=1")
    slot = first.body["items"][0]
    assert first.body["next_cursor"]
    Api(counter.slug).post("/bookings", booking_body(slot, party_size=3))
    day = counter.day(1).isoformat()
    closed = manager.post("/slots/bulk", {"action": "close", "from": day, "to": day})
    assert closed.body == {"changed": 8, "unchanged": 0, "left_out": []}
    assert len(manager.get("/slots?status=closed").body["items"]) == 8
    refused = manager.post(
        "/slots/bulk", {"action": "capacity", "capacity": 2, "service": str(counter.portrait.id)}
    )
    assert (refused.code, refused.body["left_out"]) == (
        "slots_left_out",
        [{"slot": slot["id"], "reason": "capacity_below_taken"}],
    )
    done = manager.post(
        "/slots/bulk",
        {"action": "capacity", "capacity": 2, "service": str(counter.portrait.id), "leave_out": True},
    )
    assert (done.body["changed"], len(done.body["left_out"])) == (15, 1)
    assert manager.post("/slots/bulk", {"action": "open", "slots": [slot["id"]]}).body["changed"] == 1
    assert manager.post("/slots/bulk", {"action": "open"}).mistakes == {"slots": ["required"]}
    both = {"action": "open", "slots": [slot["id"]], "status": "open"}
    assert manager.post("/slots/bulk", both).mistakes == {"slots": ["not_allowed"]}


def test_a_series_is_made_changed_and_forgotten(counter: Counter) -> None:
    manager = program(counter)
    body = {
        "service": str(counter.portrait.id),
        "slot_minutes": 120,
        "capacity": 2,
        "days_ahead": 3,
        "starts_on": counter.day(1).isoformat(),
    }
    made = manager.post("/slot-series", body)
    assert (made.status, made.body["published_on"]) == (201, counter.day(3).isoformat())
    assert Slot.objects.count() == 12
    address = f"/slot-series/{made.body['id']}"
    assert manager.patch(address, {"days_ahead": 4, "capacity": 5}).body["days_ahead"] == 4
    assert Slot.objects.filter(capacity=5).count() == 4
    assert manager.patch(address, {"active": False}).body["active"] is False
    assert manager.get("/slot-series").body["items"] == [manager.get(address).body]
    assert manager.delete(address).status == 204
    assert Slot.objects.count() == 16


def test_staff_see_slots_managers_change_them_and_the_public_sees_free_times(
    counter: Counter, other_shop: Shop
) -> None:
    slot = counter.slot()
    staff, guest = program(counter, Role.STAFF), Api(counter.slug)
    stranger = Api(counter.slug, other_shop.token(Role.MANAGER))
    assert staff.get("/slots").status == staff.get(f"/slots/{slot.id}").status == 200
    writes: list[tuple[str, str, Any]] = [
        ("POST", "/slots", {"service": str(counter.portrait.id), "starts_at": "x", "capacity": 0}),
        ("PATCH", f"/slots/{slot.id}", {"capacity": 1}),
        ("DELETE", f"/slots/{slot.id}", None),
        ("POST", "/slots/generate", range_body(counter)),
        ("POST", "/slots/bulk", {"action": "close", "slots": [str(slot.id)]}),
        ("POST", "/slot-series", {}),
    ]
    for method, path, body in writes:
        assert staff.call(method, path, body).status == 403
        assert guest.call(method, path, body).status == 401
        assert stranger.call(method, path, body).status == 404
    assert guest.get("/slots").status == 401
    assert stranger.get("/slots").status == 404
    next_door = make_counter("next-door-counter").slot()
    manager = program(counter)
    for method, body in (("GET", None), ("PATCH", {"capacity": 1}), ("DELETE", None)):
        assert manager.call(method, f"/slots/{next_door.id}", body).status == 404
    hold = {"service": str(counter.portrait.id), "slot": str(next_door.id)}
    assert guest.post("/holds", hold).status == 404

"""Free times, explanations and holds."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from holdfast.api.schemas.availability import TimeOut, write_availability
from holdfast.api.values import show_instant
from holdfast.availability.queries import FreeBoard
from holdfast.availability.queries.prices import price_list
from holdfast.bookings.models import Booking, Claim
from holdfast.lib.actors import Role
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import local, minute_at, pass_of, zone
from holdfast.schedule.rules import OpenWindow, Shape, board_of, columns_by_day, free_starts
from tests.api.conftest import Api, booking_body
from tests.cast import Shop, make_shop

pytestmark = pytest.mark.django_db


def hold_body(shop: Shop, hhmm: str = "10:00", **more: Any) -> dict[str, Any]:
    body = booking_body(shop, hhmm) | more
    del body["customer"]
    return body


def availability(shop: Shop, api: Api, first: str, last: str, more: str = "") -> Any:
    return api.get(f"/availability?service={shop.cut.id}&from={first}&to={last}{more}").body


def test_free_times_are_listed_by_local_date(shop: Shop, guest: Api) -> None:
    day = shop.at().date().isoformat()
    found = availability(shop, guest, day, day)
    assert found["timezone"] == "Europe/London"
    assert [each["date"] for each in found["days"]] == [day]
    times = found["days"][0]["times"]
    assert [time["local_time"] for time in (times[0], times[-1])] == ["09:00", "16:30"]
    assert times[4] == {
        "starts_at": shop.at().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "local_time": "10:00",
        "resources": [str(shop.theo.id), str(shop.amara.id)],
        "price_minor": 2600,
    }


def test_a_booking_takes_its_time_from_its_resource_alone(shop: Shop, guest: Api) -> None:
    guest.post("/bookings", booking_body(shop, resource=str(shop.theo.id)))
    day = shop.at().date().isoformat()
    by_time = {
        t["local_time"]: t["resources"] for t in availability(shop, guest, day, day)["days"][0]["times"]
    }
    assert by_time["10:00"] == by_time["09:45"] == by_time["10:15"] == [str(shop.amara.id)]
    assert len(by_time["10:30"]) == 2
    own = availability(shop, guest, day, day, f"&resource={shop.theo.id}")["days"][0]["times"]
    assert "10:00" not in {time["local_time"] for time in own}


def test_days_beyond_the_horizon_come_back_empty(shop: Shop, guest: Api) -> None:
    first, last = (shop.at(days=days).date().isoformat() for days in (100, 101))
    found = availability(shop, guest, first, last)
    assert [(day["open"], day["times"]) for day in found["days"]] == [(True, []), (True, [])]


def test_the_hour_that_comes_twice_is_offered_twice() -> None:
    with time_machine.travel(datetime(2026, 10, 20, 12, tzinfo=UTC), tick=False):
        shop = make_shop("late-night")
        manager = Api(shop.slug, shop.token(Role.MANAGER))
        manager.put("/hours", {"windows": [{"weekday": 6, "opens": "00:00", "closes": "03:00"}]})
        (day,) = availability(shop, Api(shop.slug), "2026-10-25", "2026-10-25")["days"]
    shown = [(time["starts_at"][11:16], time["local_time"], time.get("repeated")) for time in day["times"]]
    assert ("00:00", "01:00", 1) in shown
    assert ("01:00", "01:00", 2) in shown
    assert len(shown) == 15  # four hours, the last start half an hour before the end


def test_an_unchanged_list_of_times_is_not_sent_again(shop: Shop, guest: Api) -> None:
    day = shop.at().date().isoformat()
    path = f"/availability?service={shop.cut.id}&from={day}&to={day}"
    seen = guest.get(path).headers["ETag"]
    assert guest.get(path, If_None_Match=seen).status == 304
    guest.post("/bookings", booking_body(shop))
    assert guest.get(path, If_None_Match=seen).status == 200


def test_the_rules_for_a_time_are_explained_to_everybody_and_its_booking_to_staff_alone(
    shop: Shop, guest: Api, staff: Api
) -> None:
    made = guest.post("/bookings", booking_body(shop, resource=str(shop.theo.id))).body
    query = f"/availability/explain?service={shop.cut.id}&starts_at={made['starts_at']}"
    told = guest.get(query).body
    assert told["bookable"] is True
    blocked, free = told["resources"]
    assert (blocked["resource"], blocked["bookable"], free["bookable"]) == (str(shop.theo.id), False, True)
    assert [check["rule"] for check in blocked["checks"] if not check["passed"]] == ["unclaimed"]
    assert blocked["checks"][-1]["facts"] == {}
    known = staff.get(query).body["resources"][0]["checks"][-1]["facts"]["bookings"]
    assert [each["state"] for each in known] == ["confirmed"]


def test_a_plus_in_an_address_may_arrive_as_a_space(shop: Shop, guest: Api) -> None:
    query = f"/availability/explain?service={shop.cut.id}&starts_at="
    written = guest.get(query + "2027-03-01T10:00:00%2B01:00").body
    assert guest.get(query + "2027-03-01T10:00:00+01:00").body == written
    assert written["starts_at"] == "2027-03-01T09:00:00Z"
    assert guest.get(query + "2027-03-01T10:00:00").mistakes == {"starts_at": ["offset_required"]}


def test_a_hold_takes_the_time_until_it_is_released(shop: Shop, guest: Api) -> None:
    body = hold_body(shop, resource=str(shop.theo.id))
    answer = guest.post("/holds", body)
    assert answer.status == 201
    hold = answer.body
    assert (hold["status"], hold["resources"]) == ("held", [str(shop.theo.id)])
    assert guest.post("/holds", body).code == "time_taken"
    assert guest.delete(f"/holds/{hold['id']}?token={hold['token']}").status == 204
    assert guest.delete(f"/holds/{hold['id']}?token={hold['token']}").status == 204
    assert Claim.objects.count() == 0
    assert guest.post("/holds", body).status == 201


def test_a_hold_becomes_a_booking_at_its_time(shop: Shop, guest: Api) -> None:
    hold = guest.post("/holds", hold_body(shop)).body
    customer = {"name": "Dana Guest", "email": "dana@example.org"}
    answer = guest.post("/bookings", {"hold": hold["id"], "token": hold["token"], "customer": customer})
    assert (answer.status, answer.body["status"]) == (201, "confirmed")
    assert answer.body["starts_at"] == hold["starts_at"]
    assert Booking.objects.count() == 1
    again = guest.post("/bookings", {"hold": hold["id"], "token": hold["token"], "customer": customer})
    assert (again.status, again.code) == (409, "hold_ended")


def test_what_a_booking_says_about_its_hold_must_agree(shop: Shop, guest: Api) -> None:
    hold = guest.post("/holds", hold_body(shop)).body
    body = booking_body(shop) | {"hold": hold["id"], "token": hold["token"]}
    wrong = body | {
        "starts_at": shop.at("11:00").isoformat(),
        "resource": str(shop.amara.id),
        "party_size": 2,
    }
    answer = guest.post("/bookings", wrong)
    assert answer.mistakes == {
        name: ["differs_from_hold"] for name in ("starts_at", "resource", "party_size")
    }
    assert guest.post("/bookings", body).status == 201


def test_a_wrong_hold_token_books_nothing(shop: Shop, guest: Api) -> None:
    first, second = (guest.post("/holds", hold_body(shop, hhmm)).body for hhmm in ("10:00", "11:00"))
    body = {
        "hold": first["id"],
        "token": second["token"],
        "customer": {"name": "Eve", "email": "eve@example.org"},
    }
    answer = guest.post("/bookings", body)
    assert (answer.status, answer.mistakes) == (404, {"hold": ["unknown"]})
    assert set(Booking.objects.values_list("state", flat=True)) == {"held"}


def test_a_hold_is_extended_up_to_its_limit_and_not_after_its_end(shop: Shop, guest: Api) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        hold = guest.post("/holds", hold_body(shop)).body
        path = f"/holds/{hold['id']}/extend?token={hold['token']}"
        assert guest.post(path).code == "hold_at_limit"
        clock.shift(timedelta(minutes=5))
        later = guest.post(path).body["expires_at"]
        assert later > hold["expires_at"]
        clock.shift(timedelta(minutes=11))
        assert guest.post(path).code == "hold_ended"
        body = {
            "hold": hold["id"],
            "token": hold["token"],
            "customer": {"name": "D", "email": "dana@example.org"},
        }
        refused = guest.post("/bookings", body)
        assert refused.code == "hold_ended"
        assert refused.body["alternatives"]


def test_no_hold_while_online_booking_is_off_but_the_desk_books(
    shop: Shop, guest: Api, staff: Api, manager: Api
) -> None:
    manager.patch("/settings", {"online_booking": False})
    answer = guest.post("/holds", hold_body(shop))
    assert (answer.status, answer.code) == (409, "online_booking_off")
    assert staff.post("/bookings", booking_body(shop)).status == 201


def test_what_is_remembered_of_an_answer_follows_every_change(shop: Shop, guest: Api) -> None:
    day = shop.at().date().isoformat()
    before = availability(shop, guest, day, day)
    made = guest.post("/bookings", booking_body(shop, resource=str(shop.theo.id))).body
    taken = availability(shop, guest, day, day)
    assert taken != before
    token = made["manage_url"].rpartition("/")[2]
    assert guest.post(f"/bookings/{made['reference']}/cancel?token={token}").status == 200
    assert availability(shop, guest, day, day) == before
    manager = Api(shop.slug, shop.token(Role.MANAGER))
    closed = {"kind": "closed", "starts_on": day, "ends_on": day}
    assert manager.post("/exceptions", closed).status == 201
    assert availability(shop, guest, day, day)["days"] == [{"date": day, "open": False, "times": []}]


@pytest.mark.parametrize("interval", [15, 25, 60])
def test_the_answer_written_by_hand_says_what_the_rules_found(shop: Shop, interval: int) -> None:
    tz, on = zone("Europe/London"), date(2026, 10, 25)  # the night in which 01:00 to 02:00 comes twice
    start = minute_at(on, 0, tz)
    bob, chris = uuid4(), uuid4()
    windows = {
        bob: [OpenWindow(on, start, start + 300), OpenWindow(on, start + 607, start + 700)],
        chris: [OpenWindow(on, start + 20, start + 400)],
    }
    board = board_of(windows, Shape(30, interval), dates=(on, on))
    free = [
        free_starts(board, 0, [(start + 40, start + 55)]),
        free_starts(board, 1, [(start, start + 90)]),
    ]
    timetable = shop.timetable
    found = FreeBoard(board, columns_by_day(board, free, start, start + 5000), timetable.service(shop.cut.id))
    prices = price_list(timetable, shop.cut.id, 1)
    written = json.loads(write_availability("Europe/London", found, prices, on, on + timedelta(days=1)))
    assert written["timezone"] == "Europe/London"
    assert written["days"][1] == {"date": "2026-10-26", "open": False, "times": []}
    expected = [
        TimeOut(
            starts_at=show_instant(instant_of(minute)),
            local_time=f"{local(minute, tz):%H:%M}",
            resources=[str(resource_id) for resource_id in resource_ids],
            price_minor=2600,
            repeated=pass_of(minute, tz) or None,
        ).model_dump(exclude_none=True)
        for minute, resource_ids in found.times[on].items()
    ]
    assert {tuple(time["resources"]) for time in expected} >= {(str(bob),), (str(chris),)}
    assert {1, 2} <= {time.get("repeated") for time in expected}
    assert written["days"][0] == {"date": "2026-10-25", "open": True, "times": expected}

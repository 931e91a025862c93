"""Requests through the API: asking, answering from both sides, riders, templates, options (S1; DESIGN §4 Request)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from holdfast.accounts.commands import create_account, create_token
from holdfast.core import clock
from holdfast.lib.actors import Role
from tests.api.conftest import DANA, Api, nothing_stored
from tests.bookings.artist import Studio, make_studio
from tests.cast import OPERATOR, PASSWORD, Shop

EVENT = {
    "venue_name": "The Vault",
    "venue_address": "1 Mill Lane, Leeds",
    "details": "Opening night",
    "fee_minor": 80_000,
}
ERIN = {"name": "Erin Other", "email": "erin@example.org"}


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


@pytest.fixture
def guest(studio: Studio) -> Api:
    return Api(studio.slug)


def program(studio: Studio, role: Role = Role.STAFF) -> Api:
    made = create_token(
        actor=OPERATOR, business_id=studio.business_id, role=role, name=str(role), now=clock.now()
    )
    return Api(studio.slug, made.secret)


@pytest.fixture
def staff(studio: Studio) -> Api:
    return program(studio)


@pytest.fixture
def manager(studio: Studio) -> Api:
    return program(studio, Role.MANAGER)


def wanted(studio: Studio, hhmm: str = "20:00", days: int = 30, **more: Any) -> dict[str, Any]:
    start = studio.at(hhmm, days)
    body = {
        "service": str(studio.service_id),
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=3)).isoformat(),
        "request": dict(EVENT),
        "customer": dict(DANA),
    } | more
    return {name: value for name, value in body.items() if value is not None}


def ask(studio: Studio, guest: Api, **more: Any) -> tuple[dict[str, Any], str]:
    """A request, and the address of it with the personal token."""
    answer = guest.post("/bookings", wanted(studio, **more))
    assert answer.status == 201, answer.body
    return answer.body, answer.body["manage_url"].rpartition("/")[2]


def test_a_request_is_answered_with_all_that_was_asked(studio: Studio, guest: Api, staff: Api) -> None:
    made, token = ask(studio, guest)
    assert (made["status"], made["price_minor"]) == ("requested", 80_000)
    assert made["manage_url"].split("/")[-2] == "r"
    request = made["request"]
    assert {name: request[name] for name in EVENT} == EVENT
    assert (request["counter"], request["option"], request["whole_day"]) == (None, None, False)
    assert [line["section"] for line in request["rider"]] == ["technical", "hospitality", "travel"]
    assert made["expires_at"] > made["created_at"]
    path = f"/bookings/{made['reference']}"
    for answer in (staff.get(path), guest.get(f"{path}?token={token}")):
        assert answer.body["request"] == request
    assert guest.get(path).status == 401
    listed = staff.get("/bookings?status=requested").body["items"]
    assert [(item["reference"], item["request"]) for item in listed] == [(made["reference"], request)]


def test_a_date_alone_asks_for_the_whole_day(studio: Studio, guest: Api) -> None:
    made, _ = ask(studio, guest, starts_at=None, ends_at=None, date=studio.on().isoformat())
    assert made["request"]["whole_day"] is True
    assert made["local_start"] == f"{studio.on()}T00:00"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"request": {**EVENT, "fee_minor": -1}}, "request.fee_minor", "out_of_bounds"),
        ({"request": {**EVENT, "venue_name": ""}}, "request.venue_name", "required"),
        ({"request": {**EVENT, "venue_address": "  "}}, "request.venue_address", "required"),
        ({"request": {name: EVENT[name] for name in EVENT if name != "details"}}, "request.details", "required"),
        ({"request": None}, "request", "required"),
        ({"starts_at": "2026-02-30T20:00:00Z"}, "starts_at", "invalid_instant"),
        ({"starts_at": None, "ends_at": None}, "starts_at", "required"),
        ({"starts_at": None, "ends_at": None, "date": "2026-02-30"}, "date", "invalid_date"),
        ({"starts_at": None, "ends_at": None, "date": "2020-02-03"}, "date", "in_past"),
        ({"starts_at": "2020-02-03T20:00:00Z", "ends_at": None}, "starts_at", "in_past"),
        ({"customer": {"name": "Dana", "email": "nonsense"}}, "customer.email", "invalid_email"),
        ({"party_size": 3}, "party_size", "not_allowed"),
        ({"promo_code": "TEN"}, "promo_code", "not_allowed"),
        ({"nonsense": 1}, "nonsense", "unknown_field"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_kept(
    studio: Studio, guest: Api, change: dict[str, Any], field: str, code: str
) -> None:
    with nothing_stored():
        answer = guest.post("/bookings", wanted(studio, **change))
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.mistakes == {field: [code]}


def test_a_request_for_what_is_booked_at_once_is_refused(shop: Shop) -> None:
    body = {
        "service": str(shop.cut.id), "starts_at": shop.at().isoformat(), "request": EVENT, "customer": DANA,
    }  # fmt: skip
    answer = Api(shop.slug).post("/bookings", body)
    assert answer.mistakes == {"request": ["not_allowed"]}


def test_of_two_requests_one_is_accepted_and_the_date_is_gone(studio: Studio, guest: Api, staff: Api) -> None:
    first, _ = ask(studio, guest)
    second, _ = ask(studio, guest, hhmm="21:00", customer=ERIN)
    accepted = staff.post(f"/bookings/{first['reference']}/accept")
    assert (accepted.status, accepted.body["status"]) == (200, "confirmed")
    refused = staff.post(f"/bookings/{second['reference']}/accept")
    assert (refused.status, refused.code) == (409, "time_taken")
    assert len(refused.body["alternatives"]) == 4
    again = guest.post("/bookings", wanted(studio))
    assert (again.status, again.code) == (409, "time_taken")
    assert all(each["starts_at"] != first["starts_at"] for each in again.body["alternatives"])
    by_date = guest.post(
        "/bookings", wanted(studio, starts_at=None, ends_at=None, date=studio.on().isoformat())
    )
    assert (by_date.status, by_date.code) == (409, "time_taken")
    twice = staff.post(f"/bookings/{first['reference']}/accept")
    assert (twice.status, twice.code, twice.body["state"]) == (409, "illegal_step", "confirmed")


def test_sending_twice_with_one_key_asks_once(studio: Studio, guest: Api, staff: Api) -> None:
    body = wanted(studio)
    first, second = (guest.post("/bookings", body, Idempotency_Key="once") for _ in range(2))
    assert (first.status, first.body) == (second.status, second.body)
    assert len(staff.get("/bookings?status=requested").body["items"]) == 1
    other = guest.post("/bookings", wanted(studio, hhmm="12:00"), Idempotency_Key="once")
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_declining_tells_why(studio: Studio, guest: Api, staff: Api) -> None:
    made, token = ask(studio, guest)
    path = f"/bookings/{made['reference']}"
    answer = staff.post(f"{path}/decline", {"reason": "On tour"})
    assert (answer.status, answer.body["status"]) == (200, "declined")
    seen = guest.get(f"{path}?token={token}").body
    assert (seen["status"], seen["request"]["decline_reason"]) == ("declined", "On tour")
    assert staff.post(f"{path}/decline", {"reason": "x" * 1001}).status == 422


def test_a_counter_offer_is_answered_by_the_personal_token(studio: Studio, guest: Api, staff: Api) -> None:
    made, token = ask(studio, guest)
    path = f"/bookings/{made['reference']}"
    early = guest.post(f"{path}/accept?token={token}")
    assert (early.status, early.code) == (409, "nothing_to_answer")
    offer = {"fee_minor": 95_000, "starts_at": studio.at("21:00", 31).isoformat(), "message": "A day later"}
    assert guest.post(f"{path}/counter?token={token}", offer).status in (401, 403)
    answer = staff.post(f"{path}/counter", offer)
    assert (answer.status, answer.body["status"]) == (200, "requested")
    assert answer.body["request"]["counter"]["status"] == "open"
    assert answer.body["request"]["counter"]["fee_minor"] == 95_000
    accepted = guest.post(f"{path}/accept?token={token}")
    assert (accepted.status, accepted.body["status"]) == (200, "confirmed")
    assert (accepted.body["price_minor"], accepted.body["starts_at"]) == (
        95_000,
        studio.at("21:00", 31).isoformat().replace("+00:00", "Z"),
    )


def test_a_counter_offer_can_be_declined_and_must_offer_something(
    studio: Studio, guest: Api, staff: Api
) -> None:
    made, token = ask(studio, guest)
    path = f"/bookings/{made['reference']}"
    assert staff.post(f"{path}/counter", {}).mistakes == {"fee_minor": ["nothing_offered"]}
    assert staff.post(f"{path}/counter", {"fee_minor": -5}).mistakes == {"fee_minor": ["out_of_bounds"]}
    assert staff.post(f"{path}/counter", {"fee_minor": 1}).status == 200
    declined = guest.post(f"{path}/decline?token={token}", {"reason": "No"})
    assert (declined.status, declined.body["status"]) == (200, "declined")


def test_withdrawing_is_cancelling(studio: Studio, guest: Api) -> None:
    made, token = ask(studio, guest, days=2)
    answer = guest.post(f"/bookings/{made['reference']}/cancel?token={token}")
    assert (answer.status, answer.body["status"]) == (200, "cancelled")
    again = guest.post(f"/bookings/{made['reference']}/cancel?token={token}")
    assert (again.status, again.code) == (409, "illegal_step")


def test_a_stale_answer_is_refused(studio: Studio, guest: Api, staff: Api) -> None:
    made, _ = ask(studio, guest)
    path = f"/bookings/{made['reference']}"
    etag = staff.get(path).headers["ETag"]
    assert staff.post(f"{path}/counter", {"fee_minor": 5}).status == 200
    answer = staff.post(f"{path}/accept", If_Match=etag)
    assert (answer.status, answer.code) == (409, "changed_meanwhile")


def test_the_rider_is_answered_and_checked_off(studio: Studio, guest: Api, staff: Api) -> None:
    made, token = ask(studio, guest)
    path = f"/bookings/{made['reference']}/rider"
    first, second, _ = made["request"]["rider"]
    lines = [
        {"line": first["id"], "answer": "yes"},
        {"line": second["id"], "answer": "different", "comment": "Cold buffet"},
    ]
    answered = guest.post(f"{path}?token={token}", {"lines": lines})
    assert answered.status == 200
    assert guest.post(f"{path}/{first['id']}/check?token={token}").status in (401, 403)
    checked = staff.post(f"{path}/{first['id']}/check", {"checked": True}).body["request"]["rider"]
    assert [(line["answer"], line["comment"], bool(line["checked_at"])) for line in checked] == [
        ("yes", "", True),
        ("different", "Cold buffet", False),
        ("", "", False),
    ]
    unknown = guest.post(f"{path}?token={token}", {"lines": [{"line": "nonsense", "answer": "yes"}]})
    assert unknown.mistakes == {"lines[0].line": ["unknown"]}
    assert staff.post(f"{path}/nonsense/check").status == 404


def test_options_are_given_challenged_and_confirmed(studio: Studio, guest: Api, staff: Api) -> None:
    first, token = ask(studio, guest)
    second, _ = ask(studio, guest, customer=ERIN)
    one, two = f"/bookings/{first['reference']}", f"/bookings/{second['reference']}"
    assert staff.post(f"{two}/challenge").code == "no_option"
    assert staff.post(f"{one}/option").body["request"]["option"] == {"rank": 1, "confirm_by": None}
    assert staff.post(f"{two}/option").body["request"]["option"]["rank"] == 2
    assert staff.post(f"{two}/accept").code == "option_held"
    challenged = staff.post(f"{two}/challenge", {"hours": 24})
    assert challenged.body["reference"] == first["reference"]
    assert challenged.body["request"]["option"]["confirm_by"] == challenged.body["expires_at"]
    assert staff.post(f"{two}/challenge").code == "option_challenged"
    confirmed = guest.post(f"{one}/accept?token={token}")
    assert (confirmed.status, confirmed.body["status"]) == (200, "confirmed")
    assert staff.get(two).body["request"]["option"] is None
    assert staff.delete(f"{two}/option").code == "no_option"


def test_availability_lists_one_entry_a_free_date(studio: Studio, guest: Api, staff: Api) -> None:
    made, _ = ask(studio, guest)
    query = f"service={studio.service_id}&from={studio.on(29)}&to={studio.on(32)}"
    days = guest.get(f"/availability?{query}").body["days"]
    assert [(day["open"], len(day["times"])) for day in days] == [(True, 1)] * 4
    assert days[1]["times"][0]["local_time"] == "00:00"
    staff.post(f"/bookings/{made['reference']}/accept")
    days = guest.get(f"/availability?{query}").body["days"]
    assert [len(day["times"]) for day in days] == [1, 0, 1, 1]
    asked = f"service={studio.service_id}&starts_at={studio.at().isoformat().replace('+', '%2B')}"
    explained = guest.get(f"/availability/explain?{asked}").body
    assert explained["bookable"] is False
    assert [c["rule"] for c in explained["resources"][0]["checks"] if not c["passed"]] == ["unclaimed"]
    facts = staff.get(f"/availability/explain?{asked}").body["resources"][0]["checks"][-1]["facts"]
    assert facts["bookings"][0]["reference"] == made["reference"]


def test_riders_are_kept_by_managers(studio: Studio, guest: Api, staff: Api, manager: Api) -> None:
    assert guest.get("/riders").status == 401
    listed = staff.get("/riders").body["items"]
    assert [rider["name"] for rider in listed] == ["Live rider"]
    assert staff.post("/riders", {"name": "Tour"}).status == 403
    lines = [{"section": "technical", "text": "Two monitors"}]
    body = {"name": "Tour", "lines": lines, "resources": [str(studio.artist_id)]}
    made = manager.post("/riders", body)
    assert (made.status, made.body["lines"], made.body["services"]) == (201, lines, [])
    path = f"/riders/{made.body['id']}"
    changed = manager.patch(path, {"services": [str(studio.service_id)], "resources": []}).body
    assert (changed["services"], changed["resources"]) == ([str(studio.service_id)], [])
    asked, _ = ask(studio, guest)
    assert "Two monitors" in [line["text"] for line in asked["request"]["rider"]]
    assert manager.patch(path, {"lines": [{"section": "technical", "text": ""}]}).mistakes == {
        "lines[0].text": ["required"]
    }
    assert manager.post("/riders", {"name": "X", "services": ["nonsense"]}).mistakes == {
        "services": ["unknown"]
    }
    assert manager.delete(path).status == 204
    assert staff.get(path).status == 404
    kept = staff.get(f"/bookings/{asked['reference']}").body["request"]["rider"]
    assert "Two monitors" in [line["text"] for line in kept]


@pytest.fixture
def dana(studio: Studio) -> Api:
    """Dana, signed in."""
    account = create_account(email="dana@example.org", name="Dana Guest", password=PASSWORD)
    client = Client()
    client.force_login(account, backend="holdfast.accounts.backends.SignInBackend")
    return Api(studio.slug, client=client)


def test_templates_are_their_owners_alone(studio: Studio, guest: Api, staff: Api, dana: Api) -> None:
    assert guest.get("/templates").status == 401
    assert guest.post("/templates", {"name": "x"}).status == 401
    body = {"name": "Our club", "venue_name": "The Vault", "from_time": "20:00", "fee_minor": 80_000}
    made = dana.post("/templates", body, Idempotency_Key="one")
    assert made.status == 201
    assert {name: made.body[name] for name in body} == body
    path = f"/templates/{made.body['id']}"
    assert dana.patch(path, {"to_time": "23:30"}).body["to_time"] == "23:30"
    assert [item["name"] for item in dana.get("/templates").body["items"]] == ["Our club"]
    assert dana.patch(path, {"fee_minor": -1}).mistakes == {"fee_minor": ["out_of_bounds"]}
    assert dana.patch(path, {"from_time": "25:00"}).mistakes == {"from_time": ["wrong_format"]}
    other = create_account(email="erin@example.org", name="Erin", password=PASSWORD)
    client = Client()
    client.force_login(other, backend="holdfast.accounts.backends.SignInBackend")
    assert Api(studio.slug, client=client).get(path).status == 404
    assert dana.delete(path).status == 204
    assert dana.get(path).status == 404


def test_nothing_of_an_artist_is_visible_next_door(studio: Studio, guest: Api, shop: Shop) -> None:
    made, _ = ask(studio, guest)
    stranger = Api(studio.slug, shop.token(Role.ADMIN))
    for path in ("/riders", "/templates", f"/bookings/{made['reference']}"):
        assert stranger.get(path).status == 404
    for act in ("accept", "decline", "counter", "option", "challenge", "rider"):
        assert stranger.post(f"/bookings/{made['reference']}/{act}", {}).status == 404

"""Bad input: refused with a code and the field, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from holdfast.core import clock
from tests.api.conftest import DANA, Api, booking_body, nothing_stored
from tests.cast import Shop

pytestmark = pytest.mark.django_db

Body = dict[str, Any]
Change = Callable[[Shop], Body]


def customer(**more: Any) -> Body:
    return {"customer": dict(DANA) | more}


# What is wrong → how the body differs from a good one, status, field, code.
BOOKINGS: dict[str, tuple[Change, int, str, str]] = {
    "unknown service": (lambda _: {"service": str(uuid4())}, 404, "service", "unknown"),
    "service that is no id": (lambda _: {"service": "haircut"}, 404, "service", "unknown"),
    "unknown resource": (lambda _: {"resource": str(uuid4())}, 404, "resource", "unknown"),
    "past time": (lambda s: {"starts_at": s.at("10:00", -1).isoformat()}, 422, "starts_at", "in_past"),
    "off-grid time": (lambda s: {"starts_at": s.at("10:05").isoformat()}, 422, "starts_at", "off_grid"),
    "before opening": (lambda s: {"starts_at": s.at("08:45").isoformat()}, 422, "starts_at", "closed"),
    "too late to fit": (lambda s: {"starts_at": s.at("16:45").isoformat()}, 422, "starts_at", "outside_hours"),
    "seconds": (lambda s: {"starts_at": s.at("10:00").isoformat()[:17] + "30+00:00"}, 422, "starts_at", "whole_minutes"),
    "beyond horizon": (lambda s: {"starts_at": s.at("10:00", 100).isoformat()}, 422, "starts_at", "too_far_ahead"),
    "party 0": (lambda _: {"party_size": 0}, 422, "party_size", "out_of_bounds"),
    "party -1": (lambda _: {"party_size": -1}, 422, "party_size", "out_of_bounds"),
    "party 10^9": (lambda _: {"party_size": 10**9}, 422, "party_size", "out_of_bounds"),
    "party 10^40": (lambda _: {"party_size": 10**40}, 422, "party_size", "out_of_bounds"),
    "party of two at one chair": (lambda _: {"party_size": 2}, 422, "party_size", "out_of_bounds"),
    "party as text": (lambda _: {"party_size": "2"}, 422, "party_size", "wrong_type"),
    "party as float": (lambda _: {"party_size": 1.5}, 422, "party_size", "wrong_type"),
    "party as truth": (lambda _: {"party_size": True}, 422, "party_size", "wrong_type"),
    "name of 10 kB": (lambda _: customer(name="x" * 10_240), 422, "customer.name", "too_long"),
    "empty name": (lambda _: customer(name="  "), 422, "customer.name", "required"),
    "null byte in the name": (lambda _: customer(name="Da\0na"), 422, "customer.name", "control_characters"),
    "line break in the name": (lambda _: customer(name="Da\nna"), 422, "customer.name", "control_characters"),
    "half a surrogate": (lambda _: customer(name="Da\ud800na"), 422, "customer.name", "control_characters"),
    "name of the wrong kind": (lambda _: customer(name=["Dana"]), 422, "customer.name", "wrong_type"),
    "invalid email": (lambda _: customer(email="dana@"), 422, "customer.email", "invalid_email"),
    "no email": (lambda _: {"customer": {"name": "Dana"}}, 422, "customer.email", "required"),
    "invalid phone": (lambda _: customer(phone="call me"), 422, "customer.phone", "invalid_phone"),
    "no customer": (lambda _: {"customer": None}, 422, "customer", "wrong_type"),
    "control characters in the notes": (lambda _: {"notes": "a\x07b"}, 422, "notes", "control_characters"),
    "long notes": (lambda _: {"notes": "x" * 1001}, 422, "notes", "too_long"),
    "unknown field": (lambda _: {"colour": "red"}, 422, "colour", "unknown_field"),
    "unknown field of the customer": (lambda _: customer(tier="gold"), 422, "customer.tier", "unknown_field"),
    "a date that does not exist": (lambda _: {"starts_at": "2026-02-30T10:00:00Z"}, 422, "starts_at", "invalid_instant"),
    "an hour that does not exist": (lambda _: {"starts_at": "2027-03-01T25:00:00Z"}, 422, "starts_at", "invalid_instant"),
    "offset-less instant": (lambda _: {"starts_at": "2027-03-01T10:00:00"}, 422, "starts_at", "offset_required"),
    # Wall times are no instants, least of all one the clocks leap over.
    "nonexistent local time": (lambda _: {"starts_at": "2027-03-28T01:30:00"}, 422, "starts_at", "offset_required"),
    "zone instead of offset": (
        lambda _: {"starts_at": "2027-03-28T01:30:00[Europe/London]"},
        422,
        "starts_at",
        "invalid_instant",
    ),
    "date alone": (lambda _: {"starts_at": "2027-03-01"}, 422, "starts_at", "invalid_instant"),
    "number as instant": (lambda _: {"starts_at": 1_800_000_000}, 422, "starts_at", "wrong_type"),
    "year 1": (lambda _: {"starts_at": "0001-01-01T00:00:00Z"}, 422, "starts_at", "out_of_bounds"),
    "year 9999": (lambda _: {"starts_at": "9999-12-31T23:59:00Z"}, 422, "starts_at", "out_of_bounds"),
    # Left out it is anybody; empty it is a mistake of the client.
    "empty resource": (lambda _: {"resource": ""}, 422, "resource", "too_short"),
    "empty service": (lambda _: {"service": ""}, 422, "service", "too_short"),
    "empty hold": (lambda _: {"hold": "", "token": "x"}, 422, "hold", "too_short"),
    "no time": (lambda _: {"starts_at": None}, 422, "starts_at", "required"),
    "unknown hold": (lambda _: {"hold": str(uuid4()), "token": "x"}, 404, "hold", "unknown"),
    "hold without its token": (lambda _: {"hold": str(uuid4())}, 422, "token", "required"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", BOOKINGS)
def test_a_wrong_booking_is_refused_by_field_and_not_stored(wrong: str, shop: Shop, guest: Api) -> None:
    change, status, field, code = BOOKINGS[wrong]
    with nothing_stored():
        answer = guest.post("/bookings", booking_body(shop) | change(shop))
        assert answer.status == status, answer.body
        assert answer.code == ("not_found" if status == 404 else "invalid")
        assert answer.mistakes.get(field) == [code], answer.body
        assert all(each["detail"] and "…" not in each["detail"] for each in answer.body["fields"][field])


HOLDS = [
    "unknown service", "empty service", "unknown resource", "empty resource", "past time", "off-grid time", "before opening", "beyond horizon", "party 0",
    "party -1", "party 10^9", "offset-less instant", "a date that does not exist", "unknown field",
]  # fmt: skip


@pytest.mark.parametrize("wrong", HOLDS)
def test_a_wrong_hold_is_refused_in_the_same_way(wrong: str, shop: Shop, guest: Api) -> None:
    change, status, field, code = BOOKINGS[wrong]
    body = booking_body(shop)
    del body["customer"]
    with nothing_stored():
        answer = guest.post("/holds", body | change(shop))
        assert (answer.status, answer.mistakes.get(field)) == (status, [code]), answer.body


def test_too_short_notice_is_refused(shop: Shop, guest: Api, manager: Api) -> None:
    windows = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]
    assert manager.put("/hours", {"windows": windows}).status == 200
    soon = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=30)
    starts_at = soon - timedelta(minutes=soon.minute % 15)
    with nothing_stored():
        answer = guest.post("/bookings", booking_body(shop) | {"starts_at": starts_at.isoformat()})
        assert answer.mistakes == {"starts_at": ["too_soon"]}
        assert answer.body["fields"]["starts_at"][0]["earliest_notice_minutes"] == 60


def test_a_time_inside_a_buffer_is_taken(shop: Shop, guest: Api, manager: Api) -> None:
    assert manager.patch(f"/services/{shop.cut.id}", {"buffer_after_minutes": 15}).status == 200
    body = booking_body(shop, resource=str(shop.theo.id))
    assert guest.post("/bookings", body).status == 201
    with nothing_stored():
        answer = guest.post("/bookings", body | {"starts_at": shop.at("10:30").isoformat()})
        assert (answer.status, answer.code) == (409, "time_taken")


MALFORMED = {
    "nothing": (b"", 422, "body", "required"),
    "no JSON": (b"{", 400, "", ""),
    "not a number": (b'{"party_size": NaN}', 400, "", ""),
    "infinity": (b'{"party_size": -Infinity}', 400, "", ""),
    "a list": (b"[]", 422, "body", "wrong_type"),
    "null": (b"null", 422, "body", "wrong_type"),
    "text": (b'"book me"', 422, "body", "wrong_type"),
    "a byte that is no UTF-8": (b'{"notes": "\xff"}', 400, "", ""),
    "a tower": (b"[" * 100_000, 400, "", ""),
    "a number of 5000 digits": (b'{"party_size": ' + b"9" * 5000 + b"}", 400, "", ""),
}


@pytest.mark.parametrize("wrong", MALFORMED)
def test_a_malformed_body_is_refused(wrong: str, shop: Shop, guest: Api) -> None:
    body, status, field, code = MALFORMED[wrong]
    with nothing_stored():
        answer = guest.call("POST", "/bookings", body)
        assert answer.status == status, answer.body
        assert answer.code == ("malformed_json" if status == 400 else "invalid")
        assert answer.mistakes == ({field: [code]} if field else {})


def test_a_body_of_more_than_a_megabyte_is_refused(shop: Shop, guest: Api) -> None:
    with nothing_stored():
        answer = guest.call("POST", "/bookings", b'{"notes": "' + b"x" * 1_100_000 + b'"}')
        assert (answer.status, answer.code) == (413, "body_too_large")


QUERIES = {
    "no dates": ("service={cut}", 422, "from", "required"),
    "a date that does not exist": ("service={cut}&from=2026-02-30&to=2026-03-01", 422, "from", "invalid_date"),
    "a date of another kind": ("service={cut}&from=tomorrow&to=2026-03-01", 422, "from", "invalid_date"),
    "the end before the start": ("service={cut}&from=2027-03-02&to=2027-03-01", 422, "to", "out_of_bounds"),
    "63 days": ("service={cut}&from=2027-03-01&to=2027-05-02", 422, "to", "out_of_bounds"),
    "year 1": ("service={cut}&from=0001-01-01&to=0001-01-02", 422, "from", "out_of_bounds"),
    "year 9999": ("service={cut}&from=9999-12-30&to=9999-12-31", 422, "from", "out_of_bounds"),
    "unknown service": ("service=x&from=2027-03-01&to=2027-03-02", 404, "service", "unknown"),
    "unknown resource": ("service={cut}&resource=x&from=2027-03-01&to=2027-03-02", 404, "resource", "unknown"),
    "empty resource": ("service={cut}&resource=&from=2027-03-01&to=2027-03-02", 422, "resource", "too_short"),
    "empty service": ("service=&from=2027-03-01&to=2027-03-02", 422, "service", "too_short"),
    "party 0": ("service={cut}&from=2027-03-01&to=2027-03-02&party_size=0", 422, "party_size", "out_of_bounds"),
    "party 10^9": ("service={cut}&from=2027-03-01&to=2027-03-02&party_size=1000000000", 422, "party_size", "out_of_bounds"),
    "party as text": ("service={cut}&from=2027-03-01&to=2027-03-02&party_size=two", 422, "party_size", "wrong_type"),
    "a null byte": ("service=%00&from=2027-03-01&to=2027-03-02", 404, "service", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", QUERIES)
def test_wrong_questions_about_free_times_name_the_parameter(wrong: str, shop: Shop, guest: Api) -> None:
    query, status, field, code = QUERIES[wrong]
    answer = guest.get("/availability?" + query.format(cut=shop.cut.id))
    assert (answer.status, answer.mistakes) == (status, answer.mistakes | {field: [code]}), answer.body


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "out_of_bounds"),
        ("limit=101", "limit", "out_of_bounds"),
        ("limit=ten", "limit", "wrong_type"),
        ("cursor=nonsense", "cursor", "invalid_cursor"),
        ("cursor=%00", "cursor", "invalid_cursor"),
        ("cursor=" + "f" * 32, "cursor", "invalid_cursor"),
        ("resource=", "resource", "too_short"),
        ("when=whenever", "when", "unknown_choice"),
        ("status=alive", "status", "wrong_format"),
        ("from=2026-02-30", "from", "invalid_date"),
    ],
)
def test_wrong_questions_about_bookings_name_the_parameter(
    query: str, field: str, code: str, shop: Shop, staff: Api
) -> None:
    answer = staff.get(f"/bookings?{query}")
    assert (answer.status, answer.mistakes) == (422, {field: [code]})


def test_an_explanation_for_an_empty_resource_is_refused(shop: Shop, guest: Api) -> None:
    starts_at = shop.at().strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = guest.get(f"/availability/explain?service={shop.cut.id}&starts_at={starts_at}&resource=")
    assert (answer.status, answer.mistakes) == (422, {"resource": ["too_short"]})


def test_a_move_to_an_empty_resource_is_refused(shop: Shop, guest: Api, staff: Api) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    answer = staff.post(
        f"/bookings/{made['reference']}/reschedule",
        {"starts_at": shop.at("12:00").isoformat(), "resource": ""},
    )
    assert (answer.status, answer.mistakes) == (422, {"resource": ["too_short"]})


@pytest.mark.parametrize("slug", ["nobody", "%00", "Fenwick", "x" * 100, "..", "a%2Fb", "é"])
def test_an_unknown_business_is_not_found(slug: str, shop: Shop) -> None:
    assert (Api(slug).get().status, Api(slug).get().code) == (404, "not_found")


@pytest.mark.parametrize("path", ["/bookings/{}", "/services/{}", "/resources/{}", "/exceptions/{}"])
@pytest.mark.parametrize(
    "name", ["nobody", "%00", "K7QM3-XWPHT", "ﬀﬀﬀﬀﬀ", "00000000-0000-0000-0000-000000000000"]
)
def test_a_thing_that_does_not_exist_is_not_found(path: str, name: str, shop: Shop, staff: Api) -> None:
    answer = staff.get(path.format(name))
    assert (answer.status, answer.code, answer.mistakes) == (404, "not_found", {})

"""Bad input to the waitlist: refused with a code and the field, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import DANA, Api, nothing_stored
from tests.api.line import joined, offered, wait_body, wish
from tests.api.wrong import HUGE, ODD, expect
from tests.cast import Shop

pytestmark = pytest.mark.django_db

Body = dict[str, Any]


def ranged(**more: Any) -> Callable[[Shop], Body]:
    return lambda shop: {"wishes": [wish(shop) | more]}


def who(**more: Any) -> Callable[[Shop], Body]:
    return lambda _: {"customer": dict(DANA) | more}


def said(**more: Any) -> Callable[[Shop], Body]:
    return lambda _: more


# What is wrong → how the body differs from a good one, status, field, code.
JOINING: dict[str, tuple[Callable[[Shop], Body], int, str, str]] = {
    "unknown service": (said(services=[str(uuid4())]), 404, "services", "unknown"),
    "service that is no id": (said(services=["haircut"]), 404, "services", "unknown"),
    "one of two unknown": (lambda s: {"services": [str(s.cut.id), str(uuid4())]}, 404, "services", "unknown"),
    "no services": (said(services=[]), 422, "services", "too_few"),
    "11 services": (said(services=[str(uuid4())] * 11), 422, "services", "too_many"),
    "empty service": (said(services=[""]), 422, "services[0]", "too_short"),
    "one service as text": (lambda s: {"services": str(s.cut.id)}, 422, "services", "wrong_type"),
    "unknown resource": (said(resources=[str(uuid4())]), 404, "resources", "unknown"),
    "no resources": (said(resources=[]), 422, "resources", "too_few"),
    "no wishes": (said(wishes=[]), 422, "wishes", "too_few"),
    "six wishes": (lambda s: {"wishes": [wish(s)] * 6}, 422, "wishes", "too_many"),
    "wishes that are none": (said(wishes=["soon"]), 422, "wishes[0]", "wrong_type"),
    "the end before the start": (lambda s: {"wishes": [wish(s, 5, 3)]}, 422, "wishes[0].to", "before_start"),
    "past dates": (lambda s: {"wishes": [wish(s, -3, -1)]}, 422, "wishes[0].to", "in_past"),
    "beyond the horizon": (lambda s: {"wishes": [wish(s, 91, 95)]}, 422, "wishes[0].from", "too_far_ahead"),
    "the second of two": (lambda s: {"wishes": [wish(s), wish(s, -3, -1)]}, 422, "wishes[1].to", "in_past"),
    "a date that does not exist": (ranged(to="2027-02-30"), 422, "wishes[0].to", "invalid_date"),
    "an instant as date": (ranged(to="2027-02-03T10:00:00Z"), 422, "wishes[0].to", "invalid_date"),
    "year 9999": (ranged(to="9999-12-31"), 422, "wishes[0].to", "out_of_bounds"),
    "no first date": (said(wishes=[{"to": "2027-03-01"}]), 422, "wishes[0].from", "required"),
    "weekday 9": (ranged(weekdays=[9]), 422, "wishes[0].weekdays[0]", "out_of_bounds"),
    "weekday -1": (ranged(weekdays=[-1]), 422, "wishes[0].weekdays[0]", "out_of_bounds"),
    "no weekdays": (ranged(weekdays=[]), 422, "wishes[0].weekdays", "too_few"),
    "a weekday that is not between": (
        lambda s: {"wishes": [wish(s, weekdays=[(s.at().weekday() + 1) % 7])]},
        422,
        "wishes[0].weekdays",
        "no_such_day",
    ),
    "from 25 o'clock": (ranged(from_time="25:00"), 422, "wishes[0].from_time", "wrong_format"),
    "from 24:00": (ranged(from_time="24:00"), 422, "wishes[0].from_time", "wrong_format"),
    "until 24:01": (ranged(to_time="24:01"), 422, "wishes[0].to_time", "wrong_format"),
    "times that run backwards": (
        ranged(from_time="15:00", to_time="14:00"),
        422,
        "wishes[0].to_time",
        "before_start",
    ),
    "unknown field of a wish": (ranged(until="noon"), 422, "wishes[0].until", "unknown_field"),
    "a walk-in for another day": (said(walk_in=True), 422, "wishes", "today_only"),
    "walk-in as text": (said(walk_in="yes"), 422, "walk_in", "wrong_type"),
    "party 0": (said(party_size=0), 422, "party_size", "out_of_bounds"),
    "party -1": (said(party_size=-1), 422, "party_size", "out_of_bounds"),
    "party 10^9": (said(party_size=10**9), 422, "party_size", "out_of_bounds"),
    "party 10^40": (said(party_size=HUGE), 422, "party_size", "out_of_bounds"),
    "party of two at one chair": (said(party_size=2), 422, "party_size", "out_of_bounds"),
    "party as text": (said(party_size="2"), 422, "party_size", "wrong_type"),
    "name of 10 kB": (who(name="x" * 10_240), 422, "customer.name", "too_long"),
    "empty name": (who(name="  "), 422, "customer.name", "required"),
    "control characters in the name": (who(name="Da\0na"), 422, "customer.name", "control_characters"),
    "half a surrogate": (who(name=ODD), 422, "customer.name", "control_characters"),
    "invalid email": (who(email="dana@"), 422, "customer.email", "invalid_email"),
    "no email": (said(customer={"name": "Dana"}), 422, "customer.email", "required"),
    "invalid phone": (who(phone="call me"), 422, "customer.phone", "invalid_phone"),
    "no customer": (said(customer=None), 422, "customer", "wrong_type"),
    "unknown field": (said(colour="red"), 422, "colour", "unknown_field"),
    "a score of one's own": (said(boost=10), 422, "boost", "unknown_field"),
    "unknown field of the customer": (who(tier=3), 422, "customer.tier", "unknown_field"),
    "empty booking": (said(booking="", token="x"), 422, "booking", "too_short"),
    "unknown booking": (said(booking="ZZZZZ-ZZZZZ", token="x"), 404, "booking", "unknown"),
}


@pytest.mark.parametrize("wrong", JOINING)
def test_a_wrong_wish_is_refused_by_field_and_not_stored(wrong: str, shop: Shop, guest: Api) -> None:
    change, status, field, code = JOINING[wrong]
    expect(
        ({}, status, field, code),
        lambda: guest.post("/waitlist", wait_body(shop) | change(shop)),
    )


def test_somebody_who_does_not_give_the_service_is_refused(shop: Shop, guest: Api, manager: Api) -> None:
    other = manager.post("/resources", {"name": "Zoe"}).body["id"]
    expect(
        ({}, 422, "resources", "unknown"), lambda: guest.post("/waitlist", wait_body(shop, resources=[other]))
    )


MALFORMED = {
    "nothing": (b"", 422, {"body": ["required"]}),
    "no JSON": (b"{", 400, {}),
    "infinity": (b'{"party_size": -Infinity}', 400, {}),
    "a list": (b"[]", 422, {"body": ["wrong_type"]}),
    "null": (b"null", 422, {"body": ["wrong_type"]}),
    "a byte that is no UTF-8": (b'{"services": "\xff"}', 400, {}),
    "a tower": (b"[" * 100_000, 400, {}),
}


@pytest.mark.parametrize("wrong", MALFORMED)
def test_a_malformed_wish_is_refused(wrong: str, shop: Shop, guest: Api) -> None:
    body, status, mistakes = MALFORMED[wrong]
    with nothing_stored():
        answer = guest.call("POST", "/waitlist", body)
        assert (answer.status, answer.mistakes) == (status, mistakes)


STEPS: dict[str, tuple[str, Body, str, str]] = {
    "leaving as text": ("offers/{offer}/decline", {"leave": "yes"}, "leave", "wrong_type"),
    "an answer with a note": ("offers/{offer}/decline", {"note": "no"}, "note", "unknown_field"),
    "accepting with a time": ("offers/{offer}/accept", {"starts_at": "now"}, "starts_at", "unknown_field"),
    "withdrawing with a reason": ("offers/{offer}/withdraw", {"reason": "x"}, "reason", "unknown_field"),
    "calling with words": ("waitlist/{entry}/call", {"words": "come"}, "words", "unknown_field"),
    "a long reason": ("waitlist/{entry}/remove", {"reason": "x" * 201}, "reason", "too_long"),
    "an odd reason": ("waitlist/{entry}/remove", {"reason": ODD}, "reason", "control_characters"),
    "no-show as number": ("waitlist/{entry}/remove", {"no_show": 1}, "no_show", "wrong_type"),
    "offering nothing": ("waitlist/{entry}/offer", {"slot": None}, "service", "required"),
    "offering for two": ("waitlist/{entry}/offer", {"party_size": 2}, "party_size", "unknown_field"),
    "seating nowhere": ("waitlist/{entry}/seat", {}, "starts_at", "required"),
    "seating 10^40": ("waitlist/{entry}/seat", {"party_size": HUGE}, "party_size", "out_of_bounds"),
}


@pytest.mark.parametrize("wrong", STEPS)
def test_a_wrong_step_is_refused_by_field(wrong: str, shop: Shop, guest: Api, staff: Api) -> None:
    path, body, field, code = STEPS[wrong]
    entry = joined(shop, guest)
    offer = offered(shop, staff, entry)
    address = "/" + path.format(entry=entry["id"], offer=offer["id"])
    expect(({}, 422, field, code), lambda: staff.post(address, body))


SETTINGS = {
    "waitlist_cutoff_minutes": -1,
    "waitlist_messages_per_day": 0,
    "waitlist_messages_per_minute": 10_001,
    "waitlist_half_minutes": 0,
    "waitlist_ageing_minutes": 9,
    "weight_waiting": 101,
    "weight_tier": -1,
    "weight_reliability": HUGE,
    "weight_fit": 101,
    "weight_urgency": 101,
    "weight_passed_over": 101,
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_out_of_bounds_is_refused(name: str, shop: Shop, manager: Api) -> None:
    expect(({}, 422, name, "out_of_bounds"), lambda: manager.patch("/settings", {name: SETTINGS[name]}))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("waitlist_limit", -1, "out_of_bounds"),
        ("waitlist_limit", 10_001, "out_of_bounds"),
        ("waitlist_open", "yes", "wrong_type"),
    ],
)
def test_a_wrong_list_of_a_service_is_refused(
    field: str, value: object, code: str, shop: Shop, manager: Api
) -> None:
    expect(({}, 422, field, code), lambda: manager.patch(f"/services/{shop.cut.id}", {field: value}))

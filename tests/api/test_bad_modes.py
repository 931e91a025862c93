"""Bad input to slots, tables and requests: refused with a code and the field, nothing stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from holdfast.accounts.commands import create_token
from holdfast.core import clock
from holdfast.lib.actors import Role
from tests.api.conftest import DANA, Api
from tests.api.wrong import HUGE, ODD, Wrong, expect
from tests.bookings.artist import Studio, make_studio
from tests.cast import OPERATOR, Shop
from tests.club import Club
from tests.counter import Counter, make_counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(db: None) -> Counter:
    return make_counter()


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


def program(business: Shop | Counter | Studio, role: Role = Role.MANAGER) -> Api:
    made = create_token(
        actor=OPERATOR, business_id=business.business_id, role=role, name=f"test {role}", now=clock.now()
    )
    return Api(business.slug, made.secret)


GENERATE: dict[str, Wrong] = {
    "unknown service": ({"service": str(uuid4())}, 404, "service", "unknown"),
    "service that is no id": ({"service": "portrait"}, 404, "service", "unknown"),
    "unknown resource": ({"resource": str(uuid4())}, 404, "resource", "unknown"),
    "empty resource": ({"resource": ""}, 422, "resource", "too_short"),
    "no start": ({"from": None}, 422, "from", "wrong_type"),
    "a date that does not exist": ({"from": "2027-02-30"}, 422, "from", "invalid_date"),
    "the end before the start": ({"to": "2026-01-01"}, 422, "to", "before_start"),
    "two centuries": ({"to": "2198-01-01"}, 422, "to", "out_of_bounds"),
    "year 9999": ({"to": "9999-12-31"}, 422, "to", "out_of_bounds"),
    "too many slots": ({"slot_minutes": 1, "days": 60}, 422, "to", "too_many_slots"),
    "slots of no length": ({"slot_minutes": 0}, 422, "slot_minutes", "out_of_bounds"),
    "slots of a week": ({"slot_minutes": 10_080}, 422, "slot_minutes", "out_of_bounds"),
    "huge slots": ({"slot_minutes": HUGE}, 422, "slot_minutes", "out_of_bounds"),
    "no places": ({"capacity": 0}, 422, "capacity", "out_of_bounds"),
    "places for everybody": ({"capacity": HUGE}, 422, "capacity", "out_of_bounds"),
    "half a place": ({"capacity": 1.5}, 422, "capacity", "wrong_type"),
    "a gap before": ({"gap_minutes": -1}, 422, "gap_minutes", "out_of_bounds"),
    "an eighth weekday": ({"weekdays": [7]}, 422, "weekdays[0]", "out_of_bounds"),
    "weekdays as text": ({"weekdays": "Mo"}, 422, "weekdays", "wrong_type"),
    "preview as text": ({"preview": "yes"}, 422, "preview", "wrong_type"),
    "unknown field": ({"colour": "red"}, 422, "colour", "unknown_field"),
}


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("name", GENERATE)
def test_wrong_slots_are_refused_whether_asked_or_made(name: str, preview: bool, counter: Counter) -> None:
    change = dict(GENERATE[name][0])
    body = {
        "service": str(counter.portrait.id),
        "from": counter.day(1).isoformat(),
        "to": counter.day(change.pop("days", 2)).isoformat(),
        "slot_minutes": 60,
        "capacity": 3,
        "preview": preview,
    }
    expect(GENERATE[name], lambda: program(counter).post("/slots/generate", body | change))


SLOTS: dict[str, Wrong] = {
    "unknown service": ({"service": str(uuid4())}, 404, "service", "unknown"),
    "unknown resource": ({"resource": str(uuid4())}, 404, "resource", "unknown"),
    "no offset": ({"starts_at": "2027-03-01T10:00:00"}, 422, "starts_at", "offset_required"),
    "past time": ({"starts_at": "2020-03-01T10:00:00Z"}, 422, "starts_at", "in_past"),
    "year 1": ({"starts_at": "0001-01-01T00:00:00Z"}, 422, "starts_at", "out_of_bounds"),
    "seconds": ({"starts_at": "2027-03-01T10:00:30Z"}, 422, "starts_at", "whole_minutes"),
    "the end before the start": ({"ends_at": "2026-01-01T00:00:00Z"}, 422, "ends_at", "not_a_length"),
    "a week": ({"ends_at": "2198-01-01T00:00:00Z"}, 422, "ends_at", "not_a_length"),
    "no places": ({"capacity": 0}, 422, "capacity", "out_of_bounds"),
    "no capacity": ({"capacity": None}, 422, "capacity", "wrong_type"),
}


@pytest.mark.parametrize("name", SLOTS)
def test_a_wrong_slot_is_refused_by_field(name: str, counter: Counter) -> None:
    body = {
        "service": str(counter.portrait.id), "starts_at": counter.at().isoformat(), "capacity": 2
    }  # fmt: skip
    expect(SLOTS[name], lambda: program(counter).post("/slots", body | SLOTS[name][0]))


SERIES_OF_SLOTS: dict[str, Wrong] = {
    "the end before the start": ({"ends_on": "2020-01-01"}, 422, "ends_on", "before_start"),
    "a year ahead": ({"days_ahead": 366}, 422, "days_ahead", "out_of_bounds"),
    "no day ahead": ({"days_ahead": 0}, 422, "days_ahead", "out_of_bounds"),
    "unknown service": ({"service": str(uuid4())}, 404, "service", "unknown"),
    "a beginning that does not exist": ({"starts_on": "2027-02-30"}, 422, "starts_on", "invalid_date"),
    "huge slots": ({"slot_minutes": HUGE}, 422, "slot_minutes", "out_of_bounds"),
}


@pytest.mark.parametrize("name", SERIES_OF_SLOTS)
def test_a_wrong_series_of_slots_is_refused_by_field(name: str, counter: Counter) -> None:
    body = {"service": str(counter.portrait.id), "slot_minutes": 60, "capacity": 2}
    change = SERIES_OF_SLOTS[name][0]
    expect(SERIES_OF_SLOTS[name], lambda: program(counter).post("/slot-series", body | change))


IN_SLOTS: dict[str, Wrong] = {
    "unknown slot": ({"slot": str(uuid4())}, 404, "slot", "unknown"),
    "slot that is no id": ({"slot": ODD}, 422, "slot", "control_characters"),
    "empty slot": ({"slot": ""}, 422, "slot", "too_short"),
    "another service": ({"service": str(uuid4())}, 422, "service", "differs_from_slot"),
    "another start": ({"starts_at": "2027-03-01T10:00:00Z"}, 422, "starts_at", "differs_from_slot"),
    "another resource": ({"resource": str(uuid4())}, 422, "resource", "differs_from_slot"),
    "more than it holds": ({"party_size": 3}, 422, "party_size", "out_of_bounds"),
    "a crowd": ({"party_size": HUGE}, 422, "party_size", "out_of_bounds"),
    "tables": ({"tables": [str(uuid4())]}, 422, "tables", "not_allowed"),
    "a request": ({"request": {"venue_name": "x", "venue_address": "x", "details": "x", "fee_minor": 1}, "named": True},
                  422, "request", "not_allowed"),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_SLOTS)
def test_a_wrong_booking_of_a_slot_is_refused_by_field(name: str, counter: Counter) -> None:
    slot = counter.slot(capacity=2, resource_id=counter.east.id)
    change = dict(IN_SLOTS[name][0])
    if change.pop("named", False):
        change["service"] = str(counter.portrait.id)
    body = {"slot": str(slot.id), "customer": dict(DANA)} | change
    expect(IN_SLOTS[name], lambda: Api(counter.slug).post("/bookings", body))


COMBINATIONS: dict[str, Wrong] = {
    "empty name": ({"name": " "}, 422, "name", "required"),
    "odd name": ({"name": ODD}, 422, "name", "control_characters"),
    "no table": ({"tables": []}, 422, "tables", "too_few"),
    "one table": ({"tables": ["T1"]}, 422, "tables", "too_few"),
    "a table twice": ({"tables": ["T1", "T1"]}, 422, "tables", "repeated"),
    "an unknown table": ({"tables": ["T1", str(uuid4())]}, 422, "tables", "unknown"),
    "a table that is no id": ({"tables": ["T1", "x"]}, 422, "tables", "unknown"),
    "nine tables": ({"tables": ["T1"] * 9}, 422, "tables", "too_many"),
    "no seats": ({"seats_max": 0}, 422, "seats_max", "out_of_bounds"),
    "huge": ({"seats_max": HUGE}, 422, "seats_max", "out_of_bounds"),
    "fewest above most": ({"seats_min": 5, "seats_max": 4}, 422, "seats_max", "less_than_seats_min"),
    "unknown field": ({"seats": 4}, 422, "seats", "unknown_field"),
}


@pytest.mark.parametrize("name", COMBINATIONS)
def test_a_wrong_combination_is_refused_by_field(name: str, club: Club) -> None:
    change = dict(COMBINATIONS[name][0])
    body = {"name": "Corner", "tables": ["T1", "T2"]} | change
    body["tables"] = [str(club.ids.get(table, table)) for table in body["tables"]]
    boss = Api(club.slug, club.token(Role.MANAGER))
    expect(COMBINATIONS[name], lambda: boss.post("/combinations", body))


@pytest.mark.parametrize(
    ("pairs", "field", "code"),
    [
        ([["T1"]], "pairs[0]", "too_few"),
        ([["T1", "T2", "T3"]], "pairs[0]", "too_many"),
        ([["T1", "T1"]], "pairs[0]", "repeated"),
        ([["T1", "T2"], ["T1", str(uuid4())]], "pairs[1]", "unknown"),
        ([["T1", ""]], "pairs[0][1]", "too_short"),
        ("T1", "pairs", "wrong_type"),
    ],
)
def test_wrong_neighbours_are_refused_by_pair(pairs: Any, field: str, code: str, club: Club) -> None:
    named = [[str(club.ids.get(id, id)) for id in pair] for pair in pairs] if pairs != "T1" else pairs
    boss = Api(club.slug, club.token(Role.MANAGER))
    expect(({}, 422, field, code), lambda: boss.put("/adjacency", {"pairs": named}))


EVENT = {"venue_name": "The Vault", "venue_address": "1 Mill Lane", "details": "Opening", "fee_minor": 80_000}
REQUESTS: dict[str, Wrong] = {
    "no event": ({"request": None}, 422, "request", "required"),
    "an event of another kind": ({"request": []}, 422, "request", "wrong_type"),
    "no venue": ({"request": EVENT | {"venue_name": " "}}, 422, "request.venue_name", "required"),
    "an odd venue": ({"request": EVENT | {"venue_name": ODD}}, 422, "request.venue_name", "control_characters"),
    "an endless address": ({"request": EVENT | {"venue_address": "x" * 9999}}, 422, "request.venue_address", "too_long"),
    "no details": ({"request": {k: v for k, v in EVENT.items() if k != "details"}}, 422, "request.details", "required"),
    "a fee below nothing": ({"request": EVENT | {"fee_minor": -1}}, 422, "request.fee_minor", "out_of_bounds"),
    "a huge fee": ({"request": EVENT | {"fee_minor": HUGE}}, 422, "request.fee_minor", "out_of_bounds"),
    "a fee as text": ({"request": EVENT | {"fee_minor": "80000"}}, 422, "request.fee_minor", "wrong_type"),
    "an unknown field": ({"request": EVENT | {"colour": "red"}}, 422, "request.colour", "unknown_field"),
    "no time": ({"starts_at": None}, 422, "starts_at", "required"),
    "past time": ({"starts_at": "2020-03-01T10:00:00Z", "ends_at": None}, 422, "starts_at", "in_past"),
    "the end before the start": ({"ends_at": "2020-03-01T10:00:00Z"}, 422, "ends_at", "before_start"),
    "a week long": ({"ends_at": "2197-03-01T10:00:00Z"}, 422, "ends_at", "longer_than_a_day"),
    "a date beside a time": ({"date": "2027-03-01"}, 422, "starts_at", "with_date"),
    "a date that does not exist": ({"date": "2027-02-30"}, 422, "date", "invalid_date"),
    "a past date": ({"date": "2020-03-01", "starts_at": None, "ends_at": None}, 422, "date", "in_past"),
    "a slot": ({"slot": str(uuid4())}, 422, "slot", "not_allowed"),
    "a code": ({"promo_code": "SAVE"}, 422, "promo_code", "not_allowed"),
    "unknown artist": ({"resource": str(uuid4())}, 404, "resource", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_wrong_request_is_refused_by_field(name: str, studio: Studio) -> None:
    starts_at = studio.at()
    body = {
        "service": str(studio.service_id),
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
        "request": dict(EVENT),
        "customer": dict(DANA),
    } | REQUESTS[name][0]
    expect(REQUESTS[name], lambda: Api(studio.slug).post("/bookings", body))


STEPS: dict[str, tuple[str, Wrong]] = {
    "an offer of nothing": ("counter", ({}, 422, "fee_minor", "nothing_offered")),
    "a message alone": ("counter", ({"message": "Hm"}, 422, "fee_minor", "nothing_offered")),
    "a fee below nothing": ("counter", ({"fee_minor": -1}, 422, "fee_minor", "out_of_bounds")),
    "a huge fee": ("counter", ({"fee_minor": HUGE}, 422, "fee_minor", "out_of_bounds")),
    "an odd message": ("counter", ({"fee_minor": 1, "message": ODD}, 422, "message", "control_characters")),
    "an end that is none": (
        "counter", ({"ends_at": "2020-01-01T10:00:00Z"}, 422, "ends_at", "before_start")
    ),
    "a start that is past": (
        "counter", ({"starts_at": "2020-01-01T10:00:00Z"}, 422, "starts_at", "in_past")
    ),
    "an endless reason": ("decline", ({"reason": "x" * 99_999}, 422, "reason", "too_long")),
    "a reason of another kind": ("decline", ({"reason": 1}, 422, "reason", "wrong_type")),
    "no hours": ("challenge", ({"hours": 0}, 422, "hours", "out_of_bounds")),
    "endless hours": ("challenge", ({"hours": HUGE}, 422, "hours", "out_of_bounds")),
    "accepting with words": ("accept", ({"message": "x"}, 422, "message", "unknown_field")),
    "an unknown line": (
        "rider", ({"lines": [{"line": str(uuid4()), "answer": "yes"}]}, 422, "lines[0].line", "unknown")
    ),
    "a line that is no id": ("rider", ({"lines": [{"line": "x", "answer": "yes"}]}, 422, "lines[0].line", "unknown")),
    "an answer of its own": (
        "rider", ({"lines": [{"line": "x", "answer": "no"}]}, 422, "lines[0].answer", "unknown_choice")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_a_wrong_answer_to_a_request_is_refused_by_field(name: str, studio: Studio) -> None:
    step, wrong = STEPS[name]
    path = f"/bookings/{studio.ask().shown_reference}/{step}"
    staff = program(studio, Role.STAFF)
    expect(wrong, lambda: staff.post(path, wrong[0]))

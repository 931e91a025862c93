"""Bad input to series, groups, terms and decisions: refused with a code and the field, nothing stored."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.api.conftest import DANA, Api
from tests.api.wrong import HUGE, ODD, Body, Wrong, expect
from tests.cast import Shop

pytestmark = pytest.mark.django_db

SEVERAL: dict[str, tuple[str, Wrong]] = {
    "one time": ("series", ({"times": 1}, 422, "times", "too_few")),
    "a year of Mondays and more": ("series", ({"times": 53}, 422, "times", "too_many")),
    "twice the same": ("series", ({"twice": True}, 422, "times", "twice")),
    "a past time": ("series", ({"second": "2020-01-01T10:00:00Z"}, 422, "times[1].starts_at", "in_past")),
    "a time beyond the horizon": (
        "series", ({"second": "2197-01-01T10:00:00Z"}, 422, "times[1].starts_at", "too_far_ahead")
    ),
    "no offset": ("series", ({"second": "2027-01-01T10:00:00"}, 422, "times[1].starts_at", "offset_required")),
    "a hold without its token": ("series", ({"hold": str(uuid4())}, 422, "token", "required")),
    "a token without its hold": ("series", ({"token": "x"}, 422, "hold", "required")),
    "a party too large": ("series", ({"party_size": HUGE}, 422, "party_size", "out_of_bounds")),
    "an unknown code": ("series", ({"promo_code": "NOPE"}, 422, "promo_code", "promo_unknown")),
    "an odd code": ("series", ({"promo_code": ODD}, 422, "promo_code", "control_characters")),
    "an unknown question": ("series", ({"answers": {"x": "y"}}, 422, "answers.x", "unknown")),
    "nobody's address": ("series", ({"customer": {"name": "D", "email": "@"}}, 422, "customer.email", "invalid_email")),
    "alone": ("group", ({"members": 1}, 422, "members", "too_few")),
    "a crowd": ("group", ({"members": 11}, 422, "members", "too_many")),
    "an unknown service": ("group", ({"member": {"service": "x"}}, 422, "members[1].service", "unknown")),
    "an unknown barber": ("group", ({"member": {"resource": "x"}}, 422, "members[1].resource", "unknown")),
    "an odd name": ("group", ({"member": {"name": ODD}}, 422, "members[1].name", "control_characters")),
    "a member's question": ("group", ({"member": {"answers": {"x": 1}}}, 422, "members[1].answers.x", "unknown")),
    "an unknown member field": ("group", ({"member": {"age": 9}}, 422, "members[1].age", "unknown_field")),
    "a past start": ("group", ({"starts_at": "2020-01-01T10:00:00Z"}, 422, "starts_at", "in_past")),
    "an unknown code for all": ("group", ({"promo_code": "NOPE"}, 422, "promo_code", "promo_unknown")),
}  # fmt: skip


@pytest.mark.parametrize("name", SEVERAL)
def test_wrong_bookings_of_several_are_refused_by_field(name: str, shop: Shop, guest: Api) -> None:
    kind, wrong = SEVERAL[name]
    change = dict(wrong[0])
    body: Body = {"customer": dict(DANA)}
    if kind == "series":
        many = [shop.at(days=3 + 7 * week) for week in range(change.pop("times", 2))]
        times = [{"starts_at": starts_at.isoformat()} for starts_at in many]
        if "second" in change:
            times[1]["starts_at"] = change.pop("second")
        if change.pop("twice", False):
            times[1] = times[0]
        body |= {"service": str(shop.cut.id), "times": times}
    else:
        members: list[Body] = [{"service": str(shop.cut.id)} for _ in range(change.pop("members", 2))]
        members[-1] |= change.pop("member", {})
        body |= {"starts_at": shop.at().isoformat(), "members": members}
    expect(wrong, lambda: guest.post(f"/bookings/{kind}", body | change))


TERMS: dict[str, tuple[str, Wrong]] = {
    "no label": ("questions", ({"label": " "}, 422, "label", "required")),
    "an odd label": ("questions", ({"label": ODD}, 422, "label", "control_characters")),
    "an unknown kind": ("questions", ({"kind": "colour"}, 422, "kind", "unknown_choice")),
    "a choice of one": ("questions", ({"kind": "choice", "choices": ["A"]}, 422, "choices", "too_few")),
    "the same twice": ("questions", ({"kind": "choice", "choices": ["A", "A"]}, 422, "choices", "twice")),
    "bounds the wrong way": (
        "questions", ({"kind": "number", "least": 2, "most": 1}, 422, "most", "less_than_least")
    ),
    "a huge bound": ("questions", ({"kind": "number", "most": HUGE}, 422, "most", "out_of_bounds")),
    "a rule without a name": ("price-rules", ({"name": ""}, 422, "name", "required")),
    "an unknown effect": ("price-rules", ({"effect": "magic"}, 422, "effect", "unknown_choice")),
    "a huge amount": ("price-rules", ({"amount_minor": HUGE}, 422, "amount_minor", "out_of_bounds")),
    "25 o'clock": ("price-rules", ({"from_time": "25:00"}, 422, "from_time", "wrong_format")),
    "a rule of no service": ("price-rules", ({"service": str(uuid4())}, 422, "service", "unknown")),
    "a rule of what is no id": ("price-rules", ({"resource": "x"}, 422, "resource", "unknown")),
    "an eighth weekday": ("price-rules", ({"weekdays": [7]}, 422, "weekdays[0]", "out_of_bounds")),
    "parties the wrong way": (
        "price-rules", ({"party_least": 4, "party_most": 2}, 422, "party_most", "less_than_least")
    ),
    "a code of one letter": ("promotions", ({"code": "A"}, 422, "code", "invalid_promo_code")),
    "a code with a dot": ("promotions", ({"code": "A.B"}, 422, "code", "invalid_promo_code")),
    "more than everything": ("promotions", ({"percent": 101}, 422, "percent", "out_of_bounds")),
    "ends before it begins": (
        "promotions",
        ({"valid_from": "2027-02-02", "valid_until": "2027-02-01"}, 422, "valid_until", "before_start"),
    ),
    "for no service": ("promotions", ({"services": [str(uuid4())]}, 422, "services", "unknown")),
    "uses below nothing": ("promotions", ({"most_uses": -1}, 422, "most_uses", "out_of_bounds")),
    "a rider without a name": ("riders", ({"name": ""}, 422, "name", "required")),
    "an odd line": (
        "riders", ({"lines": [{"section": "travel", "text": ODD}]}, 422, "lines[0].text", "control_characters")
    ),
    "a section of its own": (
        "riders", ({"lines": [{"section": "x", "text": "y"}]}, 422, "lines[0].section", "unknown_choice")
    ),
    "for no artist": ("riders", ({"resources": ["x"]}, 422, "resources", "unknown")),
}  # fmt: skip
GOOD: dict[str, Body] = {
    "questions": {"label": "Allergies?"},
    "price-rules": {"name": "Evenings", "effect": "amount", "amount_minor": 500},
    "promotions": {"code": "SAVE10", "effect": "percent", "percent": 10},
    "riders": {"name": "Standard"},
}


@pytest.mark.parametrize("name", TERMS)
def test_wrong_terms_are_refused_by_field(name: str, shop: Shop, manager: Api) -> None:
    kind, wrong = TERMS[name]
    path = f"/services/{shop.cut.id}/questions" if kind == "questions" else f"/{kind}"
    expect(wrong, lambda: manager.post(path, GOOD[kind] | wrong[0]))


@pytest.mark.parametrize("kind", GOOD)
def test_the_good_ones_are_taken(kind: str, shop: Shop, manager: Api) -> None:
    path = f"/services/{shop.cut.id}/questions" if kind == "questions" else f"/{kind}"
    assert manager.post(path, GOOD[kind]).status == 201


ANSWERS: dict[str, tuple[Body, object, str]] = {
    "text of another kind": ({"kind": "text"}, 1, "wrong_type"),
    "a list": ({"kind": "text"}, ["a"], "wrong_type"),
    "odd text": ({"kind": "text"}, ODD, "control_characters"),
    "endless text": ({"kind": "paragraph"}, "x" * 9999, "too_long"),
    "nothing where something must be": ({"kind": "text", "required": True}, " ", "required"),
    "no such choice": ({"kind": "choice", "choices": ["A", "B"]}, "C", "unknown_choice"),
    "a number below": ({"kind": "number", "least": 1, "most": 9}, 0, "out_of_bounds"),
    "a huge number": ({"kind": "number"}, HUGE, "out_of_bounds"),
    "half a number": ({"kind": "number"}, "1.5", "wrong_type"),
    "no consent": ({"kind": "consent", "required": True}, False, "required"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_wrong_answer_to_a_question_is_refused(name: str, shop: Shop, guest: Api, manager: Api) -> None:
    question, said, code = ANSWERS[name]
    id = manager.post(f"/services/{shop.cut.id}/questions", {"label": "Well?"} | question).body["id"]
    body = {"service": str(shop.cut.id), "starts_at": shop.at().isoformat(), "customer": dict(DANA)}
    wrong: Wrong = ({}, 422, f"answers.{id}", code)
    expect(wrong, lambda: guest.post("/bookings", body | {"answers": {id: said}}))


DECISIONS: dict[str, Wrong] = {
    "an unknown reference": ({"x": {"action": "keep"}}, 422, "decisions.x", "unknown"),
    "an odd reference": ({"\u202e\x00": {"action": "keep"}}, 422, "decisions.\u202e\x00", "unknown"),
    "an unknown way": ({"REF": {"action": "sell"}}, 422, "decisions.REF.action", "unknown_choice"),
    "nothing decided": ({"REF": {}}, 422, "decisions.REF.action", "required"),
    "keeping at another time": (
        {"REF": {"action": "keep", "starts_at": "AT"}}, 422, "decisions.REF.starts_at", "not_allowed"
    ),
    "a barber without a time": (
        {"REF": {"action": "move", "resource": str(uuid4())}}, 422, "decisions.REF.starts_at", "required"
    ),
    "a barber who is none": (
        {"REF": {"action": "move", "starts_at": "AT", "resource": "x"}}, 422, "decisions.REF.resource", "unknown"
    ),
    "an unknown barber": (
        {"REF": {"action": "move", "starts_at": "AT", "resource": str(uuid4())}}, 422, "decisions.REF.resource", "unknown"
    ),
    "a time that is none": (
        {"REF": {"action": "move", "starts_at": "2020-01-01T10:00:00Z"}}, 422, "decisions.REF.starts_at", "in_past"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DECISIONS)
def test_a_wrong_decision_about_a_stranded_booking_is_refused(name: str, shop: Shop, manager: Api) -> None:
    reference = shop.book().shown_reference
    change, status, field, code = DECISIONS[name]
    at = shop.at("15:00", 4).isoformat()
    decisions = {
        key.replace("REF", reference): {n: at if v == "AT" else v for n, v in body.items()}
        for key, body in change.items()
    }
    day = shop.at().date().isoformat()
    body = {"kind": "closed", "starts_on": day, "ends_on": day, "decisions": decisions}
    wrong: Wrong = (change, status, field.replace("REF", reference), code)
    expect(wrong, lambda: manager.post("/exceptions", body))

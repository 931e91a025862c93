"""Questions, prices and codes through the API (SPEC B6, B7)."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.core import ratelimit
from tests.api.conftest import Api
from tests.cast import Shop

pytestmark = pytest.mark.django_db
DANA = {"name": "Dana Guest", "email": "dana@example.org"}


def body(shop: Shop, hhmm: str = "10:00", **more: Any) -> dict[str, Any]:
    starts_at = shop.at(hhmm).isoformat().replace("+00:00", "Z")
    return {
        "service": str(shop.cut.id), "resource": str(shop.theo.id), "starts_at": starts_at, "customer": DANA
    } | more  # fmt: skip


def asked(shop: Shop, manager: Api, **more: Any) -> str:
    made = manager.post(f"/services/{shop.cut.id}/questions", {"label": "Any allergies?"} | more)
    assert made.status == 201
    question_id: str = made.body["id"]
    return question_id


def test_a_question_is_listed_answered_and_read_back(shop: Shop, manager: Api, guest: Api) -> None:
    question = asked(shop, manager, required=True)
    [listed] = guest.get(f"/services/{shop.cut.id}/questions").body["items"]
    assert (listed["id"], listed["required"], listed["kind"]) == (question, True, "text")
    refused = guest.post("/bookings", body(shop))
    assert (refused.status, list(refused.body["fields"])) == (422, [f"answers.{question}"])
    booked = guest.post("/bookings", body(shop, answers={question: "Nuts"}))
    assert booked.status == 201
    assert booked.body["answers"] == [{"question": question, "label": "Any allergies?", "answer": "Nuts"}]


def test_questions_are_changed_switched_off_and_deleted(shop: Shop, manager: Api, guest: Api) -> None:
    question = asked(shop, manager)
    changed = manager.patch(f"/questions/{question}", {"kind": "choice", "choices": ["Yes", "No"]})
    assert (changed.status, changed.body["choices"]) == (200, ["Yes", "No"])
    assert manager.patch(f"/questions/{question}", {"choices": ["Yes"]}).status == 422
    manager.patch(f"/questions/{question}", {"active": False})
    address = f"/services/{shop.cut.id}/questions"
    assert (len(guest.get(address).body["items"]), len(manager.get(address).body["items"])) == (0, 1)
    assert manager.call("DELETE", f"/questions/{question}").status == 204
    assert manager.call("DELETE", f"/questions/{question}").status == 404


@pytest.mark.parametrize("answer", [1.5, ["a"], {"a": 1}])
def test_an_answer_is_text_a_whole_number_or_yes(
    shop: Shop, manager: Api, guest: Api, answer: object
) -> None:
    question = asked(shop, manager)
    refused = guest.post("/bookings", body(shop, answers={question: answer}))
    assert refused.status == 422
    assert refused.body["fields"][f"answers.{question}"][0]["code"] == "wrong_type"


def test_a_price_rule_shows_on_every_time_and_on_the_booking(shop: Shop, manager: Api, guest: Api) -> None:
    made = manager.post(
        "/price-rules", {"name": "Mornings", "effect": "percent", "percent": 10, "until_time": "12:00"}
    )
    assert (made.status, made.body["until_time"], made.body["from_time"]) == (201, "12:00", None)
    on = shop.at("10:00").date().isoformat()
    days = guest.get(f"/availability?service={shop.cut.id}&from={on}&to={on}").body["days"]
    prices = {time["local_time"]: time["price_minor"] for time in days[0]["times"]}
    assert (prices["10:00"], prices["11:45"], prices["12:00"]) == (2860, 2860, 2600)
    assert guest.post("/bookings", body(shop)).body["price_minor"] == 2860
    assert guest.post("/bookings", body(shop, "14:00")).body["price_minor"] == 2600
    rule = made.body["id"]
    assert manager.patch(f"/price-rules/{rule}", {"active": False}).body["active"] is False
    assert guest.post("/bookings", body(shop, "11:00")).body["price_minor"] == 2600
    assert manager.get(f"/price-rules/{rule}").body["percent"] == 10
    assert manager.call("DELETE", f"/price-rules/{rule}").status == 204
    assert manager.get("/price-rules").body["items"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"effect": "free"}, "effect"),
        ({"weekdays": [7]}, "weekdays[0]"),
        ({"from_time": "25:00"}, "from_time"),
        ({"service": "nonsense"}, "service"),
        ({"party_least": 3, "party_most": 2}, "party_most"),
        ({"percent": 0}, "percent"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_price_rule_without_sense_is_refused_at_its_field(
    shop: Shop,
    manager: Api,
    wrong: dict[str, Any],
    field: str,
) -> None:
    wanted = {"name": "A rule", "effect": "percent", "percent": 10} | wrong
    refused = manager.post("/price-rules", wanted)
    assert (refused.status, list(refused.body["fields"])) == (422, [field])


def test_a_code_is_redeemed_counted_and_given_back(shop: Shop, manager: Api, guest: Api) -> None:
    made = manager.post("/promotions", {"code": "ten", "effect": "percent", "percent": 10, "most_uses": 1})
    assert (made.status, made.body["code"], made.body["uses"]) == (201, "TEN", 0)
    address = f"/promotions/{made.body['id']}"
    booked = guest.post("/bookings", body(shop, promo_code="Ten")).body
    assert (booked["price_minor"], booked["promo_code"]) == (2340, "TEN")
    assert manager.get(address).body["uses"] == 1
    used_up = guest.post("/bookings", body(shop, "11:00", promo_code="TEN"))
    assert used_up.body["fields"]["promo_code"][0]["code"] == "promo_used_up"
    assert manager.call("DELETE", address).code == "in_use"
    token = booked["manage_url"].rsplit("/", 1)[1]
    guest.post(f"/bookings/{booked['reference']}/cancel?token={token}", {})
    assert manager.get(address).body["uses"] == 0
    assert manager.call("DELETE", address).status == 204


def test_guessing_codes_is_slowed_down(
    shop: Shop, manager: Api, guest: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager.post("/promotions", {"code": "TEN", "effect": "amount", "amount_minor": 500})
    monkeypatch.setattr(ratelimit, "usual_limit", lambda bucket: 2 if bucket == "promotion codes" else 1000)
    for _ in range(2):
        refused = guest.post("/bookings", body(shop, promo_code="NINE"))
        assert refused.body["fields"]["promo_code"][0]["code"] == "promo_unknown"
    assert guest.post("/bookings", body(shop, promo_code="NINE")).status == 429
    assert guest.post("/bookings", body(shop, promo_code="TEN")).status == 429
    assert guest.post("/bookings", body(shop)).status == 201


@pytest.mark.parametrize("address", ["/price-rules", "/promotions"])
def test_the_terms_are_for_the_business_alone(shop: Shop, guest: Api, staff: Api, address: str) -> None:
    assert guest.get(address).status == 401
    assert staff.get(address).status == 200
    assert staff.post(address, {}).status == 403

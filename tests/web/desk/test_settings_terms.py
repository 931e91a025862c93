"""Questions, price rules and promotion codes in the settings (SPEC B6, B7)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.catalog.models import PriceRule, Promotion, Question
from tests.cast import Shop


def url(shop: Shop, name: str, *ids: object) -> str:
    return reverse(f"desk:{name}", args=[shop.slug, *ids])


def ask(shop: Shop, client: Client, **more: str) -> None:
    form = {"label": "Any allergies?", "hint": "", "kind": "text", "choices": "", "least": "", "most": ""}
    response = client.post(url(shop, "new_question", shop.cut.id), form | more)
    assert response.status_code == 302, response.content.decode()


def test_a_question_is_asked_at_once_and_shown_as_customers_see_it(shop: Shop, manager: Client) -> None:
    ask(shop, manager, required="on", hint="So that we can prepare")
    question = shop.timetable.questions[shop.cut.id][0]
    assert (question.label, question.is_required) == ("Any allergies?", True)
    page = manager.get(url(shop, "questions", shop.cut.id)).content.decode()
    assert "As customers see it" in page
    assert "So that we can prepare" in page
    assert "Questions for customers" in manager.get(url(shop, "service", shop.cut.id)).content.decode()


def test_a_choice_needs_two_choices(shop: Shop, manager: Client) -> None:
    form = {"label": "Which?", "hint": "", "kind": "choice", "choices": "Only one", "least": "", "most": ""}
    response = manager.post(url(shop, "new_question", shop.cut.id), form)
    assert response.status_code == 422
    assert not Question.objects.exists()


def test_questions_change_places_are_switched_off_and_deleted(shop: Shop, manager: Client) -> None:
    ask(shop, manager, label="First")
    ask(shop, manager, label="Second", kind="number", least="1", most="9")
    first, second = shop.timetable.questions[shop.cut.id]
    manager.post(url(shop, "questions", shop.cut.id), {"do": "up", "id": str(second.id)})
    assert [one.label for one in shop.timetable.questions[shop.cut.id]] == ["Second", "First"]
    page = url(shop, "question", shop.cut.id, second.id)
    manager.post(page, {"do": "retire"})
    assert [one.id for one in shop.timetable.questions[shop.cut.id]] == [first.id]
    manager.post(page, {"do": "delete"})
    assert Question.objects.count() == 1


def price_form(**more: object) -> dict[str, object]:
    return {
        "name": "Saturday", "service": "", "resource": "", "weekdays": ["5"], "from_time": "", "until_time": "",
        "party_least": "", "party_most": "", "effect": "amount", "amount": "5", "percent": "",
    } | more  # fmt: skip


def test_a_price_rule_is_made_and_read_back(shop: Shop, manager: Client) -> None:
    wanted = price_form(from_time="22:00", until_time="02:00", resource=str(shop.theo.id), lower="on")
    assert manager.post(url(shop, "new_price_rule"), wanted).status_code == 302
    rule = shop.timetable.price_rules[shop.cut.id][0]
    assert (rule.weekdays, rule.from_minute, rule.until_minute) == ((5,), 1320, 120)
    assert (rule.effect, rule.amount_minor, rule.resource_id) == ("amount", -500, shop.theo.id)
    page = manager.get(url(shop, "prices")).content.decode()
    assert "− £5 · Sat · 22:00–02:00 · Theo Marsh" in page
    again = manager.get(url(shop, "price_rule", rule.id)).content.decode()
    assert 'value="22:00"' in again


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Fill this in."),
        ({"amount": "many"}, "Write an amount like 32 or 32.50."),
        ({"effect": "percent"}, "Fill this in."),
        ({"party_least": "4", "party_most": "2"}, "not below the least"),
        ({"from_time": "10:00", "until_time": "10:00"}, "another end"),
    ],
)
def test_a_price_rule_without_sense_is_said_at_its_field(
    shop: Shop, manager: Client, wrong: dict[str, str], words: str
) -> None:
    response = manager.post(url(shop, "new_price_rule"), price_form(**wrong))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not PriceRule.objects.exists()


def code_form(**more: object) -> dict[str, object]:
    return {
        "code": "spring-10", "effect": "percent", "amount": "", "percent": "10", "services": [],
        "valid_from": "", "valid_until": "2026-12-31", "most_uses": "5", "most_uses_per_customer": "1",
    } | more  # fmt: skip


def test_a_code_is_made_in_capitals_and_shows_its_uses(shop: Shop, manager: Client) -> None:
    assert manager.post(url(shop, "new_code"), code_form()).status_code == 302
    made = Promotion.objects.get()
    assert made.code == "SPRING-10"
    page = manager.get(url(shop, "codes")).content.decode()
    assert "used 0 of 5 times" in page
    manager.post(url(shop, "code", made.id), code_form(code="OTHER", percent="20"))
    made.refresh_from_db()
    assert (made.code, made.percent) == ("SPRING-10", 20)


def test_the_same_code_twice_is_said(shop: Shop, manager: Client) -> None:
    manager.post(url(shop, "new_code"), code_form())
    response = manager.post(url(shop, "new_code"), code_form(code="Spring-10"))
    assert response.status_code == 422
    assert "This is there already." in response.content.decode()


def test_staff_read_the_terms_and_change_nothing(shop: Shop, staff: Client, manager: Client) -> None:
    ask(shop, manager)
    for name, ids in (("questions", (shop.cut.id,)), ("prices", ()), ("codes", ())):
        page = staff.get(url(shop, name, *ids))
        assert page.status_code == 200
        assert "New " not in page.content.decode()
    assert staff.post(url(shop, "new_code"), code_form()).status_code == 404
    assert staff.post(url(shop, "new_price_rule"), price_form()).status_code == 404
    assert not Promotion.objects.exists()


def test_next_door_finds_none_of_it(shop: Shop, stranger: Client, manager: Client) -> None:
    ask(shop, manager)
    question = shop.timetable.questions[shop.cut.id][0]
    for address in (
        url(shop, "questions", shop.cut.id),
        url(shop, "question", shop.cut.id, question.id),
        url(shop, "prices"),
        url(shop, "codes"),
    ):
        assert stranger.get(address).status_code == 404

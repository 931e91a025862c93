"""Settings of money, and what a service asks ahead."""

from __future__ import annotations

from typing import Any

from django.test import Client

from holdfast.catalog.rules import DepositTerms
from tests.cast import Shop
from tests.web.desk.test_settings import rules_form, url

PAGE = "settings_payments"


def test_a_tax_rate_is_typed_in_percent(shop: Shop, manager: Client) -> None:
    sent = rules_form(manager, shop, PAGE)
    for typed, points in (("20", 2000), ("7,5", 750), ("100", 10_000), ("", 0)):
        assert manager.post(url(shop, PAGE), sent | {"tax_basis_points": typed}).status_code == 302
        assert shop.timetable.business.settings.tax_basis_points == points
    for wrong in ("100.5", "-1", "a", "1.234", "1000"):
        answer = manager.post(url(shop, PAGE), sent | {"tax_basis_points": wrong})
        assert answer.status_code == 422
        assert "Write a percentage" in answer.content.decode()


def test_only_ways_that_the_installation_has_can_be_chosen(
    shop: Shop, manager: Client, settings: Any
) -> None:
    settings.STRIPE_SECRET_KEY, settings.DEMO_PAYMENTS = "", False
    page = manager.get(url(shop, "settings_payments")).content.decode()
    assert "At the counter" in page
    assert "Stripe</option>" not in page
    sent = rules_form(manager, shop, "settings_payments", payments="stripe")
    answer = manager.post(url(shop, "settings_payments"), sent)
    assert answer.status_code == 422
    assert "not set up for that" in answer.content.decode()
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    assert manager.post(url(shop, "settings_payments"), sent).status_code == 302
    assert shop.timetable.business.settings.payments == "stripe"


def test_a_service_says_in_its_form_what_is_paid_ahead(shop: Shop, manager: Client) -> None:
    address = url(shop, "service", shop.cut.id)
    groups = manager.get(address).context["groups"]
    sent = {field.name: field.value for group in groups for field in group.fields}
    sent |= {"resources": [str(shop.theo.id)], "who_may_book": "anyone", "guard": "card", "prepay": "on"}
    sent |= {"deposit": "5", "deposit_percent": "10", "deposit_person": "2.50", "deposit_party_least": "3"}
    sent |= {"deposit_weekdays": ["4", "5"], "waitlist_open": "on"}
    answer = manager.post(address, sent)
    assert answer.status_code == 302, answer.content.decode()
    service = shop.timetable.service(shop.cut.id)
    assert service.deposit == DepositTerms(500, 10, 250, 3, (4, 5))
    assert (service.prepay, service.guard) == (True, "card")

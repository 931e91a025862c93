"""Forms about people, bookings and terms: one call of a command each, refused at the field."""

from __future__ import annotations

from typing import Any

from django.test import Client

from holdfast.accounts.models import Account, ApiToken
from holdfast.accounts.queries import token_by_secret
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.businesses.models import Member
from holdfast.catalog.models import PriceRule, Promotion, Question
from holdfast.core import clock
from tests.cast import Shop
from tests.web.admin.test_forms import send


def test_notes_of_a_booking_are_all_that_its_form_changes(
    shop: Shop, operator: Client, dana_at_noon: BookingFacts
) -> None:
    path = f"bookings/booking/{dana_at_noon.id}/change"
    assert send(operator, path, notes="Window seat", state="cancelled", party_size="9")[0] == 302
    found = booking_by_id(business_id=shop.business_id, booking_id=dana_at_noon.id)
    assert (found.notes, found.state, found.party_size) == ("Window seat", "confirmed", 1)
    assert send(operator, path, notes="x" * 1001)[0] == 200
    assert Booking.objects.count() == 1


def test_members_and_accounts_are_made_without_passwords(shop: Shop, operator: Client) -> None:
    assert send(operator, "accounts/account/add", email="new@example.org", name="New Person")[0] == 302
    account = Account.objects.get(email="new@example.org")
    assert (account.is_operator, account.has_usable_password()) == (False, False)
    status, page = send(operator, "accounts/account/add", email="NEW@example.org", name="Twin")
    assert (status, Account.objects.filter(email="new@example.org").count()) == (200, 1)
    assert "errorlist" in page
    member = {"business": str(shop.business_id), "account": str(account.pk), "role": "manager"}
    assert send(operator, "businesses/member/add", **member)[0] == 302
    assert Member.objects.get().role == "manager"
    assert send(operator, "businesses/member/add", **member | {"role": "staff"})[0] == 200
    assert Member.objects.get().role == "manager"
    assert (
        send(operator, "accounts/account/add", email="ops@example.org", name="", is_operator="on")[0] == 302
    )
    assert Account.objects.get(email="ops@example.org").is_operator


def test_a_role_is_changed_and_ended_but_not_the_last_admins(
    shop: Shop, alice: Account, bob: Account, operator: Client
) -> None:
    bobs = f"businesses/member/{Member.objects.get(account=bob).pk}"
    alices = f"businesses/member/{Member.objects.get(account=alice).pk}"
    assert send(operator, f"{bobs}/change", role="manager", account=str(alice.pk))[0] == 302
    assert Member.objects.get(account=bob).role == "manager"
    status, page = send(operator, f"{alices}/change", role="staff")
    assert status == 200
    assert "This is the only admin." in page
    assert "This is the only admin." in send(operator, f"{alices}/delete", post="yes")[1]
    assert send(operator, f"{bobs}/delete", post="yes")[0] == 302
    assert [row.account_id for row in Member.objects.all()] == [alice.pk]


def test_a_tokens_secret_is_shown_once(shop: Shop, operator: Client) -> None:
    form = {
        "name": "Till",
        "business": str(shop.business_id),
        "role": "staff",
        "expires_at_0": "",
        "expires_at_1": "",
    }
    status, page = send(operator, "accounts/apitoken/add", **form)
    assert status == 302
    secret = page.split("The token is ")[1].split(".")[0]
    known = token_by_secret(secret=secret, now=clock.now())
    assert known is not None
    assert known.business_id == shop.business_id
    assert secret not in operator.get("/admin/accounts/apitoken/").content.decode()
    status, page = send(operator, "accounts/apitoken/add", **form | {"role": "operator"})
    assert (status, ApiToken.objects.count()) == (200, 1)
    assert 'id="id_role_error"' in page


def test_questions_are_asked_changed_and_taken_back(shop: Shop, operator: Client) -> None:
    form = {
        "label": "How long is your hair?",
        "hint": "",
        "kind": "choice",
        "choices_text": "Short\nLong",
        "least": "",
        "most": "",
    }
    assert send(operator, "catalog/question/add", service=str(shop.cut.id), **form)[0] == 302
    row = Question.objects.get()
    assert (row.choices, row.service_id) == (["Short", "Long"], shop.cut.id)
    path = f"catalog/question/{row.pk}"
    status, page = send(operator, f"{path}/change", **form | {"choices_text": "Short", "position": "0"})
    assert status == 200
    assert 'id="id_choices_text_error"' in page
    assert (
        send(operator, f"{path}/change", **form | {"label": "Hair?", "position": "0", "is_active": "on"})[0]
        == 302
    )
    assert Question.objects.get().label == "Hair?"
    assert send(operator, f"{path}/delete", post="yes")[0] == 302
    assert not Question.objects.exists()


def test_price_rules_follow_their_checks(shop: Shop, other_shop: Shop, operator: Client) -> None:
    form: dict[str, Any] = {
        "name": "Evenings", "service": "", "resource": str(shop.theo.id), "weekdays": ["4"], "from_minute": "1020",
        "until_minute": "1200", "party_least": "", "party_most": "", "effect": "percent", "amount_minor": "0",
        "percent": "20", "position": "0", "is_active": "on",
    }  # fmt: skip
    assert send(operator, "catalog/pricerule/add", business=str(shop.business_id), **form)[0] == 302
    row = PriceRule.objects.get()
    assert (row.weekdays, row.resource_id, row.percent) == ([4], shop.theo.id, 20)
    path = f"catalog/pricerule/{row.pk}"
    status, page = send(operator, f"{path}/change", **form | {"resource": str(other_shop.theo.id)})
    assert status == 200
    assert 'id="id_resource_error"' in page
    assert send(operator, f"{path}/change", **form | {"percent": "99999"})[0] == 200
    assert send(operator, f"{path}/change", **form | {"percent": "10"})[0] == 302
    assert PriceRule.objects.get().percent == 10
    assert send(operator, f"{path}/delete", post="yes")[0] == 302
    assert not PriceRule.objects.exists()


def test_promotion_codes_follow_their_checks(shop: Shop, other_shop: Shop, operator: Client) -> None:
    form: dict[str, Any] = {
        "effect": "percent", "amount_minor": "0", "percent": "10", "valid_from": "", "valid_until": "2026-12-31",
        "most_uses": "5", "most_uses_per_customer": "1", "is_active": "on",
    }  # fmt: skip
    new = {"business": str(shop.business_id), "code": "winter"}
    wrong = send(operator, "catalog/promotion/add", **form | {"services": [str(other_shop.cut.id)]}, **new)
    assert wrong[0] == 200
    assert 'id="id_services_error"' in wrong[1]
    status, page = send(operator, "catalog/promotion/add", **form | {"percent": "101"}, **new)
    assert status == 200
    assert 'id="id_percent_error"' in page
    assert send(operator, "catalog/promotion/add", **form, **new)[0] == 302
    row = Promotion.objects.get()
    assert row.most_uses == 5
    path = f"catalog/promotion/{row.pk}"
    assert send(operator, f"{path}/change", **form | {"most_uses": "7"}, code="other")[0] == 302
    row.refresh_from_db()
    assert (row.most_uses, row.code.casefold()) == (7, "winter")
    Promotion.objects.update(uses=1)
    assert "Retire it instead" in send(operator, f"{path}/delete", post="yes")[1]
    assert Promotion.objects.exists()

"""The first account: made once, by whoever can read the installation's code."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client, override_settings

from holdfast.accounts.models import Account
from holdfast.blueprints.queries import set_up_code
from tests.cast import PASSWORD, Shop
from tests.web.public.visitor import said

pytestmark = pytest.mark.django_db
PERSON = {"email": "alice@example.org", "password": PASSWORD}


def test_the_front_door_of_an_empty_installation_leads_to_the_first_account(client: Client) -> None:
    page = client.get("/", follow=True)
    assert [url for url, _ in page.redirect_chain] == ["/setup/", "/setup/account"]
    assert "Set-up code" in said(page)


def test_the_first_person_goes_on_signed_in_and_the_code_is_gone(client: Client, holdfast_home: Path) -> None:
    done = client.post("/setup/account", PERSON | {"code": set_up_code().upper().replace("-", " ")})
    assert (done.status_code, done["Location"]) == (302, "/setup/")
    account = Account.objects.get()
    assert account.is_operator
    assert client.get("/setup/").context["user"] == account
    assert not (holdfast_home / "secrets" / "set_up_code").exists()


@pytest.mark.parametrize("code", ["", "abcd-efgh-jkmn", "ünïcode"])
def test_without_the_code_nobody_gets_in_and_what_was_typed_stays(client: Client, code: str) -> None:
    page = client.post("/setup/account", PERSON | {"code": code})
    assert page.status_code == 422
    assert "set-up code" in said(page)
    assert 'value="alice@example.org"' in page.content.decode()
    assert PASSWORD not in page.content.decode()
    assert not Account.objects.exists()


def test_guesses_at_the_code_are_limited(client: Client) -> None:
    wrong = PERSON | {"code": "wrong"}
    answers = [client.post("/setup/account", wrong).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    late = client.post("/setup/account", PERSON | {"code": set_up_code()})
    assert late.status_code == 429
    assert int(late["Retry-After"]) > 0
    assert not Account.objects.exists()


def test_a_demonstration_asks_for_no_code(client: Client) -> None:
    with override_settings(HOLDFAST_ENVIRONMENT="demo"):
        assert "Set-up code" not in said(client.get("/setup/account"))
        assert client.post("/setup/account", PERSON).status_code == 302


def test_mistakes_stand_at_their_fields(client: Client) -> None:
    page = client.post("/setup/account", {"email": "nobody", "password": "password", "code": set_up_code()})
    assert page.status_code == 422
    body = page.content.decode()
    assert 'id="f-email-error"' in body
    assert 'id="f-password-error"' in body


def test_once_there_is_an_account_the_page_is_gone(client: Client, shop: Shop, bob: Account) -> None:
    for answer in (client.get("/setup/account"), client.post("/setup/account", PERSON | {"code": "any"})):
        assert (answer.status_code, answer["Location"]) == (302, "/setup/")
    assert not Account.objects.filter(email=PERSON["email"]).exists()
    assert client.get("/setup/")["Location"] == "/accounts/login/?next=/setup/"

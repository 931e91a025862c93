"""No address that somebody types into a link leads out of this installation, and no invented host is answered."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.accounts.models import Account
from tests.cast import PASSWORD, Shop

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "\thttps://evil.example",
    "http://testserver@evil.example/",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_leads_nowhere_else(alice: Account, address: str) -> None:
    typed = {"login": alice.email, "password": PASSWORD, "next": address}
    answer = Client().post(reverse("account_login"), typed)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert "evil" not in answer.headers["Location"]
    assert "script" not in answer.headers["Location"]


def test_signing_in_leads_back_to_a_page_of_ours(alice: Account) -> None:
    typed = {"login": alice.email, "password": PASSWORD, "next": "/desk/fenwick/"}
    assert Client().post(reverse("account_login"), typed).headers["Location"] == "/desk/fenwick/"


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b"]
)
def test_an_invented_host_is_not_answered(shop: Shop, host: str) -> None:
    answer = Client(headers={"host": host}).get(f"/b/{shop.slug}/")
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()

"""The desk's page of the privacy notice."""

from __future__ import annotations

from django.test import Client

from holdfast.accounts.models import Account
from holdfast.businesses.models import PrivacyText
from tests.cast import Shop

PAGE = "/desk/fenwick/settings/privacy"


def test_a_manager_writes_a_new_version(shop: Shop, mona: Account, client: Client) -> None:
    client.force_login(mona)
    page = client.get(PAGE)
    assert "# Who we are" in page.content.decode()
    assert client.post(PAGE, {"text": "Our own words."}).status_code == 302
    assert list(PrivacyText.objects.order_by("version").values_list("version", "is_default")) == [
        (1, True),
        (2, False),
    ]
    words = client.get(PAGE).content.decode()
    assert "Our own words." in words
    assert words.count("/b/fenwick/privacy?version=") == 2


def test_an_empty_text_is_refused_and_what_was_typed_stays(shop: Shop, mona: Account, client: Client) -> None:
    client.force_login(mona)
    refused = client.post(PAGE, {"text": "   "})
    assert refused.status_code == 422
    long = client.post(PAGE, {"text": "x" * 20_001})
    assert long.status_code == 422
    assert "x" * 20_001 in long.content.decode()
    assert PrivacyText.objects.count() == 1


def test_staff_read_it_and_others_find_nothing(
    shop: Shop, bob: Account, charlie: Account, client: Client
) -> None:
    client.force_login(bob)
    assert "A manager can change it." in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"text": "Bob's words."}).status_code == 404
    client.force_login(charlie)
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, {"text": "Charlie's words."}).status_code == 404
    assert PrivacyText.objects.count() == 2  # each business's own first version

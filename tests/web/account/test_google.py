"""Signing in with Google, against a provider that speaks OpenID Connect over HTTP (SPEC J1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from holdfast.accounts.models import Account, AccountMail
from tests.support.oidc import CLIENT_ID, CLIENT_SECRET, Provider, providing
from tests.web.account.test_pages import sign_in, with_app

pytestmark = pytest.mark.django_db
GRETA = {
    "sub": "10769150350006150715113082367",
    "email": "Greta@Example.org",
    "email_verified": True,
    "name": "Greta",
}


@pytest.fixture
def google(settings: Any) -> Iterator[Provider]:
    """A provider in Google's place. Enumeration is prevented as in production."""
    with providing() as provider:
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
        app = {
            "provider_id": "google",
            "name": "Google",
            "client_id": CLIENT_ID,
            "secret": CLIENT_SECRET,
            "settings": {"server_url": provider.url, "fetch_userinfo": False},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        provider.person = dict(GRETA)
        yield provider


def through_google(client: Client, process: str = "login") -> Any:
    """Press the button, agree at the provider, come back."""
    there = client.post(f"/accounts/oidc/google/login/?process={process}")
    assert there.status_code == 302
    back = requests.get(there["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return client.get(back.removeprefix("http://testserver"), follow=True)


def who(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


def test_a_proven_address_makes_an_account_and_the_next_time_opens_it(google: Provider) -> None:
    assert "Continue with Google" in Client().get("/accounts/login/").content.decode()
    client = Client()
    through_google(client)
    greta = Account.objects.get()
    assert (greta.email, greta.name, greta.has_usable_password()) == ("greta@example.org", "Greta", False)
    assert EmailAddress.objects.get().verified
    assert who(client) == str(greta.pk)
    google.person["email"] = "elsewhere@example.org"  # the number counts, not the address
    again = Client()
    through_google(again)
    assert who(again) == str(greta.pk)
    kept = SocialAccount.objects.get()
    assert (kept.uid, kept.extra_data) == (GRETA["sub"], {}), "no profile is kept"
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize("proven", [True, False], ids=["proven there", "claimed only"])
def test_an_address_opens_no_account_that_exists(google: Provider, alice: Account, proven: bool) -> None:
    google.person |= {"email": "ALICE@example.org", "email_verified": proven}
    client = Client()
    page = through_google(client).content.decode()
    assert who(client) == ""
    assert "Look into your mail" in page, "as for an address that nobody has"
    assert Account.objects.count() == 1
    assert not SocialAccount.objects.exists()
    (mail,) = AccountMail.objects.all()
    assert mail.content["to"] == "alice@example.org"


def test_an_address_that_is_only_claimed_must_be_proven_by_mail(google: Provider) -> None:
    google.person["email_verified"] = False
    client = Client()
    page = through_google(client).content.decode()
    assert who(client) == ""
    assert "Look into your mail" in page
    assert AccountMail.objects.get().content["to"] == "greta@example.org"


def test_who_is_signed_in_connects_it_and_a_second_step_is_still_asked_for(
    google: Provider, alice: Account
) -> None:
    client = sign_in()
    through_google(client, "connect")
    assert SocialAccount.objects.get().user == alice
    assert "Google" in client.get("/accounts/").content.decode()
    with_app(client)
    other = Client()
    page = through_google(other).content.decode()
    assert who(other) == ""
    assert "Enter your code" in page
    client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://evil.example"}, {"aud": "somebody-else"}, {"exp": 1}],
    ids=["another issuer", "for another client", "too old"],
)
def test_a_token_that_is_not_for_us_opens_nothing(google: Provider, claims: dict[str, Any]) -> None:
    google.claims = claims
    client = Client()
    page = through_google(client).content.decode()
    assert "That did not work" in page
    assert who(client) == ""
    assert not Account.objects.exists()


def test_stopping_there_or_coming_back_uninvited_opens_nothing(google: Provider) -> None:
    google.refuses = True
    client = Client()
    assert "Sign-in stopped" in through_google(client).content.decode()
    uninvited = client.get("/accounts/oidc/google/login/callback/?code=x&state=made-up", follow=True)
    assert "That did not work" in uninvited.content.decode()
    assert who(client) == ""


def test_without_a_client_id_there_is_no_button() -> None:
    assert "Google" not in Client().get("/accounts/login/").content.decode()
    assert Client().post("/accounts/oidc/google/login/").status_code == 404

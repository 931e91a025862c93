"""Every page of signing in is ours: none falls back to allauth's bare ones (SPEC J1)."""

from __future__ import annotations

import re
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.template.loader import get_template
from django.test import Client

from holdfast.accounts.models import Account, AccountMail
from tests.cast import PASSWORD, Shop

pytestmark = pytest.mark.django_db
NOT_SHOWN = {
    # allauth's bare frames, which ours replace or which only extend ours, and what is switched off here.
    "account": {"base_confirm_code", "base_manage_phone", "confirm_email_verification_code", "confirm_login_code",
                "confirm_password_reset_code", "confirm_phone_verification_code", "email", "phone_change",
                "request_login_code", "signup_by_passkey", "login_code_message", "login_code_subject",
                "password_reset_code_message", "password_reset_code_subject", "email_confirmation_signup_message"},
    "mfa": {"trust", "signup_form"},
    "socialaccount": {"login_redirect"},
    "usersessions": set(),
}  # fmt: skip


def sign_in(email: str = "alice@example.org", password: str = PASSWORD) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": email, "password": password})
    return browser


def code_of(secret: str) -> str:
    return str(hotp_value(secret, next(yield_hotp_counters_from_time()))).zfill(6)


def with_app(client: Client) -> list[str]:
    """Set up an authenticator app as a person does; the recovery codes that are shown then."""
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="authenticator_secret">(\w+)<', page)
    assert secret is not None
    shown = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret[1])}, follow=True)
    return re.findall(r"<li>([\w-]{8,})</li>", shown.content.decode())


def test_every_page_and_mail_of_allauths_has_a_template_of_ours() -> None:
    theirs = Path(allauth.__file__).parent / "templates"
    bare = []
    for app, left_out in NOT_SHOWN.items():
        for path in [*(theirs / app).rglob("*.html"), *(theirs / app).glob("email/*.txt")]:
            name = str(path.relative_to(theirs))
            if path.stem in left_out or path.stem.startswith("base") or "snippets" in path.parts:
                continue
            if "site-packages" in str(get_template(name).origin):  # type: ignore[attr-defined]
                bare.append(name)
    assert bare == []


def test_the_account_page_says_what_there_is_and_leads_to_it(alice: Account) -> None:
    client = sign_in()
    page = client.get("/accounts/").content.decode()
    for part in ("alice@example.org", "Second step", "Passkeys", "on 1 device"):
        assert part in page
    for path in re.findall(r'href="(/accounts/[^"]*)"', page):
        assert client.get(path).status_code == 200, path
    assert Client().get("/accounts/")["Location"].startswith("/accounts/login/")


def test_an_authenticator_app_is_set_up_with_codes_for_a_lost_phone_and_asked_for(alice: Account) -> None:
    codes = with_app(sign_in())
    assert len(codes) == 10
    browser = Client()
    asked = browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert asked["Location"] == "/accounts/2fa/authenticate/"
    assert "Enter your code" in browser.get(asked["Location"]).content.decode()
    assert browser.get("/accounts/").status_code == 302
    assert browser.post(asked["Location"], {"code": "000000"}).status_code == 200
    assert browser.post(asked["Location"], {"code": codes[0]}).status_code == 302
    assert "9 recovery codes left" in browser.get("/accounts/").content.decode()
    again = Client()
    again.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert again.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200, "used twice"


def _opened(authenticator: Authenticator) -> str:
    return str(get_adapter().decrypt(authenticator.data["secret"]))


def test_secrets_of_second_steps_are_sealed_in_the_database(alice: Account) -> None:
    with_app(sign_in())
    for one in Authenticator.objects.all():
        (sealed,) = (value for name, value in one.data.items() if name in ("secret", "seed"))
        assert len(sealed) > 60
    assert len(_opened(Authenticator.objects.get(type="totp"))) == len(generate_totp_secret())


def test_somebody_ends_a_session_of_their_own_and_of_nobody_else(alice: Account, mona: Account) -> None:
    here, there, hers = sign_in(), sign_in(), sign_in("mona@example.org")
    assert "on 2 devices" in here.get("/accounts/").content.decode()
    of_there = UserSession.objects.get(session_key=there.session.session_key)
    of_hers = UserSession.objects.get(user=mona)
    assert here.post(f"/accounts/sessions/{of_hers.pk}/end/").status_code == 404
    assert here.get(f"/accounts/sessions/{of_there.pk}/end/").status_code == 405
    assert here.post(f"/accounts/sessions/{of_there.pk}/end/").status_code == 302
    assert there.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == hers.get("/accounts/").status_code == 200


def test_a_new_address_takes_the_old_ones_place_only_once_it_is_confirmed(alice: Account) -> None:
    client = sign_in()
    with_app(client)
    client.post("/accounts/email/", {"email": "New@Example.org", "action_add": ""})
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    assert "new@example.org waits" in client.get("/accounts/").content.decode()
    mail = next(one for one in AccountMail.objects.all() if one.content["to"] == "new@example.org")
    link = re.search(r"/accounts/confirm-email/\S+", mail.content["text"])
    assert link is not None
    assert "Is this your address?" in client.get(link[0]).content.decode()
    client.post(link[0])
    alice.refresh_from_db()
    assert alice.email == "new@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("new@example.org", True, True)
    ]
    assert "alice@example.org" in {one.content["to"] for one in AccountMail.objects.all()}, (
        "the old one hears of it"
    )


def test_the_desk_and_the_front_door_lead_to_the_account_page(alice: Account, shop: Shop) -> None:
    Account.objects.update(is_operator=True)
    client = sign_in()
    for path in (f"/desk/{shop.slug}/", f"/desk/{shop.slug}/settings/", "/", "/admin/"):
        assert 'href="/accounts/"' in client.get(path).content.decode(), path

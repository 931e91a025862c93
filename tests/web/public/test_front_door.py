"""The landing page, sign-in, the demonstration's mail, and the pages for what is not there."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client, override_settings

from holdfast.accounts.models import Account
from tests.cast import PASSWORD, Shop
from tests.web.public.visitor import said


def test_a_demonstration_lists_its_businesses_and_says_that_it_is_one(client: Client, shop: Shop) -> None:
    with override_settings(HOLDFAST_ENVIRONMENT="demo"):
        page = client.get("/")
    assert "This is a demonstration" in said(page)
    assert f"/b/{shop.slug}/" in page.content.decode()


def test_elsewhere_nobody_learns_who_else_is_here(client: Client, shop: Shop) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert shop.slug not in page.content.decode()
    assert "demonstration" not in said(page)


def test_a_member_finds_the_way_to_the_desk(client: Client, shop: Shop, bob: Account) -> None:
    client.force_login(bob)
    assert f"/desk/{shop.slug}/" in client.get("/").content.decode()


def test_staff_sign_in_with_email_and_password(client: Client, bob: Account) -> None:
    page = client.get("/accounts/login/")
    assert "Staff sign-in" in said(page)
    done = client.post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    assert done.status_code == 302
    assert client.get("/").context["user"] == bob


def test_a_wrong_password_says_no_more_than_that(client: Client, bob: Account) -> None:
    known = said(client.post("/accounts/login/", {"login": bob.email, "password": "wrong"}))
    unknown = said(client.post("/accounts/login/", {"login": "nobody@example.org", "password": "wrong"}))
    assert known == unknown
    assert "not correct" in known


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/accounts/password/reset/", "New password"),
        ("/accounts/password/reset/done/", "Look into your mail"),
        ("/accounts/password/reset/key/1-bad/", "This link no longer works"),
        ("/accounts/password/reset/key/done/", "Password saved"),
    ],
)
def test_every_page_of_a_new_password_is_ours(client: Client, db: None, path: str, words: str) -> None:
    page = client.get(path)
    assert words in said(page)
    assert 'class="door' in page.content.decode()


@pytest.mark.parametrize(
    "path", ["/accounts/logout/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/"]
)
def test_every_page_of_an_account_is_ours(client: Client, bob: Account, path: str) -> None:
    client.force_login(bob)
    page = client.get(path, follow=True)
    assert page.status_code == 200
    assert 'class="door' in page.content.decode()


def test_what_is_not_there_is_said_calmly(client: Client, db: None) -> None:
    page = client.get("/no/such/page")
    assert page.status_code == 404
    assert "There is nothing here" in said(page)


def test_a_form_without_its_token_is_refused_with_words(shop: Shop) -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.post(f"/b/{shop.slug}/find", {"reference": "x", "email": "y"})
    assert page.status_code == 403
    assert "This form was open for too long" in said(page)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A home with one mail in it that tries to run script."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "You're booked", "shop@example.org", "dana@example.org"
    mail["Date"] = "Fri, 20 Nov 2026 11:00:00 +0000"
    mail.set_content("Sat 21 Nov, 10:30 <script>alert(1)</script>")
    mail.add_alternative("<h1>Booked</h1><script>alert(1)</script>", subtype="html")
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "01-letter.eml").write_bytes(mail.as_bytes())
    return tmp_path


def test_the_demonstrations_mail_can_be_read_and_runs_nothing(client: Client, db: None, letter: Path) -> None:
    with override_settings(HOLDFAST_ENVIRONMENT="demo", HOLDFAST_HOME=letter):
        listed = client.get("/demo/mail")
        page = client.get("/demo/mail/01-letter.eml")
        inside = client.get("/demo/mail/01-letter.eml/html")
        gone = client.get("/demo/mail/02-other.eml")
    assert "You're booked" in said(listed)
    assert "<script>alert" not in page.content.decode()
    assert "&lt;script&gt;alert" in page.content.decode()
    assert '<iframe class="letter" sandbox=""' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    policy = inside["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src 'none'" in policy
    assert inside["X-Frame-Options"] == "SAMEORIGIN"
    assert gone.status_code == 404


@pytest.mark.parametrize("path", ["/demo/mail", "/demo/mail/01-letter.eml", "/demo/mail/01-letter.eml/html"])
def test_elsewhere_there_is_no_such_page(client: Client, db: None, letter: Path, path: str) -> None:
    with override_settings(HOLDFAST_HOME=letter):
        assert client.get(path).status_code == 404

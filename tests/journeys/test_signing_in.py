"""Signing in in a real browser: an account page, a passkey made and used, on a phone and on a desk (SPEC J1, J2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from holdfast.accounts.commands import create_account
from tests.cast import PASSWORD
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("", "email/", "2fa/", "2fa/totp/activate/", "sessions/")


@pytest.fixture
def visit(browser_context: Callable[..., BrowserContext], live_holdfast: LiveHoldfast) -> Callable[..., Page]:
    """A fresh browser at the live server by a name that passkeys accept; complaints of its console on ``page.complaints``."""
    create_account(email="alice@example.org", name="Alice", password=PASSWORD)

    def open_page(**options: Any) -> Page:
        here = live_holdfast.url.replace("127.0.0.1", "localhost")
        page = browser_context(reduced_motion="reduce", **options).new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        page.goto(f"{here}/accounts/login/?next=/accounts/")
        return page

    return open_page


def with_password(page: Page) -> None:
    page.locator("[name=login]").fill("alice@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def plug_in_authenticator(page: Page) -> None:
    """A device that knows its owner, made by Chromium itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_is_made_and_then_signs_in_without_the_password(visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 390, "height": 844})
    plug_in_authenticator(page)
    with_password(page)
    page.get_by_role("link", name="Add one for passkeys").click()
    page.get_by_label("Name").fill("Alice’s phone")
    assert_accessible(page)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="I have kept them").click()
    page.goto(f"{page.url.rstrip('/')}/accounts/")
    expect(page.get_by_text("Alice’s phone")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{page.url.split('/accounts')[0].rstrip('/')}/accounts/login/?next=/accounts/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your sign-in")).to_be_visible()
    page.get_by_role("link", name="See them for passkeys").click()
    expect(page.get_by_text("Signs you in by itself")).to_be_visible()
    assert page.complaints == []  # type: ignore[attr-defined]


def test_without_a_passkey_the_page_says_so_and_the_password_still_works(visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 1280, "height": 900})
    plug_in_authenticator(page)
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('cancelled')); }")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")
    with_password(page)
    expect(page.get_by_role("heading", name="Your sign-in")).to_be_visible()


@LOOKS
def test_the_pages_of_an_account_are_accessible(
    visit: Callable[..., Page], size: dict[str, int], scheme: str
) -> None:
    page = visit(viewport=size, color_scheme=scheme)
    home = page.url.split("login/")[0]
    assert_accessible(page)
    page.goto(f"{home}signup/")
    assert_accessible(page)
    page.goto(f"{home}login/")
    with_password(page)
    for path in PAGES:
        page.goto(f"{home}{path}")
        assert_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} scrolls sideways by {wide} pixels"
        assert page.locator("h1").count() == 1, path
    assert page.complaints == []  # type: ignore[attr-defined]

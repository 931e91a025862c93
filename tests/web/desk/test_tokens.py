"""Settings → Tokens and the access review (SPEC J4, J8)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client

from holdfast.accounts.models import Account, ApiToken
from holdfast.businesses.commands import issue_token
from holdfast.core import clock
from holdfast.lib.actors import Role
from tests.cast import Shop

PAGE = "/desk/fenwick/settings/tokens"
REVIEW = "/desk/fenwick/settings/access"
API = "/api/v1/businesses/fenwick"
SECRET = re.compile(r"<code>(hf_\w{8}_[\w-]{43})</code>")


@pytest.fixture
def admin(shop: Shop, alice: Account, sign_in: Callable[[Account], Client]) -> Client:
    """Alice, who gives programs their keys."""
    return sign_in(alice)


def works(secret: str, path: str = "/bookings") -> int:
    return Client().get(API + path, headers={"Authorization": f"Bearer {secret}"}).status_code


def made(answer) -> str:  # type: ignore[no-untyped-def]
    assert answer.status_code == 200
    [secret] = SECRET.findall(answer.content.decode())
    return str(secret)


def test_a_secret_is_shown_once_and_may_what_was_ticked(shop: Shop, alice: Account, admin: Client) -> None:
    assert "No token yet" in admin.get(PAGE).content.decode()
    assert "Export bookings" in admin.get(f"{PAGE}/new").content.decode()
    sent = {"name": "Till", "role": "staff", "ends": "90", "scopes": ["see_bookings", "see_customers"]}
    answer = admin.post(f"{PAGE}/new", sent)
    secret = made(answer)
    assert f'data-copies="{secret}"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    token = ApiToken.objects.get()
    assert (token.account_id, token.scopes) == (alice.id, ["see_bookings", "see_customers"])
    assert token.expires_at == clock.now() + timedelta(days=90)
    assert [works(secret), works(secret, "/settings")] == [200, 403]
    for page in (admin.get(PAGE), admin.get(f"{PAGE}/{token.id}")):
        words = page.content.decode()
        assert "Till" in words
        assert secret not in words
        assert f"hf_{token.prefix}_…" in words
    assert "See bookings · See customers" in words
    assert "20 November 2026" in words


def test_what_is_wrong_with_a_token_is_said_at_its_field(shop: Shop, admin: Client) -> None:
    good = {"name": "Till", "role": "staff", "ends": "0"}
    for differs, said in (
        ({"name": ""}, "Use up to 100 ordinary characters."),
        ({"role": "operator"}, "Choose one of the list."),
        ({"ends": "99999"}, "Choose one of the list."),
        ({"scopes": ["change_members"]}, "The role does not allow all that is ticked."),
    ):
        answer = admin.post(f"{PAGE}/new", good | differs)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_token_is_replaced_with_an_overlap_and_revoked(
    shop: Shop, alice: Account, admin: Client, friday: time_machine.Traveller
) -> None:
    first = made(admin.post(f"{PAGE}/new", {"name": "Till", "role": "staff", "ends": "0"}))
    page = f"{PAGE}/{ApiToken.objects.get().id}"
    for wrong in ("", "x", "-1", "169"):
        assert admin.post(page, {"overlap_hours": wrong}).status_code == 422
    second = made(admin.post(page, {"overlap_hours": "24"}))
    assert [works(first), works(second)] == [200, 200]
    friday.shift(timedelta(hours=24))
    admin.force_login(alice)
    assert [works(first), works(second)] == [401, 200]
    assert admin.get(page).status_code == 404
    newest = f"{PAGE}/{ApiToken.objects.get(expires_at=None).id}"
    assert admin.post(newest, {"do": "revoke"}).status_code == 302
    assert works(second) == 401
    assert admin.post(newest, {"do": "revoke"}).status_code == 404


def test_only_admins_see_tokens(
    shop: Shop, alice: Account, manager: Client, staff: Client, stranger: Client
) -> None:
    token = issue_token(
        actor=shop.actor(Role.ADMIN), business_id=shop.business_id, role="staff", name="x", now=clock.now()
    ).token
    for browser in (manager, staff, stranger):
        for path in (PAGE, f"{PAGE}/new", f"{PAGE}/{token.id}"):
            assert browser.get(path).status_code == 404
            assert browser.post(path, {"do": "revoke"}).status_code in (404, 405)
    assert ApiToken.objects.get().revoked_at is None


def test_the_review_says_who_has_which_role_when_they_were_there_and_how_they_sign_in(
    shop: Shop, alice: Account, bob: Account, mona: Account, manager: Client, staff: Client
) -> None:
    Account.objects.filter(id=alice.id).update(last_login=None, name="=HYPERLINK(1)")
    Account.objects.filter(id=bob.id).update(is_active=False)
    Authenticator.objects.create(user=mona, type=Authenticator.Type.TOTP, data={})
    issue_token(
        actor=shop.actor(Role.ADMIN),
        business_id=shop.business_id,
        role="manager",
        name="-Export",
        scopes=["export_bookings"],
        now=clock.now(),
    )
    page = manager.get(REVIEW).content.decode()
    assert "last seen: never" in page
    assert "last seen: 20 November 2026" in page
    assert page.count("No second step") == 2
    assert "Cannot sign in" in page
    assert "-Export" in page
    assert "Nobody signs in by another service" in page
    answer = manager.get(f"{REVIEW}.csv")
    assert 'filename="fenwick-access-2026-11-20.csv"' in answer["Content-Disposition"]
    text = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    told = {row["Email"]: (row["Role"], row["Second step"], row["Can sign in"]) for row in rows}
    assert told["mona@example.org"] == ("Manager", "yes", "yes")
    assert told["alice@example.org"] == ("Admin", "no", "yes")
    assert rows[0]["Name"] == "'=HYPERLINK(1)"
    assert [row["Name"] for row in rows if row["Kind"] == "Token"] == ["'-Export"]
    assert rows[-1]["May only"] == "export_bookings"
    Account.objects.filter(id=bob.id).update(is_active=True)
    for path in (REVIEW, f"{REVIEW}.csv"):
        assert staff.get(path).status_code == 404

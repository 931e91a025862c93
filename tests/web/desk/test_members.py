"""Settings → Members, and the page behind the link of an invitation (SPEC A2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from holdfast.accounts.commands import create_account
from holdfast.accounts.models import Account, AccountMail, ApiToken
from holdfast.businesses.commands import invite_member, issue_token
from holdfast.businesses.models import Invitation, Member
from holdfast.core import clock
from holdfast.lib.actors import Role
from tests.cast import Shop

PAGE = "/desk/fenwick/settings/members"


@pytest.fixture
def admin(shop: Shop, alice: Account, sign_in: Callable[[Account], Client]) -> Client:
    """Alice, who lets people in."""
    return sign_in(alice)


def link() -> str:
    """The path of the link that was mailed last."""
    text = AccountMail.objects.order_by("-id")[0].content["text"]
    return "/invitation/" + re.findall(r"/invitation/([\w-]+)\n", text)[0]


def test_an_admin_invites_sends_again_and_withdraws(
    shop: Shop, alice: Account, admin: Client, friday: time_machine.Traveller
) -> None:
    sent = {"email": "dora@example.org", "role": "manager"}
    assert admin.post(PAGE, sent).status_code == 302
    page = admin.get(PAGE + "?saved=1").content.decode()
    assert "dora@example.org" in page
    assert "Sent 20 November 2026, good until 27 November 2026" in page
    assert "Saved." in page
    made = {"invitation": str(Invitation.objects.get().id)}
    first = link()
    refused = admin.post(PAGE, made | {"do": "resend"})
    assert refused.status_code == 409
    assert "It was sent a moment ago." in refused.content.decode()
    friday.shift(timedelta(days=8))
    admin.force_login(alice)
    assert "Ran out" in admin.get(PAGE).content.decode()
    assert admin.post(PAGE, made | {"do": "resend"}).status_code == 302
    assert admin.get(first).status_code == 404
    assert Client().get(link()).status_code == 200
    assert admin.post(PAGE, made | {"do": "withdraw"}).status_code == 302
    assert admin.post(PAGE, made | {"do": "withdraw"}).status_code == 404
    over = Client().get(link())
    assert over.status_code == 404
    assert "This invitation no longer works" in over.content.decode()


def test_what_is_wrong_with_an_invitation_is_said_at_its_field(
    shop: Shop, admin: Client, bob: Account
) -> None:
    for sent, status, said in (
        ({"email": "dora", "role": "staff"}, 422, "Write an address like name@example.com."),
        ({"email": "dora@example.org", "role": "operator"}, 422, "Choose one of the list."),
        ({"email": "bob@example.org", "role": "staff"}, 409, "works here already"),
    ):
        answer = admin.post(PAGE, sent)
        page = answer.content.decode()
        assert answer.status_code == status
        assert said in page
        assert f'value="{sent["email"]}"' in page
    assert not Invitation.objects.exists()


def test_managers_read_the_members_and_staff_find_no_such_page(
    shop: Shop, bob: Account, manager: Client, staff: Client
) -> None:
    page = manager.get(PAGE).content.decode()
    assert "Bob Barber" in page
    assert "An admin can change it." in page
    assert "Send the invitation" not in page
    bobs = f"{PAGE}/{Member.objects.get(account=bob).id}"
    assert "An admin can change it." in manager.get(bobs).content.decode()
    for sent in ({"role": "admin"}, {"do": "remove"}):
        assert manager.post(bobs, sent).status_code == 404
        assert staff.post(bobs, sent).status_code == 404
    assert manager.post(PAGE, {"email": "x@example.org", "role": "admin"}).status_code == 404
    assert staff.get(PAGE).status_code == 404
    assert PAGE not in staff.get("/desk/fenwick/settings/").content.decode()
    assert Member.objects.get(account=bob).role == "staff"


def test_who_is_removed_is_out_with_the_next_click_poll_and_call(
    shop: Shop, admin: Client, bob: Account, staff: Client
) -> None:
    secret = issue_token(
        actor=shop.actor(Role.ADMIN), business_id=shop.business_id, role="staff", name="x", now=clock.now()
    )
    ApiToken.objects.filter(id=secret.token.id).update(account=bob)
    board, live = "/desk/fenwick/board", {"HX-Request": "true"}
    program = {"Authorization": f"Bearer {secret.secret}"}
    api = "/api/v1/businesses/fenwick/bookings"

    def seen() -> list[int]:
        return [
            staff.get("/desk/fenwick/").status_code,
            staff.get(board, headers=live).status_code,
            staff.get(api).status_code,
            Client().get(api, headers=program).status_code,
        ]

    assert seen() == [200, 200, 200, 200]
    bobs = f"{PAGE}/{Member.objects.get(account=bob).id}"
    assert "Remove Bob Barber" in admin.get(bobs).content.decode()
    assert admin.post(bobs, {"do": "remove"}).status_code == 302
    assert seen()[:2] == [404, 404]
    assert seen()[3] == 401
    listed = staff.get(api)  # a customer by now, who sees their own bookings: none
    assert listed.json()["items"] == []
    assert admin.get(bobs).status_code == 404


def test_a_lower_role_holds_from_the_next_click_and_the_last_admin_stays(
    shop: Shop, alice: Account, admin: Client, mona: Account, manager: Client
) -> None:
    export = "/desk/fenwick/bookings.csv"
    assert manager.get(export).status_code == 200
    monas = f"{PAGE}/{Member.objects.get(account=mona).id}"
    assert admin.post(monas, {"role": "staff"}).status_code == 302
    assert manager.get(export).status_code == 404
    alices = f"{PAGE}/{Member.objects.get(account=alice).id}"
    for sent in ({"role": "staff"}, {"do": "remove"}):
        refused = admin.post(alices, sent)
        assert refused.status_code == 409
        assert "This is the only admin." in refused.content.decode()
    assert admin.post(monas, {"role": "admin"}).status_code == 302
    gone = admin.post(alices, {"do": "remove"})
    assert (gone.status_code, gone["Location"]) == (302, "/desk/")
    assert admin.get(PAGE).status_code == 404


def invited(shop: Shop, email: str) -> str:
    invite_member(
        actor=shop.actor(Role.ADMIN),
        business_id=shop.business_id,
        email=email,
        role="staff",
        now=clock.now(),
    )
    return link()


def test_somebody_new_makes_an_account_behind_the_link_and_is_at_the_desk(shop: Shop, alice: Account) -> None:
    path, browser = invited(shop, "dora@example.org"), Client()
    page = browser.get(path)
    assert "Fenwick asks dora@example.org to work with them. Your role: Staff." in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    for password, said in (("short", "Use at least 8 characters."), ("password", "first guess")):
        refused = browser.post(path, {"name": "Dora", "password": password})
        assert refused.status_code == 422
        assert said in refused.content.decode()
        assert password not in re.sub(r'name="password"|type="password"', "", refused.content.decode()) or (
            password == "password"
        )
    assert browser.post(path, {"name": "x" * 151, "password": "correct horse battery"}).status_code == 422
    sent = {
        "name": "Dora",
        "password": "correct horse battery",
        "email": "other@example.org",
        "role": "admin",
    }
    done = browser.post(path, sent)
    assert (done.status_code, done["Location"]) == (302, "/desk/fenwick/")
    assert "Dora" in browser.get("/desk/fenwick/").content.decode()
    assert Member.objects.get(account__email="dora@example.org").role == "staff"
    assert browser.post(path, sent).status_code == 404


def test_who_has_an_account_signs_in_and_accepts_and_nobody_else_can(
    shop: Shop, alice: Account, charlie: Account, sign_in: Callable[[Account], Client]
) -> None:
    dora = create_account(email="dora@example.org", name="Dora")
    path = invited(shop, "dora@example.org")
    page = Client().get(path).content.decode()
    assert f"/accounts/login/?next={path.replace('/', '%2F')}" in page
    assert 'name="password"' not in page
    assert Client().post(path, {"name": "x", "password": "correct horse battery"}).status_code == 409
    other = sign_in(charlie)
    assert "but the invitation is for dora@example.org" in other.get(path).content.decode()
    assert other.post(path).status_code == 409
    assert not Member.objects.filter(account__in=[dora, charlie], business_id=shop.business_id).exists()
    browser = sign_in(dora)
    assert "Accept" in browser.get(path).content.decode()
    assert browser.post(path)["Location"] == "/desk/fenwick/"
    assert browser.get("/desk/fenwick/").status_code == 200

"""Members, invitations and tokens through the API (SPEC A2, J4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from holdfast.accounts.commands import create_token
from holdfast.accounts.models import Account, AccountMail, ApiToken
from holdfast.accounts.rules import digest_of
from holdfast.businesses.models import Invitation, Member
from holdfast.core import clock
from holdfast.lib.actors import Role
from tests.api.conftest import Api
from tests.cast import OPERATOR, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(shop: Shop) -> Api:
    """A program that may let people and programs in."""
    return Api(shop.slug, shop.token(Role.ADMIN))


def scoped(shop: Shop, *scopes: str) -> Api:
    made = create_token(
        actor=OPERATOR,
        business_id=shop.business_id,
        role=Role.ADMIN,
        name="partner",
        now=clock.now(),
        scopes=scopes,
    )
    return Api(shop.slug, made.secret)


def test_members_are_listed_changed_and_removed(shop: Shop, alice: Account, bob: Account, admin: Api) -> None:
    listed = admin.get("/members").body["items"]
    assert [(one["name"], one["email"], one["role"], one["active"]) for one in listed] == [
        ("Alice Fenwick", "alice@example.org", "admin", True),
        ("Bob Barber", "bob@example.org", "staff", True),
    ]
    path = f"/members/{listed[1]['id']}"
    assert admin.patch(path, {"role": "manager"}).body["role"] == "manager"
    assert admin.get(path).body["role"] == "manager"
    assert admin.patch(path, {"role": "operator"}).mistakes == {"role": ["unknown_choice"]}
    assert admin.delete(path).status == 204
    assert admin.delete(path).status == 404
    last = f"/members/{listed[0]['id']}"
    assert [admin.delete(last).code, admin.patch(last, {"role": "staff"}).code] == ["last_admin"] * 2
    first = admin.get("/members?limit=1").body
    assert (len(first["items"]), first["next_cursor"]) == (1, None)


def test_an_invitation_is_made_once_for_a_key_sent_again_and_withdrawn(shop: Shop, admin: Api) -> None:
    body = {"email": "dora@example.org", "role": "staff"}
    made = [admin.post("/invitations", body, Idempotency_Key="one") for _ in range(2)]
    assert [answer.status for answer in made] == [201, 201]
    assert made[0].body == made[1].body
    assert AccountMail.objects.count() == Invitation.objects.count() == 1
    assert "link" not in made[0].response.content.decode()
    assert admin.get("/invitations").body["items"] == [made[0].body]
    assert admin.post("/invitations", body).code == "already_invited"
    path = f"/invitations/{made[0].body['id']}"
    assert admin.post(f"{path}/resend").code == "sent_just_now"
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        assert admin.post(f"{path}/resend").body["expires_at"] > made[0].body["expires_at"]
    assert admin.delete(path).status == 204
    assert admin.get("/invitations").body["items"] == []


def test_a_token_tells_its_secret_once_and_only_a_digest_is_kept(shop: Shop, admin: Api) -> None:
    body = {"name": "Till", "role": "staff", "scopes": ["see_bookings"], "expires_at": None}
    made = admin.post("/tokens", body).body
    assert made["secret"].startswith(made["prefix"])
    till = Api(shop.slug, made["secret"])
    assert till.get("/bookings").status == 200
    assert till.get("/settings").code == "forbidden"
    stored = ApiToken.objects.get(id=made["id"])
    assert stored.digest == digest_of(made["secret"])
    assert made["secret"] not in str(list(ApiToken.objects.values()))
    listed = next(one for one in admin.get("/tokens").body["items"] if one["id"] == made["id"])
    assert "secret" not in listed
    assert listed["last_used_at"]
    assert admin.delete(f"/tokens/{made['id']}").status == 204
    assert till.get("/bookings").code == "unauthorized"
    assert admin.delete(f"/tokens/{made['id']}").status == 404


@pytest.mark.parametrize(
    ("differs", "field", "code"),
    [
        ({"role": "operator"}, "role", "unknown_choice"),
        ({"scopes": ["everything"]}, "scopes", "unknown_choice"),
        ({"scopes": ["change_members"]}, "scopes", "beyond_role"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "in_past"),
        ({"name": " "}, "name", "unusable"),
        ({"business_id": "x"}, "business_id", "unknown_field"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    differs: dict[str, Any], field: str, code: str, shop: Shop, admin: Api
) -> None:
    before = ApiToken.objects.count()
    answer = admin.post("/tokens", {"name": "Till", "role": "staff"} | differs)
    assert (answer.status, answer.mistakes) == (422, {field: [code]})
    assert ApiToken.objects.count() == before


def test_a_limited_token_passes_on_no_more_than_it_has(shop: Shop, admin: Api) -> None:
    wide = admin.post("/tokens", {"name": "wide", "role": "admin"}).body
    limited = scoped(shop, "change_tokens", "see_bookings")
    assert limited.post("/tokens", {"name": "all", "role": "admin"}).code == "forbidden"
    more = {"name": "more", "role": "admin", "scopes": ["see_bookings", "change_members"]}
    assert limited.post("/tokens", more).code == "forbidden"
    assert limited.post(f"/tokens/{wide['id']}/rotate", {}).code == "forbidden"
    assert (
        limited.post("/tokens", {"name": "less", "role": "admin", "scopes": ["see_bookings"]}).status == 201
    )
    assert Api(shop.slug, wide["secret"]).get("/members").status == 200
    assert scoped(shop, "see_members").get("/tokens").code == "forbidden"
    assert scoped(shop, "see_members").patch("/members/x", {"role": "admin"}).code == "forbidden"


def test_a_rotated_token_works_beside_the_new_one_for_the_overlap(shop: Shop, admin: Api) -> None:
    now = clock.now()
    with time_machine.travel(now, tick=False):
        until = (now + timedelta(days=30)).isoformat()
        old = admin.post("/tokens", {"name": "Till", "role": "staff", "expires_at": until}).body
    with time_machine.travel(now + timedelta(days=10), tick=False):
        new = admin.post(f"/tokens/{old['id']}/rotate", {"overlap_hours": 2}).body
        assert (new["name"], new["role"]) == ("Till", "staff")
        assert new["expires_at"][:10] == (now + timedelta(days=40)).isoformat()[:10]
        assert admin.post(f"/tokens/{old['id']}/rotate", {"overlap_hours": 169}).mistakes == {
            "overlap_hours": ["out_of_bounds"]
        }

    def work(hours: float) -> list[int]:
        with time_machine.travel(now + timedelta(days=10, hours=hours), tick=False):
            return [Api(shop.slug, one["secret"]).get("/bookings").status for one in (old, new)]

    assert [work(1.9), work(2)] == [[200, 200], [401, 200]]
    with time_machine.travel(now + timedelta(days=10, hours=3), tick=False):
        assert admin.post(f"/tokens/{old['id']}/rotate", {}).status == 404
        newest = admin.post(f"/tokens/{new['id']}/rotate", {"overlap_hours": 0}).body
        assert Api(shop.slug, new["secret"]).get("/bookings").status == 401
        assert Api(shop.slug, newest["secret"]).get("/bookings").status == 200


def test_another_businesss_members_and_tokens_are_not_there(
    shop: Shop, alice: Account, admin: Api, other_shop: Shop
) -> None:
    admin.post("/invitations", {"email": "dora@example.org", "role": "staff"})
    stranger = Api(other_shop.slug, other_shop.token(Role.ADMIN))
    member, invitation = Member.objects.get().id, Invitation.objects.get().id
    token = ApiToken.objects.get(business_id=shop.business_id).id
    calls = [
        ("GET", f"/members/{member}", None),
        ("PATCH", f"/members/{member}", {"role": "staff"}),
        ("DELETE", f"/members/{member}", None),
        ("POST", f"/invitations/{invitation}/resend", None),
        ("DELETE", f"/invitations/{invitation}", None),
        ("POST", f"/tokens/{token}/rotate", {}),
        ("DELETE", f"/tokens/{token}", None),
    ]
    assert [stranger.call(*call).status for call in calls] == [404] * len(calls)
    assert stranger.get("/members").body["items"] == []
    assert {one["name"] for one in stranger.get("/tokens").body["items"]} == {"test admin"}
    assert admin.get("/tokens").status == 200

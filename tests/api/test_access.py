"""Who may do what through the API: the order of 401, 404 and 403, cell by cell of the permission table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from holdfast.accounts.commands import create_account, create_token, revoke_token
from holdfast.accounts.models import Account, ApiToken
from holdfast.core import clock, ratelimit
from holdfast.lib.actors import Role
from tests.api.conftest import DANA, Api, booking_body, nothing_stored
from tests.cast import OPERATOR, Shop

pytestmark = pytest.mark.django_db

# Method, path → the least role. What a guest may do with a personal token has tests of its own.
OPERATIONS: dict[tuple[str, str], Role] = {
    ("GET", ""): Role.GUEST,
    ("PATCH", ""): Role.MANAGER,
    ("GET", "/settings"): Role.STAFF,
    ("PATCH", "/settings"): Role.MANAGER,
    ("GET", "/services"): Role.GUEST,
    ("POST", "/services"): Role.MANAGER,
    ("PATCH", "/services/{id}"): Role.MANAGER,
    ("DELETE", "/services/{id}"): Role.MANAGER,
    ("GET", "/resources"): Role.GUEST,
    ("POST", "/resources"): Role.MANAGER,
    ("PATCH", "/resources/{id}"): Role.MANAGER,
    ("DELETE", "/resources/{id}"): Role.MANAGER,
    ("GET", "/hours"): Role.GUEST,
    ("PUT", "/hours"): Role.MANAGER,
    ("GET", "/exceptions"): Role.STAFF,
    ("GET", "/exceptions/{id}"): Role.STAFF,
    ("POST", "/exceptions"): Role.MANAGER,
    ("PATCH", "/exceptions/{id}"): Role.MANAGER,
    ("DELETE", "/exceptions/{id}"): Role.MANAGER,
    ("GET", "/availability"): Role.GUEST,
    ("GET", "/availability/explain"): Role.GUEST,
    ("POST", "/holds"): Role.GUEST,
    ("POST", "/bookings"): Role.GUEST,
    ("GET", "/bookings"): Role.STAFF,
    ("GET", "/bookings/{id}"): Role.STAFF,
    ("POST", "/bookings/{id}/cancel"): Role.STAFF,
    ("POST", "/bookings/{id}/reschedule"): Role.STAFF,
    ("POST", "/bookings/{id}/check-in"): Role.STAFF,
    ("POST", "/bookings/{id}/complete"): Role.STAFF,
    ("POST", "/bookings/{id}/no-show"): Role.STAFF,
    ("POST", "/waitlist"): Role.GUEST,
    ("GET", "/waitlist"): Role.STAFF,
    ("GET", "/waitlist/gaps"): Role.STAFF,
    ("GET", "/waitlist/{id}"): Role.STAFF,
    ("DELETE", "/waitlist/{id}"): Role.STAFF,
    ("POST", "/waitlist/{id}/offer"): Role.STAFF,
    ("POST", "/waitlist/{id}/call"): Role.STAFF,
    ("POST", "/waitlist/{id}/seat"): Role.STAFF,
    ("POST", "/waitlist/{id}/remove"): Role.STAFF,
    ("POST", "/waitlist/{id}/reorder"): Role.STAFF,
    ("POST", "/offers/{id}/accept"): Role.STAFF,
    ("POST", "/offers/{id}/decline"): Role.STAFF,
    ("POST", "/offers/{id}/withdraw"): Role.STAFF,
    ("GET", "/members"): Role.MANAGER,
    ("PATCH", "/members/{id}"): Role.ADMIN,
    ("DELETE", "/members/{id}"): Role.ADMIN,
    ("GET", "/invitations"): Role.MANAGER,
    ("POST", "/invitations"): Role.ADMIN,
    ("POST", "/invitations/{id}/resend"): Role.ADMIN,
    ("DELETE", "/invitations/{id}"): Role.ADMIN,
    ("GET", "/tokens"): Role.ADMIN,
    ("POST", "/tokens"): Role.ADMIN,
    ("POST", "/tokens/{id}/rotate"): Role.ADMIN,
    ("DELETE", "/tokens/{id}"): Role.ADMIN,
}
CASES = [(method, path, least) for (method, path), least in OPERATIONS.items()]
ROLES = [Role.STAFF, Role.MANAGER, Role.ADMIN]
# So wrong that whoever gets to the body is told 400: the door comes first.
GARBAGE = b"{ not json"


def knock(api: Api, method: str, path: str) -> tuple[int, str]:
    answer = api.call(method, path.format(id=uuid4()), GARBAGE if method != "GET" else None)
    return answer.status, "" if answer.status < 400 else answer.code


@pytest.mark.parametrize(("method", "path", "least"), CASES)
def test_a_guest_is_asked_for_credentials_before_the_body_is_read(
    method: str, path: str, least: Role, shop: Shop, guest: Api
) -> None:
    with nothing_stored():
        status, code = knock(guest, method, path)
    if least is Role.GUEST:
        assert status in (200, 400, 422)
    else:
        assert (status, code) == (401, "unauthorized")


@pytest.mark.parametrize(("method", "path", "least"), CASES)
def test_another_businesss_token_finds_nothing(
    method: str, path: str, least: Role, shop: Shop, other_shop: Shop
) -> None:
    with nothing_stored():
        assert knock(Api(shop.slug, other_shop.token(Role.ADMIN)), method, path) == (404, "not_found")


@pytest.mark.parametrize(("method", "path", "least"), CASES)
@pytest.mark.parametrize("role", ROLES)
def test_the_role_decides_before_the_body_is_read(
    role: Role, method: str, path: str, least: Role, shop: Shop
) -> None:
    with nothing_stored():
        status, code = knock(Api(shop.slug, shop.token(role)), method, path)
    if role.includes(least):
        assert status in (200, 204, 400, 404, 422)
        assert code in ("", "malformed_json", "not_found", "invalid")
    else:
        assert (status, code) == (403, "forbidden")


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer", "Bearer \u00e9", "Basic ZGFuYTpkYW5h", "hf_x_y"]
)
@pytest.mark.parametrize("path", ["", "/settings"])
def test_worthless_credentials_are_refused_even_where_none_are_needed(
    header: str, path: str, shop: Shop
) -> None:
    answer = Api(shop.slug).get(path, Authorization=header)
    assert (answer.status, answer.code) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_or_expired_token_is_worth_nothing(shop: Shop) -> None:
    secret = shop.token(Role.STAFF)
    token = ApiToken.objects.get()
    assert Api(shop.slug, secret).get("/settings").status == 200
    ApiToken.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert Api(shop.slug, secret).get("/settings").status == 401
    ApiToken.objects.update(expires_at=None)
    revoke_token(actor=OPERATOR, business_id=shop.business_id, token_id=token.id, now=clock.now())
    assert Api(shop.slug, secret).get("/settings").status == 401


def test_a_scoped_token_does_what_its_scopes_name_and_no_more(shop: Shop) -> None:
    made = create_token(
        actor=OPERATOR,
        business_id=shop.business_id,
        role=Role.ADMIN,
        name="calendar",
        now=clock.now(),
        scopes=("see_bookings",),
    )
    scoped = Api(shop.slug, made.secret)
    assert scoped.get("/bookings").status == 200
    assert scoped.get().status == 200
    for method, path in (("PATCH", "/settings"), ("POST", "/bookings"), ("POST", "/bookings/x/cancel")):
        assert knock(scoped, method, path) == (403, "forbidden")


def scoped_to(shop: Shop, *scopes: str) -> Api:
    made = create_token(
        actor=OPERATOR,
        business_id=shop.business_id,
        role=Role.ADMIN,
        name="partner",
        now=clock.now(),
        scopes=scopes,
    )
    return Api(shop.slug, made.secret)


def test_a_scoped_token_overrides_rules_only_if_its_scopes_say_so(shop: Shop) -> None:
    at_night = booking_body(shop, "20:00", override_reason="a friend")
    move = {"starts_at": shop.at("21:00").isoformat(), "override_reason": "later"}
    books, moves = scoped_to(shop, "book"), scoped_to(shop, "change_bookings")
    with nothing_stored():
        refused = books.post("/bookings", at_night)
        assert (refused.status, refused.code, refused.body["action"]) == (403, "forbidden", "override_rules")
    assert books.post("/bookings", booking_body(shop, override_reason="")).status == 201
    made = scoped_to(shop, "book", "override_rules").post("/bookings", at_night)
    assert made.status == 201
    path = f"/bookings/{made.body['reference']}/reschedule"
    assert moves.post(path, move).code == "forbidden"
    assert moves.post(path, {"starts_at": shop.at("12:00").isoformat()}).status == 200
    assert scoped_to(shop, "change_bookings", "override_rules").post(path, move).status == 200


def test_a_scoped_token_is_told_what_blocks_a_time_only_if_it_may_see_bookings(
    shop: Shop, guest: Api, staff: Api
) -> None:
    body = booking_body(shop, resource=str(shop.theo.id))
    reference = guest.post("/bookings", body).body["reference"]
    starts_at = shop.at().strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"/availability/explain?service={shop.cut.id}&starts_at={starts_at}&resource={shop.theo.id}"

    def told(api: Api) -> bool:
        answer = api.get(path)
        assert (answer.status, answer.body["bookable"]) == (200, False)
        return reference in answer.response.content.decode()

    assert [told(api) for api in (guest, staff)] == [False, True]
    assert [told(scoped_to(shop, scope)) for scope in ("see_profile", "book", "see_bookings")] == [
        False,
        False,
        True,
    ]


def signed_in(account: Account, *, csrf: bool = True) -> Client:
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(account, backend="holdfast.accounts.backends.SignInBackend")
    return client


def test_a_member_uses_the_session_of_the_pages(shop: Shop, bob: Account) -> None:
    api = Api(shop.slug, client=signed_in(bob))
    assert api.get("/bookings").status == 200
    assert api.patch("/settings", {"hold_minutes": 5}).code == "csrf_failed"


def test_a_write_with_a_session_needs_its_csrf_token(shop: Shop, mona: Account) -> None:
    client = signed_in(mona)
    api = Api(shop.slug, client=client)
    refused = api.patch("/settings", {"hold_minutes": 5})
    assert (refused.status, refused.code) == (403, "csrf_failed")
    client.cookies["holdfast_csrf"] = token = "a" * 32
    assert api.patch("/settings", {"hold_minutes": 5}, X_CSRFToken=token).body["hold_minutes"] == 5


def test_a_stranger_who_is_signed_in_finds_nothing(shop: Shop, charlie: Account) -> None:
    api = Api(shop.slug, client=signed_in(charlie, csrf=False))
    for method, path in (("GET", "/settings"), ("PATCH", "/settings"), ("POST", "/bookings/x/check-in")):
        assert knock(api, method, path) == (404, "not_found")


def test_a_customer_who_is_signed_in_sees_and_changes_what_is_theirs(shop: Shop, guest: Api) -> None:
    dana = create_account(email="dana@example.org", name="Dana", password="correct horse battery")
    api = Api(shop.slug, client=signed_in(dana, csrf=False))
    mine = api.post("/bookings", booking_body(shop)).body
    foreign = guest.post("/bookings", booking_body(shop, "11:00")).body
    assert api.get("/bookings").body["items"] == [mine]
    assert api.get(f"/bookings/{mine['reference']}").body == mine
    assert api.get(f"/bookings/{foreign['reference']}").status == 404
    assert api.post(f"/bookings/{foreign['reference']}/cancel").status == 404
    assert api.post(f"/bookings/{mine['reference']}/cancel").body["status"] == "cancelled"


def test_holding_a_booking_opens_its_own_door_and_no_other(shop: Shop, guest: Api) -> None:
    mine, other = (guest.post("/bookings", booking_body(shop, hhmm)).body for hhmm in ("10:00", "11:00"))
    token = mine["manage_url"].rpartition("/")[2]
    path = f"/bookings/{other['reference']}"
    assert guest.post(f"{path}/cancel?token={token}", GARBAGE.decode()).status == 404
    assert guest.post(f"/bookings/{mine['reference']}/check-in?token={token}").status == 401
    assert guest.get(f"/bookings?token={token}").status == 401


def test_a_holds_token_opens_no_booking_and_the_other_way_round(shop: Shop, guest: Api) -> None:
    body = booking_body(shop)
    del body["customer"]
    hold = guest.post("/holds", body).body
    made = guest.post("/bookings", booking_body(shop, "12:00")).body
    assert guest.get(f"/bookings/{made['reference']}?token={hold['token']}").status == 404
    manage = made["manage_url"].rpartition("/")[2]
    assert guest.delete(f"/holds/{hold['id']}?token={manage}").status == 404
    assert guest.delete(f"/holds/{hold['id']}").status == 401
    assert guest.delete(f"/holds/{hold['id']}?token={hold['token']}").status == 204


def test_guessing_personal_tokens_is_limited(shop: Shop, guest: Api, settings: Any) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    settings.RATE_LIMIT_MAX_REQUESTS = 3
    path = f"/bookings/{made['reference']}?token=wrong"
    assert [guest.get(path).status for _ in range(5)] == [404, 404, 404, 429, 429]
    assert guest.get(path).code == "rate_limited"


def test_after_too_many_guesses_the_right_token_opens_nothing_either(
    shop: Shop, guest: Api, staff: Api, settings: Any
) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    held = {"service": str(shop.cut.id), "starts_at": shop.at("12:00").isoformat()}
    hold = guest.post("/holds", held).body
    path, token = f"/bookings/{made['reference']}", made["manage_url"].rpartition("/")[2]
    body = {"hold": hold["id"], "token": hold["token"], "customer": dict(DANA)}
    settings.RATE_LIMIT_MAX_REQUESTS = 2
    settings.RATE_LIMIT_WINDOW_SECONDS = 60
    now = clock.now()
    with time_machine.travel(now, tick=False):
        assert [guest.get(f"{path}?token={guess}").status for guess in ("a", "b", token)] == [404, 404, 429]
    with time_machine.travel(now + timedelta(seconds=59), tick=False):
        assert guest.get(f"{path}?token={token}").headers["Retry-After"] == "1"
        with nothing_stored():
            assert guest.post("/bookings", body).code == "rate_limited"
            assert guest.delete(f"/holds/{hold['id']}?token={hold['token']}").code == "rate_limited"
        assert staff.get(path).status == 200
        assert guest.get("/services").status == 200
    settings.RATE_LIMIT_MAX_REQUESTS = 0  # the writes above are not what this is about
    with time_machine.travel(now + timedelta(seconds=61), tick=False):
        assert guest.get(f"{path}?token={token}").status == 200
        assert guest.post("/bookings", body).status == 201


def test_guesses_do_not_tell_which_references_exist(shop: Shop, guest: Api, settings: Any) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    settings.RATE_LIMIT_MAX_REQUESTS = 3
    addresses = {
        "198.51.100.1": f"/bookings/{made['reference']}?token=x",
        "198.51.100.2": "/bookings/ZZZZZ-ZZZZZ?token=x",
        "198.51.100.3": f"/holds/{uuid4()}?token=x",
        "198.51.100.4": "/holds/nothing?token=x",
    }
    for address, path in addresses.items():
        client = Api(shop.slug, client=Client(REMOTE_ADDR=address))
        method = "GET" if path.startswith("/bookings") else "DELETE"
        assert [client.call(method, path).status for _ in range(5)] == [404, 404, 404, 429, 429], path


def test_guesses_are_limited_where_writes_are_not(
    shop: Shop, guest: Api, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = guest.post("/bookings", booking_body(shop)).body
    settings.RATE_LIMIT_MAX_REQUESTS = 0
    monkeypatch.setattr(ratelimit, "USUAL_LIMIT", 2)
    path = f"/bookings/{made['reference']}?token="
    assert [guest.get(f"{path}{guess}").status for guess in "abc"] == [404, 404, 429]

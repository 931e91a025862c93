"""Who must have a second step reaches nothing before it is set up (SPEC J2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from holdfast.accounts.models import Account
from holdfast.businesses.commands import change_business_settings
from holdfast.businesses.rules import Settings, demands_second_factor
from holdfast.config.environment import Environment, Variables
from holdfast.lib.actors import Role
from tests.cast import OPERATOR, Shop
from tests.web.account.test_pages import sign_in, with_app

pytestmark = pytest.mark.django_db
SET_UP = "/accounts/2fa/"


@pytest.mark.parametrize(
    ("role", "wish", "by_role", "demanded"),
    [
        (Role.CUSTOMER, True, True, False),
        (Role.STAFF, False, True, False),
        (Role.STAFF, True, False, True),
        (Role.MANAGER, False, False, False),
        (Role.MANAGER, False, True, True),
        (Role.ADMIN, False, True, True),
        (Role.ADMIN, True, False, True),
    ],
    ids=str,
)
def test_a_role_or_the_business_demands_it(role: Role, wish: bool, by_role: bool, demanded: bool) -> None:
    settings = Settings(require_second_factor=wish)
    assert demands_second_factor(role, settings, by_role=by_role) is demanded


def reaches(client: Client, shop: Shop) -> dict[str, bool]:
    """Which doors of the house open: pages of each kind, a fragment, the API."""
    desk = f"/desk/{shop.slug}/"
    led_away = {
        path: client.get(path).headers.get("Location") == SET_UP for path in (desk, "/", "/accounts/")
    }
    fragment = client.get(desk, headers={"HX-Request": "true"})
    led_away["fragment"] = fragment.headers.get("HX-Redirect") == SET_UP
    answer = client.get(f"/api/v1/businesses/{shop.slug}/bookings")
    led_away["api"] = answer.status_code == 403 and answer.json()["code"] == "second_factor_missing"
    return {name: not away for name, away in led_away.items()}


def test_a_manager_sets_one_up_before_anything_else_and_then_goes_on(
    shop: Shop, mona: Account, bob: Account, settings: Any
) -> None:
    settings.SECOND_FACTOR = "required"
    client = sign_in("mona@example.org")
    assert not any(reaches(client, shop).values()), "something is reached without a second step"
    assert "Set one up to go on." in client.get(SET_UP).content.decode()
    for path in (f"/b/{shop.slug}/", "/accounts/email/", "/accounts/logout/", "/accounts/2fa/webauthn/add/"):
        assert client.get(path).status_code == 200, path
    assert len(with_app(client)) == 10
    assert all(reaches(client, shop).values())
    assert all(reaches(sign_in("bob@example.org"), shop).values()), "staff need none by role"


def test_who_switches_the_last_one_off_sets_up_another(shop: Shop, mona: Account, settings: Any) -> None:
    settings.SECOND_FACTOR = "required"
    client = sign_in("mona@example.org")
    with_app(client)
    assert "you set up another" in client.get(SET_UP).content.decode()
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert not any(reaches(client, shop).values())


def test_an_operator_needs_one_and_a_token_of_a_program_does_not(
    shop: Shop, alice: Account, settings: Any
) -> None:
    settings.SECOND_FACTOR = "required"
    Account.objects.create_user("olga@example.org", "correct horse battery", is_operator=True)
    assert sign_in("olga@example.org").get("/admin/")["Location"] == SET_UP
    bearer = {"Authorization": f"Bearer {shop.token(Role.ADMIN)}"}
    answer = sign_in().get(f"/api/v1/businesses/{shop.slug}/bookings", headers=bearer)
    assert answer.status_code == 200


def test_a_business_asks_it_of_all_who_work_there_and_at_once(
    shop: Shop, other_shop: Shop, bob: Account, charlie: Account, settings: Any
) -> None:
    settings.SECOND_FACTOR = "optional"
    client = sign_in("bob@example.org")
    assert all(reaches(client, shop).values())
    wanted = {"require_second_factor": True}
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted=wanted)
    assert not any(reaches(client, shop).values())
    assert sign_in("charlie@example.org").get(f"/desk/{other_shop.slug}/").status_code == 200


def test_managers_switch_it_on_at_the_desk_and_through_the_api(shop: Shop, mona: Account) -> None:
    client = sign_in("mona@example.org")
    page = client.get(f"/desk/{shop.slug}/settings/rules").content.decode()
    assert "Everybody who works here needs a second step" in page
    bearer = {"Authorization": f"Bearer {shop.token(Role.MANAGER)}"}
    answer = client.patch(
        f"/api/v1/businesses/{shop.slug}/settings",
        {"require_second_factor": True},
        content_type="application/json",
        headers=bearer,
    )
    assert answer.json()["require_second_factor"] is True
    assert client.get(f"/desk/{shop.slug}/")["Location"] == SET_UP


def policy(**given: Any) -> str:
    return Variables(**given).second_factor_policy


def test_production_requires_it_unless_told_otherwise() -> None:
    assert policy(holdfast_environment=Environment.PRODUCTION) == "required"
    assert policy(holdfast_environment=Environment.PRODUCTION, second_factor="optional") == "optional"
    assert policy(holdfast_environment=Environment.DEMO) == "optional"
    assert policy(holdfast_environment=Environment.DEMO, second_factor="REQUIRED") == "required"

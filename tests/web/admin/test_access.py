"""Operators alone, from allowed networks alone (SPEC L4, J6)."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from holdfast.accounts.models import Account
from tests.cast import Shop

PATHS = ["/admin/", "/admin/bookings/booking/", "/admin/businesses/business/add/", "/admin/autocomplete/"]


@pytest.mark.parametrize("path", PATHS)
def test_a_guest_is_sent_to_sign_in(path: str, shop: Shop, client: Client) -> None:
    answer = client.get(path, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")
    assert shop.slug not in answer.content.decode()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_members_of_a_business_get_nothing(
    path: str, who: str, shop: Shop, client: Client, request: Any
) -> None:
    client.force_login(request.getfixturevalue(who))
    answer = client.get(path, follow=True)
    assert answer.status_code == 403
    assert "Fenwick" not in answer.content.decode()
    posted = client.post(
        "/admin/bookings/booking/", {"action": "cancel", "_selected_action": ["x"]}, follow=True
    )
    assert posted.status_code == 403


def test_an_operator_who_was_made_inactive_gets_nothing(olga: Account, operator: Client) -> None:
    Account.objects.filter(pk=olga.pk).update(is_active=False)
    assert operator.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("networks", "address", "found"),
    [
        ([], "203.0.113.9", True),
        (["10.0.0.0/8"], "10.1.2.3", True),
        (["10.0.0.0/8", "2001:db8::/32"], "2001:db8::7", True),
        (["10.0.0.0/8"], "203.0.113.9", False),
        (["10.0.0.0/8"], "2001:db8::7", False),
        (["10.0.0.0/8"], "", False),
    ],
)
def test_the_admin_can_be_limited_to_networks(
    networks: list[str], address: str, found: bool, operator: Client, settings: Any
) -> None:
    settings.ADMIN_ALLOWED_NETWORKS = tuple(ip_network(network) for network in networks)
    for path in (*PATHS[:3], "/admin/login/", "/admin/jsi18n/", "/admin/logout/", "/admin/nothing/"):
        status = operator.get(path, REMOTE_ADDR=address).status_code
        assert (status == 404) == (not found or path == "/admin/nothing/"), path


def test_a_proxys_word_is_believed_as_far_as_it_is_trusted(operator: Client, settings: Any) -> None:
    settings.ADMIN_ALLOWED_NETWORKS = (ip_network("10.0.0.0/8"),)
    forged = {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}
    assert operator.get("/admin/", **forged).status_code == 404
    settings.TRUSTED_PROXY_COUNT = 1
    assert operator.get("/admin/", **forged).status_code == 200


def test_a_password_is_changed_where_everybody_changes_theirs(operator: Client) -> None:
    assert operator.get("/admin/password_change/")["Location"] == reverse("account_change_password")
    assert operator.post("/admin/password_change/", {"new_password1": "x"}).status_code == 302


def test_the_index_names_what_can_be_run(operator: Client) -> None:
    page = operator.get("/admin/").content.decode()
    for words in (
        "Business hours",
        "Time slots",
        "Bookings",
        "Services",
        "Resources",
        "Members",
        "Customers",
        "Messages",
    ):
        assert words in page, words


def test_no_page_of_a_package_is_left_that_would_write_by_itself() -> None:
    modules = {type(page).__module__ for page in admin.site._registry.values()}
    assert {name.rpartition(".")[0] for name in modules} == {"holdfast.web.admin"}


def test_the_front_door_of_the_site_is_the_operators_desk(operator: Client) -> None:
    assert reverse("desk:home") == admin.site.site_url

"""Every table has its pages: a list, a search, a form; strict about what they load."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from holdfast.bookings.queries import BookingFacts
from tests.cast import Shop

PAGES = {
    f"{model._meta.app_label}.{model._meta.model_name}": page for model, page in admin.site._registry.items()
}
# What has a page written for it; of the rest some are empty here, and an empty list is a page all the same.
WRITTEN = {name for name, page in PAGES.items() if type(page).__module__ != "holdfast.web.admin.remaining"}


class Strict(HTMLParser):
    """Collects what a strict content security policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (
            tag == "script" and not given.get("src") and given.get("type") != "application/json"
        ):
            self.wrong.append(self.get_starttag_text() or tag)
        self.wrong += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]


def strict(page: str) -> list[str]:
    reader = Strict()
    reader.feed(page)
    return reader.wrong


def test_every_table_of_ours_has_a_page() -> None:
    ours = {model for model in apps.get_models() if model.__module__.startswith("holdfast.")}
    assert ours - set(admin.site._registry) == set()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_list_the_search_and_the_row_are_shown(name: str, full_house: Shop, operator: Client) -> None:
    page = PAGES[name]
    base = f"/admin/{name.replace('.', '/')}/"
    answer = operator.get(base)
    assert answer.status_code == 200
    assert strict(answer.content.decode()) == []
    if page.search_fields:
        assert operator.get(base, {"q": "fenwick 1"}).status_code == 200
        assert operator.get(base, {"q": "dana@example.org"}).status_code == 200
    row = page.model._default_manager.first()
    if row is None:
        assert name not in WRITTEN
        return
    shown = operator.get(reverse(f"admin:{name.replace('.', '_')}_change", args=[row.pk]))
    assert shown.status_code == 200
    assert strict(shown.content.decode()) == []
    assert operator.get(f"{base}{row.pk}/history/").status_code in (200, 302, 404)


@pytest.mark.parametrize(
    "name", sorted(name for name, page in PAGES.items() if getattr(page, "makes", False))
)
def test_the_form_for_a_new_row_is_shown(name: str, full_house: Shop, operator: Client) -> None:
    answer = operator.get(f"/admin/{name.replace('.', '/')}/add/")
    assert answer.status_code == 200
    assert strict(answer.content.decode()) == []
    assert 'class="help' in answer.content.decode()


@pytest.mark.parametrize("name", sorted(name for name, page in PAGES.items() if page.list_filter))
def test_every_filter_of_a_list_works(name: str, full_house: Shop, operator: Client) -> None:
    base = f"/admin/{name.replace('.', '/')}/"
    answer: Any = operator.get(base)
    links = set(re.findall(r'href="(\?[^"]+)"', answer.content.decode()))
    for link in links:
        assert operator.get(base + link.replace("&amp;", "&")).status_code == 200, link


@pytest.mark.parametrize(
    "text", ["dana", "dana guest", "dana@example.org", "07700 900418", "{reference}", "{lower}"]
)
def test_a_booking_is_found_by_reference_and_by_what_people_say(
    text: str, shop: Shop, operator: Client, dana_at_noon: BookingFacts
) -> None:
    shown = dana_at_noon.shown_reference
    asked = text.replace("{reference}", shown).replace("{lower}", dana_at_noon.reference.lower())
    assert shown in operator.get("/admin/bookings/booking/", {"q": asked}).content.decode()
    assert shown not in operator.get("/admin/bookings/booking/", {"q": "erin"}).content.decode()


def test_secrets_are_on_no_page(full_house: Shop, operator: Client) -> None:
    from holdfast.accounts.models import Account, ApiToken

    token, account = ApiToken.objects.latest("created_at"), Account.objects.get(email="olga@example.org")
    for path in (f"accounts/apitoken/{token.pk}/change/", f"accounts/account/{account.pk}/change/"):
        page = operator.get(f"/admin/{path}").content.decode()
        assert token.digest not in page
        assert account.password not in page
        assert 'type="password"' not in page

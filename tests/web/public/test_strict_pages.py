"""What holds for every public page: a strict policy, no inline script or style, few bytes, words that can be translated."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import translation

from holdfast.waitlist.queries import entry_token
from tests.cast import Shop
from tests.waitlist.line import wait
from tests.web.public.visitor import DETAILS, reserve, take


def pages(client: Client, shop: Shop) -> dict[str, Any]:
    """One of each, opened as a visitor would."""
    times = f"/b/{shop.slug}/times?service={shop.cut.id}&who=any"
    held, mine = take(client, shop, "11:00"), reserve(client, shop, "12:00")
    return {
        "landing": client.get("/"),
        "choose": client.get(f"/b/{shop.slug}/"),
        "times": client.get(times),
        "details": client.get(held),
        "mistakes": client.post(f"{held}/review", {}),
        "review": client.post(f"{held}/review", DETAILS),
        "manage": client.get(mine),
        "move": client.get(f"{mine}/move"),
        "cancel": client.get(f"{mine}/cancel"),
        "find": client.get(f"/b/{shop.slug}/find"),
        "list": client.get(f"/b/{shop.slug}/list"),
        "waiting": client.get(f"/w/{entry_token(entry_id=wait(shop).id)}"),
        "earlier": client.get(f"{mine}/earlier"),
        "login": client.get("/accounts/login/"),
        "missing": client.get("/nothing"),
    }


def test_no_page_carries_script_or_style_of_its_own(client: Client, shop: Shop) -> None:
    for name, page in pages(client, shop).items():
        html = page.content.decode()
        assert not re.search(r"\sstyle\s*=", html), name
        assert not re.search(r"\son[a-z]+\s*=", html), name
        # A block of data is nothing that runs: allauth hands its own script what a passkey is asked for.
        assert not re.search(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", html), name
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", html), name


def test_the_accent_is_the_only_style_element_and_carries_the_nonce(client: Client, shop: Shop) -> None:
    page = client.get(f"/b/{shop.slug}/")
    found = re.findall(r'<style nonce="([^"]+)">(.*?)</style>', page.content.decode())
    assert len(found) == 1
    assert f"'nonce-{found[0][0]}'" in page["Content-Security-Policy"]
    assert re.fullmatch(r":root \{ --hue: [\d.]+; --chroma: [\d.]+ \}", found[0][1])
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]


def test_the_booking_page_weighs_less_than_sixty_kilobytes_with_all_it_loads(
    client: Client, shop: Shop
) -> None:
    html = client.get(f"/b/{shop.slug}/times", {"service": str(shop.cut.id), "who": "any"}).content
    assets = re.findall(r'(?:src|href)="/static/([^"]+)"', html.decode())
    assert len(assets) <= 7
    weight = len(gzip.compress(html, 6))
    for asset in assets:
        found = finders.find(asset)
        assert isinstance(found, str), asset
        weight += len(gzip.compress(Path(found).read_bytes(), 6))
    assert weight < 60_000


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_pages_open_in_any_language_django_knows(client: Client, shop: Shop, language: str) -> None:
    with translation.override(language):
        assert (
            client.get(f"/b/{shop.slug}/times", {"service": str(shop.cut.id), "who": "any"}).status_code
            == 200
        )


def test_every_form_names_its_fields_for_everybody(client: Client, shop: Shop) -> None:
    html = client.post(f"{take(client, shop)}/review", {}).content.decode()
    for field in re.findall(r"<(?:input|textarea) class=\"input\"[^>]*>", html):
        about = re.search(r'\bid="([^"]+)"', field)
        assert about is not None
        assert f'<label for="{about.group(1)}">' in html
        for described in re.findall(r'aria-describedby="([^"]+)"', field):
            for id in described.split():
                assert f'id="{id}"' in html
    assert html.count('aria-invalid="true"') == 2

"""Which other sites' pages may call the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from holdfast.config.environment import read
from holdfast.core.errors import SettingsRefused
from tests.cast import Shop

THEIRS = "https://www.example.com"
pytestmark = pytest.mark.django_db


@pytest.fixture
def services(shop: Shop) -> str:
    return f"/api/v1/businesses/{shop.slug}/services"


@pytest.fixture
def listed(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = frozenset({THEIRS})


def permissions(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control")}


def test_without_the_setting_no_site_may(services: str) -> None:
    answer = Client().get(services, headers={"origin": THEIRS})
    assert answer.status_code == 200
    assert not permissions(answer)


def test_a_listed_site_may_read_answers_and_their_figures(services: str, listed: None) -> None:
    answer = Client().get(services, headers={"origin": THEIRS})
    assert answer.headers["Access-Control-Allow-Origin"] == THEIRS
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://www.example.com", "https://www.example.com.evil.example", "null", ""],
)
def test_no_other_site_may(services: str, listed: None, origin: str) -> None:
    answer = Client().get(services, headers={"origin": origin})
    assert not permissions(answer)
    assert "Origin" in answer.headers["Vary"], "a cache must not give one site's answer to another"


def test_a_browser_that_asks_first_is_told_what_it_may_send(services: str, listed: None) -> None:
    asked = {"origin": THEIRS, "access-control-request-method": "POST"}
    answer = Client().options(services, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    for name in ("Authorization", "Content-Type", "Idempotency-Key"):
        assert name in answer.headers["Access-Control-Allow-Headers"]
    elsewhere = Client().options(services, headers=asked | {"origin": "https://evil.example"})
    assert not permissions(elsewhere)


def test_pages_are_nobody_elses(shop: Shop, listed: None) -> None:
    assert not permissions(Client().get(f"/b/{shop.slug}/", headers={"origin": THEIRS}))


@pytest.mark.parametrize("wrong", ["*", "www.example.com", "https://www.example.com/", "ftp://example.com"])
def test_what_is_no_origin_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", wrong)
    with pytest.raises(SettingsRefused, match="CORS_ALLOWED_ORIGINS"):
        read()

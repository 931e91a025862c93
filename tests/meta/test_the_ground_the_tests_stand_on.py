"""The tests run where they say: on this engine, in their own directory, against a real server and a real browser."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection

from tests.support import environment

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.live import LiveHoldfast


@pytest.mark.django_db
def test_the_database_is_of_the_engine_of_this_run(engine: str) -> None:
    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[engine]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if engine == "sqlite" else "SHOW fsync")
        assert cursor.fetchone() is not None


@pytest.mark.django_db
def test_the_sqlite_database_is_a_file_because_memory_cannot_race(engine: str, holdfast_home: Path) -> None:
    if engine == "sqlite":
        assert Path(str(connection.settings_dict["NAME"])) == holdfast_home / "test.sqlite3"
        assert (holdfast_home / "test.sqlite3").is_file()
    else:
        assert connection.settings_dict["HOST"] == "127.0.0.1"


def test_the_tests_have_a_data_directory_of_their_own(holdfast_home: Path) -> None:
    assert settings.HOLDFAST_ENVIRONMENT == "test"
    assert holdfast_home == settings.HOLDFAST_HOME


def test_variables_of_the_developer_do_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "DATABASE_URL",
        "SMTP_HOST",
        "REDIS_URL",
        "SECRET_KEY",
        "SENDGRID_FROM_EMAIL",
        "HOLDFAST_TEST_CHROMIUM",
    )
    monkeypatch.setattr(os, "environ", dict.fromkeys(names, "of the developer"))
    environment.forget_the_developers()
    assert list(os.environ) == ["HOLDFAST_TEST_CHROMIUM"]


def test_a_real_server_answers_on_the_test_database(live_holdfast: LiveHoldfast) -> None:
    with urllib.request.urlopen(f"{live_holdfast.url}/health/live", timeout=10) as response:
        assert json.load(response)["status"] == "ok"


def test_a_real_browser_opens_the_real_server(page: Page) -> None:
    response = page.goto("/health/live")
    assert response is not None
    assert response.ok


def test_a_throwaway_redis_answers(redis_url: str) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


def test_a_throwaway_postgresql_answers_whatever_the_engine(postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(postgres_url) as session:
        assert session.execute("SELECT current_setting('max_connections')::int").fetchone() == (200,)

"""Pages while the database restarts: 503 and a calm word, never 500."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from tests.cast import Shop, make_shop
from tests.core.test_lost_connections import hang_up


def away() -> Exception:
    error = OperationalError("the connection is lost")
    error.__cause__ = psycopg.errors.lookup("57P01")()
    return error


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement finds the server gone."""

    def fail(*_: Any, **__: Any) -> None:
        raise away()

    monkeypatch.setattr("holdfast.core.sql._executed", fail)


@pytest.mark.parametrize("path", ["/b/fenwick/", "/b/fenwick/times", "/m/anything", "/b/fenwick/privacy"])
def test_a_page_says_that_it_is_back_in_a_moment(shop: Shop, client: Client, lost: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer["Cache-Control"] == "no-store"
    words = answer.content.decode()
    assert "Back in a moment" in words
    assert f'href="{path}"' in words
    assert "Traceback" not in words
    assert "connection" not in words


def test_a_fragment_stays_a_fragment(shop: Shop, client: Client, lost: None) -> None:
    current = "http://testserver/b/fenwick/times?service=x"
    answer = client.get("/b/fenwick/times", headers={"HX-Request": "true", "HX-Current-URL": current})
    assert answer.status_code == 503
    words = answer.content.decode()
    assert "<html" not in words
    assert 'href="/b/fenwick/times?service=x"' in words


def test_a_form_is_not_answered_with_a_link_that_would_lose_it(
    shop: Shop, client: Client, lost: None
) -> None:
    answer = client.post("/b/fenwick/holds", {"service": "x"})
    assert answer.status_code == 503
    assert "send it again" in answer.content.decode()


def test_data_answers_for_itself(shop: Shop, client: Client, lost: None) -> None:
    answer = client.get("/api/v1/businesses/fenwick")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "error", [OperationalError("no such table: x"), InterfaceError("bad use"), ValueError()]
)
def test_a_real_fault_stays_a_fault(shop: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("holdfast.core.sql._executed", fail)
    answer = Client(raise_request_exception=False).get("/b/fenwick/")
    assert answer.status_code == 500


def test_a_session_that_cannot_be_stored_is_no_fault_either(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise away()

    monkeypatch.setattr("holdfast.core.middleware.Sessions.process_response", fail)
    answer = Client(raise_request_exception=False).get("/accounts/login/")
    assert answer.status_code == 503
    assert "Back in a moment" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_page_in_flight_during_a_restart_is_answered_503_and_the_next_one_works(engine: str) -> None:
    make_shop("in-flight")
    client = Client()
    assert client.get("/b/in-flight/").status_code == 200
    cut: list[int] = []

    def lose(execute: Any, *values: Any) -> Any:
        if not cut:
            cut.append(1)
            hang_up(engine)
            if engine == "sqlite":
                raise away()
        return execute(*values)

    with connection.execute_wrapper(lose):
        answer = client.get("/b/in-flight/")
    assert cut
    assert answer.status_code == 503
    assert client.get("/b/in-flight/").status_code == 200

"""Sensitive actions ask who is there, unless that was shown a short while ago (SPEC J1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from holdfast.accounts.commands import create_account
from holdfast.web.recency import recently_signed_in
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@recently_signed_in
def change(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.method} {request.POST.get('name', '')}")


@recently_signed_in(reading=True)
def secret(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secret")


urlpatterns = [path("change/", change), path("secret/", secret), path("", include("holdfast.config.urls"))]


@pytest.fixture
def client(settings: Any) -> Client:
    """Alice's browser, signed in by the page at noon."""
    settings.ROOT_URLCONF = __name__
    create_account(email="alice@example.org", password=PASSWORD)
    browser = Client()
    with time_machine.travel(NOON):
        answer = browser.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def test_who_just_signed_in_is_not_asked_again_and_after_a_quarter_of_an_hour_is(client: Client) -> None:
    with time_machine.travel(NOON + timedelta(minutes=14)):
        assert client.post("/change/", {"name": "Ada"}).content == b"POST Ada"
        assert client.get("/secret/").content == b"secret"
    with time_machine.travel(NOON + timedelta(minutes=16)):
        assert client.get("/change/").content == b"GET "
        for answer in (client.post("/change/", {"name": "Ada"}), client.get("/secret/")):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/accounts/reauthenticate/?next=")


def test_what_was_posted_is_done_once_the_password_was_given(client: Client) -> None:
    with time_machine.travel(NOON + timedelta(hours=1)):
        asked = client.post("/change/", {"name": "Ada"})
        page = client.get(asked["Location"])
        assert "Show that it is you" in page.content.decode()
        answer = client.post(asked["Location"], {"password": "wrong", "next": "/change/"})
        assert answer.status_code == 200
        answer = client.post(asked["Location"], {"password": PASSWORD, "next": "/change/"})
        assert answer.content == b"POST Ada"
        assert client.post("/change/", {"name": "Bea"}).content == b"POST Bea"
    with time_machine.travel(NOON + timedelta(hours=1, minutes=16)):
        assert client.post("/change/", {"name": "Cid"}).status_code == 302


def test_a_fragment_tells_its_page_to_ask_and_a_guest_passes_to_the_view(client: Client) -> None:
    with time_machine.travel(NOON + timedelta(hours=1)):
        answer = client.post(
            "/change/",
            headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/fenwick/?day=1"},
        )
        assert answer.status_code == 401
        assert answer["HX-Redirect"] == "/accounts/reauthenticate/?next=%2Fdesk%2Ffenwick%2F%3Fday%3D1"
        assert Client().post("/change/", {"name": "Dana"}).content == b"POST Dana"

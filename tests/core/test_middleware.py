from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Template
from django.test import Client
from django.urls import path

from holdfast.accounts.models import Account
from holdfast.core.middleware import Languages


def data(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"user": str(request.user), "session": hasattr(request, "session")})


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<p>{request.LANGUAGE_CODE}</p>")


def page_with_nonce(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template("<style nonce='{{ n }}'>").render(Context({"n": request.csp_nonce})))


def flash(request: HttpRequest) -> HttpResponse:
    messages.info(request, "saved")
    return HttpResponse(";".join(str(message) for message in messages.get_messages(request)))


urlpatterns = [
    path("api/v1/data", data),
    path("b/northside", page),
    path("b/styled", page_with_nonce),
    path("desk/flash", flash),
    path("desk/data", data),
]
pytestmark = [pytest.mark.urls(__name__)]


@pytest.fixture
def alice(db: None) -> Account:
    return Account.objects.create_user("alice@example.com", "correct horse battery", name="Alice")


def test_public_and_token_routes_without_the_cookie_touch_no_database(
    django_assert_num_queries: Any, db: None
) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/api/v1/data")
    assert response.json() == {"user": "AnonymousUser", "session": False}
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


def test_with_the_cookie_a_public_route_knows_who_it_is(alice: Account) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get("/api/v1/data").json() == {"user": "Alice", "session": True}
    client.cookies[django_settings.SESSION_COOKIE_NAME] = "invented"
    assert client.get("/api/v1/data").json() == {"user": "AnonymousUser", "session": True}


@pytest.mark.django_db
def test_other_routes_have_a_session_at_once() -> None:
    assert Client().get("/desk/data").json()["session"]
    assert Client().get("/desk/flash").content == b"saved"


def test_every_answer_carries_the_safe_headers() -> None:
    for address in ("/api/v1/data", "/b/northside", "/b/styled"):
        headers = Client().get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Content-Security-Policy"]


def policy(address: str) -> dict[str, str]:
    header = Client().get(address).headers["Content-Security-Policy"]
    return {part.split()[0]: part.strip() for part in header.split(";")}


def test_a_page_may_load_only_what_is_ours() -> None:
    found = policy("/b/northside")
    assert found["script-src"] == "script-src 'self'"
    assert found["style-src"] == "style-src 'self'"
    assert found["default-src"] == "default-src 'none'"
    assert not [part for part in found.values() if "unsafe" in part]


def test_the_nonce_is_in_the_header_when_the_page_uses_it_and_never_twice_the_same() -> None:
    first, second = Client().get("/b/styled"), Client().get("/b/styled")
    nonces = [response.content.decode().split("'")[1] for response in (first, second)]
    assert nonces[0] != nonces[1]
    for response, nonce in zip((first, second), nonces, strict=True):
        assert f"style-src 'self' 'nonce-{nonce}'" in response.headers["Content-Security-Policy"]
        assert "script-src 'self';" in response.headers["Content-Security-Policy"] + ";"


def test_data_may_load_nothing() -> None:
    assert policy("/api/v1/data")["default-src"] == "default-src 'none'"


def test_pages_speak_the_visitors_language_and_data_the_default_one(settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    german = {"accept-language": "de-AT,de;q=0.9"}
    response = Client().get("/b/northside", headers=german)
    assert response.content == b"<p>de</p>"
    assert response.headers["Content-Language"] == "de"
    assert "Accept-Language" in response.headers["Vary"]
    assert "Vary" not in Client().get("/api/v1/data", headers=german).headers
    assert Client().get("/b/northside").content == b"<p>en</p>"
    assert Languages.__doc__

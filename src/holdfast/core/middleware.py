"""What every request passes through, kept light: a bare view must stay a fraction of a millisecond.

Public and token routes load no session, no account and no flash messages unless the request carries the session cookie;
``request.user`` is then anonymous without a query, and ``request.session`` does not exist.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from time import perf_counter
from typing import Any

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.signals import setting_changed
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from holdfast.core.away import back_in_a_moment, is_away
from holdfast.core.ids import uuid7
from holdfast.core.log_setup import REQUEST_ID, write_access_line
from holdfast.core.metrics import counter, histogram

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_DATA = ("/api/", "/health", "/metrics", "/static/", "/webhooks/")
PUBLIC = ("/b/", "/m/", "/w/", "/r/", "/logo/", "/api/", "/static/", "/health", "/metrics", "/webhooks/")
_QUIET = ("/health", "/api/health", "/api/v2/health", "/metrics", "/static/")
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_NO_DEVICES = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
_TRY_AGAIN_SECONDS = "60"
_NONCE_PLACE = "{nonce}"
_NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'"

_requests = counter("holdfast_requests_total", "Answered requests", ("method", "route", "status"))
_seconds = histogram("holdfast_request_seconds", "Time to answer, by route", ("method", "route"))
_children: dict[tuple[str, str, int], tuple[Any, Any]] = {}


class Frame:
    """Request id, access line, figures and the headers that are the same on every answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if given and _SANE_REQUEST_ID.match(given) else uuid7().hex
        token = REQUEST_ID.set(request_id)
        try:
            response = self.get_response(request)
            headers = response.headers
            headers["X-Request-ID"] = request_id
            headers.setdefault("X-Frame-Options", "DENY")
            headers.setdefault("Permissions-Policy", _NO_DEVICES)
            if response.status_code == 429:  # the pages of sign-in know no better
                headers.setdefault("Retry-After", _TRY_AGAIN_SECONDS)
            self._note(request, response.status_code, perf_counter() - started)
        finally:
            REQUEST_ID.reset(token)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """A page in flight while the database restarts is a matter of a moment, not a fault (the API answers for itself)."""
        if request.path.startswith(_DATA) or not is_away(error):
            return None
        return back_in_a_moment(request)

    def _note(self, request: HttpRequest, status: int, seconds: float) -> None:
        method = request.method if request.method in _METHODS else "OTHER"
        match = request.resolver_match
        route = match.route if match is not None else "(none)"
        total, duration = _figures(str(method), str(route), status)
        total.inc()
        duration.observe(seconds)
        path = request.path
        if status < 400 and path.startswith(_QUIET):
            return
        write_access_line(str(method), path, status, seconds * 1000)


def _figures(method: str, route: str, status: int) -> tuple[Any, Any]:
    key = (method, route, status)
    found = _children.get(key)
    if found is None:
        found = (_requests.labels(method, route, str(status)), _seconds.labels(method, route))
        _children[key] = found
    return found


class ContentSecurity(CSPMiddleware):
    """django-csp on pages, with the policy composed once; data answers get the strictest one.

    Responses that a decorator of django-csp has touched take django-csp's own way.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        headers = response.headers
        if HEADER in headers or any(name.startswith("_csp") for name in vars(response)):
            return super().process_response(request, response)
        if not headers.get("Content-Type", "").startswith("text/html"):
            headers[HEADER] = _NOT_A_PAGE
            return response
        nonce = getattr(request, "_csp_nonce", None)
        if nonce is None:
            # Too late from here on: a nonce that is not in the header would only look as if it worked.
            request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
            headers[HEADER] = _policy(None)
        else:
            headers[HEADER] = _policy(_NONCE_PLACE).replace(_NONCE_PLACE, nonce)
        return response


@functools.cache
def _policy(nonce: str | None) -> str:
    return str(build_policy(nonce=nonce))


def _compose_again(*, setting: str, **_: Any) -> None:
    if setting == "CONTENT_SECURITY_POLICY":
        _policy.cache_clear()


setting_changed.connect(_compose_again)


def has_no_session(request: HttpRequest) -> bool:
    """Whether this is a public or token route, asked for without the session cookie."""
    return request.path.startswith(PUBLIC) and settings.SESSION_COOKIE_NAME not in request.COOKIES


class Sessions(SessionMiddleware):
    """Django's sessions, stepping aside where there is none."""

    def __call__(self, request: HttpRequest) -> Any:
        if has_no_session(request):
            return self.get_response(request)
        return super().__call__(request)


class SignedIn(AuthenticationMiddleware):
    """Django's ``request.user``; anonymous at once where there is no session."""

    def __call__(self, request: HttpRequest) -> Any:
        if hasattr(request, "session"):
            return super().__call__(request)
        request.user = AnonymousUser()
        return self.get_response(request)


class FlashMessages(MessageMiddleware):
    """Django's flash messages, which live in the session."""

    def __call__(self, request: HttpRequest) -> Any:
        if hasattr(request, "session"):
            return super().__call__(request)
        return self.get_response(request)


class Languages:
    """The visitor's language on pages: cookie, then browser, then the default. Data answers are in the default one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if len(settings.LANGUAGES) == 1 or request.path.startswith(_DATA):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", language)
        return response

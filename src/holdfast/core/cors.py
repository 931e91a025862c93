"""Which other sites' pages may read the API from a browser: those of ``CORS_ALLOWED_ORIGINS``, and no other.

A page elsewhere speaks as a program does, with a token or as a guest: cookies are never part of it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

_API = "/api/"
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-ID"
_SHOWN = (
    "ETag, Link, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-ID"
)
_KEPT_SECONDS = "600"


class OtherSites:
    """The answers' permission for the pages of listed origins, and the answers to their browsers' questions first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.CORS_ALLOWED_ORIGINS or not request.path.startswith(_API):
            return self.get_response(request)
        origin = request.headers.get("origin", "")
        is_listed = origin in settings.CORS_ALLOWED_ORIGINS
        if is_listed and request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            response: HttpResponseBase = HttpResponse(status=204)
            response.headers["Access-Control-Allow-Methods"] = _METHODS
            response.headers["Access-Control-Allow-Headers"] = _HEADERS
            response.headers["Access-Control-Max-Age"] = _KEPT_SECONDS
        else:
            response = self.get_response(request)
        if is_listed:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _SHOWN
        patch_vary_headers(response, ("Origin",))
        return response

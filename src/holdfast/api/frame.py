"""What every answer of the API passes through: HEAD, 405 as a problem, rate-limit headers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from holdfast.api.auth import counted
from holdfast.api.errors import CONTENT_TYPE, answer_refusal, problem
from holdfast.core.errors import TooMany

View = Callable[..., HttpResponseBase]


def framed(view: View) -> View:
    """The view with what all answers share."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked_for_head = request.method == "HEAD"
        if asked_for_head:
            request.method = "GET"
        response = view(request, *args, **kwargs)
        if response.status_code == 405 and response.headers.get("Content-Type") != CONTENT_TYPE:
            response = _not_allowed(response.headers.get("Allow", ""))
        if asked_for_head:
            request.method = "HEAD"
            response = _without_body(response)
        verdict = counted(request)
        if not verdict.allowed and 400 <= response.status_code < 500:
            # A key got it past the door, but it is no repeat: what else is wrong with it is not worth telling.
            response = answer_refusal(request, TooMany(retry_after=verdict.retry_after, limit=verdict.limit))
        if verdict.limit:
            response.headers["RateLimit-Limit"] = str(verdict.limit)
            response.headers["RateLimit-Remaining"] = str(verdict.remaining)
            response.headers["RateLimit-Policy"] = f"{verdict.limit};w={settings.RATE_LIMIT_WINDOW_SECONDS}"
        return response

    # Writes with a session cookie are checked by the door, others carry their own proof.
    answer.csrf_exempt = True  # type: ignore[attr-defined]
    return answer


def unknown_address(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """No operation lives here."""
    return problem(404, "not_found")


def _not_allowed(allowed: str) -> HttpResponse:
    methods = sorted({method.strip() for method in allowed.split(",") if method.strip()})
    if "GET" in methods:
        methods.append("HEAD")
    response = problem(405, "method_not_allowed")
    response.headers["Allow"] = ", ".join(methods)
    return response


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    if response.streaming:
        bare = HttpResponse(status=response.status_code, headers=dict(response.headers))
        response.close()
        return bare
    content = getattr(response, "content", b"")
    response.headers["Content-Length"] = str(len(content))
    response.content = b""  # type: ignore[attr-defined]
    return response

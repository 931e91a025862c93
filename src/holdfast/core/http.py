"""Pages for machines: health and figures."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from holdfast import __version__
from holdfast.core import health, metrics
from holdfast.core.request import is_direct_loopback


def _unstored(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def healthy(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """All checks: 200, or 503 when one is failing."""
    ok, body = health.report()
    return _unstored(JsonResponse(body, status=200 if ok else 503))


@require_safe
def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Whether this web server should be sent requests."""
    ok, body = health.report(health.READY)
    return _unstored(JsonResponse(body, status=200 if ok else 503))


@require_safe
def live(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Whether this process answers at all."""
    return _unstored(JsonResponse({"status": "ok", "version": __version__, "checks": {}}))


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for the holder of the token, or without one for direct requests from this machine."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
            refused = HttpResponse(status=401, content_type="text/plain")
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
    elif not is_direct_loopback(request):
        return HttpResponse(status=403, content_type="text/plain")
    return _unstored(HttpResponse(metrics.page(), content_type="text/plain; version=0.0.4; charset=utf-8"))

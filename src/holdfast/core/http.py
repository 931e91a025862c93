"""Pages for machines: health and figures."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from holdfast import __version__
from holdfast.core import health, metrics, sql
from holdfast.core.clock import now
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


def _outbox() -> Iterable[tuple[Sequence[str], float]]:
    row = sql.one(
        "SELECT COUNT(*) FILTER (WHERE dead_at IS NULL), COUNT(*) FILTER (WHERE dead_at IS NOT NULL)"
        " FROM core_outboxevent"
    )
    assert row is not None
    return [(("waiting",), row[0]), (("dead",), row[1])]


def _workers() -> Iterable[tuple[Sequence[str], float]]:
    row = sql.one(
        "SELECT COUNT(*) FROM core_workerheartbeat WHERE seen_at > %s", (now() - timedelta(seconds=60),)
    )
    assert row is not None
    return [((), row[0])]


def _failing_jobs() -> Iterable[tuple[Sequence[str], float]]:
    return [
        ((name,), count) for name, count in sql.rows("SELECT name, failures_in_a_row FROM core_periodicjob")
    ]


metrics.gauge("holdfast_outbox_events", "Events in the outbox, by state", ("state",), _outbox)
metrics.gauge("holdfast_workers", "Workers seen in the last minute", (), _workers)
metrics.gauge("holdfast_periodic_failures", "Failures in a row of each periodic job", ("job",), _failing_jobs)

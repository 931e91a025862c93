from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from holdfast import __version__
from holdfast.bookings import sql as hot
from holdfast.core import health, metrics
from holdfast.core.clock import now
from holdfast.core.ids import uuid7
from holdfast.core.models import OutboxEvent, PeriodicJob, WorkerHeartbeat

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def get() -> Any:
    return Client().get


@pytest.mark.parametrize("address", ["/health", "/api/health", "/api/v2/health"])
def test_a_well_installation_says_so_everywhere(address: str, get: Any) -> None:
    response = get(address)
    body = response.json()
    assert response.status_code == 200
    assert (body["status"], body["version"]) == ("ok", __version__)
    assert {name: check["status"] for name, check in body["checks"].items()} == dict.fromkeys(
        (
            *("database", "migrations", "cache", "queue", "disk"),
            *("guard", "slot_guard", "audit_guard", "ledger_guard"),
        ),
        "ok",
    )
    assert response.headers["Cache-Control"] == "no-store"


def test_liveness_needs_no_database(get: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert get("/health/live").json()["status"] == "ok"


def test_only_reading_is_allowed(get: Any) -> None:
    assert Client().post("/health").status_code == 405
    assert Client().head("/health").status_code == 200


def overdue(minutes: float) -> None:
    moment = now() - timedelta(minutes=minutes)
    OutboxEvent.objects.create(id=uuid7(), kind="X", payload="{}", due_at=moment, created_at=moment)


def test_a_queue_nobody_works_on_fails_health_but_not_readiness(get: Any) -> None:
    overdue(minutes=4)
    assert get("/health").status_code == 200
    overdue(minutes=6)
    response = get("/health")
    assert response.status_code == 503
    assert response.json()["checks"]["queue"]["status"] == "failing"
    assert response.json()["checks"]["queue"]["overdue_seconds"] >= 360
    ready = get("/health/ready")
    assert ready.status_code == 200
    assert "queue" not in ready.json()["checks"]


def test_workers_and_dead_events_are_counted(get: Any) -> None:
    WorkerHeartbeat.objects.create(name="here:1", started_at=now(), seen_at=now())
    WorkerHeartbeat.objects.create(name="gone:2", started_at=now(), seen_at=now() - timedelta(minutes=2))
    overdue(minutes=60)
    OutboxEvent.objects.update(dead_at=now())
    assert get("/health").json()["checks"]["queue"] == {
        "status": "ok",
        "workers": 1,
        "overdue_seconds": 0,
        "dead": 1,
    }


@pytest.mark.parametrize("name", ["database", "cache", "disk", "migrations"])
def test_what_breaks_is_named_without_its_message(
    name: str, get: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> health.Check:
        raise ConnectionError("password authentication failed for user holdfast")

    monkeypatch.setitem(health.ALL, name, broken)
    for address in ("/health", "/health/ready"):
        response = get(address)
        assert response.status_code == 503
        assert response.json()["checks"][name] == {"status": "failing"}
        assert b"password" not in response.content


def test_a_missing_migration_fails_readiness(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    monkeypatch.setattr(health, "_migrations_seen", {"complete": False, "looked_at": -1000.0, "waiting": 0})
    last = MigrationRecorder.Migration.objects.filter(app="core").order_by("-id")[0]
    with transaction.atomic():
        last.delete()
        response = get("/health/ready")
        transaction.set_rollback(True)
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == {"status": "failing", "waiting": 1}


def test_a_full_disk_fails(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "MINIMUM_FREE_BYTES", 10**18)
    assert get("/health").json()["checks"]["disk"]["status"] == "failing"


def test_the_database_cache_works_after_migrate() -> None:
    cache.set("greeting", "hello", 30)
    assert cache.get("greeting") == "hello"
    assert cache.incr("n") if cache.add("n", 1) else True


# --- figures ----------------------------------------------------------------------------------------------------------


def test_the_figures_count_requests_by_route_and_not_by_what_was_typed(get: Any) -> None:
    get("/health/live")
    get("/nothing/of/that/name/xyz123")
    text = get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    assert 'holdfast_requests_total{method="GET",route="health/live",status="200"}' in text
    assert 'holdfast_request_seconds_bucket{le="0.001",method="GET",route="health/live"}' in text
    assert "xyz123" not in text


def test_the_figures_show_the_outbox_and_failing_jobs(get: Any) -> None:
    overdue(minutes=1)
    PeriodicJob.objects.create(name="sweep", cron="* * * * *", next_run_at=now(), failures_in_a_row=3)
    text = metrics.page().decode()
    assert 'holdfast_outbox_events{state="waiting"} 1.0' in text
    assert 'holdfast_outbox_events{state="dead"} 0.0' in text
    assert 'holdfast_periodic_failures{job="sweep"} 3.0' in text


def test_without_a_token_only_this_machine_sees_the_figures(get: Any) -> None:
    assert get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
    assert get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert (
        get("/metrics", REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 403
    )


def test_with_a_token_the_token_is_needed_everywhere(get: Any, settings: Any) -> None:
    settings.METRICS_TOKEN = "a-long-token"
    assert get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 401
    assert get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert get("/metrics", headers={"authorization": "Bearer a-long-token"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_without_the_guard_against_double_booking_nobody_is_sent_here(engine: str) -> None:
    assert Client().get("/health/ready").status_code == 200
    down = hot.GUARD["sqlite" if engine == "sqlite" else "postgresql"][1]
    with connection.cursor() as cursor:
        for statement in down:
            cursor.execute(statement)
    try:
        response = Client().get("/health/ready")
    finally:
        hot.ensure_guard()
    assert response.status_code == 503
    assert response.json()["checks"]["guard"] == {"status": "failing"}
    assert Client().get("/health/ready").status_code == 200

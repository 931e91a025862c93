from typing import Any

import structlog
from django.apps import AppConfig
from django.core.signals import got_request_exception, request_started
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "holdfast.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_make_cache_table, sender=self)
        post_migrate.connect(_guard_again, sender=self)
        got_request_exception.connect(_note_failure)
        from holdfast.core import gauges
        from holdfast.core.connections import drop_lost_connection

        request_started.connect(drop_lost_connection)
        gauges.connect()


def _make_cache_table(*, using: str, **_: Any) -> None:
    """The table of the database cache, which Django makes by a command of its own; nothing where Redis is used."""
    from django.core.management import call_command

    call_command("createcachetable", database=using, verbosity=0)


def _guard_again(**_: Any) -> None:
    """After every migration the audit trail is guarded, whatever was done to its table; unless it went back behind it."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from holdfast.core.audit_guard import ensure_guard

    if ("core", "0004_audit_guard") in MigrationRecorder(connection).applied_migrations():
        ensure_guard()


def _note_failure(*, request: Any = None, **_: Any) -> None:
    """One line with the traceback for every exception no view handled, also one from rendering the error page."""
    path = getattr(request, "path", "")
    structlog.get_logger("holdfast.request").error("request_failed", path=path, exc_info=True)

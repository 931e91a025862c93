from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PaymentsConfig(AppConfig):
    name = "holdfast.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_guard_again, sender=self)


def _guard_again(**_: Any) -> None:
    """After every migration the ledger is guarded, whatever was done to its table; unless it went back behind it."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from holdfast.payments.sql import ensure_guard

    if ("payments", "0002_guard") in MigrationRecorder(connection).applied_migrations():
        ensure_guard()

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PrivacyConfig(AppConfig):
    name = "holdfast.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_forget_again, sender=self)


def _forget_again(**_: Any) -> None:
    """After a migration, which follows a restored backup: who was forgotten is forgotten again."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from holdfast.core import clock, erasures
    from holdfast.privacy.commands import replay_erasures

    if erasures.erasures_file().exists() and (
        ("customers", "0004_erased_at") in MigrationRecorder(connection).applied_migrations()
    ):
        replay_erasures(now=clock.now())

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "holdfast.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_make_cache_table, sender=self)


def _make_cache_table(*, using: str, **_: Any) -> None:
    """The table of the database cache, which Django makes by a command of its own; nothing where Redis is used."""
    from django.core.management import call_command

    call_command("createcachetable", database=using, verbosity=0)

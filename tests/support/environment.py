"""The environment the tests run in: an own data directory and database, nothing of the developer's.

Django's settings read the environment once, so `prepare` runs while `tests/conftest.py` is imported, before them.
Every test process (xdist worker) has its own directory; the PostgreSQL cluster is started by the first process and its
address handed down to the others by the environment.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from pydantic import AliasChoices

from holdfast.config.environment import Variables
from tests.support import requirements, servers


def engine() -> str:
    """The database engine of this run: `sqlite` (default) or `postgres`, from HOLDFAST_TEST_ENGINE."""
    name = os.environ.get("HOLDFAST_TEST_ENGINE", "sqlite")
    if name not in {"sqlite", "postgres"}:
        raise ValueError(f"HOLDFAST_TEST_ENGINE is sqlite or postgres; not {name!r}")
    return name


def prepare() -> Path:
    """Set the environment for Django's settings; the data directory of this test process."""
    if settings.configured:
        raise RuntimeError(
            "Django read the developer's environment before the tests': unset DJANGO_SETTINGS_MODULE"
        )
    forget_the_developers()
    home = Path(tempfile.mkdtemp(prefix="holdfast-test-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "holdfast.config.settings",
        "HOLDFAST_ENVIRONMENT": "test",
        "HOLDFAST_HOME": str(home),
        "DATABASE_URL": postgres_url() if engine() == "postgres" else f"sqlite:///{home}/holdfast.sqlite3",
    }
    return home


def forget_the_developers() -> None:
    """Remove every variable Holdfast reads, so that a test never meets a real database, mail server or setting."""
    for name, field in Variables.model_fields.items():
        aliases = field.validation_alias.choices if isinstance(field.validation_alias, AliasChoices) else []
        for variable in (name.upper(), *map(str, aliases)):
            os.environ.pop(variable, None)


def postgres_url() -> str:
    """The cluster of this run: HOLDFAST_TEST_POSTGRES_URL, else a throwaway one that the processes below share."""
    url = os.environ.get("HOLDFAST_TEST_POSTGRES_URL")
    if url is None:
        how_to_get = requirements.missing("postgres")
        if how_to_get is not None:
            raise RuntimeError(how_to_get)
        url = os.environ["HOLDFAST_TEST_POSTGRES_URL"] = servers.start_postgres().url
    return url

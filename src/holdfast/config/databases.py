"""``DATABASE_URL`` as Django's ``DATABASES``, with the options both engines are run with."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LOCK_TIMEOUT_MS = 3000
_ON_EVERY_SQLITE_CONNECTION = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
    "PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;"
)
_ON_EVERY_POSTGRESQL_CONNECTION = {
    "jit": "off",
    "lock_timeout": str(LOCK_TIMEOUT_MS),
    "idle_in_transaction_session_timeout": "60000",
    # Fair for disks without arms. At the server's own 4, what a connection plans while a table is small reads all of
    # it, and is kept while the table grows.
    "random_page_cost": "1.1",
    "timezone": "UTC",
}


def database(url: str, home: Path) -> dict[str, Any]:
    """The default database: SQLite in ``home`` without a URL."""
    if not url:
        return _sqlite(home / "holdfast.sqlite3", home)
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path.removeprefix("/")) or home / "holdfast.sqlite3"), home)
    return _postgresql(url)


def _sqlite(path: Path, home: Path) -> dict[str, Any]:
    return {
        "ENGINE": "holdfast.core.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": _ON_EVERY_SQLITE_CONNECTION,
        },
        # A file, not memory: the shared cache of an in-memory database ignores the busy timeout.
        "TEST": {"NAME": str(home / "test.sqlite3")},
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", "") or unquote(parts.hostname or "")
    # For a pooler that gives every transaction another connection and cannot carry prepared statements along.
    prepares = query.pop("prepare", "on") != "off"
    options = " ".join(f"-c {name}={value}" for name, value in _ON_EVERY_POSTGRESQL_CONNECTION.items())
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": "holdfast",
            "prepare_threshold": 2 if prepares else None,
            **query,
            "options": options,
        },
    }

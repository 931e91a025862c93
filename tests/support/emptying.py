"""Emptying the test database after a test that committed.

Django's own way flushes every table and then migrates nothing, with all its handlers: over a second a test on two busy
cores. Most tests fill a dozen tables; one statement finds them. What migrating has put there stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

# Filled by migrating, not by tests.
_KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission", "django_site"})


def install() -> None:
    """Have every test that commits empty the database in this way."""
    TransactionTestCase._fixture_teardown = _empty_all  # type: ignore[attr-defined]


def empty(alias: str = "default") -> None:
    """Delete every row that tests wrote, by whatever process."""
    connection = connections[alias]
    with transaction.atomic(using=alias), connection.cursor() as cursor, _unguarded(cursor):
        cursor.execute(_which_are_filled(alias))
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@contextmanager
def _unguarded(cursor: CursorWrapper) -> Iterator[None]:
    """Without what would refuse: no row is left that a foreign key or a guard could speak for."""
    if cursor.db.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        return
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE DELETE%'"
    )
    guards = cursor.fetchall()
    for name, _ in guards:
        cursor.execute(f"DROP TRIGGER {name}")
    yield
    for _, made in guards:
        cursor.execute(made)


def _empty_all(case: TransactionTestCase) -> None:
    empty()  # the one database there is


@cache
def _which_are_filled(alias: str) -> str:
    connection = connections[alias]
    tables = sorted(set(connection.introspection.table_names()) - _KEPT)
    quoted = connection.ops.quote_name
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quoted(table)})" for table in tables
    )

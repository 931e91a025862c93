"""Hand-written statements of the hot paths, portable and in few round trips (DESIGN §3 "Speed").

The ORM costs about four times the CPU of the same statement through Django's connection. The hot paths therefore
write their few statements by hand; this module holds what all of them need: reading rows, and inserting rows
of several tables with one statement where the engine can.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

Row = tuple[Any, ...]
_ONE_TYPE = frozenset({UUID, datetime})


@cache
def on_postgres() -> bool:
    """Whether this process works on PostgreSQL; asked for every value bound, so asked of Django once."""
    vendor: str = connection.vendor
    return vendor == "postgresql"


def one(statement: str, values: Sequence[Any] = ()) -> Row | None:
    """The first row, or None."""
    with _executed(statement, [bound(value) for value in values]) as cursor:
        row: Row | None = cursor.fetchone()
        return row


def rows(statement: str, values: Sequence[Any] = ()) -> list[Row]:
    """All rows."""
    with _executed(statement, [bound(value) for value in values]) as cursor:
        found: list[Row] = cursor.fetchall()
        return found


def run(statement: str, values: Sequence[Any] = ()) -> int:
    """Execute and say how many rows it touched."""
    with _executed(statement, [bound(value) for value in values]) as cursor:
        count: int = cursor.rowcount
        return count


@contextmanager
def _executed(statement: str, values: list[Any] | dict[str, Any]) -> Iterator[Any]:
    """A cursor that has run the statement.

    On PostgreSQL the driver's own cursor, which prepares: parsing and planning these few statements over and over costs
    more than running them. What is found comes in binary, which the driver reads without Python code of Django's. Where statements are being recorded (tests, debugging) Django's, which records.
    """
    if not on_postgres() or connection.queries_logged or connection.execute_wrappers:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            yield cursor
        return
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as prepared:
        prepared.execute(statement, values, binary=True)
        yield prepared


def places(count: int) -> str:
    """``%s, %s, %s`` for an IN list."""
    return ", ".join(["%s"] * count)


def insert_all(
    tables: Iterable[tuple[str, Sequence[Mapping[str, Any]]]], *, ignoring: Collection[str] = ()
) -> None:
    """Insert rows into several tables: one statement on PostgreSQL (data-modifying CTEs), one a table elsewhere.

    Each item is ``(table, rows)``; the rows of a table share their columns. Foreign keys between the tables are fine:
    PostgreSQL checks them at the end of the statement, elsewhere the order given is kept. Columns that are None are
    left to the database, and ids and instants that occur again share a parameter: beyond 50 parameters the driver would
    parse the statement anew every time. Of the tables in ``ignoring``, rows that are there already are left as they are.
    """
    parts: list[str] = []
    shared: dict[Any, str] = {}
    values: dict[str, Any] = {}
    for table, table_rows in tables:
        if not table_rows:
            continue
        columns = [name for name in table_rows[0] if any(row[name] is not None for row in table_rows)]
        head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
        tail = " ON CONFLICT DO NOTHING" if table in ignoring else ""
        if on_postgres():
            written = [
                f"({', '.join([_place(row[column], shared, values) for column in columns])})"
                for row in table_rows
            ]
            parts.append(f"{head}{', '.join(written)}{tail}")
        else:
            one_row = f"({places(len(columns))})"
            every = [row[column] for row in table_rows for column in columns]
            run(f"{head}{', '.join([one_row] * len(table_rows))}{tail}", every)
    if not parts:
        return
    head = ", ".join(f"insert_{index} AS ({part})" for index, part in enumerate(parts[:-1]))
    statement = f"WITH {head} {parts[-1]}" if head else parts[-1]
    with _executed(statement, values):
        pass


def _place(value: Any, shared: dict[Any, str], values: dict[str, Any]) -> str:
    """The placeholder of a value; the same one again where its type leaves PostgreSQL no choice of what it is."""
    if value.__class__ in _ONE_TYPE and (known := shared.get(value)) is not None:
        return known
    name = f"p{len(values)}"
    values[name] = bound(value)
    place = f"%({name})s"
    if value.__class__ in _ONE_TYPE:
        shared[value] = place
    return place


def bound(value: Any) -> Any:
    """A Python value as this engine's driver takes it."""
    if on_postgres():
        return json.dumps(value) if isinstance(value, dict) else value
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return value


def as_uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def as_instant(value: Any) -> datetime:
    """An aware UTC datetime from a driver's value."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def as_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, (str, bytes)) else value

"""Hand-written statements of the hot paths, portable and in few round trips (DESIGN §3 "Speed").

The ORM costs about four times the CPU of the same statement through Django's connection. The hot paths therefore
write their few statements by hand; this module holds what all of them need: reading rows, and inserting rows
of several tables with one statement where the engine can.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections

from holdfast.core.lane import Lane

Row = tuple[Any, ...]
# A table, the columns written, how many rows, and whether those that are there already are left as they are.
_Inserted = tuple[str, tuple[str, ...], int, bool]
_ONE_TYPE = frozenset({UUID, datetime})


@cache
def on_postgres() -> bool:
    """Whether this process works on PostgreSQL; asked for every value bound, so asked of Django once."""
    vendor: str = connection.vendor
    return vendor == "postgresql"


def one(statement: str, values: Sequence[Any] = ()) -> Row | None:
    """The first row, or None."""
    with _executed(statement, values) as found:
        row: Row | None = found.fetchone()
        return row


def rows(statement: str, values: Sequence[Any] = ()) -> list[Row]:
    """All rows."""
    with _executed(statement, values) as found:
        all_of_them: list[Row] = found.fetchall()
        return all_of_them


def run(statement: str, values: Sequence[Any] = ()) -> int:
    """Execute and say how many rows it touched."""
    with _executed(statement, values) as found:
        count: int = found.rowcount
        return count


def _executed(statement: str, values: Sequence[Any]) -> AbstractContextManager[Any]:
    """What has run the statement, to be asked for its rows.

    On PostgreSQL the driver, which prepares: parsing and planning these few statements over and over costs more than
    running them. Where statements are being recorded (tests, debugging) Django's cursor, which records.
    """
    wrapper = connections[
        DEFAULT_DB_ALIAS
    ]  # once: every question to the proxy ``connection`` looks it up anew
    if not on_postgres():
        return _recorded(wrapper, statement, [bound(value) for value in values])
    values = [json.dumps(value) if value.__class__ is dict else value for value in values]
    if wrapper.queries_logged or wrapper.execute_wrappers:
        return _recorded(wrapper, statement, values)
    return nullcontext(_prepared(wrapper, _numbered(statement), values))


def _prepared(wrapper: Any, statement: bytes, values: Sequence[Any]) -> Any:
    if wrapper.connection is None:
        wrapper.ensure_connection()
    if wrapper.needs_rollback:
        wrapper.validate_no_broken_transaction()
    connected = wrapper.connection
    lane = wrapper.__dict__.get("holdfast_lane")
    if lane is None or lane.connected is not connected:
        lane = wrapper.holdfast_lane = Lane(connected)
    try:
        return lane.execute(statement, values)
    except psycopg.Error:
        with wrapper.wrap_database_errors:
            raise


@contextmanager
def _recorded(wrapper: Any, statement: str, values: Sequence[Any]) -> Iterator[Any]:
    with wrapper.cursor() as cursor:
        cursor.execute(statement, values)
        yield cursor


@lru_cache(maxsize=2048)
def _numbered(statement: str) -> bytes:
    """The statement with the server's own places, ``$1`` and so on, which the driver passes on unread."""
    parts = statement.split("%s")
    numbered = "".join(f"{part}${number}" for number, part in enumerate(parts[:-1], start=1)) + parts[-1]
    return numbered.replace("%%", "%").encode()


def places(count: int) -> str:
    """``%s, %s, %s`` for an IN list."""
    return ", ".join(["%s"] * count)


def among(column: str, ids: Collection[UUID]) -> tuple[str, list[Any]]:
    """``column`` is one of these ids (not none): the condition, and the values it binds; one wording on PostgreSQL."""
    if len(ids) == 1:
        return f"{column} = %s", list(ids)
    if on_postgres():
        return f"{column} = ANY(%s)", [list(ids)]
    return f"{column} IN ({places(len(ids))})", list(ids)


def insert_all(
    tables: Iterable[tuple[str, Sequence[Mapping[str, Any]]]], *, ignoring: Collection[str] = ()
) -> None:
    """Insert rows into several tables: one statement on PostgreSQL (data-modifying CTEs), one a table elsewhere.

    Each item is ``(table, rows)``; the rows of a table share their columns. Foreign keys between the tables are fine:
    PostgreSQL checks them at the end of the statement, elsewhere the order given is kept. Columns that are None are
    left to the database, and ids and instants that occur again share a parameter. Of the tables in ``ignoring``, rows
    that are there already are left as they are.
    """
    shape: list[_Inserted] = []
    order: list[int] = []
    values: list[Any] = []
    seen: dict[int, int] = {}
    for table, table_rows in tables:
        if not table_rows:
            continue
        if len(table_rows) == 1:
            columns = tuple([name for name, value in table_rows[0].items() if value is not None])
        else:
            columns = tuple([n for n in table_rows[0] if any(row[n] is not None for row in table_rows)])
        shape.append((table, columns, len(table_rows), table in ignoring))
        for row in table_rows:
            for column in columns:
                value = row[column]
                # The same parameter again only where its type leaves PostgreSQL no choice of what it is.
                if value.__class__ in _ONE_TYPE:
                    # By identity: comparing ids takes Python code, and what occurs again is the same object.
                    place = seen.setdefault(id(value), len(values))
                    order.append(place)
                    if place < len(values):
                        continue
                else:
                    order.append(len(values))
                values.append(value)
    if not shape:
        return
    if on_postgres():
        wrapper = connections[DEFAULT_DB_ALIAS]
        statement, recorded = _inserting(tuple(shape), tuple(order))
        values = [json.dumps(value) if value.__class__ is dict else value for value in values]
        if wrapper.queries_logged or wrapper.execute_wrappers:
            with _recorded(wrapper, recorded, [values[place] for place in order]):
                return
        _prepared(wrapper, statement, values)
        return
    _insert_in_turn(shape, [values[place] for place in order])


@lru_cache(maxsize=512)
def _inserting(shape: tuple[_Inserted, ...], order: tuple[int, ...]) -> tuple[bytes, str]:
    """The statement that inserts rows of this shape, with numbered places and, to be recorded, with ``%s``."""
    parts = [_one_insert(inserted) for inserted in shape]
    head = ", ".join(f"insert_{index} AS ({part})" for index, part in enumerate(parts[:-1]))
    recorded = f"WITH {head} {parts[-1]}" if head else parts[-1]
    pieces = recorded.split("%s")
    numbered = "".join(f"{piece}${place + 1}" for piece, place in zip(pieces, order, strict=False))
    return (numbered + pieces[-1]).encode(), recorded


def _one_insert(inserted: _Inserted) -> str:
    table, columns, count, is_ignoring = inserted
    written = ", ".join([f"({places(len(columns))})"] * count)
    tail = " ON CONFLICT DO NOTHING" if is_ignoring else ""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {written}{tail}"


def _insert_in_turn(shape: Sequence[_Inserted], values: Sequence[Any]) -> None:
    begin = 0
    for inserted in shape:
        end = begin + len(inserted[1]) * inserted[2]
        run(_one_insert(inserted), values[begin:end])
        begin = end


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

"""The short way to PostgreSQL: the same answers and refusals as by the driver's cursor, whenever it may be taken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError, connection, connections, transaction

from holdfast.core import sql
from holdfast.core.lane import Answer, Lane

pytestmark = pytest.mark.django_db(transaction=True)
USES_BEFORE_PREPARED = 4
KNOCK = "INSERT INTO core_ratewindow (key, hits, ends_at) VALUES (%s, 1, now())"
ECHO = "SELECT %s::uuid, %s::timestamptz, %s::text, %s::bytea, %s::uuid[]"


@pytest.fixture(autouse=True)
def _only_postgresql(engine: str) -> None:
    if engine != "postgres":
        pytest.skip("SQLite has no such way")


def lane() -> Lane:
    found: Lane = vars(connections["default"])["holdfast_lane"]
    return found


def way(statement: str, values: list[Any]) -> type[Any]:
    """By which way the statement goes now."""
    return type(lane().execute(sql._numbered(statement), values))


def test_values_come_back_as_they_went_whichever_way() -> None:
    values = [uuid4(), datetime(2026, 11, 27, 10, tzinfo=UTC), "Ω", b"\x00\xff", [uuid4(), uuid4()]]
    for _ in range(USES_BEFORE_PREPARED):
        assert sql.one(ECHO, values) == tuple(values)
    assert way(ECHO, values) is Answer
    assert sql.one(ECHO, values) == tuple(values)
    assert sql.rows(ECHO, values) == [tuple(values)]


def test_rows_and_counts_are_those_of_the_cursor() -> None:
    for _ in range(USES_BEFORE_PREPARED):
        assert sql.rows("SELECT g FROM generate_series(1, %s) g", [3]) == [(1,), (2,), (3,)]
        assert sql.one("SELECT g FROM generate_series(1, %s) g WHERE g > 3", [3]) is None
        assert sql.run("UPDATE businesses_business SET name = name WHERE id = %s", [uuid4()]) == 0


def test_after_a_rollback_what_the_driver_forgot_is_prepared_again() -> None:
    values = [7]
    for _ in range(USES_BEFORE_PREPARED):
        assert sql.one("SELECT %s::int", values) == (7,)
    assert way("SELECT %s::int", values) is Answer
    with pytest.raises(DataError), transaction.atomic():
        sql.one("SELECT 1 / (%s::int - 7)", values)
    for _ in range(USES_BEFORE_PREPARED):
        assert sql.one("SELECT %s::int", values) == (7,)
    assert way("SELECT %s::int", values) is Answer


def test_a_transaction_begins_with_the_first_statement_and_can_be_taken_back() -> None:
    for number in range(USES_BEFORE_PREPARED):
        sql.run(KNOCK, [f"key {number}"])
    assert way(KNOCK, ["another"]) is Answer
    with transaction.atomic():
        sql.run(KNOCK, ["taken back"])
        transaction.set_rollback(True)
    with transaction.atomic():
        sql.run(KNOCK, ["kept"])
    found = {row[0] for row in sql.rows("SELECT key FROM core_ratewindow")}
    assert "kept" in found
    assert "taken back" not in found


def test_errors_are_djangos_and_name_what_was_violated() -> None:
    for number in range(USES_BEFORE_PREPARED):
        sql.run(KNOCK, [f"key {number}"])
    assert way(KNOCK, ["another"]) is Answer
    with pytest.raises(IntegrityError) as caught:
        sql.run(KNOCK, ["key 0"])
    assert caught.value.__cause__.diag.constraint_name == "core_ratewindow_pkey"  # type: ignore[union-attr]


def test_where_the_driver_is_told_not_to_prepare_nothing_is_called_by_name() -> None:
    sql.one("SELECT 1")
    connection.connection.prepare_threshold = None
    try:
        for _ in range(USES_BEFORE_PREPARED):
            assert sql.one("SELECT %s::int + 1000", [1]) == (1001,)
        assert way("SELECT %s::int + 1000", [1]) is not Answer
    finally:
        connection.close()

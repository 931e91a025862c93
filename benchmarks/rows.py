"""The rows a booking writes, taken from the database as Holdfast wrote them, for the raw limit to write again."""

from __future__ import annotations

from typing import Any

from django.db import connection

from benchmarks.limits import Transaction

# Parents first; (table, the column that leads to the booking, or to its customer).
TABLES = (
    ("customers_customer", "id", "customer_id"),
    ("customers_nametoken", "customer_id", "customer_id"),
    ("customers_consent", "customer_id", "customer_id"),
    ("bookings_booking", "id", "id"),
    ("bookings_claim", "booking_id", "id"),
    ("bookings_bookingchange", "booking_id", "id"),
    ("core_outboxevent", "subject_id", "id"),
)


def take_out(references: list[str]) -> list[Transaction]:
    """Read the rows of these bookings, delete them, and say how to write them again: one transaction a booking."""
    transactions: list[Transaction] = []
    with connection.cursor() as cursor:
        for reference in references:
            cursor.execute("SELECT id, customer_id FROM bookings_booking WHERE reference = %s", [reference])
            booking_id, customer_id = cursor.fetchone()
            keys = {"id": booking_id, "customer_id": customer_id}
            statements: Transaction = []
            for table, column, key in TABLES:
                statements += _inserts(cursor, table, column, keys[key])
            transactions.append(statements)
            for table, column, key in reversed(TABLES):
                cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [keys[key]])
    return transactions


def _inserts(cursor: Any, table: str, column: str, value: Any) -> Transaction:
    cursor.execute(f"SELECT * FROM {table} WHERE {column} = %s", [value])
    names = [part[0] for part in cursor.description]
    mark = "?" if connection.vendor == "sqlite" else "%s"
    places = ", ".join([mark] * len(names))
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"
    return [(statement, tuple(row)) for row in cursor.fetchall()]


def cancelling(reference: str) -> Transaction:
    """What cancelling writes: the booking's state, its claim gone, a line of history, an event."""
    mark = "?" if connection.vendor == "sqlite" else "%s"
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, business_id FROM bookings_booking WHERE reference = %s", [reference])
        booking_id, business_id = cursor.fetchone()
        cancel = (
            "UPDATE bookings_booking SET state = 'cancelled', sequence = sequence + 1"
            f" WHERE id = {mark} AND state = 'confirmed'"
        )
        statements: Transaction = [
            (cancel, (booking_id,)),
            (f"DELETE FROM bookings_claim WHERE booking_id = {mark}", (booking_id,)),
        ]
        for table, columns in (("bookings_bookingchange", "booking_id"), ("core_outboxevent", "subject_id")):
            cursor.execute(
                f"SELECT * FROM {table} WHERE business_id = %s AND {columns} = %s",
                [business_id, booking_id],
            )
            names = [part[0] for part in cursor.description]
            row = dict(zip(names, cursor.fetchone(), strict=True))
            row.pop("id") if table == "bookings_bookingchange" else row.update(id=_other(row["id"]))
            places = ", ".join([mark] * len(row))
            statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"
            statements.append((statement, tuple(row.values())))
    return statements


def _other(id: Any) -> Any:
    """Another id of the same kind."""
    from uuid import UUID

    return UUID(int=id.int ^ 1) if isinstance(id, UUID) else f"{int(id, 16) ^ 1:032x}"

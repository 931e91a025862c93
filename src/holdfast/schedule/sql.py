"""The hand-written statements of published slots, and the guard that keeps a resource's slots apart (DESIGN §2).

A slot's ``taken`` is changed by one guarded statement only. Its row is locked after the booking's, as claims are: whoever
holds a slot's row waits for nothing but customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from holdfast.core import sql

GUARD_NAME = "slot_overlap"
TABLE = "schedule_slot"

# As for claims: slots of a resource never overlap, so only the first to end after the new one begins can be in its way.
_SQLITE_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS slot_overlap_{name} BEFORE {event} ON schedule_slot
WHEN NEW.resource_id IS NOT NULL AND (
    SELECT starts_at FROM schedule_slot
    WHERE business_id = NEW.business_id AND resource_id = NEW.resource_id AND ends_at > NEW.starts_at {others}
    ORDER BY ends_at LIMIT 1
) < NEW.ends_at
BEGIN
    SELECT RAISE(ABORT, 'holdfast:slot_overlap');
END
"""

GUARD: dict[str, tuple[list[str], list[str]]] = {
    "postgresql": (
        [
            "CREATE EXTENSION IF NOT EXISTS btree_gist",
            """ALTER TABLE schedule_slot ADD CONSTRAINT slot_overlap
            EXCLUDE USING gist (resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
            WHERE (resource_id IS NOT NULL)""",
        ],
        ["ALTER TABLE schedule_slot DROP CONSTRAINT slot_overlap"],
    ),
    "sqlite": (
        [
            _SQLITE_TRIGGER.format(name="INSERT", event="INSERT", others=""),
            _SQLITE_TRIGGER.format(
                name="UPDATE",
                event="UPDATE OF business_id, resource_id, starts_at, ends_at",
                others="AND id <> NEW.id",
            ),
        ],
        ["DROP TRIGGER slot_overlap_INSERT", "DROP TRIGGER slot_overlap_UPDATE"],
    ),
}

_GUARD_IS_UP = {
    "postgresql": "SELECT count(*) FROM pg_constraint WHERE conname = 'slot_overlap'"
    " AND conrelid = 'schedule_slot'::regclass",
    "sqlite": "SELECT count(*) = 2 FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'slot_overlap_%%'",
}


@dataclass(frozen=True, slots=True)
class NewSlot:
    """What sets one slot of a generation apart from the others."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    local_on: date


def guard_is_up() -> bool:
    """Whether the database itself refuses overlapping slots of a resource."""
    row = sql.one(_GUARD_IS_UP[connection.vendor])
    return row is not None and bool(row[0])


def ensure_guard() -> None:
    """Put the guard up if it is not: on SQLite Django rebuilds a table to change a column, and drops its triggers."""
    if not guard_is_up():
        for statement in GUARD[connection.vendor][0]:
            sql.run(statement)


def insert_slots(
    *,
    business_id: UUID,
    service_id: UUID,
    resource_id: UUID | None,
    series_id: UUID | None,
    capacity: int,
    now: datetime,
    slots: Sequence[NewSlot],
) -> int:
    """Insert open, empty slots; those that are there already are left as they are. How many are new."""
    if not slots:
        return 0
    head = (
        f"INSERT INTO {TABLE} (id, business_id, service_id, resource_id, series_id, starts_at, ends_at, local_on,"
        " capacity, taken, is_open, created_at)"
    )
    shared = [business_id, service_id, resource_id, series_id]
    if sql.on_postgres():
        return sql.run(
            f"{head} SELECT n.id, %s, %s, %s::uuid, %s::uuid, n.starts_at, n.ends_at, n.local_on, %s, 0, TRUE, %s"
            " FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::date[])"
            " AS n(id, starts_at, ends_at, local_on) ON CONFLICT DO NOTHING",
            [
                *shared,
                capacity,
                now,
                [slot.id for slot in slots],
                [slot.starts_at for slot in slots],
                [slot.ends_at for slot in slots],
                [slot.local_on for slot in slots],
            ],
        )
    before, after = [sql.bound(value) for value in shared], [capacity, 0, 1, sql.bound(now)]
    rows = [
        [
            sql.bound(slot.id),
            *before,
            sql.bound(slot.starts_at),
            sql.bound(slot.ends_at),
            slot.local_on.isoformat(),
            *after,
        ]
        for slot in slots
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"{head} VALUES ({sql.places(12)}) ON CONFLICT DO NOTHING", rows)
        return int(cursor.rowcount)


def take_places(*, business_id: UUID, slot_id: UUID, places: int, closed_too: bool = False) -> bool:
    """Take places of a slot in one statement, or none: whether there were enough and it is open."""
    only_open = "" if closed_too else " AND is_open"
    return bool(
        sql.run(
            f"UPDATE {TABLE} SET taken = taken + %s"
            f" WHERE business_id = %s AND id = %s{only_open} AND taken + %s <= capacity",
            [places, business_id, slot_id, places],
        )
    )


def give_back_places(places: Iterable[tuple[UUID, int]]) -> None:
    """Give places back, slot by slot in the order of their ids; only for whoever ended the booking that took them."""
    freed: dict[UUID, int] = {}
    for slot_id, count in places:
        freed[slot_id] = freed.get(slot_id, 0) + count
    for slot_id in sorted(freed):
        sql.run(f"UPDATE {TABLE} SET taken = taken - %s WHERE id = %s", [freed[slot_id], slot_id])


def offer_held_still(*, business_id: UUID) -> int:
    """The version of what a business offers, which stays what it is for whoever looks first until this transaction ends.

    Many can hold it still at once, and wait together for a change. Two statements, because one that waited for a lock still
    reads its old snapshot; on SQLite the transaction already has the whole database.
    """
    if sql.on_postgres():
        sql.one("SELECT pg_advisory_xact_lock_shared(%s)", [_key(business_id)])
    return version_now(business_id=business_id)


def version_now(*, business_id: UUID) -> int:
    """The version of what a business offers; whoever has locks that a change needs asks for it after them."""
    row = sql.one("SELECT version FROM businesses_business WHERE id = %s", [business_id])
    return int(row[0]) if row else 0


def lock_offer(*, business_id: UUID) -> None:
    """Wait for everybody who holds the offer still, and let nobody do so until this transaction ends.

    An advisory lock and not the business's row: those who come later queue behind the change instead of passing it.
    """
    if sql.on_postgres():
        sql.one("SELECT pg_advisory_xact_lock(%s)", [_key(business_id)])


def _key(business_id: UUID) -> int:
    return int.from_bytes(business_id.bytes[-8:], signed=True)


def lock_slots(slot_ids: Iterable[UUID]) -> None:
    """Lock slot rows in the order of their ids; on SQLite the transaction already has the whole database."""
    ids = sorted(set(slot_ids))
    if ids and sql.on_postgres():
        sql.rows(f"SELECT 1 FROM {TABLE} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])

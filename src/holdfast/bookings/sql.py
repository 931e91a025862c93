"""The hand-written statements of the hot paths, and all that differs between database engines (DESIGN §2, §3).

``GUARD`` is what makes double booking impossible whatever the code above does: PostgreSQL's exclusion constraint,
SQLite's triggers, which run inside ``BEGIN IMMEDIATE``. Both refuse under the one name ``claim_overlap``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from struct import unpack
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from holdfast.bookings.rules import OCCUPYING
from holdfast.catalog.sql import give_back_uses
from holdfast.core import sql
from holdfast.lib.timeline import instant_of, minute_before, minute_of
from holdfast.schedule.sql import give_back_places

GUARD_NAME = "claim_overlap"

# The starts and the ends of several claims, as the database hands them out.
PackedClaims = tuple[bytes, bytes] | tuple[str, str]
_MICROS_A_MINUTE = 60_000_000
_NO_VISITOR = (None,) * 6
_POSTGRES_EPOCH = minute_of(datetime(2000, 1, 1, tzinfo=UTC))

# On SQLite the claims of a resource never overlap, so of all that end after the new one begins only the first to end
# can overlap it: one index probe, however many claims there are.
_SQLITE_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS claim_overlap_{event} BEFORE {event} ON bookings_claim
WHEN (
    SELECT starts_at FROM bookings_claim
    WHERE business_id = NEW.business_id AND resource_id = NEW.resource_id AND ends_at > NEW.starts_at {others}
    ORDER BY ends_at LIMIT 1
) < NEW.ends_at
BEGIN
    SELECT RAISE(ABORT, 'holdfast:claim_overlap');
END
"""

GUARD: dict[str, tuple[list[str], list[str]]] = {
    "postgresql": (
        [
            "CREATE EXTENSION IF NOT EXISTS btree_gist",
            """ALTER TABLE bookings_claim ADD CONSTRAINT claim_overlap
            EXCLUDE USING gist (resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&)""",
        ],
        ["ALTER TABLE bookings_claim DROP CONSTRAINT claim_overlap"],
    ),
    "sqlite": (
        [
            _SQLITE_TRIGGER.format(event="INSERT", others=""),
            _SQLITE_TRIGGER.format(event="UPDATE", others="AND id <> NEW.id"),
        ],
        ["DROP TRIGGER claim_overlap_INSERT", "DROP TRIGGER claim_overlap_UPDATE"],
    ),
}

_OCCUPYING = ", ".join(f"'{state}'" for state in sorted(OCCUPYING))

_GUARD_IS_UP = {
    "postgresql": "SELECT count(*) FROM pg_constraint WHERE conname = 'claim_overlap'"
    " AND conrelid = 'bookings_claim'::regclass",
    "sqlite": "SELECT count(*) = 2 FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'claim_overlap_%%'",
}

# A claim whose booking's time has run out is dead: it no longer counts, whether or not it has been tidied away.
_DEAD = "SELECT id FROM bookings_booking WHERE releases_at <= %s"


def guard_is_up() -> bool:
    """Whether the database itself refuses overlapping claims."""
    row = sql.one(_GUARD_IS_UP[connection.vendor])
    return row is not None and bool(row[0])


def ensure_guard() -> None:
    """Put the guard up if it is not: on SQLite Django rebuilds a table to change a column, and drops its triggers."""
    if not guard_is_up():
        for statement in GUARD[connection.vendor][0]:
            sql.run(statement)


def lock_resources(resource_ids: Iterable[UUID]) -> None:
    """Lock resource rows in the order of their ids; on SQLite the transaction already has the whole database.

    A statement of its own, because a statement that waited for a lock still reads its old snapshot.
    """
    if sql.on_postgres():
        ids = sorted(set(resource_ids))
        sql.rows("SELECT 1 FROM catalog_resource WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])


def claims_in(
    *,
    business_id: UUID,
    resource_ids: Sequence[UUID],
    start: int,
    end: int,
    now: datetime,
    but: UUID | None = None,
) -> dict[UUID, PackedClaims]:
    """The live claims of each resource that touch the minutes ``[start, end)``: one statement, one row a resource.

    They come packed, for :func:`spans_of` to read: equal ones need to be read only once. A resource without claims is
    missing. ``but`` is a booking whose own claims are left out.
    """
    if not resource_ids:
        return {}
    which, ids = sql.among("resource_id", resource_ids)
    # A fortnight of eight barbers has hundreds of claims: as two values a resource they cost a tenth of as many rows.
    statement = (
        f"SELECT resource_id, {_joined('starts_at')}, {_joined('ends_at')} FROM bookings_claim"
        f" WHERE business_id = %s AND {which} AND ends_at > %s AND starts_at < %s"
        f" AND booking_id NOT IN ({_DEAD})"
    )
    values = [business_id, *ids, instant_of(start), instant_of(end), now]
    if but is not None:
        statement += " AND booking_id <> %s"
        values.append(but)
    found = sql.rows(f"{statement} GROUP BY resource_id", values)
    return {sql.as_uuid(resource_id): (starts, ends) for resource_id, starts, ends in found}


def spans_of(packed: PackedClaims) -> list[tuple[int, int]]:
    """The spans of packed claims in minutes, in no order."""
    starts, ends = packed
    return list(zip(_minutes_of(starts), _minutes_of(ends), strict=True))


def _minutes_of(joined: bytes | str) -> list[int]:
    if isinstance(joined, str):
        return [_minute_of_text(text) for text in joined.split(",")]
    return [
        micros // _MICROS_A_MINUTE + _POSTGRES_EPOCH for micros in unpack(f">{len(joined) // 8}q", joined)
    ]


def bookings_in_the_way(
    *, business_id: UUID, resource_ids: Sequence[UUID], starts_at: datetime, ends_at: datetime, now: datetime
) -> list[tuple[UUID, UUID, bool]]:
    """``(resource_id, booking_id, dead)`` of every claim that overlaps the span, dead ones too; one statement."""
    which, ids = sql.among("c.resource_id", resource_ids)
    found = sql.rows(
        "SELECT c.resource_id, c.booking_id, b.releases_at <= %s FROM bookings_claim c"
        " JOIN bookings_booking b ON b.id = c.booking_id"
        f" WHERE c.business_id = %s AND {which} AND c.ends_at > %s AND c.starts_at < %s",
        [now, business_id, *ids, starts_at, ends_at],
    )
    return [(sql.as_uuid(resource), sql.as_uuid(booking), bool(dead)) for resource, booking, dead in found]


class Visitor(NamedTuple):
    """Who is about to book: the row of a new customer, sealed, should nobody be known by its ``email_index``."""

    id: UUID
    name: bytes
    email: bytes | None
    phone: bytes | None
    email_index: str | None
    phone_index: str


@dataclass(frozen=True, slots=True)
class Look:
    """What is so once the locks are held.

    ``version`` is that of the business's timetable; ``in_the_way`` is as :func:`bookings_in_the_way` has it;
    ``customer`` the ``(id, blocked)`` of a visitor, found or made, if nothing is in the way and the engine can tell at
    once.
    """

    version: int
    in_the_way: list[tuple[UUID, UUID, bool]]
    customer: tuple[UUID, bool] | None = None


def look_under_locks(
    *,
    business_id: UUID,
    locks: Iterable[UUID],
    resource_ids: Sequence[UUID],
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    visitor: Visitor | None = None,
) -> Look:
    """Lock resources in the order of their ids, then look: one statement, on PostgreSQL a function of several."""
    if not sql.on_postgres():
        return _look(business_id, resource_ids, starts_at, ends_at, now, visitor)
    who = visitor or _NO_VISITOR
    row = sql.one(
        "SELECT * FROM holdfast_look(%s, %s, %s, %s, %s, %s, %s::uuid, %s, %s, %s, %s::text, %s::text)",
        [business_id, sorted(set(locks)), list(resource_ids), starts_at, ends_at, now, *who],
    )
    assert row is not None  # a function's row
    version, resources, bookings, dead, customer, is_blocked = row
    in_the_way = list(zip(resources, bookings, dead, strict=True)) if bookings else []
    return Look(version, in_the_way, (customer, is_blocked) if customer else None)


def _look(
    business_id: UUID,
    resource_ids: Sequence[UUID],
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    visitor: Visitor | None,
) -> Look:
    """The same on SQLite, where the transaction already has the whole database; who is new is made elsewhere."""
    which, ids = sql.among("c.resource_id", resource_ids)
    found = sql.rows(
        "SELECT v.version, c.resource_id, c.booking_id, b.releases_at <= %s, k.id, k.blocked_at IS NOT NULL"
        " FROM businesses_business v"
        " LEFT JOIN customers_customer k ON k.business_id = v.id AND k.email_index = %s"
        f" LEFT JOIN bookings_claim c ON c.business_id = v.id AND {which} AND c.ends_at > %s AND c.starts_at < %s"
        " LEFT JOIN bookings_booking b ON b.id = c.booking_id WHERE v.id = %s",
        [now, visitor and visitor.email_index, *ids, starts_at, ends_at, business_id],
    )
    in_the_way = [(sql.as_uuid(row[1]), sql.as_uuid(row[2]), bool(row[3])) for row in found if row[1]]
    if not found:
        return Look(0, in_the_way)
    version, *_, customer, is_blocked = found[0]
    met = (sql.as_uuid(customer), bool(is_blocked)) if customer and not in_the_way else None
    return Look(version, in_the_way, met)


def end_dead_bookings(*, booking_ids: Sequence[UUID], now: datetime) -> list[tuple[UUID, UUID, str, bool]]:
    """End bookings whose ``releases_at`` has come and give back what they took.

    ``(id, business_id, state, on request)`` of those that this call ended.

    The guarded update decides who ends a booking: only the one whose update changed the row deletes the claims, or
    gives the places of its slot back.
    """
    if not booking_ids:
        return []
    which, ids = sql.among("id", booking_ids)
    ended = sql.rows(
        "UPDATE bookings_booking SET releases_at = NULL, undo_until = NULL,"
        " sequence = CASE WHEN state = 'cancelled' THEN sequence ELSE sequence + 1 END,"
        " state = CASE WHEN state = 'cancelled' THEN 'cancelled' ELSE 'expired' END"
        f" WHERE {which} AND releases_at <= %s RETURNING id, business_id, state, slot_id, party_size,"
        " promo_code, EXISTS (SELECT 1 FROM bookings_request r WHERE r.booking_id = bookings_booking.id)",
        [*ids, now],
    )
    give_back_places((sql.as_uuid(row[3]), row[4]) for row in ended if row[3] is not None)
    delete_claims(booking_ids=[sql.as_uuid(row[0]) for row in ended if row[3] is None])
    give_back_uses(uses=Counter((sql.as_uuid(row[1]), row[5]) for row in ended if row[5]))
    return [(sql.as_uuid(row[0]), sql.as_uuid(row[1]), row[2], bool(row[6])) for row in ended]


def delete_claims(*, booking_ids: Sequence[UUID]) -> None:
    """Give back the time of these bookings."""
    if booking_ids:
        which, ids = sql.among("booking_id", booking_ids)
        sql.run(f"DELETE FROM bookings_claim WHERE {which}", ids)


def bookings_that_day(
    *, business_id: UUID, resource_ids: Sequence[UUID], on: date, now: datetime
) -> dict[UUID, int]:
    """How many bookings each resource has under this date; dead holds and released ones left out."""
    which, ids = sql.among("resource_id", resource_ids)
    found = sql.rows(
        "SELECT resource_id, count(*) FROM bookings_booking"
        f" WHERE business_id = %s AND {which} AND local_on = %s"
        f" AND state IN ({_OCCUPYING})"
        " AND (releases_at IS NULL OR releases_at > %s) GROUP BY resource_id",
        [business_id, *ids, on, now],
    )
    return {sql.as_uuid(resource_id): count for resource_id, count in found}


def customer_known_by(*, business_id: UUID, email_index: str, phone_index: str) -> tuple[UUID, bool] | None:
    """``(id, blocked)`` of the customer with this address or, for somebody without one, with this phone and none."""
    if email_index:
        which, value = "email_index = %s", email_index
    elif phone_index:
        which, value = "phone_index = %s AND email_index IS NULL", phone_index
    else:
        return None
    row = sql.one(
        f"SELECT id, blocked_at IS NOT NULL FROM customers_customer WHERE business_id = %s AND {which}",
        [business_id, value],
    )
    return None if row is None else (sql.as_uuid(row[0]), bool(row[1]))


def dead_in_slot(*, business_id: UUID, slot_id: UUID, now: datetime) -> list[UUID]:
    """The bookings of a slot whose time ran out and whose places are still counted."""
    found = sql.rows(
        "SELECT id FROM bookings_booking WHERE business_id = %s AND slot_id = %s AND releases_at <= %s ORDER BY id",
        [business_id, slot_id, now],
    )
    return [sql.as_uuid(row[0]) for row in found]


def dead_places(*, business_id: UUID, now: datetime) -> dict[UUID, int]:
    """By slot: places that are still counted and whose bookings' time ran out. There are few: workers tidy them away."""
    found = sql.rows(
        "SELECT slot_id, sum(party_size) FROM bookings_booking"
        " WHERE releases_at <= %s AND business_id = %s AND slot_id IS NOT NULL GROUP BY slot_id",
        [now, business_id],
    )
    return {sql.as_uuid(slot_id): int(places) for slot_id, places in found}


def bookings_in_slot(
    *,
    business_id: UUID,
    slot_id: UUID,
    customer_id: UUID,
    account_id: UUID | None,
    now: datetime,
    but: UUID | None = None,
) -> int:
    """How many live bookings a customer or their account has in a slot, one left out; holds have neither."""
    row = sql.one(
        "SELECT count(*) FROM bookings_booking WHERE business_id = %s AND slot_id = %s"
        f" AND (customer_id = %s OR account_id = %s) AND id <> %s AND state IN ({_OCCUPYING})"
        " AND state <> 'held' AND (releases_at IS NULL OR releases_at > %s)",
        # An id that is nobody's, where none is left out: every row of a booking has one.
        [business_id, slot_id, customer_id, account_id or customer_id, but or slot_id, now],
    )
    return int(row[0]) if row else 0


def dead_bookings(*, now: datetime, limit: int) -> list[UUID]:
    """Bookings whose time ran out and that nobody has ended yet, oldest first, of every business."""
    found = sql.rows(
        "SELECT id FROM bookings_booking WHERE releases_at <= %s ORDER BY releases_at LIMIT %s", [now, limit]
    )
    return [sql.as_uuid(row[0]) for row in found]


def lock_service(service_id: UUID) -> None:
    """Lock a service's row, after the resources: who counts the guests of an interval waits for who adds to them."""
    if sql.on_postgres():
        sql.rows("SELECT 1 FROM catalog_service WHERE id = %s FOR NO KEY UPDATE", [service_id])


def covers_in(
    *, business_id: UUID, service_id: UUID, start: int, end: int, now: datetime, but: UUID | None = None
) -> dict[int, int]:
    """The guests of a service by the minute at which they start, from ``start`` to before ``end``: one statement.

    Live bookings and holds count, a cancelled one until its undo has ended; ``but`` is one left out.
    """
    statement = (
        "SELECT starts_at, SUM(party_size) FROM bookings_booking WHERE business_id = %s AND service_id = %s"
        " AND starts_at >= %s AND starts_at < %s"
        f" AND (state IN ({_OCCUPYING}) AND (releases_at IS NULL OR releases_at > %s)"
        " OR state = 'cancelled' AND releases_at > %s)"
    )
    values: list[object] = [business_id, service_id, instant_of(start), instant_of(end), now, now]
    if but is not None:
        statement += " AND id <> %s"
        values.append(but)
    found = sql.rows(f"{statement} GROUP BY starts_at", values)
    covers: dict[int, int] = {}
    for starts_at, guests in found:
        minute = minute_before(sql.as_instant(starts_at))
        covers[minute] = covers.get(minute, 0) + int(guests)
    return covers


def _joined(column: str) -> str:
    """The instants of a group as one value: on PostgreSQL as they travel (microseconds in eight bytes), on SQLite as text.

    Neither has to be worked out, which costs the database more than finding them.
    """
    if sql.on_postgres():
        return f"string_agg(timestamptz_send({column}), NULL)"
    return f"group_concat({column})"


@lru_cache(maxsize=65536)
def _minute_of_text(text: str) -> int:
    return minute_of(datetime.fromisoformat(text).replace(tzinfo=UTC))

"""The hand-written statements of the waitlist: whoever might want a place, found by index; one matcher a business."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from holdfast.core import sql

# The first half of the advisory lock's key; the second is the business's own.
_LOCK_CLASS = 0x57A1


class Waiting(NamedTuple):
    """One wish of somebody who waits, with what their score is made of.

    ``resources`` are the ids of those they would go to, as text, or None for any. ``before`` is the start of the booking
    they would give up, if they have one.
    """

    service_id: UUID
    entry_id: UUID
    first_on: date
    last_on: date
    from_minute: int
    to_minute: int
    weekdays: int
    party_size: int
    resources: frozenset[str] | None
    joined_at: datetime
    ends_at: datetime
    passed_over: int
    boost: float
    customer_id: UUID
    tier: int
    walk_in: bool
    before: datetime | None


def lock_waitlist(*, business_id: UUID) -> None:
    """Let one matcher at a time give out a business's places; on SQLite the transaction already has the database."""
    if sql.on_postgres():
        key = int.from_bytes(business_id.bytes[-4:], signed=True)
        sql.one("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, key])


def anybody_waits(*, business_id: UUID, since: date) -> bool:
    """Whether anybody has a wish that is not over."""
    return (
        sql.one(
            "SELECT 1 FROM waitlist_entrywish WHERE business_id = %s AND last_on >= %s LIMIT 1",
            [business_id, since],
        )
        is not None
    )


def businesses_waited_for(*, since: date) -> list[UUID]:
    """Every business that somebody waits for."""
    found = sql.rows("SELECT DISTINCT business_id FROM waitlist_entrywish WHERE last_on >= %s", [since])
    return [sql.as_uuid(row[0]) for row in found]


def dates_waited_for(*, business_id: UUID, first: date, last: date) -> list[date]:
    """The dates in a stretch that somebody waits for, in order."""
    found = sql.rows(
        "SELECT DISTINCT first_on, last_on FROM waitlist_entrywish"
        " WHERE business_id = %s AND last_on >= %s AND first_on <= %s",
        [business_id, first, last],
    )
    wished: set[date] = set()
    for begins, ends in found:
        low, high = max(_as_date(begins), first), min(_as_date(ends), last)
        wished.update(low + timedelta(days=n) for n in range((high - low).days + 1))
    return sorted(wished)


def waiting_for(
    *,
    business_id: UUID,
    service_ids: Sequence[UUID],
    first: date,
    last: date,
    now: datetime,
    only_walk_ins: bool = False,
    entry_id: UUID | None = None,
) -> list[Waiting]:
    """The wishes of those who might want a place on these dates and who have no offer out; the blocked are left out, and
    those whose booking, for which they wanted an earlier time, is off or has begun."""
    if not service_ids:
        return []
    which, ids = sql.among("w.service_id", service_ids)
    days = (last - first).days + 1
    weekdays = 127 if days >= 7 else sum(1 << (first + timedelta(days=n)).weekday() for n in range(days))
    more, values = "", list[object]()
    if only_walk_ins:
        more += " AND e.walk_in"
    if entry_id is not None:
        more, values = f"{more} AND e.id = %s", [entry_id]
    found = sql.rows(
        "SELECT w.service_id, w.entry_id, w.first_on, w.last_on, w.from_minute, w.to_minute, w.weekdays,"
        " e.party_size, e.resources, e.joined_at, e.ends_at, e.passed_over, e.boost, e.customer_id, c.tier,"
        " e.walk_in, b.starts_at"
        " FROM waitlist_entrywish w JOIN waitlist_entry e ON e.id = w.entry_id"
        " JOIN customers_customer c ON c.id = e.customer_id"
        " LEFT JOIN bookings_booking b ON b.id = e.earlier_than_id"
        f" WHERE w.business_id = %s AND {which}"
        " AND w.last_on >= %s AND w.first_on <= %s AND w.weekdays & %s <> 0"
        " AND (e.earlier_than_id IS NULL OR b.state = 'confirmed')"
        f" AND e.state = 'waiting' AND c.blocked_at IS NULL{more}"
        " AND NOT EXISTS (SELECT 1 FROM waitlist_offer o"
        " WHERE o.entry_id = e.id AND o.state = 'pending' AND o.expires_at > %s)",
        [business_id, *ids, first, last, weekdays, *values, now],
    )
    return [_waiting(row) for row in found]


def _waiting(row: sql.Row) -> Waiting:
    return Waiting(
        sql.as_uuid(row[0]),
        sql.as_uuid(row[1]),
        _as_date(row[2]),
        _as_date(row[3]),
        row[4],
        row[5],
        row[6],
        row[7],
        _resources(row[8]),
        sql.as_instant(row[9]),
        sql.as_instant(row[10]),
        row[11],
        row[12],
        sql.as_uuid(row[13]),
        row[14],
        bool(row[15]),
        sql.as_instant(row[16]) if row[16] else None,
    )


def visits_of(*, business_id: UUID, customer_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """By customer: visits kept, and visits not kept. Who has neither is missing."""
    if not customer_ids:
        return {}
    which, ids = sql.among("customer_id", customer_ids)
    found = sql.rows(
        "SELECT customer_id, sum(CASE WHEN state = 'no_show' THEN 0 ELSE 1 END),"
        " sum(CASE WHEN state = 'no_show' THEN 1 ELSE 0 END) FROM bookings_booking"
        f" WHERE business_id = %s AND {which}"
        " AND state IN ('checked_in', 'completed', 'no_show') GROUP BY customer_id",
        [business_id, *ids],
    )
    return {sql.as_uuid(row[0]): (int(row[1]), int(row[2])) for row in found}


def offered_before(*, business_id: UUID, entry_ids: Collection[UUID]) -> set[tuple[UUID, datetime]]:
    """The starts that each of these entries was offered already and did not take."""
    if not entry_ids:
        return set()
    which, ids = sql.among("entry_id", entry_ids)
    found = sql.rows(
        "SELECT entry_id, starts_at FROM waitlist_offer WHERE business_id = %s"
        f" AND {which} AND state <> 'accepted'",
        [business_id, *ids],
    )
    return {(sql.as_uuid(row[0]), sql.as_instant(row[1])) for row in found}


def offers_by_customer(
    *, business_id: UUID, customer_ids: Collection[UUID], since: datetime
) -> dict[UUID, int]:
    """By customer: how many offers they were sent since then."""
    if not customer_ids:
        return {}
    which, ids = sql.among("customer_id", customer_ids)
    found = sql.rows(
        "SELECT customer_id, count(*) FROM waitlist_offer WHERE business_id = %s"
        f" AND {which} AND made_at > %s GROUP BY customer_id",
        [business_id, *ids, since],
    )
    return {sql.as_uuid(row[0]): int(row[1]) for row in found}


def offers_since(*, business_id: UUID, since: datetime) -> int:
    """How many offers the business sent since then."""
    row = sql.one(
        "SELECT count(*) FROM waitlist_offer WHERE business_id = %s AND made_at > %s", [business_id, since]
    )
    return int(row[0]) if row else 0


def pass_over(*, entry_ids: Collection[UUID], most: int) -> None:
    """Count for these entries that a place they could have had went to somebody who came later."""
    if entry_ids:
        which, ids = sql.among("id", sorted(entry_ids))
        sql.run(
            f"UPDATE waitlist_entry SET passed_over = passed_over + 1 WHERE {which} AND passed_over < %s",
            [*ids, most],
        )


def _resources(value: object) -> frozenset[str] | None:
    read = sql.as_json(value)
    return None if read is None else frozenset(read)


def _as_date(value: object) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value  # type: ignore[return-value]

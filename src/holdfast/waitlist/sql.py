"""The hand-written statements of the waitlist: whoever might want a place, found by index; one matcher a business."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
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
    joined_at: datetime
    ends_at: datetime
    passed_over: int
    boost: float
    customer_id: UUID
    tier: int
    walk_in: bool
    before: datetime | None
    resources: frozenset[str] | None


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
        " e.party_size, e.joined_at, e.ends_at, e.passed_over, e.boost, e.customer_id, c.tier, e.walk_in,"
        " b.starts_at, CAST(e.resources AS text)"
        " FROM waitlist_entrywish w JOIN waitlist_entry e ON e.id = w.entry_id"
        " JOIN customers_customer c ON c.id = e.customer_id"
        " LEFT JOIN bookings_booking b ON b.id = e.earlier_than_id"
        f" WHERE w.business_id = %s AND {which}"
        " AND w.last_on >= %s AND w.first_on <= %s AND w.weekdays & %s <> 0"
        " AND (e.earlier_than_id IS NULL OR b.state = 'confirmed')"
        f" AND e.state = 'waiting' AND c.blocked_at IS NULL{more}"
        " AND e.id NOT IN (SELECT entry_id FROM waitlist_offer"
        " WHERE business_id = %s AND state = 'pending' AND expires_at > %s)",
        [business_id, *ids, first, last, weekdays, *values, business_id, now],
    )
    if not sql.on_postgres():
        found = [_typed(row) for row in found]
    return [Waiting._make((*row[:-1], _resources(row[-1]))) for row in found]


def _typed(row: sql.Row) -> sql.Row:
    """A row of SQLite's, which keeps ids, dates and instants as text, as PostgreSQL gives it."""
    wish, entry = row[4:8], row[10:12]
    ids, dates = map(sql.as_uuid, row[:2]), map(_as_date, row[2:4])
    joined_at, ends_at = map(sql.as_instant, row[8:10])
    customer_id, tier, walk_in, before, resources = row[12:]
    person = sql.as_uuid(customer_id), tier, bool(walk_in), sql.as_instant(before) if before else None
    return (*ids, *dates, *wish, joined_at, ends_at, *entry, *person, resources)


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


def offered_before(*, business_id: UUID, first: datetime, last: datetime) -> dict[UUID, set[datetime]]:
    """By entry: the starts from the first to the last, both included, that it was offered already and did not take."""
    found = sql.rows(
        "SELECT entry_id, starts_at FROM waitlist_offer"
        " WHERE business_id = %s AND starts_at BETWEEN %s AND %s AND state <> 'accepted'",
        [business_id, first, last],
    )
    offered: dict[UUID, set[datetime]] = {}
    for entry_id, starts_at in found:
        offered.setdefault(sql.as_uuid(entry_id), set()).add(sql.as_instant(starts_at))
    return offered


def customers_sent(*, business_id: UUID, most: int, since: datetime) -> set[UUID]:
    """The customers who were sent as many offers as this, or more, since then."""
    found = sql.rows(
        "SELECT customer_id FROM waitlist_offer WHERE business_id = %s AND made_at > %s"
        " GROUP BY customer_id HAVING count(*) >= %s",
        [business_id, since, most],
    )
    return {sql.as_uuid(row[0]) for row in found}


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


@lru_cache(maxsize=1024)
def _resources(value: str | None) -> frozenset[str] | None:
    """A list of ids as it is stored: many people want the same few."""
    read = sql.as_json(value)
    return None if read is None else frozenset(read)


def _as_date(value: object) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value  # type: ignore[return-value]

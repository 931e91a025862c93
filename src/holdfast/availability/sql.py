"""Hand-written statements of availability's hot paths."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from holdfast.core import sql


def slots_in(
    *,
    business_id: UUID,
    service_id: UUID,
    first: date,
    last: date,
    starts_from: datetime,
    starts_until: datetime,
    now: datetime,
    but: UUID | None = None,
) -> list[tuple[Any, ...]]:
    """The open slots listed under these dates, by start: one statement.

    ``(id, resource_id, starts_at, ends_at, local_on, capacity, taken)``, where ``taken`` leaves out bookings whose time has
    run out and the booking ``but``.
    """
    not_counted = "releases_at <= %s" if but is None else "(releases_at <= %s OR id = %s)"
    return sql.rows(
        "SELECT s.id, s.resource_id, s.starts_at, s.ends_at, s.local_on, s.capacity, s.taken - COALESCE(d.places, 0)"
        " FROM schedule_slot s LEFT JOIN ("
        "SELECT slot_id, sum(party_size) AS places FROM bookings_booking"
        f" WHERE {not_counted} AND business_id = %s AND slot_id IS NOT NULL GROUP BY slot_id"
        ") d ON d.slot_id = s.id"
        " WHERE s.business_id = %s AND s.service_id = %s AND s.starts_at >= %s AND s.starts_at < %s"
        " AND s.local_on >= %s AND s.local_on <= %s AND s.is_open ORDER BY s.starts_at, s.id",
        [
            now,
            *([but] if but else []),
            business_id,
            business_id,
            service_id,
            starts_from,
            starts_until,
            first,
            last,
        ],
    )

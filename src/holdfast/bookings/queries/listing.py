"""Pages of bookings, worded by hand: the ORM takes longer to word them than the database to find them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from holdfast.bookings.models import Booking
from holdfast.bookings.queries.bookings import (
    COLUMNS,
    TABLE,
    BookingFacts,
    BookingFilter,
    facts_from,
    filtered,
)
from holdfast.bookings.rules import UPCOMING
from holdfast.core import sql
from holdfast.lib.pages import Page, page_of
from holdfast.lib.refusals import Invalid

_RUNS_OUT = "'held', 'awaiting_payment', 'requested'"
_UPCOMING = ", ".join(f"'{state}'" for state in sorted(UPCOMING - {"held"}))


def list_bookings(
    *,
    business_id: UUID,
    now: datetime,
    wanted: BookingFilter | None = None,
    cursor: str = "",
    limit: int = 50,
) -> Page[BookingFacts]:
    """Bookings by start (SPEC D13): upcoming and all ascending, past ones newest first. Holds and what became of them,
    and what is off among the upcoming, are listed only when their state is asked for.

    Refusals: :class:`Invalid` on ``cursor`` or ``limit``.
    """
    wanted = wanted or BookingFilter()

    def after(instant: datetime | None, id: UUID | None, count: int) -> list[BookingFacts]:
        if wanted.text.strip():
            found = _by_orm(filtered(business_id=business_id, wanted=wanted, now=now), wanted, instant, id)
            rows: Sequence[sql.Row] = list(found.values_list(*COLUMNS)[:count])
        else:
            rows = _by_hand(business_id, wanted, now, instant, id, count)
        return [facts_from(row=row) for row in rows]

    return page_of(
        cursor=cursor, limit=limit, after=after, key=lambda booking: (booking.starts_at, booking.id)
    )


def _by_hand(
    business_id: UUID,
    wanted: BookingFilter,
    now: datetime,
    instant: datetime | None,
    id: UUID | None,
    count: int,
) -> list[sql.Row]:
    """What :func:`filtered` means, words in a text aside, in order from behind a row on."""
    which, values = _which(wanted, now)
    beyond, order = ("<", "DESC") if wanted.when == "past" else (">", "ASC")
    if instant is not None:
        which += f" AND (starts_at, id) {beyond} (%s, %s)"
        values += [instant, id]
    return sql.rows(
        f"SELECT {_columns()} FROM {TABLE} WHERE business_id = %s{which}"  # noqa: S608
        f" ORDER BY starts_at {order}, id {order} LIMIT %s",
        [business_id, *values, count],
    )


def _which(wanted: BookingFilter, now: datetime) -> tuple[str, list[Any]]:
    which = ""
    values: list[Any] = []
    if wanted.states:
        condition, values = _in_states(wanted.states, now)
        which += f" AND {condition}"
    elif wanted.when == "upcoming":
        which += f" AND state IN ({_UPCOMING})"
    else:
        which += " AND state NOT IN ('held', 'expired')"
    if wanted.when == "upcoming":
        # The second condition says nothing new (no service is longer than a day), but the index can use it.
        which += " AND ends_at > %s AND starts_at > %s"
        values += [now, now - timedelta(days=1)]
    elif wanted.when == "past":
        which += " AND starts_at <= %s AND ends_at <= %s"
        values += [now, now]
    elif wanted.when:
        raise Invalid.field("when", "unknown_choice", choices=["upcoming", "past"])
    for condition, value in (
        ("local_on >= %s", wanted.from_on),
        ("local_on <= %s", wanted.to_on),
        ("customer_id = %s", wanted.customer_id),
        ("account_id = %s", wanted.account_id),
    ):
        if value:
            which += f" AND {condition}"
            values.append(value)
    if wanted.resource_id:
        # The other tables of a combination are known by their claims alone.
        which += (
            " AND (resource_id = %s OR EXISTS (SELECT 1 FROM bookings_claim c"
            " WHERE c.booking_id = bookings_booking.id AND c.resource_id = %s))"
        )
        values += [wanted.resource_id, wanted.resource_id]
    return which, values


def _in_states(states: Sequence[str], now: datetime) -> tuple[str, list[Any]]:
    """In one of the states by the clock, as :func:`filtered` has it: what ran out is expired, tidied away or not."""
    found = f"state IN ({sql.places(len(states))})"
    if not {"held", "awaiting_payment", "requested", "expired"} & set(states):
        return found, list(states)
    if "expired" in states:
        return f"({found} OR (state IN ({_RUNS_OUT}) AND releases_at <= %s))", [*states, now]
    alive = f"(releases_at IS NULL OR releases_at > %s OR state NOT IN ({_RUNS_OUT}))"
    return f"{found} AND {alive}", [*states, now]


def _columns() -> str:
    """JSON comes as text, which needs to be read only once where it is the same in every row."""
    if not sql.on_postgres():
        return ", ".join(COLUMNS)
    return ", ".join(f"{name}::text" if name in ("policy", "also") else name for name in COLUMNS)


def _by_orm(
    rows: QuerySet[Booking], wanted: BookingFilter, instant: datetime | None, id: UUID | None
) -> QuerySet[Booking]:
    if wanted.when == "past":
        rows = rows.order_by("-starts_at", "-id")
        if instant is not None:
            rows = rows.filter(
                Q(starts_at__lt=instant) | Q(starts_at=instant, id__lt=id), starts_at__lte=instant
            )
        return rows
    rows = rows.order_by("starts_at", "id")
    if instant is not None:
        rows = rows.filter(Q(starts_at__gt=instant) | Q(starts_at=instant, id__gt=id), starts_at__gte=instant)
    return rows

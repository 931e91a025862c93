"""Bookings' histories: one booking's for who looks at it, and all of them as the audit trail copies them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.models import Booking, BookingChange
from holdfast.core.fields import decrypt
from holdfast.core.sealing import HistoryLine, digest_of

# What people say in their own words stays with the booking, and goes when they are forgotten.
_IN_WORDS = frozenset({"reason"})
# Times kept for minutes while somebody fills in a form: many, and nobody has anything of them.
_IN_PASSING = ("hold", "extend", "release", "expire")


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """One line of a booking's history."""

    at: datetime
    action: str
    actor: str
    via: str
    details: dict[str, Any]


def history_of(*, business_id: UUID, booking_id: UUID) -> list[ChangeFacts]:
    """Every change of a booking, oldest first."""
    rows = BookingChange.objects.filter(business_id=business_id, booking_id=booking_id).order_by("id")
    return [ChangeFacts(row.at, row.action, row.actor, row.via, opened_details(row)) for row in rows]


def opened_details(row: BookingChange) -> dict[str, Any]:
    """A line's details with the reason of an override opened."""
    details: dict[str, Any] = row.details
    if "reason" not in details:
        return details
    sealed = base64.b64decode(details["reason"])
    reason = decrypt(sealed, table="bookings_bookingchange", column="reason", row_id=row.booking_id)
    return {**details, "reason": reason}


def history_lines(*, after: int, limit: int) -> list[HistoryLine]:
    """The lines of all businesses' histories that follow the one with this id, by id, without anybody's words and
    without holds.
    """
    rows = BookingChange.objects.filter(id__gt=after).exclude(action__in=_IN_PASSING)
    return [_line(row) for row in rows.order_by("id")[:limit]]


def history_standing(*, lines: Mapping[int, UUID]) -> dict[int, str | None]:
    """What became of these lines, each with its booking's id: its digest as it is now, or None where the line is gone
    though its booking is not. Lines whose bookings are gone are left out.
    """
    now = {row.id: _line(row).digest for row in BookingChange.objects.filter(id__in=list(lines))}
    missing = {id: booking_id for id, booking_id in lines.items() if id not in now}
    there = set(Booking.objects.filter(id__in=set(missing.values())).values_list("id", flat=True))
    return {**now, **{id: None for id, booking_id in missing.items() if booking_id in there}}


def _line(row: BookingChange) -> HistoryLine:
    details: dict[str, Any] = {name: value for name, value in row.details.items() if name not in _IN_WORDS}
    facts = [
        row.id,
        row.business_id.hex,
        row.booking_id.hex,
        row.at.isoformat(),
        row.action,
        row.actor,
        row.account_id.hex if row.account_id else None,
        row.via,
        details,
    ]
    return HistoryLine(
        id=row.id,
        business_id=row.business_id,
        at=row.at,
        action=row.action,
        actor=row.actor,
        account_id=row.account_id,
        via=row.via,
        subject="booking",
        subject_id=row.booking_id,
        details=details,
        digest=digest_of(facts),
    )

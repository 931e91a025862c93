"""Addresses and numbers a business writes to no more (SPEC H4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from holdfast.lib.refusals import Missing
from holdfast.notifications.models import Channel, Suppression, reader_index


@dataclass(frozen=True, slots=True)
class SuppressionFacts:
    """One of them. ``may_be_lifted`` is false for a person's own STOP."""

    id: UUID
    channel: str
    address: str
    reason: str
    reason_label: str
    since: datetime
    may_be_lifted: bool


def reason_against(*, business_id: UUID, channel: str, address: str) -> str:
    """Why nothing goes to this address; empty when it may."""
    index = reader_index(business_id=business_id, channel=channel, address=address)
    rows = Suppression.objects.filter(
        business_id=business_id, channel=channel, reader_index=index, lifted_at=None
    )
    return rows.values_list("reason", flat=True).first() or "" if index else ""


def suppresses_anybody(*, business_id: UUID) -> bool:
    """Whether there is any address at all that nothing goes to."""
    return Suppression.objects.filter(business_id=business_id, lifted_at=None).exists()


def suppressions(*, business_id: UUID, limit: int = 200) -> list[SuppressionFacts]:
    """All that hold, the latest first."""
    rows = Suppression.objects.filter(business_id=business_id, lifted_at=None)
    return _facts(rows.order_by("-since", "-id")[:limit])


def suppressions_of(*, business_id: UUID, email: str = "", phone: str = "") -> list[SuppressionFacts]:
    """Those that hold for one person's address and number: for the pages about them."""
    found: list[SuppressionFacts] = []
    for channel, address in ((Channel.EMAIL, email), (Channel.SMS, phone)):
        index = reader_index(business_id=business_id, channel=channel, address=address)
        if index:
            rows = Suppression.objects.filter(business_id=business_id, channel=channel, reader_index=index)
            found += _facts(rows.filter(lifted_at=None))
    return found


def suppression_by_id(*, business_id: UUID, suppression_id: UUID) -> SuppressionFacts:
    """One of them, lifted or not. Refusals: :class:`Missing`."""
    found = _facts(Suppression.objects.filter(business_id=business_id, id=suppression_id))
    if not found:
        raise Missing(what="suppression")
    return found[0]


def _facts(rows: QuerySet[Suppression]) -> list[SuppressionFacts]:
    return [
        SuppressionFacts(
            id=row.id,
            channel=row.channel,
            address=row.address,
            reason=row.reason,
            reason_label=row.get_reason_display(),
            since=row.since,
            may_be_lifted=row.reason != Suppression.Reason.STOPPED,
        )
        for row in rows
    ]

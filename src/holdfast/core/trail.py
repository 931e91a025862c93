"""Reading the audit trail: a page of it, narrowed, and all of it for a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from holdfast.core.models import AuditRecord


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What the trail is narrowed to: an account, a kind of action (``bookings`` or ``bookings.cancel``), an object, a
    stretch of time (``until`` not included).
    """

    account_id: UUID | None = None
    action: str = ""
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line, as it is shown. ``is_sealed`` once the chain has it."""

    id: int
    at: datetime
    action: str
    actor: str
    role: str
    account_id: UUID | None
    token_id: UUID | None
    via: str
    origin: str
    subject: str
    subject_id: UUID | None
    details: dict[str, Any]
    request_id: str
    is_sealed: bool


def trail(
    *, business_id: UUID, wanted: TrailFilter, before: tuple[datetime, int] | None = None, limit: int = 50
) -> list[TrailLine]:
    """The latest lines first; ``before`` is the instant and id of the last one seen."""
    rows = _narrowed(business_id, wanted)
    if before is not None:
        at, id = before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=id))
    return [_line(row) for row in rows.order_by("-at", "-id")[:limit]]


def every_line(*, business_id: UUID, wanted: TrailFilter) -> Iterator[TrailLine]:
    """All lines, the earliest first."""
    rows = _narrowed(business_id, wanted).order_by("at", "id")
    return (_line(row) for row in rows.iterator(chunk_size=1000))


def accounts_of(*, business_id: UUID) -> list[UUID]:
    """Every account that did something as somebody who works here, by id."""
    rows = AuditRecord.objects.filter(business_id=business_id, actor="").exclude(account_id=None)
    return [id for id in rows.values_list("account_id", flat=True).distinct() if id is not None]


def _narrowed(business_id: UUID, wanted: TrailFilter) -> QuerySet[AuditRecord]:
    rows = AuditRecord.objects.filter(business_id=business_id)
    if wanted.account_id:
        rows = rows.filter(account_id=wanted.account_id)
    if wanted.action:
        rows = rows.filter(Q(action=wanted.action) | Q(action__startswith=f"{wanted.action}."))
    if wanted.subject_id:
        rows = rows.filter(subject_id=wanted.subject_id)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    return rows


def _line(row: AuditRecord) -> TrailLine:
    return TrailLine(
        id=row.id,
        at=row.at,
        action=row.action,
        actor=row.actor,
        role=row.role,
        account_id=row.account_id,
        token_id=row.token_id,
        via=row.via,
        origin=row.origin,
        subject=row.subject,
        subject_id=row.subject_id,
        details={name: part for name, part in row.details.items() if name != "line"},
        request_id=row.request_id,
        is_sealed=row.position is not None,
    )

"""Every read of webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from holdfast.lib.pages import Page, page_of
from holdfast.lib.refusals import Invalid, Missing
from holdfast.webhooks.models import Delivery, Endpoint

LATELY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """An endpoint as plain values, without its secrets. ``sent`` and ``failing`` count the last 24 hours where asked for."""

    id: UUID
    url: str
    description: str
    events: tuple[str, ...]
    former_until: datetime | None
    failing_since: datetime | None
    paused_at: datetime | None
    pause_reason: str
    pause_label: str
    created_at: datetime
    sent: int = 0
    failing: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """A delivery as plain values; ``next_attempt_at`` only while it waits, ``log`` the latest tries, the oldest first."""

    id: UUID
    endpoint_id: UUID
    url: str
    event: str
    body: str
    state: str
    state_label: str
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    created_at: datetime
    log: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def last_try(self) -> Mapping[str, Any]:
        """What came of the latest try; empty before the first."""
        return self.log[-1] if self.log else {}


def endpoints_of(*, business_id: UUID, now: datetime) -> list[EndpointFacts]:
    """The endpoints of a business, the oldest first, with how the last 24 hours went."""
    lately = Q(deliveries__created_at__gte=now - LATELY)
    rows = Endpoint.objects.filter(business_id=business_id).order_by("created_at", "id")
    counted = rows.annotate(
        sent=Count("deliveries", filter=lately & Q(deliveries__state="sent")),
        failing=Count("deliveries", filter=lately & _is_failing("deliveries__")),
    )
    return [endpoint_facts(row=row, sent=row.sent, failing=row.failing) for row in counted]


def endpoint_of(*, business_id: UUID, endpoint_id: UUID) -> EndpointFacts:
    """One endpoint. Refusals: :class:`Missing`."""
    found = Endpoint.objects.filter(business_id=business_id, id=endpoint_id).first()
    if found is None:
        raise Missing(what="endpoint")
    return endpoint_facts(row=found)


def deliveries_of(
    *, business_id: UUID, endpoint_id: UUID | None = None, state: str = "", cursor: str = "", limit: int = 50
) -> Page[DeliveryFacts]:
    """What was sent or is to be, the newest first; ``state`` is sent, queued or failed, or empty for all.

    Refusals: :class:`Invalid` on ``state``, ``cursor``, ``limit``.
    """
    rows = Delivery.objects.filter(business_id=business_id).select_related("endpoint")
    if endpoint_id is not None:
        rows = rows.filter(endpoint_id=endpoint_id)
    if state:
        if state not in Delivery.State.values:
            raise Invalid.field("state", "unknown_choice", choices=list(Delivery.State.values))
        rows = rows.filter(state=state)

    def after(_: datetime | None, id: UUID | None, count: int) -> list[DeliveryFacts]:
        beyond = rows if id is None else rows.filter(id__lt=id)
        return [_facts(row) for row in beyond.order_by("-id")[:count]]

    return page_of(cursor=cursor, limit=limit, after=after, key=lambda one: (one.created_at, one.id))


def delivery_of_business(*, business_id: UUID, delivery_id: UUID) -> DeliveryFacts:
    """One delivery. Refusals: :class:`Missing`."""
    rows = Delivery.objects.filter(business_id=business_id, id=delivery_id).select_related("endpoint")
    found = rows.first()
    if found is None:
        raise Missing(what="delivery")
    return _facts(found)


def something_is_due(*, now: datetime) -> bool:
    """Whether a look for due deliveries would find any."""
    return _due(now).exists()


def waiting_count(*, now: datetime) -> int:
    """How many deliveries of all businesses should be gone by now and are not."""
    return _due(now).count()


def endpoint_facts(*, row: Endpoint, sent: int = 0, failing: int = 0) -> EndpointFacts:
    """The plain values of a loaded row."""
    return EndpointFacts(
        id=row.id,
        url=row.url,
        description=row.description,
        events=tuple(row.events),
        former_until=row.former_until,
        failing_since=row.failing_since,
        paused_at=row.paused_at,
        pause_reason=row.pause_reason,
        pause_label=str(row.get_pause_reason_display()) if row.pause_reason else "",
        created_at=row.created_at,
        sent=sent,
        failing=failing,
    )


def _is_failing(prefix: str) -> Q:
    """Given up, or waiting for another try after one that failed."""
    return Q(**{f"{prefix}state": "failed"}) | Q(**{f"{prefix}state": "queued", f"{prefix}attempts__gt": 0})


def _due(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        state=Delivery.State.QUEUED, next_attempt_at__lte=now, endpoint__paused_at__isnull=True
    )


def _facts(row: Delivery) -> DeliveryFacts:
    return DeliveryFacts(
        id=row.id,
        endpoint_id=row.endpoint_id,
        url=row.endpoint.url,
        event=row.event,
        body=row.body,
        state=row.state,
        state_label=str(row.get_state_display()),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at if row.state == Delivery.State.QUEUED else None,
        sent_at=row.sent_at,
        created_at=row.created_at,
        log=tuple(row.log),
    )

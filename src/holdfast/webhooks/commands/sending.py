"""Handing due deliveries to one sender at a time, and recording what became of each try (SPEC H7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from holdfast.businesses.rules import Action, authorise
from holdfast.core.outbox import wake
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.instants import show_instant
from holdfast.lib.refusals import Missing
from holdfast.lib.retries import next_attempt
from holdfast.webhooks.commands.telling import delivery_of
from holdfast.webhooks.errors import EndpointPaused
from holdfast.webhooks.models import Delivery, Endpoint
from holdfast.webhooks.rules import (
    GONE,
    KEPT_FOR,
    TEST_EVENT,
    got_through,
    wait_asked,
    with_try,
)

State = Delivery.State
# So that one slow receiver with much to hear does not take every place.
MOST_PER_ENDPOINT = 4
LOOKED_AT_PER_PLACE = 10
# Failing for this long, all through the tries of one delivery, pauses an endpoint.
FAILING_PAUSES_AFTER = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery this worker may try until its lease ends; ``secrets`` sign it, the newest first."""

    id: UUID
    business_id: UUID
    endpoint_id: UUID
    url: str
    body: str
    secrets: tuple[str, ...]
    attempt: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: a status, or the name of what went wrong before there was one."""

    status: int = 0
    error: str = ""
    milliseconds: int = 0
    retry_after: str = ""


@command
def take_due_deliveries(*, now: datetime, limit: int, lease_minutes: int) -> list[Taken]:
    """Lease up to ``limit`` due deliveries, the longest due first, a few of each endpoint; no two workers get the same."""
    due = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(state=State.QUEUED, next_attempt_at__lte=now, endpoint__paused_at__isnull=True)
        .select_related("endpoint")
        .order_by("next_attempt_at", "id")
    )
    taken: list[Delivery] = []
    each: Counter[UUID] = Counter()
    for row in due[: limit * LOOKED_AT_PER_PLACE]:
        each[row.endpoint_id] += 1
        if each[row.endpoint_id] <= MOST_PER_ENDPOINT and len(taken) < limit:
            taken.append(row)
    Delivery.objects.filter(id__in=[row.id for row in taken]).update(
        next_attempt_at=now + timedelta(minutes=lease_minutes), attempts=F("attempts") + 1
    )
    return [_taken(row, now) for row in taken]


@command
def record_try(*, taken: Taken, tried: Tried, now: datetime, chance: float) -> None:
    """Keep what came of a try: sent, or again later, or given up after the last one; an endpoint that answers that it is
    gone, or through which nothing got for a day, is paused. A worker that lost its lease changes nothing.
    """
    delivery = (
        Delivery.objects.select_for_update()
        .filter(business_id=taken.business_id, id=taken.id, state=State.QUEUED, attempts=taken.attempt)
        .first()
    )
    if delivery is None:
        return
    took = got_through(tried.status)
    again_at = None if took else next_attempt(taken.attempt, now, chance, wait_asked(tried.retry_after))
    delivery.state = State.SENT if took else State.FAILED if again_at is None else State.QUEUED
    delivery.sent_at = now if took else None
    delivery.next_attempt_at = again_at or now
    delivery.log = with_try(
        delivery.log,
        {
            "at": show_instant(now),
            "status": tried.status,
            "error": tried.error,
            "milliseconds": tried.milliseconds,
        },
    )
    delivery.save(update_fields=["state", "sent_at", "next_attempt_at", "log"])
    _note(taken, tried, given_up=delivery.state == State.FAILED, now=now)


def _note(taken: Taken, tried: Tried, *, given_up: bool, now: datetime) -> None:
    """What a try says about its endpoint."""
    rows = Endpoint.objects.filter(business_id=taken.business_id, id=taken.endpoint_id)
    if got_through(tried.status):
        rows.filter(failing_since__isnull=False).update(failing_since=None)
        return
    rows.filter(failing_since__isnull=True).update(failing_since=now)
    if tried.status == GONE:
        rows.filter(paused_at__isnull=True).update(paused_at=now, pause_reason=Endpoint.Pause.GONE)
    elif given_up:
        failing = rows.filter(paused_at__isnull=True, failing_since__lte=now - FAILING_PAUSES_AFTER)
        failing.update(paused_at=now, pause_reason=Endpoint.Pause.FAILING)


@command
def resend_delivery(*, actor: Actor, business_id: UUID, delivery_id: UUID, now: datetime) -> None:
    """Send a delivery (again) at once, with all its tries before it and the same ``webhook-id``.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`EndpointPaused`.
    """
    authorise(actor, Action.CHANGE_WEBHOOKS, business_id)
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("endpoint")
        .filter(business_id=business_id, id=delivery_id)
        .first()
    )
    if delivery is None:
        raise Missing(what="delivery")
    if delivery.endpoint.paused_at is not None:
        raise EndpointPaused
    delivery.state, delivery.attempts, delivery.next_attempt_at = State.QUEUED, 0, now
    delivery.sent_at = None
    delivery.save(update_fields=["state", "attempts", "next_attempt_at", "sent_at"])
    wake()


@command
def send_test(*, actor: Actor, business_id: UUID, endpoint_id: UUID, now: datetime) -> UUID:
    """Send an endpoint an event that means nothing, to see whether it arrives; the id of its delivery.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`EndpointPaused`.
    """
    authorise(actor, Action.CHANGE_WEBHOOKS, business_id)
    endpoint = (
        Endpoint.objects.select_related("business").filter(business_id=business_id, id=endpoint_id).first()
    )
    if endpoint is None:
        raise Missing(what="endpoint")
    if endpoint.paused_at is not None:
        raise EndpointPaused
    delivery = delivery_of(endpoint, TEST_EVENT, {}, now)
    delivery.save(force_insert=True)
    wake()
    return delivery.id


@command
def forget_deliveries(*, now: datetime) -> int:
    """Delete what is older than a month, sent or not; how many."""
    return Delivery.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _taken(row: Delivery, now: datetime) -> Taken:
    endpoint = row.endpoint
    former = endpoint.former_until is not None and now < endpoint.former_until
    secrets = [endpoint.secret, *([endpoint.former_secret] if former else [])]
    return Taken(
        id=row.id,
        business_id=row.business_id,
        endpoint_id=row.endpoint_id,
        url=endpoint.url,
        body=row.body,
        secrets=tuple(str(secret) for secret in secrets),
        attempt=row.attempts + 1,
    )

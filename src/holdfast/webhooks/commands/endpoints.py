"""Endpoints: made, changed, paused, given a new secret, removed (SPEC H7)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from holdfast.businesses.rules import Action, authorise
from holdfast.core.outbox import wake
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing
from holdfast.webhooks.errors import TooManyEndpoints
from holdfast.webhooks.models import Endpoint
from holdfast.webhooks.queries import EndpointFacts, endpoint_facts
from holdfast.webhooks.rules import (
    MOST_ENDPOINTS,
    OVERLAP,
    SECRET_BYTES,
    cleaned_endpoint,
    refuse_address,
    secret_from,
)


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An endpoint, and the secret that signs what it gets: told this once."""

    endpoint: EndpointFacts
    secret: str


@command
def add_endpoint(
    *,
    actor: Actor,
    business_id: UUID,
    url: str,
    description: str = "",
    events: Iterable[str],
    plain_allowed: bool = False,
    problem: str = "",
    now: datetime,
) -> NewSecret:
    """Have events sent to an address. ``problem`` is what the shell found when it looked where the name leads, if anything;
    ``plain_allowed`` whether it may go without TLS.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` (url, description, events), :class:`TooManyEndpoints`.
    """
    authorise(actor, Action.CHANGE_WEBHOOKS, business_id)
    columns = cleaned_endpoint(url=url, description=description, events=events, plain_allowed=plain_allowed)
    refuse_address(problem)
    if Endpoint.objects.filter(business_id=business_id).count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints(limit=MOST_ENDPOINTS)
    secret = secret_from(secrets.token_bytes(SECRET_BYTES))
    made = Endpoint.objects.create(business_id=business_id, secret=secret, created_at=now, **columns)
    return NewSecret(endpoint_facts(row=made), secret)


@command
def change_endpoint(
    *,
    actor: Actor,
    business_id: UUID,
    endpoint_id: UUID,
    url: str | None = None,
    description: str | None = None,
    events: Iterable[str] | None = None,
    plain_allowed: bool = False,
    problem: str = "",
) -> EndpointFacts:
    """Change what is given of an endpoint. What waits for it goes to the new address.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` as for a new one.
    """
    found = _locked(actor, business_id, endpoint_id)
    columns = cleaned_endpoint(
        url=found.url if url is None else url,
        description=found.description if description is None else description,
        events=found.events if events is None else events,
        plain_allowed=plain_allowed or url is None,
    )
    refuse_address(problem)
    for name, value in columns.items():
        setattr(found, name, value)
    found.save(update_fields=list(columns))
    return endpoint_facts(row=found)


@command
def rotate_secret(*, actor: Actor, business_id: UUID, endpoint_id: UUID, now: datetime) -> NewSecret:
    """Make a new secret. For a day everything is signed with both, so that the receiver can change over.

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    found = _locked(actor, business_id, endpoint_id)
    secret = secret_from(secrets.token_bytes(SECRET_BYTES))
    found.former_secret, found.former_until = found.secret, now + OVERLAP
    found.secret = secret
    found.save(update_fields=["secret", "former_secret", "former_until"])
    return NewSecret(endpoint_facts(row=found), secret)


@command
def pause_endpoint(*, actor: Actor, business_id: UUID, endpoint_id: UUID, now: datetime) -> EndpointFacts:
    """Send nothing for now. What happens meanwhile waits. Pausing twice is no mistake.

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    found = _locked(actor, business_id, endpoint_id)
    if found.paused_at is None:
        found.paused_at, found.pause_reason = now, Endpoint.Pause.BY_HAND
        found.save(update_fields=["paused_at", "pause_reason"])
    return endpoint_facts(row=found)


@command
def resume_endpoint(*, actor: Actor, business_id: UUID, endpoint_id: UUID, now: datetime) -> EndpointFacts:
    """Send again: what waited meanwhile goes now, with all its tries before it. Resuming twice is no mistake.

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    found = _locked(actor, business_id, endpoint_id)
    if found.paused_at is not None:
        found.paused_at, found.pause_reason, found.failing_since = None, "", None
        found.save(update_fields=["paused_at", "pause_reason", "failing_since"])
        found.deliveries.filter(state="queued").update(attempts=0, next_attempt_at=now)
        wake()
    return endpoint_facts(row=found)


@command
def remove_endpoint(*, actor: Actor, business_id: UUID, endpoint_id: UUID) -> None:
    """Delete an endpoint, its log and what still waits for it. Refusals: :class:`Missing`, :class:`Forbidden`."""
    _locked(actor, business_id, endpoint_id).delete()


def _locked(actor: Actor, business_id: UUID, endpoint_id: UUID) -> Endpoint:
    authorise(actor, Action.CHANGE_WEBHOOKS, business_id)
    found = Endpoint.objects.select_for_update().filter(business_id=business_id, id=endpoint_id).first()
    if found is None:
        raise Missing(what="endpoint")
    return found

"""Endpoints that a business's events are sent to, and the deliveries (SPEC H7)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import PARTIAL, STRICT
from holdfast.api.values import show_instant, show_instant_if_any
from holdfast.webhooks.queries import DeliveryFacts, EndpointFacts
from holdfast.webhooks.rules import EVENTS, LONGEST_DESCRIPTION, LONGEST_URL

Event = Annotated[str, Field(json_schema_extra={"enum": list(EVENTS)})]
Url = Annotated[str, Field(max_length=LONGEST_URL, json_schema_extra={"minLength": 1, "format": "uri"})]
Description = Annotated[str, Field(max_length=LONGEST_DESCRIPTION)]


class WebhookOut(BaseModel):
    """An endpoint. `paused` says why nothing is sent to it now, if so: by_hand, failing or gone."""

    id: str
    url: str
    description: str
    events: list[str]
    paused: Literal["by_hand", "failing", "gone"] | None
    failing_since: str | None
    created_at: str


class WebhookMade(WebhookOut):
    """The same with its `secret`, which nobody will see again."""

    secret: str


class WebhookList(BaseModel):
    items: list[WebhookOut]
    next_cursor: str | None


class WebhookNew(BaseModel):
    """Where to send which events."""

    model_config = STRICT

    url: Url
    events: Annotated[list[Event], Field(max_length=100, json_schema_extra={"minItems": 1})]
    description: Description = ""


class WebhookChange(BaseModel):
    """What is given is changed."""

    model_config = PARTIAL

    url: Url | None = None
    events: Annotated[list[Event], Field(max_length=100, json_schema_extra={"minItems": 1})] | None = None
    description: Description | None = None
    paused: bool | None = None


class TryOut(BaseModel):
    """One try. `status` is the answer's, 0 where there was none; `error` then says why."""

    at: str
    status: int
    error: str
    milliseconds: int


class DeliveryOut(BaseModel):
    """One event for one endpoint. `body` is what is sent, word for word."""

    id: str
    webhook: str
    event: str
    status: Literal["queued", "sent", "failed"]
    attempts: int
    next_attempt_at: str | None
    sent_at: str | None
    created_at: str
    body: str
    log: list[TryOut]


class DeliveryList(BaseModel):
    items: list[DeliveryOut]
    next_cursor: str | None


def show_webhook(endpoint: EndpointFacts) -> dict[str, Any]:
    """An endpoint as the API shows it: without its secret."""
    return {
        "id": str(endpoint.id),
        "url": endpoint.url,
        "description": endpoint.description,
        "events": list(endpoint.events),
        "paused": endpoint.pause_reason or None,
        "failing_since": show_instant_if_any(endpoint.failing_since),
        "created_at": show_instant(endpoint.created_at),
    }


def show_delivery(delivery: DeliveryFacts) -> dict[str, Any]:
    """A delivery as the API shows it."""
    return {
        "id": str(delivery.id),
        "webhook": str(delivery.endpoint_id),
        "event": delivery.event,
        "status": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": show_instant_if_any(delivery.next_attempt_at),
        "sent_at": show_instant_if_any(delivery.sent_at),
        "created_at": show_instant(delivery.created_at),
        "body": delivery.body,
        "log": [dict(tried) for tried in delivery.log],
    }

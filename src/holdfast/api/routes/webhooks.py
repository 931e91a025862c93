"""Webhooks: where a business's events are sent, and what became of each (SPEC H7)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from holdfast.api.answers import no_content, read_answer, write, write_answer
from holdfast.api.auth import Caller, Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory
from holdfast.api.routes import caller_of
from holdfast.api.schemas.webhooks import (
    DeliveryList,
    DeliveryOut,
    WebhookChange,
    WebhookList,
    WebhookMade,
    WebhookNew,
    WebhookOut,
    show_delivery,
    show_webhook,
)
from holdfast.api.values import known_id
from holdfast.businesses.rules import Action
from holdfast.lib.pages import MAX_LIMIT
from holdfast.webhooks import commands, queries
from holdfast.webhooks.commands import NewSecret
from holdfast.webhooks.jobs import problem_of

router = Router(tags=["Webhooks"])
CHANGE = Door(Action.CHANGE_WEBHOOKS)
States = Annotated[str, Query(max_length=8, description="sent, queued or failed; all if left out.")]


@operation(router, "GET", "/webhooks", door=CHANGE, answers={200: WebhookList})
def list_webhooks(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """The endpoints in the order in which they were made. Secrets are not shown again."""
    caller = caller_of(request)
    page = page_in_memory(
        queries.endpoints_of(business_id=caller.business_id, now=caller.now),
        key=lambda one: (one.created_at, one.id),
        cursor=cursor,
        limit=limit,
    )
    items = [show_webhook(one) for one in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


# No Idempotency-Key: the answer of a repeat would have to be kept, and the secret is not to lie about.
@operation(
    router,
    "POST",
    "/webhooks",
    door=CHANGE,
    answers={201: WebhookMade},
    body=True,
    conflicts=("too_many_endpoints",),
)
def create_webhook(request: HttpRequest, slug: str, body: WebhookNew) -> HttpResponse:  # noqa: ARG001
    """Have events sent to an address. The answer has the `secret` that signs them (Standard Webhooks), this once. An
    address in a private, loopback or link-local network is refused."""
    caller = caller_of(request)
    problem, plain_allowed = problem_of(body.url)
    made = commands.add_endpoint(
        actor=caller.actor,
        business_id=caller.business_id,
        url=body.url,
        description=body.description,
        events=body.events,
        problem=problem,
        plain_allowed=plain_allowed,
        now=caller.now,
    )
    return _with_secret(made)


@operation(router, "GET", "/webhooks/{webhook_id}", door=CHANGE, answers={200: WebhookOut})
def get_webhook(request: HttpRequest, slug: str, webhook_id: str) -> HttpResponse:  # noqa: ARG001
    """One endpoint."""
    caller = caller_of(request)
    return read_answer(request, write(show_webhook(_endpoint(caller, webhook_id))))


@operation(router, "PATCH", "/webhooks/{webhook_id}", door=CHANGE, answers={200: WebhookOut}, body=True)
def change_webhook(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    webhook_id: str,
    body: WebhookChange,
) -> HttpResponse:
    """Change what is given. `paused: true` sends nothing for now, what happens meanwhile waits; `paused: false` sends it."""
    caller = caller_of(request)
    found = _endpoint(caller, webhook_id)
    problem, plain_allowed = problem_of(body.url) if body.url is not None else ("", False)
    if body.url is not None or body.description is not None or body.events is not None:
        commands.change_endpoint(
            actor=caller.actor,
            business_id=caller.business_id,
            endpoint_id=found.id,
            url=body.url,
            description=body.description,
            events=body.events,
            problem=problem,
            plain_allowed=plain_allowed,
        )
    if body.paused is not None:
        act = commands.pause_endpoint if body.paused else commands.resume_endpoint
        act(actor=caller.actor, business_id=caller.business_id, endpoint_id=found.id, now=caller.now)
    return write_answer(write(show_webhook(_endpoint(caller, webhook_id))))


@operation(router, "DELETE", "/webhooks/{webhook_id}", door=CHANGE, answers={204: None})
def delete_webhook(request: HttpRequest, slug: str, webhook_id: str) -> HttpResponse:  # noqa: ARG001
    """Delete an endpoint, its log and what still waits for it."""
    caller = caller_of(request)
    commands.remove_endpoint(actor=caller.actor, business_id=caller.business_id, endpoint_id=_id(webhook_id))
    return no_content()


@operation(router, "POST", "/webhooks/{webhook_id}/rotate", door=CHANGE, answers={201: WebhookMade})
def rotate_webhook_secret(request: HttpRequest, slug: str, webhook_id: str) -> HttpResponse:  # noqa: ARG001
    """Make a new secret. For 24 hours everything is signed with both, so that the receiver can change over."""
    caller = caller_of(request)
    made = commands.rotate_secret(
        actor=caller.actor,
        business_id=caller.business_id,
        endpoint_id=_id(webhook_id),
        now=caller.now,
    )
    return _with_secret(made)


@operation(
    router,
    "POST",
    "/webhooks/{webhook_id}/test",
    door=CHANGE,
    answers={201: DeliveryOut},
    conflicts=("endpoint_paused",),
)
def test_webhook(request: HttpRequest, slug: str, webhook_id: str) -> HttpResponse:  # noqa: ARG001
    """Send an event that means nothing, `webhook.test`, to see whether it arrives."""
    caller = caller_of(request)
    delivery_id = commands.send_test(
        actor=caller.actor,
        business_id=caller.business_id,
        endpoint_id=_id(webhook_id),
        now=caller.now,
    )
    return write_answer(_shown(caller, delivery_id), status=201)


@operation(router, "GET", "/webhooks/{webhook_id}/deliveries", door=CHANGE, answers={200: DeliveryList})
def list_deliveries(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    webhook_id: str,
    status: States = "",
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """What was sent or is to be, the newest first. It is kept for 30 days."""
    caller = caller_of(request)
    page = queries.deliveries_of(
        business_id=caller.business_id,
        endpoint_id=_endpoint(caller, webhook_id).id,
        state=status,
        cursor=cursor,
        limit=limit,
    )
    items = [show_delivery(one) for one in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(
    router,
    "POST",
    "/deliveries/{delivery_id}/resend",
    door=CHANGE,
    answers={200: DeliveryOut},
    conflicts=("endpoint_paused",),
)
def resend_delivery(request: HttpRequest, slug: str, delivery_id: str) -> HttpResponse:  # noqa: ARG001
    """Send it (again) at once, with the same `webhook-id`, so that a receiver that has it knows the repetition."""
    caller = caller_of(request)
    found = known_id(delivery_id, "delivery")
    commands.resend_delivery(
        actor=caller.actor, business_id=caller.business_id, delivery_id=found, now=caller.now
    )
    return write_answer(_shown(caller, found))


def _id(webhook_id: str) -> UUID:
    return known_id(webhook_id, "endpoint")


def _endpoint(caller: Caller, webhook_id: str) -> queries.EndpointFacts:
    return queries.endpoint_of(business_id=caller.business_id, endpoint_id=_id(webhook_id))


def _shown(caller: Caller, delivery_id: UUID) -> str:
    found = queries.delivery_of_business(business_id=caller.business_id, delivery_id=delivery_id)
    return write(show_delivery(found))


def _with_secret(made: NewSecret) -> HttpResponse:
    return write_answer(write({**show_webhook(made.endpoint), "secret": made.secret}), status=201)

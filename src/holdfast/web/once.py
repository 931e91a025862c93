"""A form that is sent twice does its work once (SPEC D6): the page side of ``core.idempotency``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from uuid import UUID, uuid4

from holdfast.core import idempotency
from holdfast.core.transactions import command


def new_key() -> str:
    """A fresh key for the hidden field of a form."""
    return uuid4().hex


def once(*, business_id: UUID, route: str, fields: Mapping[str, str], work: Callable[[], str]) -> str:
    """The address that ``work`` leads to, worked out once for the same form with the same content.

    ``fields`` is what was posted, with its ``idempotency_key``; a form without one is simply done. The content is
    part of the key: who goes back and chooses something else with the same form means something else. Refusals are
    those of ``work``; a refused form is decided anew when it is sent again.
    """
    given = fields.get("idempotency_key", "")
    if not given.isalnum() or len(given) > 64:
        return work()
    content = sorted((name, value) for name, value in fields.items() if name != "csrfmiddlewaretoken")
    digest = idempotency.request_hash(route, json.dumps(content))

    @command
    def run() -> str:
        taken = idempotency.begin(
            business_id=business_id,
            actor_key="page",
            route=route,
            key=f"{given}.{digest}",
            request_hash=digest,
        )
        if isinstance(taken, idempotency.Stored):
            return str(json.loads(taken.body)["url"])
        url = work()
        idempotency.store(taken, status=303, body={"url": url})
        return url

    return run()

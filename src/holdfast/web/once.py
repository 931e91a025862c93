"""A form that is sent twice does its work once (SPEC D6): the page side of ``core.idempotency``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID, uuid4

from holdfast.core import idempotency, ratelimit
from holdfast.core.transactions import command

View = TypeVar("View", bound=Callable[..., object])


def new_key() -> str:
    """A fresh key for the hidden field of a form."""
    return uuid4().hex


def has_key(fields: Mapping[str, str]) -> bool:
    """Whether a form carries a key that :func:`once` can use."""
    given = fields.get("idempotency_key", "")
    return given.isalnum() and len(given) <= 64


def done_once(view: View) -> View:
    """Mark a view that does its work in :func:`once`: it refuses for the limit itself, once a key turns out new."""
    view.is_done_once = True  # type: ignore[attr-defined]
    return view


def is_done_once(view: Callable[..., object]) -> bool:
    """Whether the view, or the one it wraps, is marked so."""
    return bool(getattr(view, "is_done_once", False))


def once(
    *,
    business_id: UUID,
    route: str,
    fields: Mapping[str, str],
    work: Callable[[], str],
    verdict: ratelimit.Verdict = ratelimit.UNLIMITED,
) -> str:
    """The address that ``work`` leads to, worked out once for the same form with the same content.

    ``fields`` is what was posted, with its ``idempotency_key``; a form without one is simply done. The content is
    part of the key: who goes back and chooses something else with the same form means something else. ``verdict`` is
    what the limit says of this request; a repeat is answered whatever it says. Refusals are those of ``work``, and
    :class:`TooMany`; a refused form is decided anew when it is sent again.
    """
    if not has_key(fields):
        ratelimit.demand(verdict)
        return work()
    given = fields["idempotency_key"]
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
        ratelimit.demand(verdict)
        url = work()
        idempotency.store(taken, status=303, body={"url": url})
        return url

    return run()

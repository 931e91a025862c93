"""How often a client may be wrong about promotion codes (SPEC B7): a code is short, so guessing must be slow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest

from holdfast.api.auth import GUEST, Caller
from holdfast.core import ratelimit
from holdfast.core.request import client_network
from holdfast.lib.refusals import Invalid

BUCKET = "promotion codes"


@contextmanager
def one_code(request: HttpRequest, caller: Caller, code: str | None) -> Iterator[None]:
    """Count a code that is unknown against the client; staff, who see the list, are not limited.

    Outside the command's transaction, or a refusal would take the knock back. Refusals: :class:`TooMany`.
    """
    if not code or caller.actor.is_staff:
        yield
        return
    client = client_network(request) if caller.key == GUEST else caller.key
    ratelimit.demand(ratelimit.look(BUCKET, client))
    try:
        yield
    except Invalid as refusal:
        if any(reason == "promo_unknown" for reason, _ in refusal.fields.get("promo_code", ())):
            ratelimit.demand(ratelimit.hit(BUCKET, client))
        raise

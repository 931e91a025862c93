"""Answers: JSON once written, ETags on reads, and the first answer again for a repeated key."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from holdfast.api.auth import KEY_HEADER, Caller, counted
from holdfast.bookings.queries import BookingFacts
from holdfast.core import idempotency, ratelimit
from holdfast.core.transactions import command

JSON = "application/json"
PRIVATE = "no-store"
PUBLIC = "no-cache"
_ANYTHING = "*"
_TAG = re.compile(r'(?:W/)?"([^"]*)"|([^\s,"]+)')
NO_SUCH_SEQUENCE = -1


def write(value: Any) -> str:
    """JSON text, compact."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_answer(request: HttpRequest, body: str, *, cache: str = PRIVATE, etag: str = "") -> HttpResponse:
    """200 with an ETag, or 304 when the caller already has it. ``etag`` defaults to a digest of the body."""
    data = body.encode()
    tag = etag or f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    known = request.META.get("HTTP_IF_NONE_MATCH")
    if known is not None and _matches(known, tag):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    else:
        response = HttpResponse(data, content_type=JSON)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = cache
    return response


def write_answer(body: str, *, status: int = 200, etag: str = "") -> HttpResponse:
    """The answer to a write; nobody stores it."""
    response = HttpResponse(body, status=status, content_type=JSON)
    response.headers["Cache-Control"] = PRIVATE
    if etag:
        response.headers["ETag"] = etag
    return response


def no_content() -> HttpResponse:
    """204."""
    response = HttpResponse(status=204)
    del response.headers["Content-Type"]
    response.headers["Cache-Control"] = PRIVATE
    return response


def create_once(request: HttpRequest, caller: Caller, create: Callable[[], str]) -> HttpResponse:
    """201 with what ``create`` answers, at most once for an ``Idempotency-Key`` (DESIGN §2).

    Key, effect and answer are one transaction: ``create`` calls its command inside it. Refusals: those of ``create``,
    and :class:`TooMany` for a key that is new; a repeat is answered however many there were.
    """
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return write_answer(create(), status=201)
    status, body, repeated = _answered_once(request, caller, key, create)
    response = write_answer(body, status=status)
    if repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@command
def _answered_once(
    request: HttpRequest, caller: Caller, key: str, create: Callable[[], str]
) -> tuple[int, str, bool]:
    started = idempotency.begin(
        business_id=caller.business_id,
        # A guest who retries may come from another network by then; the key itself is the secret.
        actor_key=caller.key,
        route=f"{request.method} {request.path}",
        key=key,
        request_hash=idempotency.request_hash(request.get_full_path(), request.body),
    )
    if isinstance(started, idempotency.Stored):
        return started.status, started.body, True
    ratelimit.demand(counted(request))
    body = create()
    idempotency.store(started, status=201, body=body)
    return 201, body, False


def booking_etag(booking: BookingFacts, state: str) -> str:
    """Names a booking's version; ``If-Match`` gives it back."""
    return f'"{booking.sequence}-{state}"'


def wanted_sequence(request: HttpRequest, booking: BookingFacts) -> int | None:
    """The version an ``If-Match`` asks for; None when it asks for none or any.

    It may name several: the one the booking has now is meant, if it is among them. What is no ETag of ours matches
    nothing.
    """
    given = request.headers.get("If-Match")
    if given is None:
        return None
    found = _TAG.findall(given)
    if any(bare == _ANYTHING for _, bare in found):
        return None
    named = {(quoted or bare).partition("-")[0] for quoted, bare in found}
    return booking.sequence if str(booking.sequence) in named else NO_SUCH_SEQUENCE


def _matches(header: str, tag: str) -> bool:
    if header.strip() == _ANYTHING:
        return True
    return any(part.strip().removeprefix("W/") == tag for part in header.split(","))

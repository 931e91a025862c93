"""Sending: takes due deliveries, speaks to the receivers outside any transaction, hands their answers back as commands."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain
from urllib.parse import urlsplit
from uuid import UUID

import requests
import structlog
from standardwebhooks import Webhook

import holdfast
from holdfast.core import clock, outgoing
from holdfast.core.metrics import counter, gauge
from holdfast.webhooks import commands, queries
from holdfast.webhooks.commands import Taken, Tried
from holdfast.webhooks.rules import got_through, place_of

log = structlog.get_logger("holdfast.webhooks")

BATCH = 32
AT_ONCE = 8
# Longer than the slowest receiver can take over all that one batch may have for it.
LEASE_MINUTES = 5

_deliveries = counter("holdfast_webhooks_total", "Webhooks by what became of the try", ("outcome",))


def _waiting() -> Iterator[tuple[tuple[str, ...], float]]:
    yield (), queries.waiting_count(now=clock.now())


gauge("holdfast_webhook_queue", "Webhooks that should be gone and are not", (), _waiting)


def send_due_deliveries(limit: int = BATCH) -> int:
    """Send up to ``limit`` due deliveries; how many were taken. The worker calls it until it returns 0.

    Receivers are spoken to side by side, each with one delivery at a time; one that cannot be reached is not tried again
    for the rest of its share.
    """
    now = clock.now()
    if not queries.something_is_due(now=now):
        return 0  # a look does not need SQLite's only write lock
    shares: dict[UUID, list[Taken]] = defaultdict(list)
    for taken in commands.take_due_deliveries(now=now, limit=limit, lease_minutes=LEASE_MINUTES):
        shares[taken.endpoint_id].append(taken)
    if not shares:
        return 0
    with ThreadPoolExecutor(min(AT_ONCE, len(shares))) as pool:
        results = list(chain.from_iterable(pool.map(_send_share, shares.values())))
    for taken, tried in results:
        _record(taken, tried)
    return len(results)


def problem_of(url: str) -> tuple[str, bool]:
    """Where an address leads, asked of the name servers: ``(code of what is wrong or "", may go without TLS)``.

    For shells, before they call the command: a command does not see the network. Codes: ``private_address``,
    ``no_such_host``. An address that cannot be read is left to the command.
    """
    place = place_of(url.strip())
    if place is None:
        return "", False
    try:
        found = outgoing.addresses_of(*place)
    except OSError:
        return "no_such_host", False
    if not all(outgoing.is_open(address) for address in found):
        return "private_address", False
    trusted = all(not outgoing.is_open(address, allowed=()) for address in found)
    return "", trusted


def forget_deliveries() -> None:
    """Delete what is older than a month."""
    commands.forget_deliveries(now=clock.now())


def _send_share(share: Sequence[Taken]) -> list[tuple[Taken, Tried]]:
    """No database here: the threads have no connection of their own."""
    results: list[tuple[Taken, Tried]] = []
    unreachable: Tried | None = None
    for taken in share:
        tried = unreachable or _send(taken, clock.now())
        results.append((taken, tried))
        if not tried.status:
            unreachable = Tried(error=tried.error)
    return results


def _send(taken: Taken, now: datetime) -> Tried:
    # The library reads a timestamp as UTC whatever its zone.
    signatures = [Webhook(secret).sign(str(taken.id), now, taken.body) for secret in taken.secrets]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Holdfast/{holdfast.__version__} (webhooks)",
        "webhook-id": str(taken.id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    began = time.monotonic()
    try:
        answer = outgoing.post(taken.url, data=taken.body.encode(), headers=headers)
    except requests.RequestException as error:
        return Tried(error=_name_of(error), milliseconds=_since(began))
    return Tried(answer.status, "", _since(began), answer.retry_after)


def _name_of(error: BaseException) -> str:
    """A short code for what went wrong; the address itself is not repeated."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, outgoing.AddressRefused):
            return "private_address"
        seen = seen.__cause__ or seen.__context__
    for kind, name in (
        (requests.exceptions.SSLError, "tls"),
        (requests.exceptions.Timeout, "timeout"),
        (requests.exceptions.ConnectionError, "unreachable"),
    ):
        if isinstance(error, kind):
            return name
    return "no_answer"


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _record(taken: Taken, tried: Tried) -> None:
    commands.record_try(
        taken=taken,
        tried=tried,
        now=clock.now(),
        chance=random.random(),  # noqa: S311 - spreads retries, guards nothing
    )
    sent = got_through(tried.status)
    _deliveries.labels("sent" if sent else "failed").inc()
    if not sent:
        log.warning(
            "webhook_not_sent",
            delivery_id=str(taken.id),
            host=urlsplit(taken.url).hostname,
            attempt=taken.attempt,
            status=tried.status,
            error=tried.error,
        )

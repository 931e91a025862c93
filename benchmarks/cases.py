"""The four measured paths over HTTP: create, available times, cancel, list; each beside its raw limit."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import rows
from benchmarks.clients import Answers, Request, send_all
from benchmarks.limits import Transaction
from benchmarks.machine import cpu_seconds
from benchmarks.world import World, starts
from holdfast.core import clock
from holdfast.lib.timeline import Span, fits, grid, mask, union

CLIENTS = 16
SETTLING = 200
_NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET ", "NOTIFY")


@dataclass(frozen=True, slots=True)
class Server:
    """Where Holdfast answers, and the processes whose CPU time counts."""

    host: str
    port: int
    processes: tuple[int, ...]
    write_raw: Callable[[Sequence[Transaction]], float]


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. ``limit_per_second`` is the raw limit of the same work."""

    case: str
    requests: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float
    statements: int
    limit_per_second: float

    @property
    def ratio(self) -> float:
        return self.per_second / self.limit_per_second


def measure(
    case: str, server: Server, requests: Sequence[Request], *, expect: int, warm: int = 32
) -> tuple[Answers, dict[str, Any]]:
    """Send a few requests to warm up, then the rest under the stop-watch."""
    first = send_all(server.host, server.port, requests[:warm], CLIENTS)
    used = cpu_seconds(server.processes)
    answers = send_all(server.host, server.port, requests[warm:], CLIENTS)
    used = cpu_seconds(server.processes) - used
    for part in (first, answers):
        if set(part.statuses) != {expect}:
            raise RuntimeError(
                f"{case}: answers were {part.statuses}, not {expect}: {part.bodies[0][:500]!r}"
            )
    count = len(answers.milliseconds)
    ordered = sorted(answers.milliseconds)
    figures = {
        "case": case,
        "requests": count,
        "per_second": count / answers.seconds,
        "p50_ms": ordered[count // 2],
        "p95_ms": ordered[int(count * 0.95)],
        "p99_ms": ordered[int(count * 0.99)],
        "cpu_ms": used / count * 1000,
    }
    all_bodies = Answers(
        answers.seconds, answers.milliseconds, answers.statuses, first.bodies + answers.bodies
    )
    return all_bodies, figures


def settle(server: Server, requests: Sequence[Request]) -> None:
    """Bring the database to where its autovacuum has it after a minute of bookings; here that is made to sleep.

    Statistics of empty tables, and the plans that connections made from them, are of no installation in use.
    """
    send_all(server.host, server.port, requests, CLIENTS)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def statements_of(request: Request) -> int:
    """SQL statements of one request in this process, with everything warm; BEGIN and COMMIT not counted."""
    client = Client(headers={"authorization": f"Bearer {request.token}"} if request.token else {})
    with CaptureQueriesContext(connection) as captured:
        if request.method == "POST":
            answer = client.post(
                request.path, json.dumps(request.body or {}), content_type="application/json"
            )
        else:
            answer = client.get(request.path)
    if answer.status_code >= 400:
        raise RuntimeError(f"{request.path}: {answer.status_code} {answer.content[:300]!r}")
    return sum(not query["sql"].startswith(_NOT_COUNTED) for query in captured.captured_queries)


def create_and_cancel(server: Server, world: World, count: int) -> list[Result]:
    """(a) create a booking, (c) cancel it; the raw limit writes the very rows that Holdfast wrote."""
    path = f"/api/v1/businesses/{world.slug}/bookings"
    requests = [
        Request(
            "POST",
            path,
            {
                "service": str(world.service_id),
                "resource": str(resource_id),
                "starts_at": starts_at.isoformat(),
                "customer": {"name": "Dana Guest", "email": f"dana{number}@example.org"},
            },
        )
        for number, (resource_id, starts_at) in enumerate(starts(world, SETTLING + count + 34))
    ]
    for request in requests[-2:-1]:
        statements_of(request)  # the first request of a process loads what later ones find in memory
    create_statements = statements_of(requests[-1])
    settle(server, requests[:SETTLING])
    answers, created = measure("create", server, requests[SETTLING:-2], expect=201)
    booked = [json.loads(body) for body in answers.bodies]
    cancels = [
        Request("POST", f"{path}/{one['reference']}/cancel?token={one['manage_url'].rsplit('/', 1)[1]}", {})
        for one in booked
    ]
    cancel_statements = statements_of(cancels[0])
    half = len(cancels) // 2
    _, cancelled = measure("cancel", server, cancels[1:half], expect=200)
    references = [one["reference"].replace("-", "") for one in booked[half:]]
    raw_rows = rows.take_out(references)
    create_limit = len(raw_rows) / server.write_raw(raw_rows)
    raw_cancels = [rows.cancelling(reference) for reference in references]
    cancel_limit = len(raw_cancels) / server.write_raw(raw_cancels)
    return [
        Result(**created, statements=create_statements, limit_per_second=create_limit),
        Result(**cancelled, statements=cancel_statements, limit_per_second=cancel_limit),
    ]


def availability(server: Server, world: World, count: int) -> Result:
    """(b) the available times of a service with 8 barbers over 14 days; the limit is the bitmap arithmetic alone."""
    today = clock.now().astimezone(world.timetable.tz).date()
    query = f"service={world.service_id}&from={today}&to={today + timedelta(days=13)}"
    request = Request("GET", f"/api/v1/businesses/{world.slug}/availability?{query}")
    statements_of(request)
    _, figures = measure("available times", server, [request] * (count + 32), expect=200)
    return Result(**figures, statements=statements_of(request), limit_per_second=1 / _arithmetic_seconds())


def upcoming(server: Server, world: World, count: int) -> Result:
    """(d) the first page of upcoming bookings, 50 of them, for staff; the limit reads the same rows."""
    path = f"/api/v1/businesses/{world.slug}/bookings?when=upcoming&limit=50"
    request = Request("GET", path, token=world.token)
    statements_of(request)
    _, figures = measure("list upcoming", server, [request] * (count + 32), expect=200)
    mark = "?" if connection.vendor == "sqlite" else "%s"
    business_id = world.business_id.hex if connection.vendor == "sqlite" else world.business_id
    read = (
        f"SELECT * FROM bookings_booking WHERE business_id = {mark} AND starts_at > {mark}"
        " ORDER BY starts_at, id LIMIT 51"
    )
    raw: list[Transaction] = [[(read, (business_id, str(clock.now().replace(tzinfo=None))))]] * count
    return Result(
        **figures, statements=statements_of(request), limit_per_second=count / server.write_raw(raw)
    )


def nothing(server: Server, count: int) -> Result:
    """What an answer costs that asks the database nothing, in the same run: the floor under all other figures."""
    request = Request("GET", "/health/live")
    _, figures = measure("nothing", server, [request] * (count + 32), expect=200)
    return Result(**figures, statements=0, limit_per_second=figures["per_second"])


def _arithmetic_seconds(resources: int = 8, days: int = 14) -> float:
    """One answer's bitmaps: opening, grid and 40 % claims of eight resources, and where half an hour fits."""
    length = days * 1440
    windows = [(day * 1440 + 540, day * 1440 + 1020) for day in range(days)]
    claims = [
        [Span(start + 30 * n, start + 30 * n + 30) for start, _ in windows for n in (0, 3, 5, 8, 11, 14)]
        for _ in range(resources)
    ]
    rounds = 200
    began = time.perf_counter()
    for _ in range(rounds):
        opening = union(windows, 0, length)
        on_grid = 0
        for start, end in windows:
            on_grid |= grid(start, end, 15)
        allowed = fits(opening, 30) & on_grid
        for taken in claims:
            free = mask(0, length) ^ union(taken, 0, length)
            _ = allowed & fits(free, 30)
    return (time.perf_counter() - began) / rounds

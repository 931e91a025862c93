"""All cases on the engine of this process's settings, against a real server process."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from rich.console import Console
from rich.table import Table

from benchmarks import cases, limits, machine, world
from tests.support import servers
from tests.support.live import answers


def all_cases(requests: int) -> list[cases.Result]:
    """Build the businesses, start the server, measure."""
    call_command("migrate", interactive=False, verbosity=0)
    year = world.build("two-hundred", 200)
    barbers = world.build("eight-barbers", 8)
    world.fill(barbers, 0.4)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    with _serving() as server:
        return [
            cases.nothing(server, requests),
            *cases.create_and_cancel(server, year, requests),
            cases.availability(server, barbers, requests),
            cases.upcoming(server, barbers, requests),
        ]


def show(results: list[cases.Result]) -> None:
    """The table, as people read it."""
    table = Table(title=f"{connection.vendor}, {cases.CLIENTS} clients")
    for name in ("case", "req/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "SQL", "limit/s", "ratio"):
        table.add_column(name, justify="left" if name == "case" else "right")
    for result in results:
        table.add_row(
            result.case,
            f"{result.per_second:,.0f}",
            f"{result.p50_ms:.1f}",
            f"{result.p95_ms:.1f}",
            f"{result.p99_ms:.1f}",
            f"{result.cpu_ms:.2f}",
            str(result.statements),
            f"{result.limit_per_second:,.0f}",
            f"{result.ratio:.2f}",
        )
    Console(width=110).print(table)


@contextmanager
def _serving() -> Iterator[cases.Server]:
    port = servers.free_port()
    options = (
        f"--interface wsgi --host 127.0.0.1 --port {port} --workers {settings.WEB_WORKERS}"
        f" --blocking-threads {settings.WEB_THREADS} --backlog 512 --no-ws --log-level warning"
    )
    command = [sys.executable, "-m", "granian", *options.split(), "holdfast.config.wsgi:application"]
    server = subprocess.Popen(command, env=os.environ | {"PORT": str(port)})
    try:
        if not servers.wait_until(lambda: answers(f"http://127.0.0.1:{port}/health/live"), 30):
            raise RuntimeError("the server did not start")
        processes = [server.pid]
        if connection.vendor == "postgresql":
            database = settings.DATABASES["default"]
            processes.append(machine.postgres_process(int(database["PORT"])))
            url = os.environ["DATABASE_URL"]
            write_raw = functools.partial(limits.postgres_seconds, url)
        else:
            write_raw = functools.partial(limits.sqlite_seconds, str(settings.DATABASES["default"]["NAME"]))
        yield cases.Server("127.0.0.1", port, tuple(processes), write_raw)
    finally:
        server.terminate()
        server.wait(20)

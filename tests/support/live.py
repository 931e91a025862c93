"""A real Holdfast server process on a free port, working on the test database of this process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from django.db import connection

from tests.support import servers


@dataclass(frozen=True, slots=True)
class LiveHoldfast:
    """The running server: `url` without a final slash, and its process id."""

    url: str
    pid: int


def test_database_url() -> str:
    """DATABASE_URL of the database this test process works on now."""
    database = connection.settings_dict
    name = str(database["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    user, password = quote(database["USER"], safe=""), quote(database["PASSWORD"], safe="")
    return f"postgresql://{user}:{password}@{database['HOST']}:{database['PORT']}/{name}"


@contextmanager
def serving(**environment: str) -> Iterator[LiveHoldfast]:
    """Start the web server (granian, one worker, four threads), wait for its health page, stop it at the end."""
    port = servers.free_port()
    url = f"http://127.0.0.1:{port}"
    options = f"--interface wsgi --host 127.0.0.1 --port {port} --workers 1 --blocking-threads 4 --no-ws --log-level warning"
    command = [sys.executable, "-m", "granian", *options.split(), "holdfast.config.wsgi:application"]
    variables = os.environ | {"DATABASE_URL": test_database_url(), "BASE_URL": url, "PORT": str(port)}
    variables |= {"RATE_LIMIT_MAX_REQUESTS": "0"} | environment
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, env=variables, stdout=log, stderr=subprocess.STDOUT)
        try:
            started = servers.wait_until(
                lambda: server.poll() is not None or answers(f"{url}/health/live"), 30
            )
            if not started or server.poll() is not None:
                log.seek(0)
                raise RuntimeError(
                    f"the server did not start:\n{log.read().decode(errors='replace')[-4000:]}"
                )
            yield LiveHoldfast(url=url, pid=server.pid)
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def answers(url: str) -> bool:
    """Whether the address answers 200 now."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False

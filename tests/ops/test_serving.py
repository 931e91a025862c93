from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from holdfast.ops.serving import is_free
from holdfast.ops.supervisor import Child, Supervisor, pause_after
from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]


def until(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_port_where_somebody_listens_is_not_free() -> None:
    port = free_port()
    assert is_free("127.0.0.1", port)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        assert not is_free("127.0.0.1", port)
    assert is_free("127.0.0.1", port)


def test_pauses_between_restarts_grow() -> None:
    assert [pause_after(deaths) for deaths in range(1, 9)] == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


@pytest.fixture
def supervised() -> Iterator[Callable[..., Supervisor]]:
    running: list[tuple[Supervisor, threading.Thread]] = []

    def start(*children: Child) -> Supervisor:
        supervisor = Supervisor(children)
        thread = threading.Thread(target=supervisor.run)
        thread.start()
        running.append((supervisor, thread))
        return supervisor

    yield start
    for supervisor, thread in running:
        supervisor.stop()
        thread.join(15)
        assert not thread.is_alive()


def test_a_dead_child_is_started_again_and_all_end_together(supervised: Callable[..., Supervisor]) -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    one, other = Child("one", sleeper), Child("other", sleeper)
    supervisor = supervised(one, other)
    assert until(lambda: one.process and other.process)
    assert one.process
    assert other.process
    first, second = one.process.pid, other.process.pid
    os.kill(first, signal.SIGKILL)
    assert until(lambda: one.process and one.process.pid != first)
    assert other.process.pid == second
    last = one.process.pid
    supervisor.stop()
    assert until(lambda: not psutil.pid_exists(last) and not psutil.pid_exists(second))


def test_a_child_that_cannot_live_is_not_started_in_a_tight_loop(
    supervised: Callable[..., Supervisor],
) -> None:
    child = Child("broken", [sys.executable, "-c", "raise SystemExit(3)"])
    supervised(child)
    assert until(lambda: child.deaths >= 2, 10)
    time.sleep(0.5)
    assert child.deaths <= 3


class Served:
    """``holdfast serve`` as a person starts it."""

    def __init__(self, home: Path, *options: str) -> None:
        self.port = free_port()
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "src"),
            "HOLDFAST_HOME": str(home),
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "WEB_THREADS": "2",
        }
        command = [sys.executable, "-m", "holdfast.ops.main", "serve", "--migrate", *options]
        self.output = (home / "output").open("w+")
        self.process = subprocess.Popen(command, env=environ, stdout=self.output, stderr=self.output)

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
            return response.read().decode()

    def is_well(self) -> bool:
        try:
            return bool(json.loads(self.get("/health"))["status"] == "ok")
        except OSError:
            return False

    def workers(self) -> int:
        count: int = json.loads(self.get("/health"))["checks"]["queue"]["workers"]
        return count


@pytest.fixture(scope="module")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an up-to-date database and static files, to be copied: making them takes seconds."""
    home = tmp_path_factory.mktemp("prepared")
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "HOLDFAST_HOME": str(home)}
    for words in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        subprocess.run([sys.executable, "-m", "holdfast.ops.main", *words], env=environ, check=True)
    return home


@pytest.fixture
def serve(tmp_path: Path, prepared_home: Path) -> Iterator[Callable[..., Served]]:
    shutil.copytree(prepared_home, tmp_path, dirs_exist_ok=True)
    started: list[Served] = []

    def start(*options: str) -> Served:
        served = Served(tmp_path, *options)
        started.append(served)
        served_well = until(served.is_well, 60)
        served.output.seek(0)
        assert served_well, served.output.read()[-3000:]
        return served

    yield start
    for served in started:
        if served.process.poll() is None:
            served.process.terminate()
            served.process.wait(40)
        served.output.close()


@pytest.mark.timeout(180)
def test_serve_runs_web_and_worker_and_ends_both_gracefully(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    served = serve()
    assert until(lambda: served.workers() == 1)
    assert "holdfast_requests_total" in served.get("/metrics")
    family = psutil.Process(served.process.pid).children(recursive=True)
    assert len(family) >= 3  # granian, its worker, ours
    served.process.terminate()
    assert served.process.wait(40) == 0
    assert not [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    events = [json.loads(line) for line in (tmp_path / "logs" / "holdfast.log").read_text().splitlines()]
    assert {"worker_started", "worker_stopped", "process_started"} <= {event["event"] for event in events}


@pytest.mark.timeout(180)
def test_a_killed_worker_comes_back_and_no_worker_means_none(serve: Callable[..., Served]) -> None:
    served = serve()
    assert until(lambda: served.workers() == 1)

    def worker() -> psutil.Process:
        family = psutil.Process(served.process.pid).children()
        return next(child for child in family if child.cmdline()[-1] == "worker")

    first = worker()
    first.kill()
    assert until(lambda: served.workers() == 2)  # the dead one was seen less than a minute ago
    assert worker().pid != first.pid
    served.process.kill()  # without a chance to end its children
    served.process.wait(10)
    served.output.seek(0)
    assert until(lambda: not served.is_well())


@pytest.mark.timeout(120)
def test_serve_without_worker_is_the_web_server_alone(serve: Callable[..., Served]) -> None:
    served = serve("--no-worker")
    time.sleep(1)
    assert served.workers() == 0
    assert len(psutil.Process(served.process.pid).children()) == 1

"""The demo: loaded once however often it is asked for, its sign-ins repeated, refused in production."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from holdfast.blueprints.commands.demo import DEMOS

PROGRAM = [sys.executable, "-m", "holdfast.ops.main", "demo", "--json"]


def _environment(home: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "PYTHONPATH", "LANG")
    }
    return kept | {"HOLDFAST_HOME": str(home), "HOLDFAST_ENVIRONMENT": "demo", "PORT": "8123"} | more


def _demo(home: Path) -> dict[str, Any]:
    done = subprocess.run(
        PROGRAM, env=_environment(home), capture_output=True, text=True, timeout=120, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def told_twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A directory that was empty when two demos started in it at once, and what each of them printed."""
    home = tmp_path_factory.mktemp("demo")
    started = [
        subprocess.Popen(
            PROGRAM, env=_environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    ended = [process.communicate(timeout=280) for process in started]
    assert [process.returncode for process in started] == [0, 0], [errors for _, errors in ended]
    return home, [json.loads(output) for output, _ in ended]


@pytest.mark.timeout(300)
def test_two_demos_that_start_at_once_on_an_empty_directory_tell_the_same_story(
    told_twice: tuple[Path, list[dict[str, Any]]],
) -> None:
    home, (first, second) = told_twice
    assert first == second == _demo(home)
    assert first["base_url"] == "http://localhost:8123"
    by_kind = {business["blueprint"]: business for business in first["businesses"]}
    assert len(by_kind) == len(first["businesses"]) == len(DEMOS)
    assert len(by_kind["barbershop"]["services"]) == 8
    for business in first["businesses"]:
        assert business["services"]
        assert set(business["tokens"]) == {"staff", "manager", "admin"}
        assert {user["role"] for user in business["users"]} == {"staff", "manager", "admin"}


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


@pytest.mark.timeout(300)
@pytest.mark.parametrize("given", [{}, {"HOLDFAST_ENVIRONMENT": ""}])
def test_a_demo_that_nobody_calls_one_is_served_as_one(
    told_twice: tuple[Path, list[dict[str, Any]]], tmp_path: Path, given: dict[str, str]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = _environment(told_twice[0], PORT=str(port), WEB_WORKERS="1")
    del environment["HOLDFAST_ENVIRONMENT"]
    told = tmp_path / "told"
    with (
        told.open("w") as stderr,
        subprocess.Popen(
            PROGRAM[:-1],
            env=environment | given,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        ) as demo,
    ):
        try:
            deadline = time.monotonic() + 200
            while _status(f"http://127.0.0.1:{port}/health/live") != 200:
                assert demo.poll() is None, told.read_text()
                assert time.monotonic() < deadline, told.read_text()
                time.sleep(0.2)
            assert _status(f"http://127.0.0.1:{port}/demo/mail") == 200
            assert "This is a demo" in told.read_text()
        finally:
            demo.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                demo.wait(30)
            if demo.poll() is None:
                os.killpg(demo.pid, signal.SIGKILL)


def test_the_demo_is_refused_in_production(tmp_path: Path) -> None:
    secrets = {
        "HOLDFAST_ENVIRONMENT": "production",
        "SECRET_KEY": "s" * 60,
        "ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "BOOKING_REFERENCE_SECRET": "b" * 40,
        "WAITLIST_PRIORITY_SALT": "w" * 40,
        "ALLOWED_HOSTS": "book.example.org",
        "BASE_URL": "https://book.example.org",
    }
    done = subprocess.run(
        PROGRAM,
        env=_environment(tmp_path, **secrets),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "production" in done.stderr
    assert done.stdout == ""

"""Throwaway servers on 127.0.0.1, gone with the process that started them: PostgreSQL and Redis."""

from __future__ import annotations

import atexit
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60
KEEPER = Path(__file__).with_name("keeper.py")


@dataclass(frozen=True, slots=True)
class Server:
    """A running throwaway server: where it answers, and how to end it early."""

    url: str
    stop: Callable[[], None]


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_programs() -> Path | None:
    """The directory of `initdb` and `postgres`, the newest version first; None when the server is not installed."""
    packaged = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: [int(n) for n in re.findall(r"\d+", path.parent.name)],
    )
    on_path = shutil.which("initdb")
    candidates = [*reversed(packaged), *([Path(on_path).resolve().parent] if on_path else [])]
    return next(
        (path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None
    )


def redis_program() -> str | None:
    """The Redis (or Valkey) server; None when it is not installed."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def unprivileged_account() -> str | None:
    """The account PostgreSQL runs as when root starts the tests (it refuses root); None for ordinary users."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def start_postgres(*, durable: bool = False) -> Server:
    """A PostgreSQL cluster, 200 connections, superuser `holdfast`; without durability unless asked for."""
    programs = postgres_programs()
    if programs is None:
        raise RuntimeError("the PostgreSQL server programs (initdb, postgres) are not installed")
    account = unprivileged_account()
    directory = private_directory(account)
    password = secrets.token_hex(12)
    password_file = directory / "password"
    password_file.write_text(password)
    if account:
        shutil.chown(password_file, account)
    port = free_port()
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        **({} if durable else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}),
        "shared_buffers": "128MB",
        "max_wal_size": "2GB",
        "autovacuum_naptime": "10min",
        "log_min_messages": "fatal",
        "log_min_error_statement": "panic",
    }
    data = str(directory / "data")
    initdb = [str(programs / "initdb"), "-D", data, "-U", "holdfast", "--pwfile", str(password_file)]
    server = [str(programs / "postgres"), "-D", data]
    url = f"postgresql://holdfast:{password}@127.0.0.1:{port}/postgres"
    return run_server(
        url=url,
        directory=directory,
        account=account,
        prepare=[[*initdb, "--auth", "password", "--encoding", "UTF8", "--no-locale", "--no-sync"]],
        server=[*server, *(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))],
        stop_signal=signal.SIGQUIT,
        answers=lambda: postgres_answers(url),
    )


def start_redis() -> Server:
    """A Redis server that keeps everything in memory."""
    program = redis_program()
    if program is None:
        raise RuntimeError("the Redis server program (redis-server) is not installed")
    directory = private_directory(None)
    port = free_port()
    options = {"port": port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": str(directory)}
    return run_server(
        url=f"redis://127.0.0.1:{port}/0",
        directory=directory,
        account=None,
        prepare=[],
        server=[program, *(part for name, value in options.items() for part in (f"--{name}", str(value)))],
        stop_signal=signal.SIGTERM,
        answers=lambda: redis_answers(port),
    )


def private_directory(account: str | None) -> Path:
    """A new directory that only the server's account (and root) can read."""
    directory = Path(tempfile.mkdtemp(prefix="holdfast-server-"))
    if account:
        shutil.chown(directory, account)
    return directory


def run_server(
    *,
    url: str,
    directory: Path,
    account: str | None,
    prepare: list[list[str]],
    server: list[str],
    stop_signal: int,
    answers: Callable[[], bool],
) -> Server:
    """Start the server under a keeper and wait until it answers."""
    order = {"directory": str(directory), "account": account, "prepare": prepare, "server": server}
    keeper = subprocess.Popen(
        [sys.executable, "-I", str(KEEPER), json.dumps(order | {"stop_signal": int(stop_signal)})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    pipes = (keeper.stdin, keeper.stdout)

    def stop() -> None:
        atexit.unregister(stop)
        for pipe in pipes:
            pipe.close()
        keeper.wait()

    atexit.register(stop)
    first_line = keeper.stdout.readline().decode().strip()
    if first_line == "started" and wait_until(answers):
        return Server(url=url, stop=stop)
    log = (directory / "server.log").read_text(errors="replace")[-4000:]
    stop()
    raise RuntimeError(f"{server[0]} did not start ({first_line})\n{log}")


def wait_until(condition: Callable[[], bool], seconds: float = START_SECONDS) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def postgres_answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False

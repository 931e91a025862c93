"""Run one server in a private directory and remove both when whoever started this is gone.

The starter holds the other end of standard input; its end, even by `kill -9`, closes the pipe, and the keeper stops
the server and deletes the directory. Run as a script, with one JSON argument:
``{"directory", "account", "prepare": [[…]], "server": [...], "stop_signal"}``.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

STOP_SECONDS = 10


def account_options(account: str | None) -> dict[str, Any]:
    """How `subprocess` becomes that account; nothing when the server runs as the present user."""
    if account is None:
        return {}
    return {"user": account, "group": account_group(account), "extra_groups": []}


def account_group(account: str) -> int:
    import pwd

    return pwd.getpwnam(account).pw_gid


def stop(server: subprocess.Popen[bytes], stop_signal: int) -> None:
    """End the server politely, then firmly."""
    if server.poll() is not None:
        return
    server.send_signal(stop_signal)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def keep(
    *, directory: str, account: str | None, prepare: list[list[str]], server: list[str], stop_signal: int
) -> None:
    """Prepare and start the server, tell the starter, wait for its end, clean up."""
    options = account_options(account) | {"cwd": directory, "stdin": subprocess.DEVNULL}
    running = None
    with (Path(directory) / "server.log").open("ab") as log:
        try:
            for command in prepare:
                subprocess.run(command, check=True, stdout=log, stderr=log, **options)
            running = subprocess.Popen(server, stdout=log, stderr=log, **options)
            print("started", flush=True)
        except (OSError, subprocess.CalledProcessError) as problem:
            print(f"failed: {problem}", flush=True)
        sys.stdin.buffer.read()
        if running is not None:
            stop(running, stop_signal)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep(**json.loads(sys.argv[1]))

"""What it cost: CPU time of the web server's and the database's processes, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable

import psutil


def processes_of(*roots: int) -> list[psutil.Process]:
    """The processes and all their descendants."""
    found: list[psutil.Process] = []
    for root in roots:
        process = psutil.Process(root)
        found += [process, *process.children(recursive=True)]
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time the process trees have used so far."""
    total = 0.0
    for process in processes_of(*roots):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def postgres_process(port: int) -> int:
    """The process id of the PostgreSQL server on this port."""
    for process in psutil.process_iter(["name", "cmdline"]):
        words = process.info["cmdline"] or []
        if any(word == f"port={port}" for word in words) and "postgres" in words[0]:
            return int(process.pid)
    raise LookupError(f"no PostgreSQL server on port {port}")


def described() -> dict[str, object]:
    """The machine and the versions, for the record."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load": os.getloadavg()[0],
        "loop_seconds": round(loop_seconds(), 2),
    }


def loop_seconds() -> float:
    """How long three million multiplications take here and now: to compare figures of different machines and hours."""
    began = time.perf_counter()
    for number in range(3_000_000):
        _ = number * number
    return time.perf_counter() - began

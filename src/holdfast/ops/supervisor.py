"""Keeps child processes alive: starts them, restarts the dead ones after growing pauses, ends all of them together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger("holdfast.supervisor")

GRACE_SECONDS = 30.0
HEALTHY_AFTER_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.2
_SET_PARENT_DEATH_SIGNAL = 1


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    deaths: int = field(default=0)


class Supervisor:
    """Runs children until told to stop. Times are monotonic seconds."""

    def __init__(self, children: Sequence[Child], environ: Mapping[str, str] | None = None) -> None:
        self.children = list(children)
        self.environ = {**os.environ, **(environ or {})}
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End everything; safe in a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Keep the children alive until ``stop``, then end them: SIGTERM, and after 30 seconds SIGKILL."""
        try:
            while not self._stopping.is_set():
                for child in self.children:
                    self._look_after(child)
                self._stopping.wait(_LOOK_EVERY_SECONDS)
        finally:
            self._end_all()

    def _look_after(self, child: Child) -> None:
        moment = time.monotonic()
        if child.process is None:
            if moment >= child.start_at:
                self._start(child)
            return
        code = child.process.poll()
        if code is None:
            return
        lived = moment - child.started_at
        child.deaths = 1 if lived > HEALTHY_AFTER_SECONDS else child.deaths + 1
        pause = pause_after(child.deaths)
        log.error("process_died", process=child.name, exit_code=code, restart_in_seconds=pause)
        child.process, child.start_at = None, moment + pause

    def _start(self, child: Child) -> None:
        # An own process group: Ctrl-C reaches us alone, and we end the children in order.
        child.process = subprocess.Popen(  # noqa: S603 - our own programs
            list(child.command), env=self.environ, start_new_session=True, preexec_fn=_die_with_parent
        )
        child.started_at = time.monotonic()
        log.info("process_started", process=child.name, pid=child.process.pid)

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("process_killed", pid=process.pid)
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _die_with_parent() -> None:
    """In the child: end when the supervisor is killed without a chance to end it (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def pause_after(deaths: int) -> float:
    """Seconds before the next start after so many deaths in a row: at once, then doubling from one to thirty."""
    return 0.0 if deaths <= 1 else min(2.0 ** (deaths - 2), LONGEST_PAUSE_SECONDS)

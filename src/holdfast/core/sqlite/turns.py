"""Whose turn it is to write: one writer at a time, in the order of asking, in all processes of this machine.

SQLite has one write lock and lets who wants it poll, with pauses that grow: under load somebody may be passed over for
seconds. Threads of one process stand in a line instead, and the first of each process takes two file locks: ``next``,
then ``turn``, keeping ``next`` until it has ``turn``. So a process that is done cannot go ahead of one that
waits. The kernel drops the locks of a process that dies.
"""

from __future__ import annotations

import fcntl
import functools
import os
import threading
import time
from collections import deque
from pathlib import Path

POLL_SECONDS = 0.0005


class _Line:
    """A lock that is handed to who has waited longest."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self, seconds: float) -> bool:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=max(0.0, seconds)):
            return True
        with self._mutex:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # handed over at the last moment

    def release(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Turns:
    """The turns at one database; ``path`` None: one that only this process sees."""

    def __init__(self, path: Path | None) -> None:
        self._line = _Line()
        self._path = path
        self._files: tuple[int, int] | None = None

    def take(self, seconds: float) -> bool:
        """Wait for a turn, at most that long; whether it came. Who has it must ``give_back``."""
        deadline = time.monotonic() + seconds
        if not self._line.acquire(seconds):
            return False
        try:
            came = self._path is None or self._lock_files(self._path, deadline)
        except BaseException:
            self._line.release()
            raise
        if not came:
            self._line.release()
        return came

    def give_back(self) -> None:
        """Let the next one have its turn."""
        try:
            if self._files is not None:
                fcntl.flock(self._files[1], fcntl.LOCK_UN)
        finally:
            self._line.release()

    def _lock_files(self, path: Path, deadline: float) -> bool:
        if self._files is None:
            self._files = _opened(path, "next"), _opened(path, "turn")
        first, turn = self._files
        if not _locked(first, deadline):
            return False
        try:
            return _locked(turn, deadline)
        finally:
            fcntl.flock(first, fcntl.LOCK_UN)


def _opened(path: Path, name: str) -> int:
    return os.open(path.with_name(f"{path.name}-{name}"), os.O_RDWR | os.O_CREAT, 0o600)


def _locked(file: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True


@functools.cache
def turns_at(name: str) -> Turns:
    """The turns at the database of this name, the same for all threads of the process."""
    in_memory = ":memory:" in name or "mode=memory" in name
    return Turns(None if in_memory else Path(name))


# A child would share its parent's locks: it begins with none.
os.register_at_fork(after_in_child=turns_at.cache_clear)

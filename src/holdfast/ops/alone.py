"""One at a time: two commands that prepare the same data directory at once wait for each other."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def preparing(home: Path) -> Iterator[None]:
    """Hold the directory's lock; the kernel gives it back when the process ends, however it ends."""
    with (home / ".preparing").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

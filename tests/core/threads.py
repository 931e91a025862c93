"""Running the same function in several threads at the same moment, each with its own database connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(count: int, function: Callable[[int], T]) -> list[T]:
    """What ``function(0 … count-1)`` returned, all started together."""
    barrier = threading.Barrier(count)

    def run(number: int) -> T:
        barrier.wait(timeout=20)
        try:
            return function(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))

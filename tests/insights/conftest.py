"""Counters begin and end empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from holdfast.insights import commands


@pytest.fixture(autouse=True)
def nothing_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[commands.Waiting]:
    """A process that has counted nothing yet."""
    fresh = commands.Waiting()
    monkeypatch.setattr(commands, "_waiting", fresh)
    yield fresh
    if fresh.writer is not None:
        fresh.end()

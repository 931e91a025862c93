"""The only place that reads the clock. Commands and rules are handed ``now``; shells and the worker call this."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)

"""How instants are written where programs read them."""

from __future__ import annotations

from datetime import UTC, datetime


def show_instant(instant: datetime) -> str:
    """An instant in UTC, whole seconds: ``2026-11-20T10:00:00Z``."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return f"{instant.isoformat()[:19]}Z"


def show_instant_if_any(instant: datetime | None) -> str | None:
    """The same; None where there is none."""
    return None if instant is None else show_instant(instant)

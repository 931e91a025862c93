"""Bounded pages of a list, continued by an opaque cursor: (instant, id) of the last row shown."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

from holdfast.lib.refusals import Invalid

T = TypeVar("T")
MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows and, if there are more, where the next page begins."""

    items: list[T]
    next_cursor: str | None


def page_of(
    *,
    cursor: str,
    limit: int,
    after: Callable[[datetime | None, UUID | None, int], list[T]],
    key: Callable[[T], tuple[datetime, UUID]],
) -> Page[T]:
    """``after(instant, id, count)`` yields the rows beyond a key; one more than asked tells whether there are more.

    Refusals: :class:`Invalid` on ``cursor`` or ``limit`` (1 to 100).
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid.field("limit", "out_of_bounds", least=1, most=MAX_LIMIT)
    rows = after(*_read(cursor), limit + 1)
    more = len(rows) > limit
    items = rows[:limit]
    return Page(items, _write(*key(items[-1])) if more else None)


def _write(instant: datetime, id: UUID) -> str:
    microseconds = int(instant.timestamp()) * 1_000_000 + instant.microsecond
    return (
        base64.urlsafe_b64encode(microseconds.to_bytes(8, "big", signed=True) + id.bytes)
        .rstrip(b"=")
        .decode()
    )


def _read(cursor: str) -> tuple[datetime | None, UUID | None]:
    if not cursor:
        return None, None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        microseconds = int.from_bytes(raw[:8], "big", signed=True)
        seconds, rest = divmod(microseconds, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), UUID(bytes=raw[8:])
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid.field("cursor", "invalid_cursor") from error

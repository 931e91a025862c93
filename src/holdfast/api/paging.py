"""Bounded pages of lists that are in memory anyway: what a business offers (DESIGN §4 "Shapes")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar
from uuid import UUID

from ninja import Query

from holdfast.lib.pages import MAX_LIMIT, Page, page_of

T = TypeVar("T")
Cursor = Annotated[str, Query(max_length=200, description="The `next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many at most.")]

_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


def page_in_memory(
    rows: Iterable[T], *, key: Callable[[T], tuple[datetime, UUID]], cursor: str, limit: int
) -> Page[T]:
    """Some of the rows in the order of their keys. The cursor is a place in that order, not a row: a row that is
    deleted meanwhile loses nobody the rest. Refusals: :class:`Invalid` on ``cursor``.
    """

    def after(instant: datetime | None, id: UUID | None, count: int) -> list[T]:
        if instant is None or id is None:
            return ordered[:count]
        return [row for row in ordered if key(row) > (instant, id)][:count]

    ordered = sorted(rows, key=key)
    return page_of(cursor=cursor, limit=limit, after=after, key=key)


def position_key(position: int, id: UUID) -> tuple[datetime, UUID]:
    """A place in the business's own order; cursors speak of instants, so a position is one second."""
    return _ZERO + timedelta(seconds=position), id

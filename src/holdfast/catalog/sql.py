"""The hand-written statements of the catalog: uses of promotions, counted exactly under concurrency (SPEC B7)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from holdfast.core import sql

TABLE = "catalog_promotion"


def take_use(*, business_id: UUID, promotion_id: UUID) -> bool:
    """Count one more use, if the promotion is on and has one left; its row stays locked until the transaction ends.

    One guarded statement: whoever waits for the row finds the count of the one before.
    """
    return bool(
        sql.run(
            f"UPDATE {TABLE} SET uses = uses + 1 WHERE business_id = %s AND id = %s AND is_active"
            " AND (most_uses = 0 OR uses < most_uses)",
            [business_id, promotion_id],
        )
    )


def give_back_uses(*, uses: Mapping[tuple[UUID, str], int]) -> None:
    """Take off what bookings that are off had used, by business and code; in one order, so that nobody waits in a ring.

    A code that was deleted meanwhile has nothing to give back to.
    """
    for (business_id, code), count in sorted(uses.items()):
        sql.run(
            f"UPDATE {TABLE} SET uses = CASE WHEN uses > %s THEN uses - %s ELSE 0 END"
            " WHERE business_id = %s AND code = %s",
            [count, count, business_id, code],
        )

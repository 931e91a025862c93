"""The one statement with which a process adds what it has counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from holdfast.core import sql
from holdfast.insights.rules import Funnel

Key = tuple[UUID, date, UUID, str]

_ADD = """
    INSERT INTO insights_funnelday (business_id, "on", service_id, channel, views, holds, booked) VALUES {rows}
    ON CONFLICT (business_id, "on", service_id, channel) DO UPDATE SET
        views = insights_funnelday.views + excluded.views,
        holds = insights_funnelday.holds + excluded.holds,
        booked = insights_funnelday.booked + excluded.booked
"""


def add_counts(*, counts: Mapping[Key, Funnel]) -> None:
    """Add these counts to the days'. Rows are touched in the order of their keys, so that two processes never wait for
    each other in a circle."""
    keys = sorted(counts, key=lambda key: (str(key[0]), key[1], str(key[2]), key[3]))
    values: list[Any] = []
    for key in keys:
        funnel = counts[key]
        values += [*key, funnel.views, funnel.holds, funnel.booked]
    sql.run(_ADD.format(rows=", ".join([f"({sql.places(7)})"] * len(keys))), values)

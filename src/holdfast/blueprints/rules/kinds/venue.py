"""A nightclub or restaurant: a table for a party on an evening (S2)."""

from __future__ import annotations

from holdfast.blueprints.rules.parts import Blueprint, Giver, Offered

VENUE = Blueprint(
    kind="venue",
    hours="evenings",
    noun="table",
    givers=(
        Giver("Table 1", kind="table", seats_min=1, seats_max=2),
        Giver("Table 2", kind="table", seats_min=1, seats_max=2),
        Giver("Table 3", kind="table", seats_min=2, seats_max=4),
        Giver("Table 4", kind="table", seats_min=2, seats_max=4),
        Giver("Table 5", kind="table", seats_min=4, seats_max=6),
    ),
    services=(Offered("Table", 120, 0, "A table for the evening", mode="table", interval=30),),
    settings={"earliest_notice_minutes": 60, "furthest_ahead_days": 60, "maximum_tables": 2},
)

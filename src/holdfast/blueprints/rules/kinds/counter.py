"""A counter: slots with a capacity, published ahead (S3)."""

from __future__ import annotations

from holdfast.blueprints.rules.parts import Blueprint, Giver, Offered

COUNTER = Blueprint(
    kind="counter",
    hours="weekday_9to5",
    noun="counter",
    givers=(Giver("Counter", kind="counter"),),
    services=(Offered("Visit", 30, 0, "Come within the half hour", mode="slot", interval=30),),
    settings={"earliest_notice_minutes": 0, "furthest_ahead_days": 30},
    capacity=10,
)

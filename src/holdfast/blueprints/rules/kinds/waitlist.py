"""A walk-in clinic or desk: people come as they are and are seen by the next person free (S4)."""

from __future__ import annotations

from holdfast.blueprints.rules.parts import Blueprint, Giver, Offered

WAITLIST = Blueprint(
    kind="waitlist",
    hours="weekday_9to5",
    givers=(Giver("Room 1"), Giver("Room 2")),
    services=(
        Offered("Short visit", 15, 0, "One question, one answer"),
        Offered("Long visit", 30, 0, "When it takes a little more"),
    ),
    settings={"earliest_notice_minutes": 0, "furthest_ahead_days": 7, "late_after_minutes": 5},
)

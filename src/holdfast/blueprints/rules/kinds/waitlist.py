"""A walk-in clinic or desk: people come as they are and are seen by the next person free (S4)."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast.blueprints.rules.parts import Blueprint, Giver, Offered

# People wait on the spot, for minutes: who came first goes first, but for small differences, and nobody waits for hours.
_WAITING: Mapping[str, int] = {
    "waitlist_cutoff_minutes": 0,
    "waitlist_half_minutes": 30,
    "waitlist_ageing_minutes": 180,
    "weight_waiting": 70,
    "weight_tier": 5,
    "weight_reliability": 5,
    "weight_fit": 10,
    "weight_urgency": 0,
    "weight_passed_over": 10,
}

WAITLIST = Blueprint(
    kind="waitlist",
    hours="weekday_9to5",
    givers=(Giver("Room 1"), Giver("Room 2")),
    services=(
        Offered("Short visit", 15, 0, "One question, one answer"),
        Offered("Long visit", 30, 0, "When it takes a little more"),
    ),
    settings={"earliest_notice_minutes": 0, "furthest_ahead_days": 7, "late_after_minutes": 5, **_WAITING},
)

DEMO_CLINIC = Blueprint(
    kind="waitlist",
    hours="every_day_9to5",
    givers=(
        Giver("Nurse Nina Holt", "Room 1"),
        Giver("Nurse Paul Mensah", "Room 2"),
        Giver("Dr Ines Duarte", "Room 3"),
    ),
    services=(
        Offered("Dressing change", 15, 0, "Wounds and stitches looked after"),
        Offered("Blood pressure check", 10, 0, "Sit down, breathe out", interval=10),
        Offered("Travel vaccination", 20, 35, "Bring your record if you have one"),
        Offered("See a doctor", 20, 0, "For what cannot wait until next week", givers=(2,)),
    ),
    settings={
        "earliest_notice_minutes": 0,
        "furthest_ahead_days": 14,
        "cancellation_notice_minutes": 0,
        "reschedule_notice_minutes": 0,
        "late_after_minutes": 5,
        "accent": "#256d8f",
        **_WAITING,
    },
)

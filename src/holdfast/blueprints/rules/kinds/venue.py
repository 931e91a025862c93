"""A nightclub or restaurant: a table for a party, on evenings that may run past midnight (S0)."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast.blueprints.rules.parts import Blueprint, Giver, Offered


def _table(name: str, least: int, most: int, area: str, detail: str = "") -> Giver:
    return Giver(
        name, detail, kind="table", seats_min=least, seats_max=most, columns={"area": area} if area else {}
    )


# A table that a party fills is worth more than one that half of it is left of; who waits for a night waits for days.
_WAITING: Mapping[str, int] = {
    "waitlist_cutoff_minutes": 30,
    "waitlist_half_minutes": 3 * 24 * 60,
    "weight_waiting": 30,
    "weight_fit": 30,
}

VENUE = Blueprint(
    kind="venue",
    hours="club_nights",
    noun="table",
    givers=(
        _table("Table 1", 1, 2, "Bar"),
        _table("Table 2", 1, 2, "Bar"),
        _table("Table 3", 2, 4, "Floor"),
        _table("Table 4", 2, 4, "Floor"),
        _table("Table 5", 4, 6, "Booths"),
    ),
    services=(
        Offered(
            "Table",
            180,
            0,
            "A table for the evening",
            mode="table",
            interval=30,
            columns={"turn_minutes": [[2, 120], [4, 150]], "pacing_covers": 0},
        ),
    ),
    settings={
        "earliest_notice_minutes": 60,
        "furthest_ahead_days": 60,
        "maximum_tables": 2,
        "cancellation_notice_minutes": 720,
        "reschedule_notice_minutes": 180,
        "late_after_minutes": 20,
        **_WAITING,
    },
)

DEMO_CLUB = Blueprint(
    kind="venue",
    hours="club_nights",
    noun="table",
    givers=(
        _table("T1", 1, 2, "Bar", "High stools"),
        _table("T2", 1, 2, "Bar", "High stools"),
        _table("T3", 1, 2, "Bar", "By the window"),
        _table("T4", 1, 2, "Bar", "By the window"),
        _table("T5", 2, 4, "Floor", "Beside the dance floor"),
        _table("T6", 2, 4, "Floor", "Beside the dance floor"),
        _table("T7", 2, 5, "Floor", "Opposite the stage"),
        _table("T8", 2, 5, "Floor", "Opposite the stage"),
        _table("B1", 4, 8, "Booths", "Brick arch"),
        _table("B2", 4, 8, "Booths", "Brick arch"),
        _table("B3", 5, 10, "Booths", "Stage side"),
        _table("B4", 5, 10, "Booths", "Stage side"),
    ),
    services=(
        Offered(
            "Table for the night",
            240,
            0,
            "Table service from 22:00; over 18s, ID at the door",
            mode="table",
            interval=30,
            columns={
                "turn_minutes": [[2, 150], [5, 180]],
                "pacing_covers": 40,
                "deposit_person_minor": 1000,
                "deposit_party_least": 6,
            },
        ),
    ),
    settings={
        "earliest_notice_minutes": 60,
        "furthest_ahead_days": 60,
        "maximum_tables": 2,
        "cancellation_notice_minutes": 720,
        "reschedule_notice_minutes": 180,
        "late_after_minutes": 20,
        **_WAITING,
        "accent": "#7a3b8f",
    },
)

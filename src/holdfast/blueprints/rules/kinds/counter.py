"""A counter: slots with a capacity, published ahead (S3)."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast.blueprints.rules.parts import Blueprint, Giver, Offered

# At a counter nobody is dearer than another: who waits longest is asked first.
_WAITING: Mapping[str, int] = {"weight_waiting": 60, "weight_tier": 0}

COUNTER = Blueprint(
    kind="counter",
    hours="weekday_9to5",
    noun="counter",
    givers=(Giver("Counter", kind="counter"),),
    services=(Offered("Visit", 30, 0, "Come within the half hour", mode="slot", interval=30),),
    settings={"earliest_notice_minutes": 0, "furthest_ahead_days": 30, **_WAITING},
    capacity=10,
)

DEMO_COUNTER = Blueprint(
    kind="counter",
    hours="weekday_9to5",
    noun="counter",
    givers=(Giver("Photo stand", "By the door", kind="counter"), Giver("Stamp desk", kind="counter")),
    services=(
        Offered(
            "Passport photo",
            15,
            9,
            "Taken, cut and checked against the rules of your country",
            mode="slot",
            interval=15,
            givers=(0,),
            columns={"price_per_person": True},
        ),
        Offered(
            "Papers certified",
            30,
            12,
            "Bring the original and what is to be stamped",
            mode="slot",
            interval=30,
            givers=(1,),
        ),
    ),
    settings={
        "earliest_notice_minutes": 0,
        "furthest_ahead_days": 30,
        "cancellation_notice_minutes": 120,
        "reschedule_notice_minutes": 120,
        "public_holidays": "GB-SCT",
        "accent": "#0b6a8f",
        **_WAITING,
    },
    capacity=6,
)

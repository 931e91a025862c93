"""A barbershop: services with a barber, or any barber (S2)."""

from __future__ import annotations

from holdfast.blueprints.rules.parts import Blueprint, Giver, Offered

BARBERSHOP = Blueprint(
    kind="barbershop",
    hours="barbershop",
    noun="barber",
    givers=(Giver("First chair"), Giver("Second chair")),
    services=(
        Offered("Haircut", 30, 26, "Cut, wash and style"),
        Offered("Skin fade", 45, 32, "Clipper work down to the skin"),
        Offered("Beard trim", 20, 16, "Shape, line and oil"),
        Offered("Haircut and beard", 60, 40),
    ),
    settings={"earliest_notice_minutes": 30, "furthest_ahead_days": 60},
)

DEMO_BARBERSHOP = Blueprint(
    kind="barbershop",
    hours="barbershop",
    givers=(
        Giver("Theo Marsh", "Chair 2"),
        Giver("Amara Osei", "Chair 1"),
        Giver("Luca Ferri", "Chair 3"),
        Giver(
            "Dev Patel",
            "Chair 4",
            hours=(
                (2, "11:00", "18:00"),
                (3, "11:00", "20:00"),
                (4, "11:00", "19:00"),
                (5, "08:00", "16:00"),
            ),
        ),
    ),
    services=(
        Offered("Classic cut", 30, 26, "Scissors and clippers, finished with a hot towel"),
        Offered("Skin fade", 45, 32, "From skin to length, blended by hand"),
        Offered("Fade and beard", 60, 44, "The fade, and a beard to go with it"),
        Offered("Beard shape", 20, 16, "Line, shape and oil"),
        Offered("Hot towel shave", 40, 30, "Straight razor, three towels", buffer_after=5, givers=(0, 1, 2)),
        Offered("Under-12s cut", 30, 18, "For the young and the restless"),
        Offered("Buzz cut", 15, 15, "One length all over"),
        Offered(
            "Restyle",
            60,
            48,
            "A new look, talked through first",
            buffer_after=10,
            givers=(0, 1),
            columns={"prepay": True},
        ),
    ),
    settings={
        "earliest_notice_minutes": 30,
        "furthest_ahead_days": 60,
        "public_holidays": "GB-ENG",
        "accent": "#2c7a5b",
    },
)

"""An artist: a date on request, accepted or declined by the artist (S1)."""

from __future__ import annotations

from holdfast.blueprints.rules.parts import Blueprint, Giver, Offered

ARTIST = Blueprint(
    kind="artist",
    hours="24_7",
    noun="artist",
    givers=(Giver("The artist", kind="artist"),),
    services=(
        Offered(
            "Live set", 120, 800, "For clubs, festivals and private parties", mode="request", interval=30
        ),
    ),
    settings={"earliest_notice_minutes": 1440, "furthest_ahead_days": 365},
)

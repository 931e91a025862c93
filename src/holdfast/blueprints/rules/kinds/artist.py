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
    # Who wants a date that is taken has an option on it, by rank: no waitlist beside that.
    settings={"earliest_notice_minutes": 1440, "furthest_ahead_days": 730, "waitlist": False},
)

#: The rider an artist begins with: (section, line).
FIRST_RIDER: tuple[tuple[str, str], ...] = (
    ("technical", "Balanced stereo line at the stage"),
    ("technical", "Two monitors on separate mixes"),
    ("technical", "An hour for line check before doors"),
    ("hospitality", "Hot meal for everybody who works"),
    ("hospitality", "Water on stage"),
    ("travel", "Overnight stay within walking distance"),
)

DEMO_ARTIST = Blueprint(
    kind="artist",
    hours="24_7",
    noun="artist",
    givers=(Giver("Ilse Varga", "Live electronics and voice", kind="artist"),),
    services=(
        Offered(
            "Live set",
            75,
            2400,
            "Electronics and voice, from a club floor to a church",
            mode="request",
            buffer_after=60,
            columns={"answer_within_hours": 96, "buffer_before_minutes": 120},
        ),
        Offered("DJ set", 180, 1200, "All night or opening for friends", mode="request", interval=30),
        Offered("Talk", 60, 500, "On listening, with recordings", mode="request", interval=30),
    ),
    settings={
        "earliest_notice_minutes": 2880,
        "furthest_ahead_days": 730,
        "challenge_hours": 48,
        "waitlist": False,
        "accent": "#5b4a9e",
    },
)

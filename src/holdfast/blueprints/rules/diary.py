"""Who comes to the demo's barbershop, when, and how it ends: the same for the same date and seed. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

SEED = "holdfast-demo-1"
PAST_DAYS = 21
FUTURE_DAYS = 14

_FIRST = (
    "Aidan", "Bella", "Callum", "Daisy", "Elliot", "Femi", "George", "Hugo", "Imran", "Jonas", "Kofi", "Liam",
    "Marcus", "Nico", "Omar", "Priya", "Quinn", "Ravi", "Sam", "Tariq", "Uma", "Viktor", "Will", "Xavier", "Yusuf", "Zoe",
)  # fmt: skip
_LAST = (
    "Ade", "Bright", "Carter", "Doyle", "Ellis", "Frost", "Grant", "Hill", "Iqbal", "Jones", "Khan", "Lawson",
    "Mensah", "Neale", "Oduya", "Pereira", "Reid", "Shaw", "Turner", "Vane", "Ward", "Young",
)  # fmt: skip
_NOTES = (
    "", "", "", "", "", "", "First visit, found you online", "Same as last time, please",
    "A bit shorter at the sides than usual", "I may be five minutes late", "Sensitive skin: no aftershave",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """One booking to make. ``service`` and ``giver`` are positions; ``giver`` None asks for anybody.

    ``ending`` is what becomes of it once its time is past: ``completed``, ``no_show`` or ``cancelled``.
    """

    name: str
    email: str
    phone: str
    service: int
    giver: int | None
    at: float
    booked_days_before: int
    notes: str
    ending: str
    cancelled_early: bool


def visits_on(day: date, *, services: int, givers: int, busy: int) -> list[Visit]:
    """The visits of one date. ``at`` is where in the day's free starts the visit lies, from 0 to 1."""
    dice = dice_for(day.isoformat())
    return [_visit(dice, services, givers) for _ in range(dice.randint(busy - 3, busy + 3))]


def dice_for(story: str) -> random.Random:
    """The same throws for the same story."""
    return random.Random(f"{SEED}:{story}")  # noqa: S311 - a repeatable story, not a secret


def passer_by(dice: random.Random) -> tuple[str, str, str]:
    """Somebody's name, address and phone number."""
    first, last = dice.choice(_FIRST), dice.choice(_LAST)
    return (
        f"{first} {last}",
        f"{first}.{last}@example.com".lower(),
        f"07700 900{dice.randint(0, 999):03}",
    )


def _visit(dice: random.Random, services: int, givers: int) -> Visit:
    name, email, phone = passer_by(dice)
    return Visit(
        name=name,
        email=email,
        phone=phone,
        service=min(int(dice.expovariate(0.45)), services - 1),
        giver=dice.randrange(givers) if dice.random() < 0.6 else None,
        at=dice.random(),
        booked_days_before=dice.randint(2, 12),
        notes=dice.choice(_NOTES),
        ending=_weighted(dice, (("completed", 90), ("no_show", 5), ("cancelled", 5))),
        cancelled_early=dice.random() < 0.05,
    )


def _weighted(dice: random.Random, choices: Sequence[tuple[str, int]]) -> str:
    words, weights = zip(*choices, strict=True)
    chosen: str = dice.choices(words, weights)[0]
    return chosen

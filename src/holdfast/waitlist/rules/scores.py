"""Who is asked first: a score of six factors between 0 and 1, weighed by the business, and of age (SPEC F2). Pure.

``score = Σ weight·factor / Σ weight + waited / ageing``. The first part lies between 0 and 1 whatever the factors are; the
second grows without end. So whoever has waited ``ageing`` minutes longer than another is before them, whatever tier,
reliability or fit the other has: nobody starves. What a person is like is never a factor.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from holdfast.businesses.rules import Settings
from holdfast.customers.rules import MOST_TIER
from holdfast.lib.timeline import MINUTE

FACTORS = ("waiting", "tier", "reliability", "fit", "urgency", "passed_over")
# What a person without history is taken for, and how many visits of their own weigh as much as that.
USUAL_RELIABILITY = 0.9
USUAL_VISITS = 5
# A wish that ends within three days is half as urgent as one that ends now.
URGENCY_HALF_MINUTES = 3 * 24 * 60
# Passed over twice is half of what being passed over can count.
PASSED_OVER_HALF = 2
# Past this many the factor hardly moves: nothing is counted beyond.
MOST_PASSED_OVER = 20
_SCALE = 10_000


class Weights(NamedTuple):
    """What each factor weighs, and the two lengths of time that waiting is measured by, in minutes."""

    waiting: int
    tier: int
    reliability: int
    fit: int
    urgency: int
    passed_over: int
    half_minutes: int
    ageing_minutes: int

    @classmethod
    def of(cls, settings: Settings) -> Weights:
        """The weights of a business."""
        return cls(
            settings.weight_waiting,
            settings.weight_tier,
            settings.weight_reliability,
            settings.weight_fit,
            settings.weight_urgency,
            settings.weight_passed_over,
            settings.waitlist_half_minutes,
            settings.waitlist_ageing_minutes,
        )

    @property
    def total(self) -> int:
        """The sum of the weights; never 0, which settings refuse."""
        return sum(self[: len(FACTORS)]) or 1


class Standing(NamedTuple):
    """What is known of somebody who waits, without the place in question.

    ``waited`` and ``left`` are minutes: since they joined, and until the last of their wishes ends. ``boost`` is what
    staff added by hand.
    """

    waited: int
    tier: int = 0
    shows: int = 0
    no_shows: int = 0
    left: int = 0
    passed_over: int = 0
    boost: float = 0.0

    @classmethod
    def at(
        cls, now: datetime, *, joined_at: datetime, ends_at: datetime, visits: tuple[int, int], **known: Any
    ) -> Standing:
        """As of a moment; ``visits`` are those kept and not kept, ``known`` the rest by name."""
        shows, no_shows = visits
        waited, left = (now - joined_at) // MINUTE, (ends_at - now) // MINUTE
        return cls(waited=waited, left=left, shows=shows, no_shows=no_shows, **known)


@dataclass(frozen=True, slots=True)
class Score:
    """A score and what it is made of: the factors, what age and staff add."""

    total: float
    factors: Mapping[str, float]
    ageing: float
    boost: float

    def as_json(self) -> dict[str, float]:
        """What is stored with an offer."""
        return {**self.factors, "ageing": self.ageing, "boost": self.boost, "total": self.total}


def waiting(waited: int, half_minutes: int) -> float:
    """``w / (w + h)``: a half after ``half_minutes``, never quite 1, every minute worth less than the one before."""
    return waited / (waited + half_minutes) if waited > 0 else 0.0


def tier(level: int) -> float:
    """A share of the highest tier."""
    return min(max(level, 0), MOST_TIER) / MOST_TIER


def reliability(shows: int, no_shows: int) -> float:
    """The share of visits kept, drawn towards the usual share while there are few."""
    return (shows + USUAL_VISITS * USUAL_RELIABILITY) / (shows + no_shows + USUAL_VISITS)


def fit(used: int, wasted: int) -> float:
    """How much of what the place takes up is of use: minutes, seats or places used, and left over for nobody."""
    return used / (used + wasted) if used > 0 else 0.0


def urgency(left: int) -> float:
    """``h / (h + left)``: 1 when the last wish is about to end, a half three days before."""
    return URGENCY_HALF_MINUTES / (URGENCY_HALF_MINUTES + max(left, 0))


def passed_over(times: int) -> float:
    """``n / (n + 2)``: 0 for who was never passed over."""
    return times / (times + PASSED_OVER_HALF)


def score(standing: Standing, weights: Weights, used: int = 1, wasted: int = 0) -> Score:
    """The score of somebody for a place of which they use and waste so much; without them, for a place that fits."""
    factors = {
        "waiting": waiting(standing.waited, weights.half_minutes),
        "tier": tier(standing.tier),
        "reliability": reliability(standing.shows, standing.no_shows),
        "fit": fit(used, wasted),
        "urgency": urgency(standing.left),
        "passed_over": passed_over(standing.passed_over),
    }
    ageing = max(standing.waited, 0) / weights.ageing_minutes
    total = quick_score(standing, weights, used, wasted)
    return Score(total, factors, ageing, standing.boost)


def quick_score(standing: Standing, weights: Weights, used: int = 1, wasted: int = 0) -> float:
    """The total of :func:`score` alone, for long lists; to four places, so that ties are ties."""
    waited = max(0, standing.waited)
    weighed = (
        weights.waiting * waiting(waited, weights.half_minutes)
        + weights.tier * tier(standing.tier)
        + weights.reliability * reliability(standing.shows, standing.no_shows)
        + weights.fit * fit(used, wasted)
        + weights.urgency * urgency(standing.left)
        + weights.passed_over * passed_over(standing.passed_over)
    )
    total = weighed / weights.total + waited / weights.ageing_minutes + standing.boost
    return round(total * _SCALE) / _SCALE


def tie_break(salt: str, place: str, entry: str) -> bytes:
    """Orders those with equal scores for one place: nobody can work it out beforehand, everybody with the salt after."""
    return hmac.digest(salt.encode(), f"{place}:{entry}".encode(), hashlib.sha256)[:8]

"""Decisions of the waitlist: wishes, scores, plans for a gap, how long an offer lasts, states. Pure."""

from holdfast.waitlist.rules.plans import Candidate, Placing, best_plan, best_plans, wasted_in
from holdfast.waitlist.rules.scores import (
    FACTORS,
    MOST_PASSED_OVER,
    Score,
    Standing,
    Weights,
    quick_score,
    score,
    tie_break,
)
from holdfast.waitlist.rules.states import (
    LIVE,
    MOST_PASSES,
    MOST_UNANSWERED,
    UNDO_LEAVING,
    check_open_offer,
    next_entry_state,
    offer_state_at,
)
from holdfast.waitlist.rules.windows import LEAST_OFFER_MINUTES, offer_until
from holdfast.waitlist.rules.wishes import (
    MOST_RANGES,
    DateRange,
    RangeWish,
    clean_ranges,
    ends_at,
    wish_key,
)

__all__ = [
    "FACTORS",
    "LEAST_OFFER_MINUTES",
    "LIVE",
    "MOST_PASSED_OVER",
    "MOST_PASSES",
    "MOST_RANGES",
    "MOST_UNANSWERED",
    "UNDO_LEAVING",
    "Candidate",
    "DateRange",
    "Placing",
    "RangeWish",
    "Score",
    "Standing",
    "Weights",
    "best_plan",
    "best_plans",
    "check_open_offer",
    "clean_ranges",
    "ends_at",
    "next_entry_state",
    "offer_state_at",
    "offer_until",
    "quick_score",
    "score",
    "tie_break",
    "wasted_in",
    "wish_key",
]

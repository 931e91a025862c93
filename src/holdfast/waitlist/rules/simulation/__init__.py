"""Replaying demand against a policy, and comparing it with others (SPEC F9). Pure: the same seed, the same result."""

from holdfast.waitlist.rules.simulation.figures import (
    NOTICES,
    WAITS,
    Figures,
    Finding,
    compare,
    figures,
    findings,
    percentile,
)
from holdfast.waitlist.rules.simulation.policies import Policy, Way
from holdfast.waitlist.rules.simulation.running import Outcome, Progress, Visited, run
from holdfast.waitlist.rules.simulation.scenario import SERVICES, Shape, shipped
from holdfast.waitlist.rules.simulation.world import ANY_PARTY, Asker, Freed, Habits, Visit, World, midnight

__all__ = [
    "ANY_PARTY",
    "NOTICES",
    "SERVICES",
    "WAITS",
    "Asker",
    "Figures",
    "Finding",
    "Freed",
    "Habits",
    "Outcome",
    "Policy",
    "Progress",
    "Shape",
    "Visit",
    "Visited",
    "Way",
    "World",
    "compare",
    "figures",
    "findings",
    "midnight",
    "percentile",
    "run",
    "shipped",
]

"""What is paid ahead of a visit: a sum, a part of the price, so much a person, on some days, for larger parties. Pure.

What is filled in is added up. A deposit is part of the price and never more than it; where nothing is asked for the
visit itself (a table) it comes off the bill.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from holdfast.catalog.rules.prices import share_of
from holdfast.lib.money import MAX_MINOR
from holdfast.lib.text import Mistakes

# What a service may ask against missed visits besides a deposit and prepayment; empty: what the business asks.
GUARDS = ("", "nothing", "confirm", "card")
# The columns of a service that this file checks.
DEPOSIT_NUMBERS: dict[str, tuple[int, int]] = {
    "deposit_percent": (0, 100),
    "deposit_person_minor": (0, MAX_MINOR),
    "deposit_party_least": (1, 10_000),
}


@dataclass(frozen=True, slots=True)
class DepositTerms:
    """When and how much: ``weekdays`` (0 is Monday; none: every day), ``party_least`` the smallest party that pays."""

    flat_minor: int = 0
    percent: int = 0
    person_minor: int = 0
    party_least: int = 1
    weekdays: tuple[int, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether anybody ever pays one."""
        return bool(self.flat_minor or self.percent or self.person_minor)


def deposit_of(terms: DepositTerms, *, price_minor: int, party_size: int, on: date) -> int:
    """The deposit of one booking at its price, listed under ``on``, in minor units."""
    if not terms.asks or party_size < terms.party_least:
        return 0
    if terms.weekdays and on.weekday() not in terms.weekdays:
        return 0
    asked = terms.flat_minor + share_of(price_minor, terms.percent) + terms.person_minor * party_size
    return min(asked, price_minor or MAX_MINOR)


def clean_weekdays(value: Any, mistakes: Mistakes, *, field: str = "deposit_weekdays") -> list[int]:
    """The weekdays, each once, in order; mistakes are added under ``field``."""
    if not isinstance(value, (list, tuple)) or any(type(day) is not int for day in value):
        mistakes[field] = [("wrong_type", {})]
        return []
    if not all(0 <= day <= 6 for day in value):
        mistakes[field] = [("out_of_bounds", {"least": 0, "most": 6})]
        return []
    return sorted(set(value))

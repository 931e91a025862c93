"""What a booking costs: the service's price, changed by rules, lowered by a promotion (SPEC B7). Pure.

The rules that match are taken in the business's order. The first fixed price among them replaces the service's own;
then every amount and every percentage is applied in order, wherever in the list the fixed price stood; the price is
never below nothing. Percentages round half a minor unit up. Where a price is per person the rules change the price of
one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from holdfast.lib.money import MAX_MINOR
from holdfast.lib.text import Mistakes, line

EFFECTS = ("fixed", "amount", "percent")
NAME_LIMIT = 80
LEAST_PERCENT, MOST_PERCENT = -100, 1000
_DAY = 1440


@dataclass(frozen=True, slots=True)
class PriceRuleFacts:
    """A price rule as plain values; what is None or empty does not narrow. ``weekdays``: 0 is Monday."""

    id: UUID
    name: str
    service_id: UUID | None
    resource_id: UUID | None
    weekdays: tuple[int, ...]
    from_minute: int | None
    until_minute: int | None
    party_least: int | None
    party_most: int | None
    effect: str
    amount_minor: int
    percent: int
    position: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class Occasion:
    """What rules look at: the date a start is listed under, its wall time as date and minute, who, how many."""

    on: date
    wall_on: date
    wall_minute: int
    resource_ids: tuple[UUID, ...] = ()
    party_size: int = 1


def rules_for(rules: Iterable[PriceRuleFacts], service_id: UUID) -> tuple[PriceRuleFacts, ...]:
    """The active rules that can touch a service, in order."""
    return tuple(rule for rule in rules if rule.is_active and rule.service_id in (None, service_id))


def matches(rule: PriceRuleFacts, occasion: Occasion) -> bool:
    """Whether a rule holds on an occasion (its service aside)."""
    if rule.resource_id is not None and rule.resource_id not in occasion.resource_ids:
        return False
    if rule.party_least is not None and occasion.party_size < rule.party_least:
        return False
    if rule.party_most is not None and occasion.party_size > rule.party_most:
        return False
    if rule.from_minute is None and rule.until_minute is None:
        # Without a time of day a weekday means the evening a start belongs to, whatever its clock says.
        return not rule.weekdays or occasion.on.weekday() in rule.weekdays
    return _in_window(rule, occasion)


def _in_window(rule: PriceRuleFacts, occasion: Occasion) -> bool:
    begins = rule.from_minute or 0
    ends = _DAY if rule.until_minute is None else rule.until_minute
    weekday, minute = occasion.wall_on.weekday(), occasion.wall_minute
    if begins < ends:
        return begins <= minute < ends and (not rule.weekdays or weekday in rule.weekdays)
    # The window crosses midnight: after it the day before counts.
    if minute >= begins:
        return not rule.weekdays or weekday in rule.weekdays
    return minute < ends and (not rule.weekdays or (weekday - 1) % 7 in rule.weekdays)


def price_of(base_minor: int, rules: Iterable[PriceRuleFacts], occasion: Occasion) -> int:
    """The price of one booking or one person: ``base_minor`` after the ``rules`` that match, given in order."""
    matching = [rule for rule in rules if matches(rule, occasion)]
    price = next((rule.amount_minor for rule in matching if rule.effect == "fixed"), base_minor)
    for rule in matching:
        if rule.effect == "amount":
            price += rule.amount_minor
        elif rule.effect == "percent":
            price = share_of(price, 100 + rule.percent)
        price = max(price, 0)
    return min(price, MAX_MINOR)


def share_of(minor: int, percent: int) -> int:
    """So many hundredths of an amount that is not negative, half a minor unit rounded up."""
    return (minor * percent + 50) // 100


def clean_price_rule(wanted: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The accepted columns of a price rule but its service and resource; mistakes are added by field."""
    accepted: dict[str, Any] = {}
    for name, value in wanted.items():
        if name == "name" and isinstance(value, str):
            accepted[name] = line(value, field=name, mistakes=mistakes, limit=NAME_LIMIT)
            continue
        problem = _problem(name, value)
        if problem is not None:
            mistakes[name] = [problem]
        else:
            accepted[name] = sorted(set(value)) if name == "weekdays" else value
    return accepted


_NUMBERS: dict[str, tuple[int, int]] = {
    "from_minute": (0, _DAY - 1),
    "until_minute": (0, _DAY),
    "party_least": (1, 10_000),
    "party_most": (1, 10_000),
    "amount_minor": (-MAX_MINOR, MAX_MINOR),
    "percent": (LEAST_PERCENT, MOST_PERCENT),
    "position": (0, 100_000),
}
_OPTIONAL = frozenset({"from_minute", "until_minute", "party_least", "party_most"})


def _problem(name: str, value: Any) -> tuple[str, dict[str, Any]] | None:
    if name in _NUMBERS:
        if value is None and name in _OPTIONAL:
            return None
        least, most = _NUMBERS[name]
        if isinstance(value, bool) or not isinstance(value, int):
            return ("wrong_type", {})
        return None if least <= value <= most else ("out_of_bounds", {"least": least, "most": most})
    if name == "weekdays":
        if not isinstance(value, (list, tuple)) or any(type(day) is not int for day in value):
            return ("wrong_type", {})
        return None if all(0 <= day <= 6 for day in value) else ("out_of_bounds", {"least": 0, "most": 6})
    if name == "effect":
        return None if value in EFFECTS else ("unknown_choice", {"choices": list(EFFECTS)})
    if name == "is_active":
        return None if isinstance(value, bool) else ("wrong_type", {})
    return ("wrong_type" if name == "name" else "unknown_field", {})


def price_rule_contradictions(columns: Mapping[str, Any]) -> Mistakes:
    """What no single column shows: a fixed price below nothing, a party the wrong way round, an empty window."""
    mistakes: Mistakes = {}
    if columns["effect"] == "fixed" and columns["amount_minor"] < 0:
        mistakes["amount_minor"] = [("out_of_bounds", {"least": 0, "most": MAX_MINOR})]
    if columns["effect"] == "amount" and columns["amount_minor"] == 0:
        mistakes["amount_minor"] = [("required", {})]
    if columns["effect"] == "percent" and columns["percent"] == 0:
        mistakes["percent"] = [("required", {})]
    least, most = columns["party_least"], columns["party_most"]
    if least is not None and most is not None and least > most:
        mistakes["party_most"] = [("less_than_least", {})]
    begins, ends = columns["from_minute"], columns["until_minute"]
    if begins is not None and begins == ends:
        mistakes["until_minute"] = [("same_as_from", {})]
    return mistakes

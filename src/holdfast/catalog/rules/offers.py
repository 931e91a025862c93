"""What a resource and a service may be. Pure."""

from __future__ import annotations

from typing import Any

from holdfast.catalog.rules.deposits import DEPOSIT_NUMBERS, GUARDS, clean_weekdays
from holdfast.catalog.rules.tables import clean_turns
from holdfast.lib.money import MAX_MINOR
from holdfast.lib.text import Mistakes, line, paragraphs

RESOURCE_KINDS = ("staff", "table", "room", "artist", "counter")
SERVICE_MODES = ("appointment", "table", "request", "slot")
WHO_MAY_BOOK = ("anyone", "verified_email", "signed_in")

_SERVICE_NUMBERS: dict[str, tuple[int, int]] = {
    "duration_minutes": (1, 1440),
    "interval_minutes": (1, 1440),
    "buffer_before_minutes": (0, 480),
    "buffer_after_minutes": (0, 480),
    "price_minor": (0, MAX_MINOR),
    "deposit_minor": (0, MAX_MINOR),
    "pacing_covers": (0, 10_000),
    "places_per_customer": (0, 100),
    "answer_within_hours": (1, 720),
    "waitlist_limit": (0, 10_000),
    "position": (0, 100_000),
    **DEPOSIT_NUMBERS,
}
_RESOURCE_NUMBERS: dict[str, tuple[int, int]] = {
    "seats_min": (1, 10_000),
    "seats_max": (1, 10_000),
    "position": (0, 100_000),
}


def clean_resource(wanted: dict[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The accepted columns of a resource; what is wrong is added to ``mistakes`` by field."""
    choices: dict[str, tuple[str, ...]] = {"kind": RESOURCE_KINDS}
    texts = {"name": 120, "detail": 120, "area": 60}
    return _clean(wanted, mistakes, texts, _RESOURCE_NUMBERS, choices, {"is_active"})


def clean_service(wanted: dict[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The accepted columns of a service; what is wrong is added to ``mistakes`` by field."""
    choices: dict[str, tuple[str, ...]] = {
        "mode": SERVICE_MODES,
        "who_may_book": WHO_MAY_BOOK,
        "guard": GUARDS,
    }
    texts = {"name": 120, "description": 500}
    switches = {"is_active", "prepay", "price_per_person", "waitlist_open"}
    lists = ("turn_minutes", "deposit_weekdays")
    plain = {name: value for name, value in wanted.items() if name not in lists}
    accepted = _clean(plain, mistakes, texts, _SERVICE_NUMBERS, choices, switches)
    if "turn_minutes" in wanted:
        accepted["turn_minutes"] = clean_turns(wanted["turn_minutes"], mistakes)
    if "deposit_weekdays" in wanted:
        accepted["deposit_weekdays"] = clean_weekdays(wanted["deposit_weekdays"], mistakes)
    return accepted


def contradictions(columns: dict[str, Any]) -> Mistakes:
    """What no single column shows: a deposit above the price, fewest seats above most seats."""
    mistakes: Mistakes = {}
    if columns.get("deposit_minor", 0) > columns.get("price_minor", MAX_MINOR):
        mistakes["deposit_minor"] = [("more_than_price", {})]
    if columns.get("seats_min", 1) > columns.get("seats_max", 10_000):
        mistakes["seats_max"] = [("less_than_seats_min", {})]
    return mistakes


def _clean(
    wanted: dict[str, Any],
    mistakes: Mistakes,
    texts: dict[str, int],
    numbers: dict[str, tuple[int, int]],
    choices: dict[str, tuple[str, ...]],
    switches: set[str],
) -> dict[str, Any]:
    accepted: dict[str, Any] = {}
    for name, value in wanted.items():
        if name in texts and isinstance(value, str):
            clean = line if name in ("name", "area") else paragraphs
            accepted[name] = clean(
                value, field=name, mistakes=mistakes, limit=texts[name], required=name == "name"
            )
            continue
        problem: tuple[str, dict[str, Any]] | None = None
        if name in numbers:
            low, high = numbers[name]
            if isinstance(value, bool) or not isinstance(value, int):
                problem = ("wrong_type", {})
            elif not low <= value <= high:
                problem = ("out_of_bounds", {"least": low, "most": high})
        elif name in choices:
            if value not in choices[name]:
                problem = ("unknown_choice", {"choices": list(choices[name])})
        elif name in switches or name in texts:
            problem = None if name in switches and isinstance(value, bool) else ("wrong_type", {})
        else:
            problem = ("unknown_field", {})
        if problem:
            mistakes[name] = [problem]
        else:
            accepted[name] = value
    return accepted

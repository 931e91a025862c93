"""Promotion codes: what one may be, when it holds and what it takes off (SPEC B7). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from holdfast.catalog.rules.prices import share_of
from holdfast.lib.money import MAX_MINOR
from holdfast.lib.text import Mistakes

CODE_LIMIT = 40
EFFECTS = ("amount", "percent")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,39}")
_NUMBERS: dict[str, tuple[int, int]] = {
    "amount_minor": (0, MAX_MINOR),
    "percent": (0, 100),
    "most_uses": (0, 1_000_000),
    "most_uses_per_customer": (0, 1_000),
}


@dataclass(frozen=True, slots=True)
class PromotionFacts:
    """A promotion as plain values. ``service_ids`` empty: all services. ``uses`` is as of when it was read."""

    id: UUID
    code: str
    effect: str
    amount_minor: int
    percent: int
    service_ids: tuple[UUID, ...]
    valid_from: date | None
    valid_until: date | None
    most_uses: int
    most_uses_per_customer: int
    uses: int
    is_active: bool


def read_code(typed: str) -> str:
    """A code as it is kept: in capitals, without spaces around or inside."""
    return "".join(typed.split()).upper()[: CODE_LIMIT + 1]


def discount(promotion: PromotionFacts, price_minor: int) -> int:
    """What a promotion takes off a price: never more than all of it."""
    if promotion.effect == "percent":
        return min(share_of(price_minor, promotion.percent), price_minor)
    return min(promotion.amount_minor, price_minor)


def refusal_of(
    promotion: PromotionFacts | None, *, service_id: UUID, today: date
) -> tuple[str, dict[str, Any]] | None:
    """Why a code does not hold for this service on this local date, as a code of the field; None if it does.

    How often it was used is for the transaction that redeems it to say.
    """
    if promotion is None or not promotion.is_active:
        return ("promo_unknown", {})
    if promotion.valid_until is not None and today > promotion.valid_until:
        return ("promo_expired", {"until": promotion.valid_until.isoformat()})
    if promotion.valid_from is not None and today < promotion.valid_from:
        return ("promo_not_yet", {"from": promotion.valid_from.isoformat()})
    if promotion.service_ids and service_id not in promotion.service_ids:
        return ("promo_other_service", {})
    return None


def clean_promotion(wanted: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The accepted columns of a promotion but its services; mistakes are added by field."""
    accepted: dict[str, Any] = {}
    for name, value in wanted.items():
        problem: tuple[str, dict[str, Any]] | None = None
        if name == "code":
            value = read_code(value) if isinstance(value, str) else value
            problem = _problem_of_code(value)
        elif name in _NUMBERS:
            least, most = _NUMBERS[name]
            if isinstance(value, bool) or not isinstance(value, int):
                problem = ("wrong_type", {})
            elif not least <= value <= most:
                problem = ("out_of_bounds", {"least": least, "most": most})
        elif name == "effect":
            problem = None if value in EFFECTS else ("unknown_choice", {"choices": list(EFFECTS)})
        elif name in ("valid_from", "valid_until"):
            problem = None if value is None or isinstance(value, date) else ("wrong_type", {})
        elif name == "is_active":
            problem = None if isinstance(value, bool) else ("wrong_type", {})
        else:
            problem = ("unknown_field", {})
        if problem is not None:
            mistakes[name] = [problem]
        else:
            accepted[name] = value
    return accepted


def _problem_of_code(value: Any) -> tuple[str, dict[str, Any]] | None:
    if not isinstance(value, str):
        return ("wrong_type", {})
    if not value:
        return ("required", {})
    return None if _CODE.fullmatch(value) else ("invalid_promo_code", {})


def promotion_contradictions(columns: Mapping[str, Any]) -> Mistakes:
    """What no single column shows: nothing taken off, dates the wrong way round, fewer uses than there were."""
    mistakes: Mistakes = {}
    worth = "amount_minor" if columns["effect"] == "amount" else "percent"
    if columns[worth] == 0:
        mistakes[worth] = [("required", {})]
    first, last = columns["valid_from"], columns["valid_until"]
    if first is not None and last is not None and first > last:
        mistakes["valid_until"] = [("before_start", {})]
    if 0 < columns["most_uses"] < columns["uses"]:
        mistakes["most_uses"] = [("out_of_bounds", {"least": columns["uses"], "most": 1_000_000})]
    return mistakes

"""What rules and codes make of a price (SPEC B7)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.catalog.rules.prices import Occasion, PriceRuleFacts, matches, price_of, rules_for, share_of
from holdfast.catalog.rules.promotions import PromotionFacts, discount, read_code, refusal_of

THEO, AMARA, CUT, SHAVE = (UUID(int=number) for number in range(1, 5))
FRIDAY, SATURDAY = date(2026, 11, 27), date(2026, 11, 28)


def rule(effect: str = "amount", value: int = 500, **more: object) -> PriceRuleFacts:
    columns: dict[str, object] = {
        "id": UUID(int=99), "name": "A rule", "service_id": None, "resource_id": None, "weekdays": (), "from_minute": None,
        "until_minute": None, "party_least": None, "party_most": None, "effect": effect,
        "amount_minor": 0 if effect == "percent" else value, "percent": value if effect == "percent" else 0, "position": 0,
        "is_active": True,
    }  # fmt: skip
    return PriceRuleFacts(**(columns | more))  # type: ignore[arg-type]


def at(hhmm: str = "10:00", wall_on: date = FRIDAY, on: date | None = None, **more: object) -> Occasion:
    hours, minutes = map(int, hhmm.split(":"))
    return Occasion(on or wall_on, wall_on, hours * 60 + minutes, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("narrowed", "occasion", "holds"),
    [
        ({}, at(), True),
        ({"weekdays": (4,)}, at(wall_on=FRIDAY), True),
        ({"weekdays": (5,)}, at(wall_on=FRIDAY), False),
        ({"weekdays": (4,)}, at("01:00", SATURDAY, on=FRIDAY), True),  # the evening it belongs to
        ({"from_minute": 600, "until_minute": 660}, at("10:00"), True),
        ({"from_minute": 600, "until_minute": 660}, at("10:59"), True),
        ({"from_minute": 600, "until_minute": 660}, at("11:00"), False),
        ({"from_minute": 600}, at("23:59"), True),
        ({"until_minute": 600}, at("09:59"), True),
        ({"until_minute": 600}, at("10:00"), False),
        ({"from_minute": 1320, "until_minute": 120}, at("23:00"), True),
        ({"from_minute": 1320, "until_minute": 120}, at("01:59"), True),
        ({"from_minute": 1320, "until_minute": 120}, at("02:00"), False),
        ({"from_minute": 1320, "until_minute": 120, "weekdays": (4,)}, at("23:00", FRIDAY), True),
        ({"from_minute": 1320, "until_minute": 120, "weekdays": (4,)}, at("01:00", SATURDAY), True),
        ({"from_minute": 1320, "until_minute": 120, "weekdays": (4,)}, at("01:00", FRIDAY), False),
        ({"from_minute": 1320, "until_minute": 120, "weekdays": (4,)}, at("23:00", SATURDAY), False),
        ({"party_least": 3}, at(party_size=2), False),
        ({"party_least": 3}, at(party_size=3), True),
        ({"party_most": 3}, at(party_size=4), False),
        ({"resource_id": THEO}, at(resource_ids=(AMARA, THEO)), True),
        ({"resource_id": THEO}, at(resource_ids=(AMARA,)), False),
        ({"resource_id": THEO}, at(), False),
    ],
)
def test_when_a_rule_holds(narrowed: dict[str, object], occasion: Occasion, holds: bool) -> None:
    assert matches(rule(**narrowed), occasion) is holds


@pytest.mark.parametrize(
    ("rules", "price"),
    [
        ([], 2600),
        ([rule("amount", 500)], 3100),
        ([rule("amount", -3000)], 0),
        ([rule("percent", 10)], 2860),
        ([rule("percent", -100)], 0),
        ([rule("fixed", 2000)], 2000),
        ([rule("fixed", 2000), rule("fixed", 1000)], 2000),
        ([rule("amount", 500), rule("fixed", 2000)], 2500),
        ([rule("amount", 500), rule("percent", 10)], 3410),
        ([rule("percent", 10), rule("amount", 500)], 3360),
        ([rule("amount", -9000), rule("amount", 500)], 500),
        ([rule("fixed", 5), rule("percent", -50)], 3),  # 2.5, half up
        ([rule("fixed", 2000, weekdays=(6,)), rule("amount", 500)], 3100),
    ],
)
def test_what_rules_add_up_to(rules: list[PriceRuleFacts], price: int) -> None:
    assert price_of(2600, rules, at()) == price


def test_rules_of_other_services_and_those_switched_off_are_left_out() -> None:
    own, shared = rule(service_id=CUT), rule()
    rules = [own, rule(service_id=SHAVE), rule(is_active=False), shared]
    assert rules_for(rules, CUT) == (own, shared)


RULES = st.builds(
    rule,
    st.sampled_from(["fixed", "amount", "percent"]),
    st.integers(min_value=0, max_value=1000),
    weekdays=st.lists(st.integers(0, 6), unique=True).map(tuple),
    from_minute=st.none() | st.integers(0, 1439),
    until_minute=st.none() | st.integers(0, 1440),
)
OCCASIONS = st.builds(
    lambda on, minute: Occasion(on, on, minute),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.integers(0, 1439),
)


@given(st.integers(0, 10**9), st.lists(RULES, max_size=6), OCCASIONS)
def test_a_price_is_never_below_nothing_and_rules_that_do_not_hold_change_nothing(
    base: int, rules: list[PriceRuleFacts], occasion: Occasion
) -> None:
    price = price_of(base, rules, occasion)
    assert price >= 0
    assert price == price_of(base, [one for one in rules if matches(one, occasion)], occasion)
    if not any(matches(one, occasion) for one in rules):
        assert price == base


@given(OCCASIONS, st.integers(0, 1439), st.integers(0, 1440))
def test_a_window_and_the_rest_of_the_day_share_no_minute(occasion: Occasion, begins: int, ends: int) -> None:
    if begins == ends or (begins == 0 and ends == 1440):
        return
    inside = rule(from_minute=begins, until_minute=ends)
    rest = rule(from_minute=ends % 1440, until_minute=begins or 1440)
    if (ends % 1440) == (begins or 1440):
        return
    assert matches(inside, occasion) != matches(rest, occasion)


@given(st.integers(0, 10**9), st.integers(0, 100))
def test_a_share_is_rounded_half_up(minor: int, percent: int) -> None:
    assert abs(share_of(minor, percent) * 100 - minor * percent) <= 50
    if minor * percent % 100 == 50:
        assert share_of(minor, percent) * 100 > minor * percent


def promotion(**more: object) -> PromotionFacts:
    columns: dict[str, object] = {
        "id": UUID(int=7), "code": "TEN", "effect": "percent", "amount_minor": 0, "percent": 10, "service_ids": (),
        "valid_from": None, "valid_until": None, "most_uses": 0, "most_uses_per_customer": 0, "uses": 0, "is_active": True,
    }  # fmt: skip
    return PromotionFacts(**(columns | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (None, "promo_unknown"),
        (promotion(is_active=False), "promo_unknown"),
        (promotion(valid_until=FRIDAY), None),
        (promotion(valid_until=date(2026, 11, 26)), "promo_expired"),
        (promotion(valid_from=FRIDAY), None),
        (promotion(valid_from=SATURDAY), "promo_not_yet"),
        (promotion(service_ids=(SHAVE,)), "promo_other_service"),
        (promotion(service_ids=(SHAVE, CUT)), None),
    ],
)
def test_when_a_code_holds(found: PromotionFacts | None, problem: str | None) -> None:
    refused = refusal_of(found, service_id=CUT, today=FRIDAY)
    assert (refused[0] if refused else None) == problem


@given(st.integers(0, 10**9), st.integers(0, 100), st.integers(0, 10**9))
def test_a_code_takes_off_no_more_than_there_is(price: int, percent: int, amount: int) -> None:
    assert 0 <= discount(promotion(percent=percent), price) <= price
    assert discount(promotion(effect="amount", amount_minor=amount), price) == min(amount, price)


@pytest.mark.parametrize("typed", ["spring-10", " SPRING-10 ", "Spring -10"])
def test_a_code_is_read_whatever_its_case_and_spaces(typed: str) -> None:
    assert read_code(typed) == "SPRING-10"

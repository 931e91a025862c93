"""Money as whole minor units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib.money import Money, exponent_of, parse_minor

CURRENCIES = st.sampled_from(["GBP", "EUR", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("32", "GBP", 3200), ("32.5", "GBP", 3250), ("32,50", "EUR", 3250), (" 0.05 ", "GBP", 5), ("32", "JPY", 32),
     ("1.234", "KWD", 1234), ("0", "GBP", 0), ("9999999999", "GBP", 999999999900)],
)  # fmt: skip
def test_a_typed_amount_is_read(text: str, currency: str, minor: int) -> None:
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [("", "GBP"), ("-1", "GBP"), ("1.234", "GBP"), ("1.5", "JPY"), ("1e3", "GBP"), ("£5", "GBP"), ("1.2.3", "GBP"),
     (".5", "GBP"), ("٣", "GBP"), ("1" * 11, "GBP"), ("1 000", "GBP"), ("NaN", "GBP"), ("1.²", "GBP")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_minor(text, currency)


@given(st.integers(0, 10**10 - 1), CURRENCIES)
def test_an_amount_is_written_and_read_back(minor: int, currency: str) -> None:
    written = Money(minor, currency).decimal
    assert parse_minor(written, currency) == minor
    assert len(written.partition(".")[2]) == exponent_of(currency)


@given(st.integers(), st.integers())
def test_sums_and_differences_are_those_of_the_minor_units(a: int, b: int) -> None:
    assert Money(a, "GBP") + Money(b, "GBP") == Money(a + b, "GBP")
    assert Money(a, "GBP") - Money(b, "GBP") == Money(a - b, "GBP")


def test_currencies_do_not_mix_and_debts_keep_their_sign() -> None:
    with pytest.raises(ValueError, match="cannot add EUR to GBP"):
        Money(1, "GBP") + Money(1, "EUR")
    assert [Money(-5, currency).decimal for currency in ("GBP", "JPY", "KWD")] == ["-0.05", "-5", "-0.005"]

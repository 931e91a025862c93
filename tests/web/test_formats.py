"""Dates, times, money and names as people of the active language write them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from holdfast.web import formats

SATURDAY = date(2026, 11, 21)
HALF_PAST_TEN = datetime(2026, 11, 21, 10, 30)


@pytest.mark.parametrize(
    ("minor", "currency", "full", "brief"),
    [
        (3200, "GBP", "£32.00", "£32"),
        (3250, "GBP", "£32.50", "£32.50"),
        (0, "GBP", "£0.00", "£0"),
        (123456789, "EUR", "€1,234,567.89", "€1,234,567.89"),
        (500, "JPY", "JP¥500", "JP¥500"),
        (1500, "KWD", "KWD1.500", "KWD1.500"),
    ],
)
def test_money_has_the_digits_of_its_currency(minor: int, currency: str, full: str, brief: str) -> None:
    with translation.override("en"):
        assert formats.money(minor, currency) == full
        assert formats.money(minor, currency, brief=True) == brief


@given(st.integers(0, 10**12))
def test_money_never_loses_a_minor_unit(minor: int) -> None:
    with translation.override("en"):
        shown = formats.money(minor, "GBP")
    assert int("".join(letter for letter in shown if letter.isdigit())) == minor


@pytest.mark.parametrize(
    ("language", "day", "clock"),
    [("en", "Sat 21 Nov", "10:30"), ("en-us", "Sat, Nov 21", "10:30"), ("de", "Sa., 21. Nov.", "10:30")],
)
def test_days_and_times_follow_the_language(language: str, day: str, clock: str) -> None:
    with translation.override(language):
        assert formats.day(SATURDAY) == day
        assert formats.clock(HALF_PAST_TEN).startswith(clock)


def test_a_language_nobody_knows_reads_as_english() -> None:
    with translation.override("en"):
        expected = formats.day(SATURDAY)
    with translation.override("xx"):
        assert formats.day(SATURDAY) == expected


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 2), date(2026, 11, 30), "November 2026"),
        (date(2026, 11, 16), date(2026, 12, 20), "Nov to Dec 2026"),
        (date(2026, 12, 14), date(2027, 1, 17), "Dec 2026 to Jan 2027"),
    ],
)
def test_a_stretch_of_weeks_names_its_months(first: date, last: date, words: str) -> None:
    with translation.override("en"):
        assert formats.months_between(first, last) == words


@pytest.mark.parametrize(
    ("minutes", "words", "brief", "notice"),
    [
        (1, "1 minute", "1 min", "1 minute"),
        (45, "45 minutes", "45 min", "45 minutes"),
        (60, "1 hour", "1 h", "1 hour"),
        (75, "1 hour 15 minutes", "1 h 15 min", "1 hour 15 minutes"),
        (1440, "24 hours", "24 h", "24 hours"),
        (2880, "48 hours", "48 h", "2 days"),
    ],
)
def test_lengths_are_said_in_hours_and_minutes(minutes: int, words: str, brief: str, notice: str) -> None:
    with translation.override("en"):
        assert (formats.duration(minutes), formats.short_duration(minutes)) == (words, brief)
        assert formats.notice(minutes) == notice


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Fenwick & Rowe", "FR"),
        ("Theo", "T"),
        ("Amara de Souza Osei", "AO"),
        ("& Co", "C"),
        ("", "•"),
        ("🙂", "•"),
    ],
)
def test_a_monogram_is_at_most_two_letters(name: str, letters: str) -> None:
    assert formats.monogram(name) == letters

"""The desk has words of its own for everything the domain can say."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import holdfast
from holdfast.bookings.models import Booking
from holdfast.bookings.rules import TRANSITIONS
from holdfast.lib.refusals import Conflict, Refusal
from holdfast.web.desk import words

ROOT = Path(holdfast.__file__).parent
DOMAIN = [
    "bookings",
    "businesses",
    "catalog",
    "customers",
    "schedule",
    "availability",
    "waitlist",
    "webhooks",
    "lib",
]


def conflicts() -> list[type[Refusal]]:
    """Every refusal of kind Conflict that a page of the desk may meet."""
    found = [Conflict]
    for name in ("bookings", "businesses", "catalog", "waitlist", "privacy", "webhooks"):
        module = importlib.import_module(f"holdfast.{name}.errors")
        found += [c for _, c in inspect.getmembers(module, inspect.isclass) if issubclass(c, Conflict)]
    return found


@pytest.mark.parametrize("refusal", conflicts(), ids=lambda refusal: refusal.code)
def test_every_conflict_has_a_sentence(refusal: type[Refusal]) -> None:
    sentence = words.sentence(refusal())
    assert sentence.endswith(".")
    if refusal.code not in ("conflict", "slug_taken", "already_member"):
        assert sentence != words.sentence(Conflict())


def field_codes() -> set[str]:
    """The codes of wrong fields that the domain's source writes."""
    codes: set[str] = set()
    for app in DOMAIN:
        for info in pkgutil.walk_packages([str(ROOT / app)], f"holdfast.{app}."):
            if ".migrations" in info.name:
                continue
            source = inspect.getsource(importlib.import_module(info.name))
            codes |= set(re.findall(r'Invalid\.field\([^,()]+, "(\w+)"', source))
            codes |= set(re.findall(r'\[?\(\s*"([a-z_]+)",\s*\{[^}]*\}\s*\)', source))
            codes |= set(re.findall(r'return "((?:wrong|out|unknown)_\w+)"', source))
            codes |= set(re.findall(r'_add\(mistakes, [^,]+, "(\w+)"', source))
    return codes


def test_the_search_for_codes_finds_them() -> None:
    assert {
        "required",
        "too_long",
        "out_of_bounds",
        "overlaps",
        "before_start",
        "more_than_price",
    } <= field_codes()


@pytest.mark.parametrize(
    "code",
    sorted(field_codes() - {"unknown_field", "in_use", "invalid_slug", "unknown_timezone", "invalid_cursor"}),
)
def test_every_wrong_field_says_what_to_do(code: str) -> None:
    assert words.mistake(code, {}) != words.mistake("no such code", {})


def test_every_state_has_a_word_and_a_look_that_is_not_colour_alone() -> None:
    for state in Booking.State.values:
        assert words.STATES[state]
        assert all(words.LOOKS[state])
    for face in words.FACES:
        assert all(words.LOOKS[face])


def test_every_step_of_the_desk_is_in_the_one_table_of_transitions() -> None:
    from holdfast.web.desk.booking import STEPS

    assert {name.replace("-", "_") for name in STEPS} <= {step for _, step in TRANSITIONS}


@pytest.mark.parametrize(
    ("seconds", "said"), [(-5, "0 s ago"), (20, "20 s ago"), (200, "3 min ago"), (7300, "2 h ago")]
)
def test_how_long_ago_is_said_in_one_unit(seconds: int, said: str) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert words.ago(now - timedelta(seconds=seconds), now) == said

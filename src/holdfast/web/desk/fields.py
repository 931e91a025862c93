"""Fields of the desk's forms: what a template needs to draw one, and how typed text becomes values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from holdfast.lib.money import parse_minor
from holdfast.web.desk import words

Errors = Mapping[str, Sequence[str]]
# Beyond these a date is a slip of the keyboard, and its neighbours may not exist.
FIRST_DATE, LAST_DATE = date(1970, 1, 8), date(2200, 1, 1)
Mistakes = dict[str, list[tuple[str, dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select or one of several boxes."""

    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled control. ``kind`` is an input's type, or ``select``, ``textarea``, ``checkbox``, ``boxes``."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    hint: str = ""
    unit: str = ""
    choices: Sequence[Choice] = ()
    errors: Sequence[str] = ()
    required: bool = False
    limit: int = 0
    least: str = ""
    most: str = ""
    autocomplete: str = "off"
    is_checked: bool = False
    is_fixed: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return "f-" + self.name.replace("[", "-").replace("]", "").replace(".", "-")

    @property
    def described_by(self) -> str:
        """The ids of the hint and the mistakes that belong to the control."""
        parts = [f"{self.id}-hint"] if self.hint else []
        return " ".join([*parts, *([f"{self.id}-error"] if self.errors else [])])


def choices(options: Mapping[str, str], chosen: str) -> list[Choice]:
    """Options of a select with one chosen."""
    return [Choice(value, label, value == chosen) for value, label in options.items()]


def summary(errors: Errors) -> list[dict[str, str]]:
    """What to fix, each with the control it belongs to, for the note above a form."""
    return [
        {"words": sentence, "anchor": Field(name, "").id if name else ""}
        for name, sentences in errors.items()
        for sentence in sentences
    ]


def as_errors(mistakes: Mistakes) -> dict[str, list[str]]:
    """Sentences for mistakes found while reading a form."""
    return {name: [words.mistake(code, facts) for code, facts in found] for name, found in mistakes.items()}


def whole_number(text: str, name: str, mistakes: Mistakes) -> int | None:
    """A typed whole number; a mistake under ``name`` if it is none."""
    text = text.strip()
    digits = text.removeprefix("-")
    if not text:
        mistakes[name] = [("required", {})]
    elif not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        mistakes[name] = [("wrong_type", {})]
    else:
        return int(text)
    return None


def amount(text: str, currency: str, name: str, mistakes: Mistakes) -> int | None:
    """A typed amount in minor units; nothing typed is zero."""
    try:
        return parse_minor(text or "0", currency)
    except ValueError:
        mistakes[name] = [("not_an_amount", {})]
        return None


def typed_date(text: str, name: str, mistakes: Mistakes, *, required: bool = True) -> date | None:
    """A date as browsers send it, ``2026-11-22``."""
    if not text:
        if required:
            mistakes[name] = [("required", {})]
        return None
    try:
        on = date.fromisoformat(text)
    except ValueError:
        on = None
    if on is None or not FIRST_DATE <= on <= LAST_DATE:
        mistakes[name] = [("wrong_date", {})]
        return None
    return on


def typed_minute(text: str, name: str, mistakes: Mistakes) -> int | None:
    """A time of day as browsers send it, ``09:30``, in minutes."""
    hours, _, minutes = text[:5].partition(":")
    if not text:
        mistakes[name] = [("required", {})]
    elif (
        hours.isdecimal()
        and minutes.isdecimal()
        and len(minutes) == 2
        and int(hours) < 24
        and int(minutes) < 60
    ):
        return int(hours) * 60 + int(minutes)
    else:
        mistakes[name] = [("wrong_time", {})]
    return None


def identity(text: str) -> UUID | None:
    """An id from a form or an address; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None

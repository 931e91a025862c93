"""Which other times are near: ranking alternatives to a time that is gone (SPEC C6). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key")

# What a change costs against minutes of waiting: another person half an hour, another day four hours.
_OTHER_RESOURCE = 30
_OTHER_DAY = 240
MOST = 4


@dataclass(frozen=True, slots=True)
class Choice(Generic[Key]):
    """A free time with one resource. ``kind`` is what sets it apart from what was wanted."""

    minute: int
    day: int
    resource: Key
    kind: str = ""


def nearest(
    choices: Iterable[Choice[Key]], *, minute: int, day: int, resource: Key | None, most: int = MOST
) -> list[Choice[Key]]:
    """The best few, at least one of each kind that exists, nearest first.

    ``resource`` None means anybody would do, so another person costs nothing. Kinds: ``later`` and ``earlier`` (same
    person, same day), ``other_resource`` (same time), ``other_day``.
    """
    ranked = sorted(
        (_named(choice, minute, day, resource) for choice in choices),
        key=lambda choice: (_cost(choice, minute, day, resource), choice.minute),
    )
    ranked = _one_a_minute(ranked) if resource is None else ranked
    chosen: list[Choice[Key]] = []
    for kind in ("later", "other_resource", "earlier", "other_day"):
        chosen += [choice for choice in ranked if choice.kind == kind][:1]
    chosen = chosen[:most]
    chosen += [choice for choice in ranked if choice not in chosen][: most - len(chosen)]
    return sorted(chosen, key=lambda choice: (_cost(choice, minute, day, resource), choice.minute))


def _named(choice: Choice[Key], minute: int, day: int, resource: Key | None) -> Choice[Key]:
    if choice.day != day:
        kind = "other_day"
    elif resource is not None and choice.resource != resource:
        kind = "other_resource"
    else:
        kind = "later" if choice.minute > minute else "earlier"
    return Choice(choice.minute, choice.day, choice.resource, kind)


def _cost(choice: Choice[Key], minute: int, day: int, resource: Key | None) -> int:
    person = _OTHER_RESOURCE if resource is not None and choice.resource != resource else 0
    days = abs(choice.day - day)
    # Days have their own price, so the clock time is compared as if it were the same day.
    return abs(choice.minute - minute - (choice.day - day) * 1440) + person + days * _OTHER_DAY


def _one_a_minute(choices: Sequence[Choice[Key]]) -> list[Choice[Key]]:
    by_minute: dict[int, Choice[Key]] = {}
    for choice in choices:
        by_minute.setdefault(choice.minute, choice)
    return list(by_minute.values())

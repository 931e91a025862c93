"""What each app holds about a person, and how it forgets them: declared, so that nothing new can be forgotten about.

``config/wiring.py`` lists the apps; ``privacy`` asks them. A test holds the list against every encrypted column there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

Holdings = Mapping[str, list[dict[str, Any]]]
"""JSON-ready rows by subject (``bookings``, ``messages`` …)."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the rows of one kind: deleted, or kept without the person; ``why`` is a code the shells have words for."""

    what: str
    count: int
    is_kept: bool
    why: str = ""


class About(Protocol):
    """Everything the app holds about a customer."""

    def __call__(self, *, business_id: UUID, customer_id: UUID) -> Holdings: ...


class Forget(Protocol):
    """Forget a customer, in the caller's transaction."""

    def __call__(self, *, business_id: UUID, customer_id: UUID, now: datetime) -> list[Fate]: ...


@dataclass(frozen=True, slots=True)
class Knowing:
    """One app that holds something about people; ``columns`` are its encrypted ones, as ``app.Model.column``."""

    app: str
    about: About
    forget: Forget
    columns: frozenset[str]


_knowing: dict[str, Knowing] = {}


def register(
    app: str, about: Callable[..., Any], forget: Callable[..., Any], columns: frozenset[str]
) -> None:
    """Have an app asked about people. They are asked to forget in the order of the list."""
    _knowing[app] = Knowing(app, about, forget, columns)


def knowing() -> list[Knowing]:
    """Every app that holds something about people."""
    return list(_knowing.values())

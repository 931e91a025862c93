"""The parts of a blueprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Giver:
    """A resource to create; ``hours`` are its own weekly windows as ``(weekday, opens, closes)``, none to follow."""

    name: str
    detail: str = ""
    kind: str = "staff"
    hours: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """A service to create. ``price`` is in major units of whatever currency the business has."""

    name: str
    minutes: int
    price: int
    description: str = ""
    buffer_after: int = 0
    # Positions in the blueprint's givers; empty for all of them.
    givers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A business ready to take bookings."""

    kind: str
    hours: str
    givers: tuple[Giver, ...]
    services: tuple[Offered, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

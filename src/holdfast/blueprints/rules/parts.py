"""The parts of a blueprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Giver:
    """A resource to create; ``hours`` are its own weekly windows as ``(weekday, opens, closes)``, none to follow.

    ``columns`` are further columns of the resource, as ``create_resource`` takes them.
    """

    name: str
    detail: str = ""
    kind: str = "staff"
    hours: tuple[tuple[int, str, str], ...] = ()
    seats_min: int = 1
    seats_max: int = 1
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offered:
    """A service to create. ``price`` is in major units of whatever currency the business has.

    ``columns`` are further columns of the service, as ``create_service`` takes them.
    """

    name: str
    minutes: int
    price: int
    description: str = ""
    buffer_after: int = 0
    # Positions in the blueprint's givers; empty for all of them.
    givers: tuple[int, ...] = ()
    mode: str = "appointment"
    interval: int = 15
    # Whole price in minor units: takes the place of ``price`` where somebody typed one.
    price_minor: int | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A business ready to take bookings.

    ``noun`` is what its people call a resource: ``barber``, ``table``, ``artist``, ``person`` or ``counter``.
    ``windows`` are weekly hours as typed, in the place of the template ``hours``. ``capacity`` is how many places each
    published slot of a ``slot`` service has.
    """

    kind: str
    hours: str
    givers: tuple[Giver, ...]
    services: tuple[Offered, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    noun: str = "person"
    windows: tuple[tuple[int, str, str], ...] = ()
    capacity: int = 1


@dataclass(frozen=True, slots=True)
class Furnished:
    """What was created of a blueprint, in its order: ids of resources and of services."""

    resources: tuple[UUID, ...]
    services: tuple[UUID, ...]

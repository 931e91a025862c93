"""Facts about businesses that other rooms react to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BusinessCreated:
    business_id: UUID


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    business_id: UUID
    names: list[str]


@dataclass(frozen=True, slots=True)
class OfferingChanged:
    """What a business offers is not what it was: hours, days off, people, tables, services or settings."""

    business_id: UUID

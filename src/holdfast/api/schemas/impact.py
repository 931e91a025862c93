"""What a change would strand, and what is decided about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.schemas.availability import NearestOut, show_alternative
from holdfast.api.schemas.business import STRICT, SettingsChange
from holdfast.api.schemas.catalog import Id, ResourceChange, ServiceChange
from holdfast.api.values import Instant, show_instant
from holdfast.availability.commands import Consequence

Way = Literal["keep", "move", "propose", "cancel"]
Why = Literal[
    "open", "fits_hours", "not_absent", "resource_retired", "not_given", "too_small", "service_retired"
]


class DecisionIn(BaseModel):
    """What becomes of one booking; a move without a time takes the nearest free one."""

    model_config = STRICT

    action: Way
    starts_at: Instant | None = None
    resource: Id | None = None


Decisions = Annotated[
    dict[Annotated[str, Field(max_length=20)], DecisionIn],
    Field(
        max_length=500,
        description="What becomes of bookings that the change would strand, by their references.",
    ),
]


class ServiceEdit(ServiceChange):
    """A change of a service, and what becomes of the bookings it would strand."""

    decisions: Decisions = {}


class ResourceEdit(ResourceChange):
    """A change of a resource, and what becomes of the bookings it would strand."""

    decisions: Decisions = {}


class SettingsEdit(SettingsChange):
    """A change of settings, and what becomes of the bookings it would strand."""

    decisions: Decisions = {}


class StrandedOut(BaseModel):
    """A booking that would no longer fit: by which rule, and the nearest times that would."""

    reference: str
    service: str
    resources: list[str]
    starts_at: str
    ends_at: str
    local_start: str
    party_size: int
    customer: str
    why: Why
    alternatives: list[NearestOut]


class ImpactOut(BaseModel):
    """What a change would strand. Nothing was changed."""

    bookings: list[StrandedOut]


def show_impact(found: Iterable[Consequence]) -> list[dict[str, Any]]:
    """The stranded bookings as the API shows them."""
    return [
        {
            "reference": (booking := each.stranded.booking).shown_reference,
            "service": str(booking.service_id),
            "resources": [str(id) for id in booking.resource_ids],
            "starts_at": show_instant(booking.starts_at),
            "ends_at": show_instant(booking.ends_at),
            "local_start": booking.local_start,
            "party_size": booking.party_size,
            "customer": booking.contact.name,
            "why": each.stranded.why,
            "alternatives": [show_alternative(other) for other in each.nearest],
        }
        for each in found
    ]

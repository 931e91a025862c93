"""Riders: what an artist needs at an event (SPEC B4)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import PARTIAL, STRICT
from holdfast.api.schemas.catalog import Id, Name
from holdfast.api.schemas.requests import Section
from holdfast.catalog.queries.riders import RiderFacts
from holdfast.catalog.rules.riders import LINE_LIMIT, MOST_LINES


class RiderLine(BaseModel):
    """One requirement."""

    model_config = STRICT

    section: Section
    text: Annotated[str, Field(max_length=LINE_LIMIT, json_schema_extra={"minLength": 1})]


class RiderChange(BaseModel):
    """What to change; ``lines``, ``services`` and ``resources`` replace the ones before."""

    model_config = PARTIAL

    name: Name = ""
    lines: Annotated[list[RiderLine], Field(max_length=MOST_LINES)] = []
    services: Annotated[
        list[Id], Field(max_length=1000, description="The services whose requests get it.")
    ] = []
    resources: Annotated[
        list[Id], Field(max_length=1000, description="The artists whose requests get it.")
    ] = []


class RiderNew(RiderChange):
    """A new rider: a name at least."""

    name: Name


class RiderOut(BaseModel):
    id: str
    name: str
    lines: list[RiderLine]
    services: list[str]
    resources: list[str]


class RiderList(BaseModel):
    items: list[RiderOut]
    next_cursor: str | None


def show_rider(rider: RiderFacts) -> dict[str, Any]:
    """A rider as the API shows it."""
    return {
        "id": str(rider.id),
        "name": rider.name,
        "lines": [{"section": line.section, "text": line.text} for line in rider.lines],
        "services": [str(id) for id in rider.service_ids],
        "resources": [str(id) for id in rider.resource_ids],
    }

"""Combinations of tables, neighbours, and two parties that change tables."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from holdfast.api.schemas.bookings import BookingOut, OverrideReason
from holdfast.api.schemas.business import PARTIAL, STRICT
from holdfast.api.schemas.catalog import Id, Name, Position, Seats
from holdfast.api.values import known_id
from holdfast.catalog.queries import CombinationFacts
from holdfast.lib.refusals import Invalid, Missing

Tables = Annotated[
    list[Id], Field(max_length=8, description="The ids of at least two tables that may be put together.")
]
Pair = Annotated[list[Id], Field(min_length=2, max_length=2)]


class CombinationOut(BaseModel):
    """Tables that may be put together for one party."""

    id: str
    name: str
    tables: list[str]
    seats_min: int
    seats_max: int
    position: int


class CombinationList(BaseModel):
    items: list[CombinationOut]
    next_cursor: str | None


class CombinationChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = PARTIAL

    name: Name = ""
    tables: Tables = []
    seats_min: Seats = 1
    seats_max: Seats = 1
    position: Position = 0


class CombinationNew(CombinationChange):
    """A new combination: a name and its tables at least. Seats that are left out are the sum of its tables' seats."""

    name: Name
    tables: Tables


class AdjacencyOut(BaseModel):
    """Pairs of tables that stand side by side."""

    pairs: list[list[str]]


class AdjacencyIn(BaseModel):
    """All pairs of tables that stand side by side; what was there before is replaced."""

    model_config = STRICT

    pairs: Annotated[list[Pair], Field(max_length=2000)]


class SwapIn(BaseModel):
    """With whom to change tables."""

    model_config = STRICT

    other: Annotated[str, Field(max_length=40, description="The reference of the other booking.")]
    override_reason: OverrideReason | None = None


class SwapOut(BaseModel):
    """Both bookings as they are now."""

    booking: BookingOut
    other: BookingOut


def show_combination(combination: CombinationFacts) -> dict[str, Any]:
    """A combination as the API shows it."""
    return {
        "id": str(combination.id),
        "name": combination.name,
        "tables": [str(id) for id in combination.table_ids],
        "seats_min": combination.seats_min,
        "seats_max": combination.seats_max,
        "position": combination.position,
    }


def wanted_combination(body: CombinationChange) -> dict[str, Any]:
    """What the body sets, ids read. Refusals: :class:`Invalid` on ``tables`` for what is no id."""
    wanted = body.model_dump(exclude_unset=True)
    if "tables" in wanted:
        try:
            wanted["tables"] = [known_id(text, "resource") for text in wanted["tables"]]
        except Missing as refusal:
            raise Invalid.field("tables", "unknown") from refusal
    return wanted

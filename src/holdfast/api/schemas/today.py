"""The state of the day."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.values import show_instant_if_any
from holdfast.availability.queries import Today


class OnDutyOut(BaseModel):
    """Somebody on today's hours."""

    resource: str
    status: Literal["free", "busy", "away"]
    free_at: Annotated[str | None, Field(description="When the present booking ends.")]


class NextFreeOut(BaseModel):
    """The next start of a service today; null if there is none left."""

    service: str
    starts_at: str | None


class TodayOut(BaseModel):
    """How the day stands at this moment."""

    open: bool
    opens_at: Annotated[str | None, Field(description="The next opening, while it is closed.")]
    closes_at: Annotated[str | None, Field(description="While it is open.")]
    timezone: str
    staff: list[OnDutyOut]
    services: list[NextFreeOut]
    expected: Annotated[int, Field(description="Bookings still to come today.")]


def show_today(today: Today, timezone: str) -> dict[str, Any]:
    """The state of the day as the API shows it."""
    return {
        "open": today.is_open,
        "opens_at": show_instant_if_any(today.opens_at),
        "closes_at": show_instant_if_any(today.closes_at),
        "timezone": timezone,
        "staff": [
            {
                "resource": str(each.resource_id),
                "status": each.status,
                "free_at": show_instant_if_any(each.free_at),
            }
            for each in today.on_duty
        ],
        "services": [
            {
                "service": str(each.service_id),
                "starts_at": show_instant_if_any(each.starts_at),
            }
            for each in today.next_free
        ],
        "expected": today.expected,
    }

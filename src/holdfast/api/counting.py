"""What the API tells the funnel of (SPEC M1)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from holdfast.api.auth import Caller
from holdfast.insights.commands import count_step
from holdfast.insights.rules import Step, is_robot


def count_view(request: HttpRequest, caller: Caller, service_id: UUID) -> None:
    """A program asks when this service can be had. Programs need not name themselves; robots do, and do not count."""
    if not is_robot(request.META.get("HTTP_USER_AGENT") or "a program"):
        count_done(caller, service_id, Step.VIEW)


def count_done(caller: Caller, service_id: UUID, step: Step) -> None:
    """A step was taken; inside a transaction it counts once that is kept."""
    on = caller.now.astimezone(caller.timetable.tz).date()
    count_step(business_id=caller.business_id, service_id=service_id, step=step, channel="api", on=on)

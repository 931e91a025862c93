"""What pages tell the funnel of: a service's times were seen, one was held, one was booked (SPEC M1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from holdfast.insights.commands import count_step
from holdfast.insights.rules import Step, is_robot
from holdfast.schedule.queries import Timetable


def count_view(request: HttpRequest, timetable: Timetable, service_id: UUID, now: datetime) -> None:
    """Somebody sees when this service can be had: a whole page, by a person. Later parts of the same page are none."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    if request.method != "GET" or is_robot(request.headers.get("User-Agent", ""), is_prefetch=ahead):
        return
    count_done(timetable, service_id, Step.VIEW, now)


def count_done(
    timetable: Timetable, service_id: UUID, step: Step, now: datetime, *, channel: str = "page"
) -> None:
    """A step was taken; inside a transaction it counts once that is kept. ``channel`` is ``page`` or ``desk``."""
    on = now.astimezone(timetable.tz).date()
    count_step(business_id=timetable.business.id, service_id=service_id, step=step, channel=channel, on=on)

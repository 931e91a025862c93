"""Periodic work of the schedule."""

from __future__ import annotations

from holdfast.core import clock
from holdfast.lib.actors import WORKER
from holdfast.schedule.commands import publish_series
from holdfast.schedule.queries import businesses_with_series, series_of, timetable_of


def publish_due_series() -> None:
    """Keep every series of every business published as many days ahead as it wants to be."""
    for business_id in businesses_with_series():
        timetable = timetable_of(business_id=business_id)
        for series in series_of(business_id=business_id, only_active=True):
            publish_series(actor=WORKER, timetable=timetable, series_id=series.id, now=clock.now())

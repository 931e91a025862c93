"""Series: slots that keep themselves published some days ahead (SPEC C3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.businesses.rules import Action, authorise
from holdfast.core.ids import uuid7
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.commands.generating import SlotPlan, checked_service, pattern_of, publish
from holdfast.schedule.models import SlotSeries
from holdfast.schedule.queries import Timetable
from holdfast.schedule.queries.slots import SeriesFacts, series_facts
from holdfast.schedule.rules.slots import MOST_DAYS_AHEAD, check_range

_SHAPE = frozenset({"slot_minutes", "gap_minutes", "capacity", "weekdays"})
_CHANGEABLE = _SHAPE | {"days_ahead", "ends_on", "is_active"}


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing a series did; ``until_on`` is the last date looked at, None if there was nothing to look at."""

    series_id: UUID
    created: int
    existing: int
    left_out: int
    until_on: date | None


@command
def create_series(
    *,
    actor: Actor,
    timetable: Timetable,
    plan: SlotPlan,
    now: datetime,
    starts_on: date | None = None,
    ends_on: date | None = None,
    days_ahead: int = 30,
) -> tuple[SeriesFacts, Published]:
    """Publish slots by a plan from ``starts_on`` (default: today) on, always ``days_ahead`` days ahead, beginning now.

    Refusals: :class:`Missing` (service, resource), :class:`Forbidden`, :class:`Invalid`.
    """
    business_id = timetable.business.id
    authorise(actor, Action.CHANGE_SLOTS, business_id)
    checked_service(timetable, plan)
    pattern_of(plan)
    row = SlotSeries(
        id=uuid7(),
        business_id=business_id,
        service_id=plan.service_id,
        resource_id=plan.resource_id,
        slot_minutes=plan.slot_minutes,
        gap_minutes=plan.gap_minutes,
        capacity=plan.capacity,
        weekdays=sorted(set(plan.weekdays)),
        days_ahead=days_ahead,
        starts_on=starts_on or _today(timetable, now),
        ends_on=ends_on,
        created_at=now,
    )
    _check(row)
    row.save(force_insert=True)
    published = _publish(timetable, row, now)
    return series_facts(row=row), published


@command
def change_series(
    *, actor: Actor, timetable: Timetable, series_id: UUID, wanted: dict[str, Any], now: datetime
) -> tuple[SeriesFacts, Published]:
    """Change what a series publishes from here on, or stop it (``is_active`` false) and start it again.

    Slots that are published stay as they are. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`.
    """
    business_id = timetable.business.id
    authorise(actor, Action.CHANGE_SLOTS, business_id)
    for name in wanted.keys() - _CHANGEABLE:
        raise Invalid.field(name, "unknown_field")
    row = _locked(business_id, series_id)
    for name, value in wanted.items():
        setattr(row, name, sorted(set(value)) if name == "weekdays" else value)
    pattern_of(_plan_of(row))
    _check(row)
    row.save()
    published = _publish(timetable, row, now)
    return series_facts(row=row), published


@command
def delete_series(*, actor: Actor, business_id: UUID, series_id: UUID) -> None:
    """Forget a series; what it published stays. Refusals: :class:`Missing`, :class:`Forbidden`."""
    authorise(actor, Action.CHANGE_SLOTS, business_id)
    _locked(business_id, series_id).delete()


@command
def publish_series(
    *,
    actor: Actor,
    timetable: Timetable,
    series_id: UUID,
    now: datetime,
    first: date | None = None,
    last: date | None = None,
) -> Published:
    """Publish what a series lacks: up to its days ahead, or within the dates given.

    Dates that were looked at before are not looked at again, so what somebody deleted stays deleted. Slots that would
    overlap others of the resource are left out.
    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`.
    """
    authorise(actor, Action.CHANGE_SLOTS, timetable.business.id)
    if first is not None and last is not None:
        check_range(first, last)
    return _publish(timetable, _locked(timetable.business.id, series_id), now, first, last)


def _publish(
    timetable: Timetable, row: SlotSeries, now: datetime, first: date | None = None, last: date | None = None
) -> Published:
    nothing = Published(row.id, 0, 0, 0, row.published_on)
    service = timetable.services.get(row.service_id)
    resting = service is None or not service.is_active or service.mode != "slot"
    if resting or not row.is_active or not _is_given(timetable, row):
        return nothing
    today = _today(timetable, now)
    due = max(today, row.starts_on, row.published_on + timedelta(days=1) if row.published_on else today)
    begins = max(due, first) if first else due
    until = last or today + timedelta(days=row.days_ahead)
    until = min(until, row.ends_on) if row.ends_on else until
    if until < begins:
        return nothing
    made = publish(
        timetable=timetable,
        plan=_plan_of(row),
        first=begins,
        last=until,
        now=now,
        series_id=row.id,
        leave_out_overlaps=True,
    )
    if begins == due:  # without a gap: everything up to here has been looked at
        row.published_on = until
        row.save(update_fields=["published_on"])
    return Published(row.id, made.created, made.existing, made.left_out, until)


def _is_given(timetable: Timetable, row: SlotSeries) -> bool:
    return row.resource_id is None or row.resource_id in timetable.givers[row.service_id]


def _plan_of(row: SlotSeries) -> SlotPlan:
    return SlotPlan(
        service_id=row.service_id,
        slot_minutes=row.slot_minutes,
        capacity=row.capacity,
        resource_id=row.resource_id,
        gap_minutes=row.gap_minutes,
        weekdays=tuple(row.weekdays),
    )


def _check(row: SlotSeries) -> None:
    if not 1 <= row.days_ahead <= MOST_DAYS_AHEAD:
        raise Invalid.field("days_ahead", "out_of_bounds", least=1, most=MOST_DAYS_AHEAD)
    if row.ends_on is not None and row.ends_on < row.starts_on:
        raise Invalid.field("ends_on", "before_start")


def _locked(business_id: UUID, series_id: UUID) -> SlotSeries:
    rows = SlotSeries.objects.select_for_update(no_key=True).filter(business_id=business_id, id=series_id)
    row = rows.first()
    if row is None:
        raise Missing(what="series")
    return row


def _today(timetable: Timetable, now: datetime) -> date:
    return now.astimezone(timetable.tz).date()

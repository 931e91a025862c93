"""One published slot: added by hand, changed, deleted (SPEC C3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from holdfast.businesses.rules import Action, authorise
from holdfast.core import outbox
from holdfast.core.ids import uuid7
from holdfast.core.transactions import command, violated
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing, Refusal
from holdfast.lib.timeline import minute_of
from holdfast.lib.walltime import local_date
from holdfast.schedule.commands.generating import (
    SlotPlan,
    checked_service,
    hold_still,
    lock_resources,
    pattern_of,
)
from holdfast.schedule.errors import CapacityBelowTaken, SlotExists, SlotInUse, SlotsOverlap
from holdfast.schedule.events import SlotsEnlarged, SlotsPublished, SlotsReopened
from holdfast.schedule.models import Slot
from holdfast.schedule.queries import SlotFacts, Timetable, slot_facts
from holdfast.schedule.rules import open_windows, windows_of_interest
from holdfast.schedule.rules.slots import MOST_PLACES
from holdfast.schedule.sql import GUARD_NAME

_CHANGEABLE = frozenset({"capacity", "is_open", "resource_id"})


@command
def add_slot(
    *,
    actor: Actor,
    timetable: Timetable,
    service_id: UUID,
    starts_at: datetime,
    capacity: int,
    now: datetime,
    minutes: int | None = None,
    resource_id: UUID | None = None,
) -> SlotFacts:
    """Publish one slot, also outside opening hours; ``minutes`` defaults to the service's duration.

    Refusals: :class:`Missing` (service, resource), :class:`Forbidden`, :class:`Invalid`, :class:`SlotExists`,
    :class:`SlotsOverlap`.
    """
    business_id = timetable.business.id
    authorise(actor, Action.CHANGE_SLOTS, business_id)
    length = timetable.service(service_id).duration_minutes if minutes is None else minutes
    plan = SlotPlan(service_id, length, capacity, resource_id)
    checked_service(timetable, plan)
    pattern_of(plan)
    try:
        start = minute_of(starts_at)
    except ValueError as error:
        raise Invalid.field("starts_at", "whole_minutes") from error
    if starts_at <= now:
        raise Invalid.field("starts_at", "in_past")
    hold_still(business_id, plan)
    slot = Slot(
        id=uuid7(),
        business_id=business_id,
        service_id=service_id,
        resource_id=resource_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=length),
        local_on=_listed_under(timetable, resource_id, start, length),
        capacity=capacity,
        created_at=now,
    )
    _refuse_twin(slot)
    _save(slot, force_insert=True)
    event = SlotsPublished(service_id, resource_id, slot.starts_at, slot.starts_at, 1)
    outbox.record(event, business_id=business_id, subject_id=service_id)
    return slot_facts(slot=slot)


@command
def change_slot(*, actor: Actor, timetable: Timetable, slot_id: UUID, wanted: dict[str, Any]) -> SlotFacts:
    """Change a slot's ``capacity`` (never below what is taken), ``is_open`` or, while nobody is in it, ``resource_id``.

    Who is in a slot that closes stays in it. A changed or closed slot tells the waitlist what it newly offers.
    Refusals: :class:`Missing` (slot, resource), :class:`Forbidden`, :class:`Invalid`, :class:`CapacityBelowTaken`,
    :class:`SlotInUse`, :class:`SlotsOverlap`, :class:`SlotExists`.
    """
    business_id = timetable.business.id
    authorise(actor, Action.CHANGE_SLOTS, business_id)
    for name in wanted.keys() - _CHANGEABLE:
        raise Invalid.field(name, "unknown_field")
    if "resource_id" in wanted:
        known = Slot.objects.filter(business_id=business_id, id=slot_id).values_list("resource_id", flat=True)
        lock_resources(business_id, [id for id in (*known, wanted["resource_id"]) if id is not None])
    slot = locked_slot(business_id, slot_id)
    before = slot_facts(slot=slot)
    if "capacity" in wanted:
        _set_capacity(slot, wanted["capacity"])
    if "is_open" in wanted:
        slot.is_open = wanted["is_open"]
    if "resource_id" in wanted and wanted["resource_id"] != slot.resource_id:
        _set_resource(timetable, slot, wanted["resource_id"])
    _save(slot, update_fields=sorted(name for name in wanted if name in _CHANGEABLE))
    after = slot_facts(slot=slot)
    record_new_places(business_id, enlarged=_grown([(before, after)]), reopened=_reopened([(before, after)]))
    return after


@command
def delete_slot(*, actor: Actor, business_id: UUID, slot_id: UUID) -> None:
    """Delete a slot that nobody is in; what became of earlier bookings in it stays with them.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`SlotInUse`.
    """
    authorise(actor, Action.CHANGE_SLOTS, business_id)
    slot = locked_slot(business_id, slot_id)
    if slot.taken:
        raise SlotInUse(taken=slot.taken)
    slot.delete()


def locked_slot(business_id: UUID, slot_id: UUID) -> Slot:
    """The slot, its row locked. Refusals: :class:`Missing`."""
    rows = Slot.objects.select_for_update(no_key=True).filter(business_id=business_id, id=slot_id)
    slot = rows.first()
    if slot is None:
        raise Missing(what="slot")
    return slot


def check_capacity(capacity: int) -> None:
    """Refusals: :class:`Invalid` on ``capacity``."""
    if not 1 <= capacity <= MOST_PLACES:
        raise Invalid.field("capacity", "out_of_bounds", least=1, most=MOST_PLACES)


def record_new_places(business_id: UUID, *, enlarged: list[UUID], reopened: list[UUID]) -> None:
    """Tell of places that are there now and were not before, a few hundred slots an event."""
    for kind, ids in ((SlotsEnlarged, enlarged), (SlotsReopened, reopened)):
        for first in range(0, len(ids), 200):
            outbox.record(kind(tuple(ids[first : first + 200])), business_id=business_id)


def _grown(changes: list[tuple[SlotFacts, SlotFacts]]) -> list[UUID]:
    return [after.id for before, after in changes if after.is_open and after.capacity > before.capacity]


def _reopened(changes: list[tuple[SlotFacts, SlotFacts]]) -> list[UUID]:
    return [after.id for before, after in changes if after.is_open and not before.is_open and after.remaining]


def _set_capacity(slot: Slot, capacity: int) -> None:
    check_capacity(capacity)
    if capacity < slot.taken:
        raise CapacityBelowTaken(taken=slot.taken)
    slot.capacity = capacity


def _set_resource(timetable: Timetable, slot: Slot, resource_id: UUID | None) -> None:
    """Bookings name the resource of their slot, so it changes only while there are none."""
    if slot.taken:
        raise SlotInUse(taken=slot.taken)
    minutes = int((slot.ends_at - slot.starts_at).total_seconds()) // 60
    plan = SlotPlan(slot.service_id, minutes, slot.capacity, resource_id)
    checked_service(timetable, plan)
    hold_still(slot.business_id, plan)
    slot.resource_id = resource_id
    _refuse_twin(slot)


def _refuse_twin(slot: Slot) -> None:
    twins = Slot.objects.filter(
        business_id=slot.business_id, service_id=slot.service_id, starts_at=slot.starts_at
    )
    if slot.resource_id is None:
        twins = twins.filter(resource__isnull=True)
    else:
        twins = twins.filter(resource_id=slot.resource_id)
    twin = twins.exclude(id=slot.id).values_list("id", flat=True).first()
    if twin is not None:
        raise SlotExists(slot=str(twin))


def _save(slot: Slot, **how: Any) -> None:
    try:
        with transaction.atomic():
            slot.save(**how)
    except IntegrityError as error:
        raise _refused(error, slot) from error


def _refused(error: IntegrityError, slot: Slot) -> Refusal:
    constraint = violated(error)
    if constraint == GUARD_NAME:
        return SlotsOverlap(count=1, starts_at=slot.starts_at.isoformat())
    if constraint in ("slot_once", "slot_once_with_resource"):
        return SlotExists()
    raise error


def _listed_under(timetable: Timetable, resource_id: UUID | None, start: int, minutes: int) -> date:
    """The date of the opening window it begins in; outside opening hours its own."""
    first, last = windows_of_interest(start, start + minutes, timetable.tz)
    for window in open_windows(timetable.hours, resource_id, first, last):
        if window.start <= start < window.end:
            return window.on
    return local_date(start, timetable.tz)

"""Publishing the slots of a range of dates (SPEC C3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.models import Resource, Service
from holdfast.catalog.queries import ServiceFacts
from holdfast.core import outbox
from holdfast.core.ids import uuid7
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.timeline import instant_of, minute_before
from holdfast.schedule.errors import SlotsOverlap
from holdfast.schedule.events import SlotsPublished
from holdfast.schedule.models import Slot
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules.slots import (
    MOST_SLOTS,
    SlotPattern,
    SlotSpan,
    check_range,
    clean_pattern,
    slot_spans,
)
from holdfast.schedule.sql import NewSlot, insert_slots


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """What slots are to be: of which service, with which resource (None: none), how long, how many places.

    ``weekdays`` are those published on (0 = Monday; none: every day).
    """

    service_id: UUID
    slot_minutes: int
    capacity: int
    resource_id: UUID | None = None
    gap_minutes: int = 0
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """What a generation found and did: the new slots, how many were there already, how many were created.

    ``left_out`` counts slots that would overlap others of the resource: only a series leaves them out.
    """

    new: tuple[SlotSpan, ...]
    existing: int
    created: int
    left_out: int = 0


@command
def generate_slots(
    *,
    actor: Actor,
    timetable: Timetable,
    plan: SlotPlan,
    first: date,
    last: date,
    now: datetime,
    preview: bool = False,
) -> Generation:
    """Publish slots for every local date from ``first`` to ``last`` within the opening hours (SPEC C3).

    Slots that exist (same service, resource and start) are left as they are, so doing it twice does no harm; what has
    begun by ``now`` is not published. ``preview`` writes nothing. At most 10,000 slots a call.
    Refusals: :class:`Missing` (service, resource), :class:`Forbidden`, :class:`Invalid`, :class:`SlotsOverlap`.
    """
    authorise(actor, Action.CHANGE_SLOTS, timetable.business.id)
    checked_service(timetable, plan)
    check_range(first, last)
    return publish(timetable=timetable, plan=plan, first=first, last=last, now=now, preview=preview)


def checked_service(timetable: Timetable, plan: SlotPlan) -> ServiceFacts:
    """The plan's service, booked by slot and given by the plan's resource.

    Refusals: :class:`Missing` (service, resource), :class:`Invalid` on ``service``.
    """
    service = timetable.service(plan.service_id)
    if service.mode != "slot":
        raise Invalid.field("service", "not_by_slot")
    if plan.resource_id is not None and plan.resource_id not in timetable.givers[service.id]:
        raise Missing(what="resource")
    return service


def pattern_of(plan: SlotPlan) -> SlotPattern:
    """Refusals: :class:`Invalid` naming what is out of bounds."""
    return clean_pattern(
        slot_minutes=plan.slot_minutes,
        gap_minutes=plan.gap_minutes,
        weekdays=plan.weekdays,
        capacity=plan.capacity,
    )


def publish(
    *,
    timetable: Timetable,
    plan: SlotPlan,
    first: date,
    last: date,
    now: datetime,
    preview: bool = False,
    series_id: UUID | None = None,
    leave_out_overlaps: bool = False,
) -> Generation:
    """The work of :func:`generate_slots`, inside its caller's transaction, for a series too."""
    pattern = pattern_of(plan)
    spans = slot_spans(timetable.hours, plan.resource_id, first, last, pattern, after=minute_before(now))
    wanted = list(islice(spans, MOST_SLOTS + 1))
    if len(wanted) > MOST_SLOTS:
        raise Invalid.field("to", "too_many_slots", limit=MOST_SLOTS)
    if not preview:
        hold_still(timetable.business.id, plan)
    starts, others = _there_already(timetable.business.id, plan, wanted)
    new = [span for span in wanted if span.start not in starts]
    clear, overlapping = _apart(new, others)
    if overlapping and not leave_out_overlaps:
        raise SlotsOverlap(count=len(overlapping), starts_at=instant_of(overlapping[0].start).isoformat())
    created = 0 if preview else _insert(timetable.business.id, plan, clear, series_id, now)
    return Generation(tuple(clear), len(wanted) - len(new), created, len(overlapping))


def hold_still(business_id: UUID, plan: SlotPlan) -> None:
    """Lock the resource, so that its slots and what it gives stay as they are, and look again whether it gives this.

    Refusals: :class:`Missing` (resource), :class:`Invalid` on ``service`` if it is not booked by slot any more.
    """
    if plan.resource_id is None:
        return
    lock_resources(business_id, [plan.resource_id])
    giving = Service.objects.filter(
        business_id=business_id, id=plan.service_id, giving__resource_id=plan.resource_id
    )
    mode = giving.values_list("mode", flat=True).first()
    if mode is None:
        raise Missing(what="resource")
    if mode != Service.Mode.SLOT:
        raise Invalid.field("service", "not_by_slot")


def lock_resources(business_id: UUID, resource_ids: Sequence[UUID]) -> None:
    """Lock resource rows in the order of their ids."""
    rows = Resource.objects.select_for_update(no_key=True).filter(
        business_id=business_id, id__in=resource_ids
    )
    list(rows.order_by("id").values_list("id"))


def _there_already(
    business_id: UUID, plan: SlotPlan, wanted: list[SlotSpan]
) -> tuple[set[int], list[tuple[int, int]]]:
    """The starts at which the plan's slots exist, and the spans of all slots of its resource, in order."""
    if not wanted:
        return set(), []
    rows = Slot.objects.filter(
        business_id=business_id,
        starts_at__lt=instant_of(wanted[-1].end),
        ends_at__gt=instant_of(wanted[0].start),
    )
    if plan.resource_id is None:
        rows = rows.filter(service_id=plan.service_id, resource__isnull=True)
    else:
        rows = rows.filter(resource_id=plan.resource_id)
    found = list(rows.order_by("starts_at").values_list("service_id", "starts_at", "ends_at"))
    starts = {minute_before(starts_at) for service_id, starts_at, _ in found if service_id == plan.service_id}
    if plan.resource_id is None:
        return starts, []
    return starts, [(minute_before(starts_at), minute_before(ends_at)) for _, starts_at, ends_at in found]


def _apart(new: list[SlotSpan], others: list[tuple[int, int]]) -> tuple[list[SlotSpan], list[SlotSpan]]:
    """The new slots that overlap none of the others, and those that do; both lists are in order of time."""
    clear: list[SlotSpan] = []
    overlapping: list[SlotSpan] = []
    next_other = 0
    for span in new:
        while next_other < len(others) and others[next_other][1] <= span.start:
            next_other += 1
        meets = next_other < len(others) and others[next_other][0] < span.end
        (overlapping if meets else clear).append(span)
    return clear, overlapping


def _insert(
    business_id: UUID, plan: SlotPlan, spans: list[SlotSpan], series_id: UUID | None, now: datetime
) -> int:
    created = insert_slots(
        business_id=business_id,
        service_id=plan.service_id,
        resource_id=plan.resource_id,
        series_id=series_id,
        capacity=plan.capacity,
        now=now,
        slots=[NewSlot(uuid7(), instant_of(span.start), instant_of(span.end), span.on) for span in spans],
    )
    if created:
        first_at, last_at = instant_of(spans[0].start), instant_of(spans[-1].start)
        event = SlotsPublished(plan.service_id, plan.resource_id, first_at, last_at, created)
        outbox.record(event, business_id=business_id, subject_id=plan.service_id)
    return created

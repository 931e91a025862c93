"""One change to many slots: close, open, capacity, delete (SPEC C3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from holdfast.businesses.rules import Action, authorise
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.commands.slots import check_capacity, record_new_places
from holdfast.schedule.errors import SlotsLeftOut
from holdfast.schedule.models import Slot
from holdfast.schedule.queries.slots import SlotFilter, filtered_slots
from holdfast.schedule.rules.slots import MOST_SLOTS

ACTIONS = ("open", "close", "capacity", "delete")
_NAMED = 50


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What a change to many did: how many changed, how many were so already, which were left out and why."""

    changed: int
    unchanged: int
    left_out: tuple[tuple[UUID, str], ...] = field(default=())


@command
def change_slots(
    *,
    actor: Actor,
    business_id: UUID,
    action: str,
    slot_ids: Sequence[UUID] = (),
    wanted: SlotFilter | None = None,
    capacity: int | None = None,
    leave_out: bool = False,
) -> BulkChange:
    """Open, close, resize or delete the slots named, or all that a filter means; 10,000 at most.

    All or nothing: slots that cannot be changed so (more is taken than they would have; somebody is in them) refuse the
    whole, unless ``leave_out`` asks for the others to be changed without them.
    Refusals: :class:`Forbidden`, :class:`Missing` (an id that is no slot of the business), :class:`Invalid`,
    :class:`SlotsLeftOut`.
    """
    authorise(actor, Action.CHANGE_SLOTS, business_id)
    if action not in ACTIONS:
        raise Invalid.field("action", "unknown_choice", choices=list(ACTIONS))
    if action == "capacity":
        if capacity is None:
            raise Invalid.field("capacity", "required")
        check_capacity(capacity)
    slots = _locked(business_id, slot_ids, wanted)
    problem_of, is_so = _judges(action, capacity or 0)
    left_out = tuple((slot.id, problem) for slot in slots if (problem := problem_of(slot)))
    if left_out and not leave_out:
        shown = [{"slot": str(id), "reason": reason} for id, reason in left_out[:_NAMED]]
        raise SlotsLeftOut(count=len(left_out), left_out=shown)
    refused = {id for id, _ in left_out}
    todo = [slot for slot in slots if slot.id not in refused and not is_so(slot)]
    _write(business_id, action, capacity or 0, todo)
    return BulkChange(len(todo), len(slots) - len(todo) - len(left_out), left_out)


def _locked(business_id: UUID, slot_ids: Sequence[UUID], wanted: SlotFilter | None) -> list[Slot]:
    """The slots in question, locked in the order of their ids."""
    if not slot_ids and wanted is None:
        raise Invalid.field("slots", "required")
    rows: QuerySet[Slot]
    if slot_ids:
        rows = Slot.objects.filter(business_id=business_id, id__in=set(slot_ids))
    else:
        rows = filtered_slots(business_id=business_id, wanted=wanted or SlotFilter())
    slots = list(rows.select_for_update(no_key=True).order_by("id")[: MOST_SLOTS + 1])
    if len(slots) > MOST_SLOTS:
        raise Invalid.field("slots", "too_many", limit=MOST_SLOTS)
    if slot_ids and len(slots) != len(set(slot_ids)):
        raise Missing(what="slot")
    return slots


def _judges(action: str, capacity: int) -> tuple[Callable[[Slot], str], Callable[[Slot], bool]]:
    """What stands in the way of the action for a slot (nothing: ""), and whether the slot is as wanted already."""
    if action == "capacity":
        return (
            lambda slot: "capacity_below_taken" if capacity < slot.taken else "",
            lambda slot: slot.capacity == capacity,
        )
    if action == "delete":
        return (lambda slot: "slot_in_use" if slot.taken else ""), (lambda _: False)
    return (lambda _: ""), (lambda slot: slot.is_open == (action == "open"))


def _write(business_id: UUID, action: str, capacity: int, slots: list[Slot]) -> None:
    if not slots:
        return
    rows = Slot.objects.filter(business_id=business_id, id__in=[slot.id for slot in slots])
    if action == "delete":
        rows.delete()
    elif action == "capacity":
        grown = [slot.id for slot in slots if slot.is_open and slot.capacity < capacity]
        rows.update(capacity=capacity)
        record_new_places(business_id, enlarged=grown, reopened=[])
    else:
        rows.update(is_open=action == "open")
        freed = [slot.id for slot in slots if slot.taken < slot.capacity] if action == "open" else []
        record_new_places(business_id, enlarged=[], reopened=freed)

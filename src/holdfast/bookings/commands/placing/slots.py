"""A slot's places: counted in the slot's row by one guarded statement, so no crowd can oversell it (DESIGN §2).

Whoever books holds what is offered still first: there may be no resource to lock, and a change that looks whom it strands
waits for them, or they see the change. Slots take no claims: what keeps a resource's slots apart is a guard of their own (``schedule/sql.py``). Whoever moves a
booking locks its row before any slot's, as everybody does who gives places back.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.placing.taking import looked
from holdfast.bookings.commands.placing.wishes import Place, Terms, Wish, overridden, start_minute
from holdfast.bookings.commands.writing import end_dead, locked
from holdfast.bookings.errors import SlotClosed, SlotFull
from holdfast.bookings.queries import BookingFacts
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.timeline import minute_of
from holdfast.schedule.queries import SlotFacts, Timetable, slot_by_id, slots_at
from holdfast.schedule.rules import absences_of, check_limits
from holdfast.schedule.sql import lock_slots, offer_held_still, take_places


def slot_place(
    *,
    timetable: Timetable,
    service: ServiceFacts,
    wish: Wish,
    terms: Terms,
    moving: BookingFacts | None = None,
) -> Place:
    """Places in the slot wished for, by its id or by its start, taken.

    A booking that moves within its slot keeps its places. An override opens a closed slot, one whose resource is away,
    and the past, never a full one nor one whose resource is retired.
    Refusals: :class:`Missing` (``what`` is slot), :class:`Invalid` on ``starts_at`` or ``party_size``,
    :class:`SlotFull`, :class:`SlotClosed`. Raises :class:`StaleTimetable`.
    """
    business_id = timetable.business.id
    looked(timetable, hot.Look(offer_held_still(business_id=business_id), []))
    found = _candidates(timetable, service, wish)
    if moving is not None:
        locked(business_id=business_id, booking_id=moving.id)
    problem: SlotFull | SlotClosed | None = None
    for slot in found:
        rules = _judged(timetable, slot, terms)
        _check_places(slot, wish.party_size)
        closed = closed_by(timetable=timetable, slot=slot)
        if "resource_retired" in closed or (closed and not terms.override):
            problem = problem or SlotClosed(slot=str(slot.id))
            continue
        if _take(timetable, slot, wish.party_size, terms, moving):
            any_resource = wish.slot_id is None and wish.resource_id is None and slot.resource_id is not None
            return Place(
                service=service,
                resource_ids=(slot.resource_id,) if slot.resource_id else (),
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                local_on=slot.local_on,
                any_resource=any_resource,
                overridden=(*rules, *closed),
                slot_id=slot.id,
            )
        full = _refusal(timetable, slot.id, terms)
        problem = full if not isinstance(problem, SlotFull) else problem
    raise problem or Missing(what="slot")


def closed_by(*, timetable: Timetable, slot: SlotFacts) -> tuple[str, ...]:
    """Why a published slot takes nobody: ``slot_open`` (it is closed), ``resource_retired``, ``not_absent``."""
    closed = () if slot.is_open else ("slot_open",)
    if slot.resource_id is None:
        return closed
    if not timetable.resource(slot.resource_id).is_active:
        return (*closed, "resource_retired")
    start, end = minute_of(slot.starts_at), minute_of(slot.ends_at)
    away = absences_of(timetable.hours, slot.resource_id, start, end)
    return (*closed, "not_absent") if away else closed


def _candidates(timetable: Timetable, service: ServiceFacts, wish: Wish) -> Sequence[SlotFacts]:
    """The slot named, or those that begin then, the one with most room first."""
    business_id = timetable.business.id
    if wish.slot_id is not None:
        slot = slot_by_id(business_id=business_id, slot_id=wish.slot_id)
        if slot.service_id != service.id:
            raise Missing(what="slot")
        return [slot]
    start_minute(timetable=timetable, starts_at=wish.starts_at)
    if wish.resource_id is not None and wish.resource_id not in timetable.resources:
        raise Missing(what="resource")
    found = slots_at(business_id=business_id, service_id=service.id, starts_at=wish.starts_at)
    if wish.resource_id is not None:
        found = [slot for slot in found if slot.resource_id == wish.resource_id]
    if not found:
        raise Invalid.field("starts_at", "no_slot")
    return sorted(found, key=lambda slot: (not slot.is_open, -slot.remaining))


def _judged(timetable: Timetable, slot: SlotFacts, terms: Terms) -> tuple[str, ...]:
    settings = timetable.business.settings
    checks = check_limits(
        timetable.business.timezone,
        minute_of(slot.starts_at),
        terms.now,
        settings.earliest_notice_minutes,
        settings.furthest_ahead_days,
    )
    return overridden(checks, terms)


def _check_places(slot: SlotFacts, party_size: int) -> None:
    if not 1 <= party_size <= slot.capacity:
        raise Invalid.field("party_size", "out_of_bounds", least=1, most=slot.capacity)


def _take(
    timetable: Timetable, slot: SlotFacts, places: int, terms: Terms, moving: BookingFacts | None
) -> bool:
    """Take the places; on none left the dead give theirs back first, and it is tried once more."""
    business_id, closed_too = timetable.business.id, terms.override
    if moving is not None and moving.slot_id == slot.id:
        return True
    if moving is not None:
        # Two who change places must not wait for each other: both slots are locked, in order, before either changes.
        end_dead(booking_ids=_dead(business_id, slot.id, terms), now=terms.now)
        lock_slots([slot.id, *([moving.slot_id] if moving.slot_id else [])])
        return take_places(business_id=business_id, slot_id=slot.id, places=places, closed_too=closed_too)
    if take_places(business_id=business_id, slot_id=slot.id, places=places, closed_too=closed_too):
        return True
    dead = _dead(business_id, slot.id, terms)
    if not dead:
        return False
    end_dead(booking_ids=dead, now=terms.now)
    return take_places(business_id=business_id, slot_id=slot.id, places=places, closed_too=closed_too)


def _dead(business_id: UUID, slot_id: UUID, terms: Terms) -> list[UUID]:
    return hot.dead_in_slot(business_id=business_id, slot_id=slot_id, now=terms.now)


def _refusal(timetable: Timetable, slot_id: UUID, terms: Terms) -> SlotFull | SlotClosed:
    """Why no places were given, by what the slot is now."""
    slot = slot_by_id(business_id=timetable.business.id, slot_id=slot_id)
    if not slot.is_open and not terms.override:
        return SlotClosed(slot=str(slot_id))
    return SlotFull(slot=str(slot_id), remaining=slot.remaining)

"""Finding and taking a place: which resources or slot, whether the time may be booked, and the claim itself.

Shared by holding, booking and moving; not a command by itself. The order is DESIGN §2's: lock what will be taken, then
read its claims in a statement of their own, then write; the database's guard has the last word. One file a mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from holdfast.bookings.commands.placing.appointments import able_resources, appointment_place
from holdfast.bookings.commands.placing.seating import (
    choices_for,
    order_for,
    seated_service,
    seating_of,
)
from holdfast.bookings.commands.placing.slots import slot_place
from holdfast.bookings.commands.placing.tables import table_place
from holdfast.bookings.commands.placing.wishes import (
    BOOKED_AT_ONCE,
    Place,
    StaleTimetable,
    Terms,
    Wish,
    agreed_service,
    bookable_service,
    claim_rows,
    offered_service,
    refused_by_guard,
    shape_of,
    start_minute,
)
from holdfast.bookings.queries import BookingFacts
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.refusals import Busy
from holdfast.schedule.queries import Timetable, load_timetable

__all__ = [
    "BOOKED_AT_ONCE",
    "Place",
    "Terms",
    "Wish",
    "able_resources",
    "agreed_service",
    "bookable_service",
    "choices_for",
    "claim_rows",
    "find_place",
    "offered_service",
    "order_for",
    "refused_by_guard",
    "seated_service",
    "seating_of",
    "shape_of",
    "start_minute",
]


class Finder(Protocol):
    """How a mode finds its place; see :func:`find_place`."""

    def __call__(
        self,
        *,
        timetable: Timetable,
        service: ServiceFacts,
        wish: Wish,
        terms: Terms,
        moving: BookingFacts | None = None,
    ) -> Place: ...


# So often a change may come between reading what is offered and the locks before somebody has to try again later.
_LOOKS = 3
_FINDERS: Mapping[str, Finder] = {
    "appointment": appointment_place,
    "request": appointment_place,
    "slot": slot_place,
    "table": table_place,
}


def find_place(
    *,
    timetable: Timetable,
    service: ServiceFacts,
    wish: Wish,
    terms: Terms,
    moving: BookingFacts | None = None,
) -> Place:
    """The place for a wish, what it takes locked, its dead bookings ended, a slot's places counted.

    If what is offered changed since the timetable was read, the wish is judged by what is offered now, and the place
    brings it as ``fresh``.

    ``service`` is the one wished for, on the terms that hold for it; ``moving`` a booking that is to move there: its
    own claims do not count, and what it leaves is locked too.
    Refusals: :class:`Missing` (``what`` is resource or slot), :class:`Invalid` on ``starts_at`` or ``party_size``,
    :class:`TimeTaken`, :class:`PacingReached`, :class:`SlotFull`, :class:`SlotClosed`.
    """
    try:
        return _FINDERS[service.mode](
            timetable=timetable, service=service, wish=wish, terms=terms, moving=moving
        )
    except StaleTimetable:
        return _find_afresh(timetable.business.id, service, wish, terms, moving)


def _find_afresh(
    business_id: UUID, known: ServiceFacts, wish: Wish, terms: Terms, moving: BookingFacts | None
) -> Place:
    """As if it had been asked now. A booking that moves keeps its service on the terms agreed."""
    for _ in range(_LOOKS):
        timetable = load_timetable(business_id=business_id)
        if moving is None:
            modes = frozenset({known.mode})
            service = bookable_service(
                timetable=timetable, service_id=known.id, actor=terms.actor, modes=modes
            )
        else:
            service = agreed_service(timetable=timetable, booking=moving)
        try:
            place = _FINDERS[service.mode](
                timetable=timetable, service=service, wish=wish, terms=terms, moving=moving
            )
        except StaleTimetable:
            continue
        return replace(place, fresh=timetable)
    raise Busy(retry_after=1)

"""The floor of a service as the rules see it, worked out once for a timetable and kept under it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from uuid import UUID

from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import Arrangement, Combination, Table, arrangements, largest_party, ranked
from holdfast.catalog.queries import ServiceFacts, most_tables_of
from holdfast.catalog.rules import turn_for
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.queries import Timetable


@lru_cache(maxsize=256)
def seating_of(timetable: Timetable, service_id: UUID) -> tuple[Arrangement, ...]:
    """Everything a party can sit at: the service's active tables, alone and together."""
    tables = [Table(id, one.seats_min, one.seats_max) for id, one in timetable.givers[service_id].items()]
    combinations = [
        Combination(one.table_ids, one.seats_min, one.seats_max) for one in timetable.floor.combinations
    ]
    most_tables = most_tables_of(chosen=timetable.business.settings)
    return arrangements(tables, combinations, timetable.floor.neighbours, most_tables)


@lru_cache(maxsize=4096)
def order_for(timetable: Timetable, service_id: UUID, party_size: int) -> tuple[Arrangement, ...]:
    """What a party of this size can sit at, best first."""
    return ranked(seating_of(timetable, service_id), party_size)


def seated_service(
    *, service: ServiceFacts, party_size: int, moving: BookingFacts | None = None
) -> ServiceFacts:
    """The service as long as a party of this size stays; a booking that moves keeps the length it was made with."""
    if moving is not None:
        return service
    minutes = turn_for(service.turn_minutes, service.duration_minutes, party_size)
    return replace(service, duration_minutes=minutes)


def choices_for(
    *,
    timetable: Timetable,
    service: ServiceFacts,
    party_size: int,
    resource_id: UUID | None = None,
    moving: BookingFacts | None = None,
) -> tuple[Arrangement, ...]:
    """What this party may be given, best first: any tables, or the one table it asks for.

    A booking that moves would rather keep its tables: where it names none, as long as they are still given to such a
    party; where it names its own, even those retired by now.
    Refusals: :class:`Missing` for a table that is not one of them, :class:`Invalid` on ``party_size``.
    """
    if moving is not None and resource_id in (None, moving.resource_id):
        own = Arrangement(moving.resource_ids, 1, party_size)
        order = order_for(timetable, service.id, party_size)
        others = [one for one in order if set(one.tables) != set(own.tables)]
        if resource_id == moving.resource_id or len(others) < len(order):
            return (own, *others)
        if not others:
            raise no_table_for(timetable=timetable, service=service, party_size=party_size)
        return tuple(others)
    if resource_id is not None:
        return (_one_table(timetable, service, party_size, resource_id),)
    order = order_for(timetable, service.id, party_size)
    if not order:
        raise no_table_for(timetable=timetable, service=service, party_size=party_size)
    return order


def no_table_for(*, timetable: Timetable, service: ServiceFacts, party_size: int) -> Invalid | Missing:
    """Why a party of this size cannot be seated even on an empty floor."""
    known = seating_of(timetable, service.id)
    if not known:
        return Missing(what="resource")
    least, most = min(one.seats_min for one in known), largest_party(known)
    if least <= party_size <= most:
        return Invalid.field("party_size", "no_table", party_size=party_size)
    return Invalid.field("party_size", "out_of_bounds", least=least, most=most)


def _one_table(
    timetable: Timetable, service: ServiceFacts, party_size: int, resource_id: UUID
) -> Arrangement:
    table = timetable.givers[service.id].get(resource_id)
    if table is None:
        raise Missing(what="resource")
    alone = Arrangement((table.id,), table.seats_min, table.seats_max)
    if not alone.fits(party_size):
        raise Invalid.field("party_size", "out_of_bounds", least=alone.seats_min, most=alone.seats_max)
    return alone

"""An appointment's place: one resource, the one wished for or the fairest that is free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.placing.taking import take
from holdfast.bookings.commands.placing.wishes import Place, Terms, Wish, judge, start_minute
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import by_fairness, check_party, claim_span
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.refusals import Invalid, Missing, Refusal
from holdfast.schedule.queries import Timetable


def appointment_place(
    *,
    timetable: Timetable,
    service: ServiceFacts,
    wish: Wish,
    terms: Terms,
    moving: BookingFacts | None = None,
) -> Place:
    """The place for a wish, its resource locked, its dead bookings ended.

    ``service`` is the one wished for, on the terms that hold for it; ``moving`` a booking that is to move there: its
    own claims do not count, the resource it leaves is locked too, and the one it has may keep it even if retired.
    Refusals: :class:`Missing` (``what`` is resource), :class:`Invalid` on ``starts_at`` or ``party_size``,
    :class:`TimeTaken`.
    """
    candidates = able_resources(
        timetable=timetable,
        service=service,
        resource_id=wish.resource_id,
        party_size=wish.party_size,
        kept=moving.resource_id if moving else None,
    )
    if not candidates:
        raise Missing(what="resource")
    start = start_minute(timetable=timetable, starts_at=wish.starts_at)
    ends_at = wish.starts_at + timedelta(minutes=service.duration_minutes)
    if wish.resource_id is not None:
        order = list(candidates)
    else:
        order = _in_order(timetable, service, candidates, wish.starts_at, terms.now, moving)
    problem: Refusal | None = None
    if not order:
        # Nobody looks free: a time that is past or outside hours is refused as such, not as taken.
        judge(timetable, service, candidates[0], start, terms)
    for resource_id in order:
        try:
            local_on, overridden = judge(timetable, service, resource_id, start, terms)
        except (Invalid, TimeTaken) as refusal:
            problem = problem if isinstance(problem, TimeTaken) else refusal
            continue
        place = Place(
            service, (resource_id,), wish.starts_at, ends_at, local_on, wish.resource_id is None, overridden
        )
        # A resource that turns out to be taken is unlocked before the next is tried, so that two who try the same
        # resources in different order never wait for each other.
        taken = take(timetable, place, terms, moving, keep_lock=resource_id == order[-1])
        if taken is not None:
            return taken
        problem = TimeTaken()
    raise problem or TimeTaken()


def able_resources(
    *,
    timetable: Timetable,
    service: ServiceFacts,
    resource_id: UUID | None,
    party_size: int,
    kept: UUID | None = None,
) -> tuple[UUID, ...]:
    """Whom to ask: the resource wanted, or all that can give the service to such a party, in the business's order.

    ``kept`` is the resource of a booking that moves: it may be asked for even if it is retired by now.
    Refusals: :class:`Missing` for a resource that is not one of them, :class:`Invalid` on ``party_size``.
    """
    givers = timetable.givers[service.id]
    if resource_id is not None:
        if resource_id not in givers and resource_id != kept:
            raise Missing(what="resource")
        givers = {resource_id: timetable.resource(resource_id)}
    check_party(party_size, [resource.seats_max for resource in givers.values()])
    return tuple(id for id, resource in givers.items() if party_size <= resource.seats_max)


def _in_order(
    timetable: Timetable,
    service: ServiceFacts,
    candidates: Sequence[UUID],
    starts_at: datetime,
    now: datetime,
    moving: BookingFacts | None,
) -> list[UUID]:
    """Those who look free, fairest first."""
    ends_at = starts_at + timedelta(minutes=service.duration_minutes)
    claim = claim_span(starts_at, ends_at, service.buffer_before_minutes, service.buffer_after_minutes)
    business_id = timetable.business.id
    in_the_way = hot.bookings_in_the_way(
        business_id=business_id, resource_ids=candidates, starts_at=claim[0], ends_at=claim[1], now=now
    )
    own = moving.id if moving else None
    taken = {id for id, booking_id, dead in in_the_way if not dead and booking_id != own}
    free = [id for id in candidates if id not in taken]
    if len(free) <= 1:
        return free
    on = starts_at.astimezone(timetable.tz).date()
    counts = hot.bookings_that_day(business_id=business_id, resource_ids=free, on=on, now=now)
    return by_fairness(free, counts)

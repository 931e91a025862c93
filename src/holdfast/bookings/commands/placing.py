"""Finding and taking a place in time: which resource, whether the time may be booked, and the claim itself.

Shared by holding, booking and moving; not a command by itself. The order is DESIGN §2's: lock the resource, then read
its claims in a statement of their own, then write; the database's guard has the last word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.writing import end_dead
from holdfast.bookings.errors import OnlineBookingOff, TimeTaken
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import by_fairness, check_party, claim_span
from holdfast.catalog.queries import ServiceFacts
from holdfast.core.transactions import violated
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Busy, Forbidden, Invalid, Missing, Refusal
from holdfast.lib.timeline import minute_of
from holdfast.lib.walltime import local_date
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import Check, Shape, check_start

# What a failed rule is called on the field ``starts_at``; an absence is a time taken, whoever took it.
_CODES = {
    "in_future": "in_past",
    "notice": "too_soon",
    "horizon": "too_far_ahead",
    "open": "closed",
    "grid": "off_grid",
    "fits_hours": "outside_hours",
}
# Beyond these instants the dates around them cannot be worked out in every zone; nobody books there, staff neither.
_FIRST_INSTANT, _LAST_INSTANT = datetime(1970, 1, 3, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
# Staff book at the last minute and as far ahead as they like; the past needs an override.
_STAFF_SKIP = frozenset({"notice", "horizon"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be booked: a service, when, with whom (None: anybody), for how many."""

    service_id: UUID
    starts_at: datetime
    resource_id: UUID | None = None
    party_size: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A time of a resource that was free when looked at under the resource's lock."""

    service: ServiceFacts
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    local_on: date
    any_resource: bool
    overridden: tuple[str, ...] = ()

    @property
    def claimed(self) -> tuple[datetime, datetime]:
        service = self.service
        return claim_span(
            self.starts_at, self.ends_at, service.buffer_before_minutes, service.buffer_after_minutes
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """How the rules apply to this actor: staff skip some, an override skips all but the claims."""

    actor: Actor
    now: datetime
    override: bool = False


def find_place(
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
        _judge(timetable, service, candidates[0], start, terms)
    for resource_id in order:
        try:
            local_on, overridden = _judge(timetable, service, resource_id, start, terms)
        except (Invalid, TimeTaken) as refusal:
            problem = problem if isinstance(problem, TimeTaken) else refusal
            continue
        place = Place(
            service, resource_id, wish.starts_at, ends_at, local_on, wish.resource_id is None, overridden
        )
        # A resource that turns out to be taken is unlocked before the next is tried, so that two who try the same
        # resources in different order never wait for each other.
        if _take(timetable, place, terms.now, moving, keep_lock=resource_id == order[-1]):
            return place
        problem = TimeTaken()
    raise problem or TimeTaken()


def offered_service(*, timetable: Timetable, service_id: UUID) -> ServiceFacts:
    """A service that can be booked at a time of its own. Refusals: :class:`Missing`."""
    service = timetable.service(service_id)
    if not service.is_active or service.mode != "appointment":
        raise Missing(what="service")
    return service


def bookable_service(*, timetable: Timetable, service_id: UUID, actor: Actor) -> ServiceFacts:
    """The service, if this actor may book it at all.

    Refusals: :class:`Missing`, :class:`OnlineBookingOff`, :class:`Forbidden` where only signed-in people may book.
    """
    service = offered_service(timetable=timetable, service_id=service_id)
    if not actor.is_staff:
        if not timetable.business.settings.online_booking:
            raise OnlineBookingOff
        if service.who_may_book == "signed_in" and actor.account_id is None:
            raise Forbidden(action="book", needs="signed_in")
    return service


def agreed_service(*, timetable: Timetable, booking: BookingFacts) -> ServiceFacts:
    """The service as it was agreed for a booking: its length stays, whatever the service has become (SPEC D11)."""
    minutes = int((booking.ends_at - booking.starts_at).total_seconds()) // 60
    return replace(timetable.service(booking.service_id), duration_minutes=minutes)


def claim_row(*, business_id: UUID, booking_id: UUID, place: Place) -> dict[str, Any]:
    """The row that takes the place's time."""
    starts_at, ends_at = place.claimed
    return {
        "business_id": business_id,
        "booking_id": booking_id,
        "resource_id": place.resource_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }


def refused_by_guard(error: IntegrityError) -> Refusal:
    """What the database's own refusal means; anything unforeseen is a fault and goes on."""
    constraint = violated(error)
    if constraint == hot.GUARD_NAME:
        return TimeTaken()
    if constraint == "booking_reference_once":
        # Once in a million bookings two get the same 40 random bits: the same call, made again, draws others.
        return Busy(retry_after=0)
    raise error


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


def start_minute(*, timetable: Timetable, starts_at: datetime) -> int:
    """The minute of a wished start. Refusals: :class:`Invalid` on ``starts_at`` for what can never be one."""
    if starts_at < _FIRST_INSTANT:
        raise Invalid.field("starts_at", "in_past")
    if starts_at > _LAST_INSTANT:
        ahead = timetable.business.settings.furthest_ahead_days
        raise Invalid.field("starts_at", "too_far_ahead", furthest_ahead_days=ahead)
    try:
        return minute_of(starts_at)
    except ValueError as error:
        raise Invalid.field("starts_at", "whole_minutes") from error


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


def _judge(
    timetable: Timetable, service: ServiceFacts, resource_id: UUID, start: int, terms: Terms
) -> tuple[date, tuple[str, ...]]:
    """The date the start is listed under and the rules that were overridden; refuses by the first rule that fails."""
    settings = timetable.business.settings
    checks = check_start(
        timetable.hours,
        resource_id,
        start,
        shape_of(service),
        now=terms.now,
        earliest_notice_minutes=settings.earliest_notice_minutes,
        furthest_ahead_days=settings.furthest_ahead_days,
    )
    skipped = _STAFF_SKIP if terms.actor.is_staff else frozenset()
    failed = [check for check in checks if not check.passed and check.rule not in skipped]
    if failed and not terms.override:
        raise _refusal(failed[0])
    return _local_on(checks, timetable, start), tuple(check.rule for check in failed)


def shape_of(service: ServiceFacts) -> Shape:
    """A service's demands on time, as the timeline reads them."""
    return Shape(
        service.duration_minutes,
        service.interval_minutes,
        service.buffer_before_minutes,
        service.buffer_after_minutes,
    )


def _refusal(check: Check) -> Refusal:
    if check.rule == "not_absent":
        return TimeTaken()
    return Invalid.field("starts_at", _CODES[check.rule], **check.facts)


def _local_on(checks: Sequence[Check], timetable: Timetable, start: int) -> date:
    for check in checks:
        if check.rule == "open" and check.passed:
            return date.fromisoformat(check.facts["on"])
    return local_date(start, timetable.tz)


def _take(
    timetable: Timetable,
    place: Place,
    now: datetime,
    moving: BookingFacts | None,
    *,
    keep_lock: bool,
) -> bool:
    """Lock the resource and look again: whether the place is free. A lock in vain is given back unless it is the last."""
    if keep_lock:
        return _is_free(timetable, place, now, moving)
    try:
        with transaction.atomic():
            if not _is_free(timetable, place, now, moving):
                raise TimeTaken
    except TimeTaken:
        return False
    return True


def _is_free(timetable: Timetable, place: Place, now: datetime, moving: BookingFacts | None) -> bool:
    hot.lock_resources([place.resource_id, *([moving.resource_id] if moving else [])])
    starts_at, ends_at = place.claimed
    in_the_way = hot.bookings_in_the_way(
        business_id=timetable.business.id,
        resource_ids=[place.resource_id],
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
    )
    own = moving.id if moving else None
    others = [(booking_id, dead) for _, booking_id, dead in in_the_way if booking_id != own]
    if any(not dead for _, dead in others):
        return False
    end_dead(booking_ids=[booking_id for booking_id, _ in others], now=now)
    return True

"""What placing is about, whatever the mode: the wish, the place found, the terms; what every mode checks alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from holdfast.bookings import sql as hot
from holdfast.bookings.errors import OnlineBookingOff, TimeTaken
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import claim_span
from holdfast.catalog.queries import ServiceFacts
from holdfast.core.transactions import violated
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Busy, Forbidden, Invalid, Missing, Refusal
from holdfast.lib.timeline import minute_of
from holdfast.lib.walltime import local_date
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import Check, Shape, check_start

# The modes in which a free time is a booking at once. What is booked on request has commands of its own.
BOOKED_AT_ONCE = frozenset({"appointment", "table", "slot"})
ON_REQUEST = frozenset({"request"})

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
    """What is to be booked: a service, when, with whom (None: anybody), for how many.

    ``slot_id`` names a published slot; without it a slot service's slot is found by its start. ``chosen`` are tables
    that staff picked by hand.
    """

    service_id: UUID
    starts_at: datetime
    resource_id: UUID | None = None
    party_size: int = 1
    slot_id: UUID | None = None
    chosen: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A time that was free when looked at under the locks of what it takes: resources, or places in a slot.

    ``resource_ids`` is one resource, the tables of a combination, or nothing for a slot that belongs to no resource.
    """

    service: ServiceFacts
    resource_ids: tuple[UUID, ...]
    starts_at: datetime
    ends_at: datetime
    local_on: date
    any_resource: bool
    overridden: tuple[str, ...] = ()
    slot_id: UUID | None = None
    # Who is about to book, ``(id, blocked)``, if they were met on the way; see ``Terms.visitor``.
    customer: tuple[UUID, bool] | None = None
    # What is offered now, if that changed since the wish was read.
    fresh: Timetable | None = None

    @property
    def resource_id(self) -> UUID | None:
        return self.resource_ids[0] if self.resource_ids else None

    @property
    def claimed(self) -> tuple[datetime, datetime]:
        service = self.service
        return claim_span(
            self.starts_at, self.ends_at, service.buffer_before_minutes, service.buffer_after_minutes
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """How the rules apply to this actor: staff skip some, an override skips all but the claims.

    A ``visitor`` may be looked for where the time is taken, sparing a question of its own.
    """

    actor: Actor
    now: datetime
    override: bool = False
    visitor: hot.Visitor | None = None


class StaleTimetable(Exception):
    """What is offered changed after it was read and before the locks were had: the wish is to be judged again."""


def offered_service(
    *, timetable: Timetable, service_id: UUID, modes: frozenset[str] = BOOKED_AT_ONCE
) -> ServiceFacts:
    """A service that is on offer and booked at once, or in the ``modes`` given. Refusals: :class:`Missing`."""
    service = timetable.service(service_id)
    if not service.is_active or service.mode not in modes:
        raise Missing(what="service")
    return service


def bookable_service(
    *, timetable: Timetable, service_id: UUID, actor: Actor, modes: frozenset[str] = BOOKED_AT_ONCE
) -> ServiceFacts:
    """The service, if this actor may book it at all, or ask for it where ``modes`` are those on request.

    Refusals: :class:`Missing`, :class:`OnlineBookingOff`, :class:`Forbidden` where only signed-in people may book.
    """
    service = offered_service(timetable=timetable, service_id=service_id, modes=modes)
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


def claim_rows(*, business_id: UUID, booking_id: UUID, place: Place) -> list[dict[str, Any]]:
    """The rows that take the place's time: one a resource, none for a slot, whose count is taken already."""
    if place.slot_id is not None:
        return []
    starts_at, ends_at = place.claimed
    return [
        {
            "business_id": business_id,
            "booking_id": booking_id,
            "resource_id": resource_id,
            "starts_at": starts_at,
            "ends_at": ends_at,
        }
        for resource_id in place.resource_ids
    ]


def refused_by_guard(error: IntegrityError) -> Refusal:
    """What the database's own refusal means; anything unforeseen is a fault and goes on."""
    constraint = violated(error)
    if constraint == hot.GUARD_NAME:
        return TimeTaken()
    if constraint == "booking_reference_once":
        # Once in a million bookings two get the same 40 random bits: the same call, made again, draws others.
        return Busy(retry_after=0)
    raise error


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


def shape_of(service: ServiceFacts) -> Shape:
    """A service's demands on time, as the timeline reads them."""
    return Shape(
        service.duration_minutes,
        service.interval_minutes,
        service.buffer_before_minutes,
        service.buffer_after_minutes,
    )


def judge(
    timetable: Timetable, service: ServiceFacts, resource_id: UUID, start: int, terms: Terms
) -> tuple[date, tuple[str, ...]]:
    """Whether the actor may have this start with this resource, claims aside.

    The date the start is listed under and the rules that were overridden; refuses by the first rule that fails.
    Refusals: :class:`Invalid` on ``starts_at``, :class:`TimeTaken`.
    """
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
    return _local_on(checks, timetable, start), overridden(checks, terms)


def overridden(checks: Sequence[Check], terms: Terms) -> tuple[str, ...]:
    """The rules that fail and are overridden; refuses by the first that fails if none may be.

    Refusals: :class:`Invalid` on ``starts_at``, :class:`TimeTaken`.
    """
    skipped = _STAFF_SKIP if terms.actor.is_staff else frozenset()
    failed = [check for check in checks if not check.passed and check.rule not in skipped]
    if failed and not terms.override:
        raise _refusal(failed[0])
    return tuple(check.rule for check in failed)


def _refusal(check: Check) -> Refusal:
    if check.rule == "not_absent":
        return TimeTaken()
    return Invalid.field("starts_at", _CODES[check.rule], **check.facts)


def _local_on(checks: Sequence[Check], timetable: Timetable, start: int) -> date:
    for check in checks:
        if check.rule == "open" and check.passed:
            return date.fromisoformat(check.facts["on"])
    return local_date(start, timetable.tz)

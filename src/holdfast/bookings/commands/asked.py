"""A request under its locks, and what every step of it does alike: confirm, let go of an option, move others up.

Shared by asking, answering and options; not a command by itself. Every step locks the artist first, so that all steps
about one artist come one after the other; then the booking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.placing import Place, claim_rows, refused_by_guard
from holdfast.bookings.commands.placing.requests import check_still_offered
from holdfast.bookings.commands.placing.taking import as_of_now, is_free
from holdfast.bookings.commands.writing import locked, move_up, note_change, update
from holdfast.bookings.errors import IllegalStep, OptionHeld, TimeTaken
from holdfast.bookings.events import BookingConfirmed, OptionChanged
from holdfast.bookings.models import Request
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.bookings.queries.requests import options_on
from holdfast.bookings.rules import next_state
from holdfast.bookings.rules.requests import answer_by, remind_at
from holdfast.catalog.queries import ServiceFacts
from holdfast.catalog.rules import deposit_of
from holdfast.core import sql
from holdfast.lib.actors import Actor
from holdfast.schedule.queries import Timetable


@dataclass(frozen=True, slots=True)
class Asked:
    """A booking on request, locked, and what is asked for with it."""

    booking: BookingFacts
    request: Request


def asked(
    *, business_id: UUID, booking_id: UUID, step: str, now: datetime, sequence: int | None = None
) -> Asked:
    """The request, its artist and its booking locked, if the step is possible by the clock.

    Refusals: :class:`Missing`, :class:`ChangedMeanwhile`, :class:`IllegalStep` (also for what was booked at once).
    """
    seen = booking_by_id(business_id=business_id, booking_id=booking_id)
    hot.lock_resources(seen.resource_ids)
    booking = locked(business_id=business_id, booking_id=booking_id, sequence=sequence)
    request = Request.objects.filter(business_id=business_id, booking_id=booking_id).first()
    state = booking.state_at(now)
    if request is None:
        raise IllegalStep(state=state, step=step, possible=[])
    next_state(state, step)
    return Asked(booking, request)


def confirm(
    found: Asked,
    *,
    actor: Actor,
    timetable: Timetable,
    starts_at: datetime,
    ends_at: datetime,
    fee_minor: int,
    now: datetime,
    details: dict[str, Any],
) -> BookingFacts:
    """Take the time and make the request a booking. Nobody passes by whoever has an earlier option on the date.

    It is judged by what is offered now. Refusals: :class:`TimeTaken`, :class:`OptionHeld`, :class:`Missing` and
    :class:`Invalid` as :func:`check_still_offered`.
    """
    booking, timetable = found.booking, as_of_now(timetable)
    service = timetable.service(booking.service_id)
    local_start = starts_at.astimezone(timetable.tz)
    moved = (starts_at, ends_at) != (booking.starts_at, booking.ends_at)
    on = local_start.date() if moved else booking.local_on
    _check_options(booking, on, now)
    place = Place(service, booking.resource_ids, starts_at, ends_at, on, booking.any_resource)
    _claim(booking, timetable, place, now)
    confirmed = update(
        booking,
        {
            "state": next_state("requested", "confirm"),
            "releases_at": None,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "local_on": on,
            "local_start": local_start.strftime("%Y-%m-%dT%H:%M"),
            "price_minor": fee_minor,
            "deposit_minor": _deposit(service, fee_minor, on),
        },
    )
    if moved:
        leave_option(found, actor=actor, now=now)
    _settle(found.request)
    note_change(
        confirmed,
        actor=actor,
        action="accept",
        now=now,
        details=details,
        event=BookingConfirmed(booking.id, on_request=True),
    )
    _end_options(confirmed, actor, timetable, now)
    return confirmed


def _deposit(service: ServiceFacts, fee_minor: int, on: date) -> int:
    return deposit_of(service.deposit, price_minor=fee_minor, party_size=1, on=on) if fee_minor else 0


def _claim(booking: BookingFacts, timetable: Timetable, place: Place, now: datetime) -> None:
    """The claims of the place, if it is free and stays so under the guard. Refusals: :class:`TimeTaken`."""
    check_still_offered(timetable=timetable, place=place)
    if not is_free(timetable, place, now, None):
        raise TimeTaken
    rows = claim_rows(business_id=booking.business_id, booking_id=booking.id, place=place)
    try:
        sql.insert_all([("bookings_claim", rows)])
    except IntegrityError as error:
        raise refused_by_guard(error) from error


def _settle(request: Request) -> None:
    """Nothing is waited for any more: no reminder, no option, no challenge."""
    request.remind_at = request.option = None
    request.challenged_at = request.challenger_id = None
    request.save()


def _check_options(booking: BookingFacts, on: date, now: datetime) -> None:
    if booking.resource_id is None:
        return
    standing = options_on(business_id=booking.business_id, resource_id=booking.resource_id, on=on, now=now)
    if standing and next(iter(standing)) != booking.id:
        raise OptionHeld(rank=1)


def _end_options(confirmed: BookingFacts, actor: Actor, timetable: Timetable, now: datetime) -> None:
    """The date is given: the other options on it end, and those requests wait for an answer again."""
    assert confirmed.resource_id is not None
    business_id = confirmed.business_id
    standing = options_on(
        business_id=business_id, resource_id=confirmed.resource_id, on=confirmed.local_on, now=now
    )
    for booking_id in sorted(standing):
        other = locked(business_id=business_id, booking_id=booking_id)
        request = Request.objects.get(business_id=business_id, booking_id=booking_id)
        wait_again(Asked(other, request), timetable=timetable, actor=actor, now=now)


def wait_again(found: Asked, *, timetable: Timetable, actor: Actor, now: datetime) -> BookingFacts:
    """Without its option a request waits for the business's answer as it did when it was new."""
    hours = timetable.service(found.booking.service_id).answer_within_hours
    until = answer_by(now, hours, found.booking.starts_at)
    waiting = update(found.booking, {"releases_at": until})
    found.request.option = found.request.challenged_at = found.request.challenger_id = None
    found.request.remind_at, found.request.reminded_at = remind_at(now, until), None
    found.request.save()
    event = OptionChanged(waiting.id, waiting.sequence, 0)
    note_change(waiting, actor=actor, action="option", now=now, details={"rank": 0}, event=event)
    return waiting


def leave_option(found: Asked, *, actor: Actor, now: datetime) -> int | None:
    """What is due when the holder of an option goes: a challenge on its behalf is off, and those behind move up.

    Call it once the booking is no longer among the holders. The order number of the option that was left, or None.
    """
    booking, request = found.booking, found.request
    if request.option is None:
        return None
    _lift_challenge(booking, actor, now)
    assert booking.resource_id is not None  # an option is on an artist's date
    move_up(
        business_id=booking.business_id,
        resource_id=booking.resource_id,
        on=booking.local_on,
        behind=request.option,
        actor=actor,
        now=now,
    )
    return request.option


def _lift_challenge(challenger: BookingFacts, actor: Actor, now: datetime) -> None:
    """Who asked for a decision is gone: nobody has to decide any more."""
    rows = Request.objects.filter(
        business_id=challenger.business_id, challenger_id=challenger.id, challenged_at__isnull=False
    )
    for request in rows.order_by("booking_id"):
        booking = locked(business_id=challenger.business_id, booking_id=request.booking_id)
        if booking.state_at(now) != "requested":
            continue
        request.challenged_at = request.challenger_id = None
        request.save(update_fields=["challenged_at", "challenger"])
        spared = update(booking, {"releases_at": booking.starts_at})
        event = OptionChanged(booking.id, spared.sequence, 1)
        note_change(spared, actor=actor, action="option", now=now, details={"rank": 1}, event=event)

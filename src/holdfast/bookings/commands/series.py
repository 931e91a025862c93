"""Recurring bookings: all times of a series in one transaction, and taking several back at once (SPEC D9, D10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.booking import confirm_hold, place_booking
from holdfast.bookings.commands.changing import authorise_holder, cancel_booking, undo_change
from holdfast.bookings.commands.demanding import refuse_several
from holdfast.bookings.commands.making import Details, clean_details, insert_booking, new_booking
from holdfast.bookings.commands.people import check_customer_limits
from holdfast.bookings.commands.placing import Terms, Wish, able_resources, bookable_service, find_place
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.events import BookingConfirmed
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, booking_by_id, bookings_together
from holdfast.bookings.rules.together import FEWEST_TIMES, MOST_TIMES
from holdfast.businesses.rules import Action, authorise
from holdfast.core.ids import uuid7
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.queries import Timetable

FOLLOWING, ALL = "following", "all"


@dataclass(frozen=True, slots=True)
class SeriesTime:
    """One time of a series as it was chosen: its own start, and whom with (None: anybody)."""

    starts_at: datetime
    resource_id: UUID | None = None


@command
def book_series(
    *,
    actor: Actor,
    timetable: Timetable,
    service_id: UUID,
    times: Sequence[SeriesTime],
    details: Details,
    now: datetime,
    hold_id: UUID | None = None,
    party_size: int = 1,
) -> list[BookingFacts]:
    """Book 2 to 52 times as one series, all or none, by start (SPEC D9).

    With ``hold_id`` the first time is the one that is held. Limits count every booking; a promotion code lowers the
    first one's price; the answers to questions go with each.
    Refusals: those of booking one time; :class:`TimeTaken` names the ``number`` (from 1) and ``starts_at`` of the time
    that is gone, :class:`Invalid` a time that cannot be as ``times[n].starts_at``; nothing is booked then.
    """
    authorise(actor, Action.BOOK, timetable.business.id)
    service = bookable_service(timetable=timetable, service_id=service_id, actor=actor)
    if service.mode != "appointment":
        raise Missing(what="service")
    refuse_several(service, actor=actor, timetable=timetable)
    _check_times(times)
    wishes = [Wish(service_id, time.starts_at, time.resource_id, party_size) for time in times]
    # All that any of the times may need, in one order: two series never wait for each other in a ring.
    hot.lock_resources(
        {id for wish in wishes for id in able_resources(
            timetable=timetable, service=service, resource_id=wish.resource_id, party_size=party_size
        )}
    )  # fmt: skip
    series_id = uuid7()
    with _naming(0, times[0]):
        if hold_id is None:
            first = place_booking(
                actor=actor,
                timetable=timetable,
                wish=wishes[0],
                details=details,
                now=now,
                series_id=series_id,
            )
        else:
            first = _confirmed(actor, timetable, hold_id, wishes[0], details, now, series_id)
    details = clean_details(details, actor=actor, timetable=timetable, service_id=service_id)
    booked = [first]
    for number, wish in enumerate(wishes[1:], start=1):
        with _naming(number, times[number]):
            booked.append(_one_more(actor, timetable, wish, details, now, first))
    return sorted(booked, key=lambda booking: (booking.starts_at, booking.id))


def _check_times(times: Sequence[SeriesTime]) -> None:
    if not FEWEST_TIMES <= len(times) <= MOST_TIMES:
        raise Invalid.field("times", "series_length", least=FEWEST_TIMES, most=MOST_TIMES)
    if len({time.starts_at for time in times}) < len(times):
        raise Invalid.field("times", "twice")


def _confirmed(
    actor: Actor,
    timetable: Timetable,
    hold_id: UUID,
    wish: Wish,
    details: Details,
    now: datetime,
    series_id: UUID,
) -> BookingFacts:
    """The held time booked as the first of the series; it must be the one that was chosen."""
    booking = confirm_hold(actor=actor, timetable=timetable, hold_id=hold_id, details=details, now=now)
    if (booking.service_id, booking.starts_at) != (wish.service_id, wish.starts_at):
        raise Invalid.field("starts_at", "differs_from_hold")
    Booking.objects.filter(business_id=booking.business_id, id=hold_id).update(series_id=series_id)
    return replace(booking, series_id=series_id)


def _one_more(
    actor: Actor, timetable: Timetable, wish: Wish, details: Details, now: datetime, first: BookingFacts
) -> BookingFacts:
    """One further booking of the same customer, who is known by now."""
    service = bookable_service(timetable=timetable, service_id=wish.service_id, actor=actor)
    place = find_place(timetable=timetable, service=service, wish=wish, terms=Terms(actor, now))
    timetable = place.fresh or timetable
    assert first.customer_id is not None  # a booking has a customer
    if not actor.is_staff:
        check_customer_limits(timetable=timetable, customer_id=first.customer_id, on=place.local_on, now=now)
    booking = new_booking(
        timetable, place, wish, actor, now, state="confirmed", details=details, customer_id=first.customer_id
    )
    booking = replace(booking, series_id=first.series_id)
    insert_booking(booking, place, actor, "book", {}, event=BookingConfirmed(booking.id))
    return booking


@contextmanager
def _naming(number: int, time: SeriesTime) -> Iterator[None]:
    """Say which of the times a refusal is about."""
    try:
        yield
    except TimeTaken as refusal:
        raise TimeTaken(number=number + 1, starts_at=time.starts_at.isoformat()) from refusal
    except Invalid as refusal:
        if "starts_at" not in refusal.fields:
            raise
        named = {f"times[{number}].starts_at": refusal.fields["starts_at"]}
        raise Invalid(named, number=number + 1) from refusal


@command
def cancel_together(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    which: str,
    now: datetime,
    undo: bool = False,
) -> list[BookingFacts]:
    """Cancel this booking and the ``following`` ones of its series, or ``all`` of its series or group, in one step.

    Whoever holds one booking of a set holds all. What is no longer ahead (under way, over, off) stays as it is.
    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``which``; :class:`TooLate` and
    :class:`IllegalStep` as for the first that would be cancelled, and then nothing is.
    """
    business_id = timetable.business.id
    authorise_holder(actor, business_id, booking_id)
    if which not in (FOLLOWING, ALL):
        raise Invalid.field("which", "unknown_choice", choices=[FOLLOWING, ALL])
    chosen = booking_by_id(business_id=business_id, booking_id=booking_id)
    others = bookings_together(booking=chosen) or [chosen]
    meant = [
        booking
        for booking in others
        if booking.id == booking_id
        or (
            booking.state == "confirmed"
            and booking.starts_at > now
            and (which == ALL or booking.starts_at >= chosen.starts_at)
        )
    ]
    ids = tuple(sorted(booking.id for booking in meant))
    cancelled = [
        cancel_booking(
            actor=actor if actor.is_staff else actor.holding(id),
            timetable=timetable,
            booking_id=id,
            now=now,
            undo=undo,
            together=ids,
        )
        for id in ids
    ]
    return sorted(cancelled, key=lambda booking: (booking.starts_at, booking.id))


@command
def undo_together(
    *, actor: Actor, timetable: Timetable, booking_id: UUID, now: datetime
) -> list[BookingFacts]:
    """Take back a cancellation of several while its undo window is open: all that were cancelled in that step.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`UndoEnded`, :class:`LimitReached`.
    """
    chosen = booking_by_id(business_id=timetable.business.id, booking_id=booking_id)
    same_step = [
        booking
        for booking in bookings_together(booking=chosen) or [chosen]
        if booking.id == booking_id
        or (booking.state == "cancelled" and booking.undo_until == chosen.undo_until is not None)
    ]
    return [
        undo_change(
            actor=actor if actor.is_staff or booking.id == booking_id else actor.holding(booking.id),
            timetable=timetable,
            booking_id=booking.id,
            now=now,
        )
        for booking in sorted(same_step, key=lambda booking: booking.id != booking_id)
    ]

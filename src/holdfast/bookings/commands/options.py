"""Ranked options on a date: who has the first, the second, the third, and asking the first to decide (S1).

An option is the artist's word to a request: nobody gets the date past its holder. It does not end by itself before the
event; a later option can challenge the first, whose holder then confirms by a set time or loses it by the clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.asked import Asked, asked, leave_option, wait_again
from holdfast.bookings.commands.writing import end_dead, locked, note_change, update
from holdfast.bookings.errors import NoOption, NoOptionLeft, OptionChallengedAlready, TimeTaken
from holdfast.bookings.events import OptionChallenged, OptionChanged
from holdfast.bookings.models import Request
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.requests import options_on
from holdfast.bookings.rules.requests import MOST_OPTIONS
from holdfast.businesses.rules import BOUNDS, Action, authorise
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid
from holdfast.schedule.queries import Timetable


@command
def give_option(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    sequence: int | None = None,
) -> BookingFacts:
    """Give a request the next option on its date; who has one keeps it. It then waits until the event, not for an answer.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep`, :class:`NoOptionLeft`, :class:`TimeTaken`,
    :class:`ChangedMeanwhile`.
    """
    found = _asked(actor, timetable, booking_id, "option", now, sequence)
    booking, request = found.booking, found.request
    standing = _standing(booking, now)
    if booking.id in standing:
        return booking
    if len(standing) >= MOST_OPTIONS:
        raise NoOptionLeft(most=MOST_OPTIONS)
    starts_at, ends_at = booking.starts_at, booking.ends_at
    if any(
        not dead
        for _, _, dead in hot.bookings_in_the_way(
            business_id=booking.business_id,
            resource_ids=booking.resource_ids,
            starts_at=starts_at,
            ends_at=ends_at,
            now=now,
        )
    ):
        raise TimeTaken
    last = Request.objects.filter(business_id=booking.business_id, booking_id__in=standing).order_by(
        "-option"
    )
    request.option = (last.values_list("option", flat=True).first() or 0) + 1
    request.remind_at = None
    request.save()
    optioned = update(booking, {"releases_at": booking.starts_at})
    rank = len(standing) + 1
    note_change(
        optioned,
        actor=actor,
        action="option",
        now=now,
        details={"rank": rank},
        event=OptionChanged(booking_id, optioned.sequence, rank),
    )
    return optioned


@command
def withdraw_option(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    sequence: int | None = None,
) -> BookingFacts:
    """Take an option back; those behind it move up, and the request waits for an answer again.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep`, :class:`NoOption`, :class:`ChangedMeanwhile`.
    """
    found = _asked(actor, timetable, booking_id, "option", now, sequence)
    if found.request.option is None:
        raise NoOption
    left = found.request.option
    waiting = wait_again(found, timetable=timetable, actor=actor, now=now)
    found.request.option = left
    leave_option(Asked(waiting, found.request), actor=actor, now=now)
    return waiting


@command
def challenge_option(
    *,
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    now: datetime,
    hours: int | None = None,
    sequence: int | None = None,
) -> BookingFacts:
    """On behalf of a later option (``booking_id``): ask the holder of the first to confirm within ``hours`` (1 to 336, the
    business's setting if left out), or to lose it. The request that is asked.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``hours``, :class:`IllegalStep`,
    :class:`NoOption`, :class:`OptionChallengedAlready`, :class:`ChangedMeanwhile`.
    """
    least, most = BOUNDS["challenge_hours"]
    if hours is not None and not least <= hours <= most:
        raise Invalid.field("hours", "out_of_bounds", least=least, most=most)
    found = _asked(actor, timetable, booking_id, "challenge", now, sequence)
    standing = _standing(found.booking, now)
    if standing.get(booking_id, 0) < 2:
        raise NoOption
    first_id = next(iter(standing))
    first = locked(business_id=found.booking.business_id, booking_id=first_id)
    request = Request.objects.get(business_id=first.business_id, booking_id=first_id)
    if request.challenged_at is not None:
        raise OptionChallengedAlready(until=first.releases_at.isoformat() if first.releases_at else "")
    until = now + timedelta(hours=hours or timetable.business.settings.challenge_hours)
    request.challenged_at, request.challenger_id = now, booking_id
    request.save()
    challenged = update(first, {"releases_at": min(until, first.starts_at)})
    assert challenged.releases_at is not None
    note_change(
        challenged,
        actor=actor,
        action="challenge",
        now=now,
        details={"until": challenged.releases_at.isoformat()},
        event=OptionChallenged(first_id, challenged.sequence),
    )
    return challenged


def _asked(
    actor: Actor,
    timetable: Timetable,
    booking_id: UUID,
    step: str,
    now: datetime,
    sequence: int | None,
) -> Asked:
    authorise(actor, Action.CHANGE_BOOKINGS, timetable.business.id)
    found = asked(
        business_id=timetable.business.id,
        booking_id=booking_id,
        step=step,
        now=now,
        sequence=sequence,
    )
    _end_lost(found.booking, now)
    return found


def _end_lost(booking: BookingFacts, now: datetime) -> None:
    """Options on this date that ran out end here and now, so that those behind them hear of it, worker or none."""
    assert booking.resource_id is not None  # an option is on an artist's date
    rows = Request.objects.filter(
        business_id=booking.business_id,
        option__isnull=False,
        booking__resource_id=booking.resource_id,
        booking__local_on=booking.local_on,
        booking__state="requested",
        booking__releases_at__lte=now,
    )
    end_dead(booking_ids=sorted(rows.values_list("booking_id", flat=True)), now=now)


def _standing(booking: BookingFacts, now: datetime) -> dict[UUID, int]:
    assert booking.resource_id is not None  # an option is on an artist's date
    return options_on(
        business_id=booking.business_id, resource_id=booking.resource_id, on=booking.local_on, now=now
    )

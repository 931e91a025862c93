"""A party's place: the best tables that are free for the whole of its stay, all of them or none (SPEC B3).

Every table the party could be given is locked, in the order of ids and in one statement; then, in a statement of its own,
their claims are read, and the best arrangement that is free is taken. Parties want the same best table, so finding it
first and locking it afterwards would only send all but one of them round again, table by table. Where the service paces
its guests its row is locked too, after the tables: whoever counts the guests of an interval waits for whoever adds to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.placing.seating import choices_for, order_for, seated_service, seating_of
from holdfast.bookings.commands.placing.taking import looked
from holdfast.bookings.commands.placing.wishes import Place, Terms, Wish, judge, start_minute
from holdfast.bookings.commands.writing import end_dead
from holdfast.bookings.errors import PacingReached, TimeTaken
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import Arrangement, claim_span, exceeds, first_free, interval_of
from holdfast.catalog.queries import ServiceFacts, most_tables_of
from holdfast.lib.refusals import Invalid, Refusal
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import open_windows, windows_of_interest


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the rules say of a start at a table: the date it is listed under, and what staff overrode."""

    local_on: date
    overridden: tuple[str, ...]


def table_place(
    *,
    timetable: Timetable,
    service: ServiceFacts,
    wish: Wish,
    terms: Terms,
    moving: BookingFacts | None = None,
) -> Place:
    """The tables for a wish, locked, what was dead on them ended.

    ``wish.chosen`` are tables picked by hand, ``wish.resource_id`` is one table asked for. A party stays as long as one
    of its size does; a booking that moves stays as long as before, at the same tables where it can.
    Refusals: :class:`Missing` (``what`` is resource), :class:`Invalid` on ``starts_at``, ``party_size`` or ``tables``,
    :class:`TimeTaken`, :class:`PacingReached`.
    """
    service = seated_service(service=service, party_size=wish.party_size, moving=moving)
    start = start_minute(timetable=timetable, starts_at=wish.starts_at)
    choices, overridden = _choices(timetable, service, wish, terms, moving)
    verdicts = _verdicts(timetable, service, choices, start, terms)
    choices = [one for one in choices if all(id in verdicts for id in one.tables)]
    # Where a rule stands against some tables only, those without come first.
    choices.sort(key=lambda one: any(verdicts[id].overridden for id in one.tables))
    given = _take(timetable, service, wish, terms, moving, choices)
    if _paces_out(timetable, service, wish, terms, start, moving):
        if not terms.override:
            raise PacingReached(
                pacing_covers=service.pacing_covers, interval_minutes=service.interval_minutes
            )
        overridden = (*overridden, "pacing")
    said = dict.fromkeys(rule for id in given.tables for rule in verdicts[id].overridden)
    return Place(
        service,
        given.tables,
        wish.starts_at,
        wish.starts_at + timedelta(minutes=service.duration_minutes),
        verdicts[given.tables[0]].local_on,
        wish.resource_id is None and not wish.chosen,
        (*said, *overridden),
    )


def _choices(
    timetable: Timetable, service: ServiceFacts, wish: Wish, terms: Terms, moving: BookingFacts | None
) -> tuple[list[Arrangement], tuple[str, ...]]:
    """What may be given, best first, and the rules that this overrides."""
    if wish.chosen:
        return _by_hand(timetable, service, wish, terms, moving)
    found = choices_for(
        timetable=timetable,
        service=service,
        party_size=wish.party_size,
        resource_id=wish.resource_id,
        moving=moving,
    )
    return list(found), ()


def _by_hand(
    timetable: Timetable, service: ServiceFacts, wish: Wish, terms: Terms, moving: BookingFacts | None
) -> tuple[list[Arrangement], tuple[str, ...]]:
    """The tables somebody picked. Guests pick from what the house gives to such a party; staff pick any tables."""
    known = list(timetable.givers[service.id])
    allowed = {*known, *(moving.resource_ids if moving else ())}
    most = most_tables_of(chosen=timetable.business.settings)
    if not set(wish.chosen) <= allowed:
        raise Invalid.field("tables", "unknown")
    if len(set(wish.chosen)) != len(wish.chosen):
        raise Invalid.field("tables", "repeated")
    if len(wish.chosen) > most:
        raise Invalid.field("tables", "too_many", limit=most)
    if not terms.actor.is_staff:
        order = order_for(timetable, service.id, wish.party_size)
        found = [one for one in order if set(one.tables) == set(wish.chosen)]
        if not found:
            raise Invalid.field("tables", "not_together")
        return found, ()
    arranged = next(
        (one for one in seating_of(timetable, service.id) if set(one.tables) == set(wish.chosen)), None
    ) or _loosely(timetable, wish.chosen)
    if arranged.fits(wish.party_size):
        return [arranged], ()
    if not terms.override:
        raise Invalid.field("party_size", "out_of_bounds", least=arranged.seats_min, most=arranged.seats_max)
    return [arranged], ("seats",)


def _loosely(timetable: Timetable, chosen: Sequence[UUID]) -> Arrangement:
    """Tables that stand nowhere near each other: their seats are the sum, and one guest is enough."""
    ordered = tuple(id for id in timetable.resources if id in set(chosen))
    return Arrangement(ordered, 1, sum(timetable.resources[id].seats_max for id in ordered))


def _verdicts(
    timetable: Timetable, service: ServiceFacts, choices: Sequence[Arrangement], start: int, terms: Terms
) -> dict[UUID, _Verdict]:
    """What the rules allow, by table; refuses by the first rule that fails if they allow none.

    Tables without hours and absences of their own are like the business: they are judged once.
    """
    hours = timetable.hours
    particular = {*hours.resource_weekly, *(one.resource_id for one in hours.exceptions)}
    judged: dict[UUID | None, _Verdict | Refusal] = {}
    allowed: dict[UUID, _Verdict] = {}
    for id in dict.fromkeys(id for one in choices for id in one.tables):
        like = id if id in particular else None
        if like not in judged:
            try:
                judged[like] = _Verdict(*judge(timetable, service, id, start, terms))
            except (Invalid, TimeTaken) as refusal:
                judged[like] = refusal
        verdict = judged[like]
        if isinstance(verdict, _Verdict):
            allowed[id] = verdict
    if not allowed:
        raise next(one for one in judged.values() if isinstance(one, Refusal))
    return allowed


def _take(
    timetable: Timetable,
    service: ServiceFacts,
    wish: Wish,
    terms: Terms,
    moving: BookingFacts | None,
    choices: Sequence[Arrangement],
) -> Arrangement:
    """The best of the choices that is free, its tables locked and the dead on them ended."""
    wanted = list(dict.fromkeys(id for one in choices for id in one.tables))
    if not wanted:
        raise TimeTaken
    ends_at = wish.starts_at + timedelta(minutes=service.duration_minutes)
    claimed = claim_span(wish.starts_at, ends_at, service.buffer_before_minutes, service.buffer_after_minutes)
    look = hot.look_under_locks(
        business_id=timetable.business.id,
        locks=[*wanted, *(moving.resource_ids if moving else ())],
        resource_ids=wanted,
        starts_at=claimed[0],
        ends_at=claimed[1],
        now=terms.now,
    )
    in_the_way = looked(timetable, look).in_the_way
    if service.pacing_covers:
        hot.lock_service(service.id)
    own = moving.id if moving else None
    others = [(id, booking_id, dead) for id, booking_id, dead in in_the_way if booking_id != own]
    taken = {id for id, _, dead in others if not dead}
    given = first_free(choices, set(wanted) - taken)
    if given is None:
        raise TimeTaken
    dead = sorted({booking_id for id, booking_id, _ in others if id in given.tables})
    end_dead(booking_ids=dead, now=terms.now)
    return given


def _paces_out(
    timetable: Timetable,
    service: ServiceFacts,
    wish: Wish,
    terms: Terms,
    start: int,
    moving: BookingFacts | None,
) -> bool:
    """Whether this party would be too many for the interval in which it starts; the service's row is locked."""
    if not service.pacing_covers:
        return False
    windows = open_windows(timetable.hours, None, *windows_of_interest(start, start + 1, timetable.tz))
    interval = interval_of(windows, start, service.interval_minutes)
    covers = hot.covers_in(
        business_id=timetable.business.id,
        service_id=service.id,
        start=interval.start,
        end=interval.end,
        now=terms.now,
        but=moving.id if moving else None,
    )
    return exceeds(sum(covers.values()), wish.party_size, service.pacing_covers)

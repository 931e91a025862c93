"""Several resources booked at once for people who come together, all or nothing (SPEC D10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.demanding import refuse_several
from holdfast.bookings.commands.making import (
    Details,
    clean_details,
    insert_booking,
    new_booking,
    with_promotion,
)
from holdfast.bookings.commands.people import (
    Rows,
    agreed_with,
    check_customer_limits,
    known_customer,
    must_prove_email,
)
from holdfast.bookings.commands.placing import (
    Place,
    Terms,
    Wish,
    able_resources,
    bookable_service,
    start_minute,
)
from holdfast.bookings.commands.placing.taking import looked
from holdfast.bookings.commands.placing.wishes import StaleTimetable, judge
from holdfast.bookings.commands.writing import end_dead
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.events import BookingConfirmed
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import by_fairness
from holdfast.bookings.rules.together import FEWEST_MEMBERS, MOST_MEMBERS, match_distinct
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.queries import ServiceFacts
from holdfast.catalog.rules import Answer, check_answers
from holdfast.core.ids import uuid7
from holdfast.core.transactions import command
from holdfast.customers.commands import spend_code
from holdfast.customers.rules import NAME_LIMIT
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Busy, Invalid, Missing, Refusal
from holdfast.schedule.queries import Timetable, load_timetable
from holdfast.schedule.sql import version_now


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One of those who come: what for, with whom (None: anybody), under which name, and their ``given`` answers."""

    service_id: UUID
    resource_id: UUID | None = None
    name: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Seat:
    """A member with what was checked of it; ``able`` are the resources that can give the service."""

    member: GroupMember
    service: ServiceFacts
    able: tuple[UUID, ...]
    name: str
    answers: tuple[Answer, ...]


@command
def book_group(
    *,
    actor: Actor,
    timetable: Timetable,
    members: Sequence[GroupMember],
    starts_at: datetime,
    details: Details,
    now: datetime,
) -> list[BookingFacts]:
    """Book 2 to 10 people for one start, each with a resource of their own, all or none; in the order of ``members``.

    Who takes anybody gets whoever leaves a place for everybody else. The bookings are one customer's and share a
    ``group_id``; a promotion code lowers the first one's price.
    Refusals: those of booking one time, a member's mistakes as ``members[n].…``; :class:`TimeTaken` when no assignment
    serves all.
    """
    business_id = timetable.business.id
    authorise(actor, Action.BOOK, business_id)
    seats, details = _checked(actor, timetable, members, details)
    by_code = any(
        must_prove_email(
            actor=actor, service=seat.service, email=details.contact.email, code=details.email_code
        )
        for seat in seats
    )
    places = _places(timetable, seats, starts_at, Terms(actor, now))
    if places is None:  # what is offered changed since it was read: as if it were asked for now
        timetable = load_timetable(business_id=business_id)
        seats, details = _checked(actor, timetable, members, details)
        places = _places(timetable, seats, starts_at, Terms(actor, now))
    if places is None:
        raise Busy(retry_after=1)
    customer_id, people = known_customer(
        actor=actor, timetable=timetable, contact=details.contact, on=places[0].local_on, now=now
    )
    group_id = uuid7()
    booked: list[BookingFacts] = []
    for seat, place in zip(seats, places, strict=True):
        if booked and not actor.is_staff:
            check_customer_limits(timetable=timetable, customer_id=customer_id, on=place.local_on, now=now)
        booking = replace(
            _seated(actor, timetable, seat, place, details, customer_id, now), group_id=group_id
        )
        if not booked:
            booking, agreed = _led(actor, timetable, booking, details, now, by_code=by_code)
            people += agreed
        rows = [] if booked else people
        insert_booking(booking, place, actor, "book", {}, people=rows, event=BookingConfirmed(booking.id))
        booked.append(booking)
    return booked


def _led(
    actor: Actor,
    timetable: Timetable,
    booking: BookingFacts,
    details: Details,
    now: datetime,
    *,
    by_code: bool,
) -> tuple[BookingFacts, Rows]:
    """What only the first of a group carries: the consents, the proof of the address, the promotion."""
    assert booking.customer_id is not None  # a group has a customer
    agreed = agreed_with(
        actor=actor,
        timetable=timetable,
        customer_id=booking.customer_id,
        booking_id=booking.id,
        news=details.news,
        now=now,
    )
    if by_code:
        spend_code(
            business_id=booking.business_id,
            email=details.contact.email,
            code=details.email_code,
            now=now,
        )
    return with_promotion(booking, timetable=timetable, code=details.promo_code, now=now), agreed


def _checked(
    actor: Actor, timetable: Timetable, members: Sequence[GroupMember], details: Details
) -> tuple[list[_Seat], Details]:
    """Everything that can be checked without looking at who is busy, all mistakes at once."""
    if not FEWEST_MEMBERS <= len(members) <= MOST_MEMBERS:
        raise Invalid.field("members", "group_size", least=FEWEST_MEMBERS, most=MOST_MEMBERS)
    mistakes: text.Mistakes = {}
    seats = []
    for number, member in enumerate(members):
        prefix = f"members[{number}]"
        service = bookable_service(timetable=timetable, service_id=member.service_id, actor=actor)
        if service.mode != "appointment":
            raise Missing(what="service")
        refuse_several(service, actor=actor, timetable=timetable)
        able = able_resources(
            timetable=timetable, service=service, resource_id=member.resource_id, party_size=1
        )
        name = text.line(
            member.name, field=f"{prefix}.name", mistakes=mistakes, limit=NAME_LIMIT, required=False
        )
        answers, wrong = check_answers(timetable.questions.get(service.id, ()), member.given)
        mistakes |= {f"{prefix}.{field}": found for field, found in wrong.items()}
        seats.append(_Seat(member, service, able, name, answers))
    try:
        # The questions were the members'; what is left are the contact and the notes.
        plain = replace(details, given={}, answers=())
        details = clean_details(
            plain, actor=actor, timetable=timetable, service_id=seats[0].service.id, may_leave_out=True
        )
    except Invalid as refusal:
        mistakes |= refusal.fields
    text.refuse(mistakes)
    return seats, details


def _places(
    timetable: Timetable, seats: Sequence[_Seat], starts_at: datetime, terms: Terms
) -> list[Place] | None:
    """As :func:`_take`; None, and nothing locked, if what is offered changed since the timetable was read."""
    try:
        with transaction.atomic():
            return _take(timetable, seats, starts_at, terms)
    except StaleTimetable:
        return None


def _take(timetable: Timetable, seats: Sequence[_Seat], starts_at: datetime, terms: Terms) -> list[Place]:
    """A free resource for everybody, all of them locked in one order, what was dead in the way ended."""
    everyone = list(dict.fromkeys(id for seat in seats for id in seat.able))
    hot.lock_resources(everyone)
    looked(timetable, hot.Look(version_now(business_id=timetable.business.id), []))
    start = start_minute(timetable=timetable, starts_at=starts_at)
    business_id = timetable.business.id
    fairness = hot.bookings_that_day(
        business_id=business_id,
        resource_ids=everyone,
        on=starts_at.astimezone(timetable.tz).date(),
        now=terms.now,
    )
    options: list[list[UUID]] = []
    dates: list[dict[UUID, date]] = []
    dead: list[dict[UUID, list[UUID]]] = []
    for seat in seats:
        place = _place(seat, seat.able[:1], starts_at, date.min)
        taken, ended = _in_the_way(timetable, seat, place, terms.now)
        fitting, on = _fitting(timetable, seat, start, terms)
        options.append([id for id in by_fairness(fitting, fairness) if id not in taken])
        dates.append(on)
        dead.append(ended)
    chosen = match_distinct(options)
    if chosen is None:
        raise TimeTaken
    in_the_way = {id for index, resource_id in enumerate(chosen) for id in dead[index].get(resource_id, ())}
    end_dead(booking_ids=sorted(in_the_way), now=terms.now)
    return [
        _place(seat, (resource_id,), starts_at, dates[index][resource_id])
        for index, (seat, resource_id) in enumerate(zip(seats, chosen, strict=True))
    ]


def _fitting(
    timetable: Timetable, seat: _Seat, start: int, terms: Terms
) -> tuple[list[UUID], dict[UUID, date]]:
    """Who may give it then by the rules, and the dates it is listed under. Refusals: why nobody may."""
    found: dict[UUID, date] = {}
    problem: Refusal | None = None
    for resource_id in seat.able:
        try:
            found[resource_id], _ = judge(timetable, seat.service, resource_id, start, terms)
        except (Invalid, TimeTaken) as refusal:
            problem = problem if isinstance(problem, TimeTaken) else refusal
    if not found:
        raise problem or TimeTaken()
    return list(found), found


def _in_the_way(
    timetable: Timetable, seat: _Seat, place: Place, now: datetime
) -> tuple[set[UUID], dict[UUID, list[UUID]]]:
    """Which of a member's resources are taken then, and the dead bookings on the others."""
    starts_at, ends_at = place.claimed
    taken: set[UUID] = set()
    dead: dict[UUID, list[UUID]] = {}
    for resource_id, booking_id, is_dead in hot.bookings_in_the_way(
        business_id=timetable.business.id,
        resource_ids=seat.able,
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
    ):
        if is_dead:
            dead.setdefault(resource_id, []).append(booking_id)
        else:
            taken.add(resource_id)
    return taken, dead


def _place(seat: _Seat, resource_ids: tuple[UUID, ...], starts_at: datetime, on: date) -> Place:
    ends_at = starts_at + timedelta(minutes=seat.service.duration_minutes)
    return Place(seat.service, resource_ids, starts_at, ends_at, on, seat.member.resource_id is None)


def _seated(
    actor: Actor,
    timetable: Timetable,
    seat: _Seat,
    place: Place,
    details: Details,
    customer_id: UUID,
    now: datetime,
) -> BookingFacts:
    """One member's booking: under the member's own name, reached through whoever books."""
    contact = replace(details.contact, name=seat.name or details.contact.name)
    own = replace(details, contact=contact, answers=seat.answers)
    wish = Wish(seat.service.id, place.starts_at, seat.member.resource_id)
    return new_booking(
        timetable, place, wish, actor, now, state="confirmed", details=own, customer_id=customer_id
    )

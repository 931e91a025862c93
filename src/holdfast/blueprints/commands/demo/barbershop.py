"""The demo's barbershop: Fenwick & Rowe in Leeds, weeks of a lively diary behind and before it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from holdfast.availability.queries import open_times
from holdfast.blueprints.commands.creating import furnish
from holdfast.blueprints.commands.demo.parts import DemoBusiness, Person, playing_at_payments
from holdfast.blueprints.commands.demo.regulars import add_regulars, add_terms
from holdfast.blueprints.commands.demo.saturday import add_waiting
from holdfast.blueprints.rules.diary import FUTURE_DAYS, PAST_DAYS, Visit, visits_on
from holdfast.blueprints.rules.kinds.barbershop import DEMO_BARBERSHOP
from holdfast.bookings.commands import (
    Details,
    Wish,
    book,
    cancel_booking,
    check_in,
    complete,
    mark_no_show,
)
from holdfast.bookings.events import (
    BookingCancelled,
    BookingCheckedIn,
    BookingCompleted,
    BookingConfirmed,
    BookingNotKept,
)
from holdfast.bookings.models import Booking
from holdfast.businesses.commands import create_business
from holdfast.businesses.models import Business
from holdfast.catalog.queries import ServiceFacts
from holdfast.core import outbox
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Conflict
from holdfast.schedule.commands import ExceptionWish, add_exception
from holdfast.schedule.queries import Timetable, load_timetable

PEOPLE = (
    Person(Role.ADMIN, "alice@fenwick.example", "Alice Fenwick"),
    Person(Role.MANAGER, "kath@fenwick.example", "Kath Moran"),
    Person(Role.STAFF, "bob@fenwick.example", "Bob Rowe"),
    Person(Role.STAFF, "theo@fenwick.example", "Theo Marsh", resource="Theo Marsh"),
)
_SLUG = "fenwick-and-rowe"
_BUSY, _BUSY_TODAY = 12, 26


@command
def _barbershop(actor: Actor) -> Business:
    business = create_business(
        actor=actor,
        slug=_SLUG,
        name="Fenwick & Rowe",
        blueprint="barbershop",
        timezone="Europe/London",
        currency="GBP",
        is_demo=True,
        profile={
            "tagline": "Barbers · Briggate, Leeds",
            "email": "hello@fenwick.example",
            "phone": "0113 496 0182",
            "address": "14 Briggate, Leeds LS1 6HD",
        },
        settings=dict(DEMO_BARBERSHOP.settings) | playing_at_payments(),
    )
    furnish(actor=actor, business=business, blueprint=DEMO_BARBERSHOP)
    return business


def continue_diary(
    actor: Actor,
    business: Business,
    now: datetime,
    *,
    busy: int = _BUSY,
    busy_today: int = _BUSY_TODAY,
    largest_party: int = 1,
) -> int:
    """Bring the diary of a business of appointments or slots up to date; how many bookings were written."""
    timetable = load_timetable(business_id=business.id)
    today = now.astimezone(timetable.tz).date()
    days = (today + timedelta(days=offset) for offset in range(-PAST_DAYS, FUTURE_DAYS + 1))
    written = 0
    for day in days:
        offset = (day - today).days
        visits = busy_today if offset == 0 else max(busy - max(offset, 0) // 2, 5)
        written += _write_day(actor, timetable, day, now, visits, largest_party)
    settle(actor, timetable, now)
    return written


@command
def _write_day(
    actor: Actor, timetable: Timetable, day: date, now: datetime, busy: int, largest_party: int
) -> int:
    """Write one date, wholly or not at all, unless it has bookings; how many were written."""
    # A regular's booking lies far ahead of the diary and is no reason to leave the rest of its day empty.
    diary = Booking.objects.filter(business_id=timetable.business.id, series_id__isnull=True)
    if diary.filter(local_on=day).exists():
        return 0
    services = [service for service in timetable.services.values() if service.is_active]
    givers = _working(timetable)
    if not services or not givers:
        return 0
    written = 0
    for visit in visits_on(day, services=len(services), givers=len(givers), busy=busy):
        giver = None if visit.giver is None else givers[visit.giver]
        with suppress(Conflict), transaction.atomic():  # somebody may have been quicker
            service = services[visit.service]
            written += _write(actor, timetable, visit, service, giver, day, now, largest_party)
    _lunch(actor, timetable, day)
    return written


def _working(timetable: Timetable) -> list[UUID]:
    return [resource.id for resource in timetable.resources.values() if resource.is_active]


def _write(
    actor: Actor,
    timetable: Timetable,
    visit: Visit,
    service: ServiceFacts,
    giver: UUID | None,
    day: date,
    now: datetime,
    largest_party: int,
) -> bool:
    """Book one visit if the day has a fitting time, as of when it would have been booked."""
    if giver is not None and giver not in service.resource_ids:
        giver = None
    booked_at = min(datetime.combine(day, now.timetz()) - timedelta(days=visit.booked_days_before), now)
    booked_at = booked_at.replace(second=0, microsecond=0)
    times = open_times(
        timetable=timetable, service_id=service.id, first=day, last=day, now=booked_at, resource_id=giver
    )[0].times
    if not times:
        return False
    time = times[int(visit.at * len(times))]
    party = min(1 + int(visit.at * 1000) % largest_party, time.remaining or largest_party)
    booking = book(
        actor=actor,
        timetable=timetable,
        wish=Wish(service.id, time.starts_at, giver, party, time.slot_id),
        details=Details(Contact(visit.name, visit.email, visit.phone), visit.notes),
        now=booked_at,
    )
    if visit.cancelled_early:
        cancel_booking(
            actor=actor,
            timetable=timetable,
            booking_id=booking.id,
            now=min(booked_at + timedelta(hours=5), now),
        )
    elif booking.ends_at <= now:
        end_visit(actor, timetable, booking.id, booking.starts_at, booking.ends_at, visit.ending)
    silence(booking.id, booking.business_id)
    return True


def end_visit(
    actor: Actor, timetable: Timetable, booking_id: UUID, starts_at: datetime, ends_at: datetime, ending: str
) -> None:
    business_id = timetable.business.id
    if ending == "cancelled":
        cancel_booking(
            actor=actor, timetable=timetable, booking_id=booking_id, now=starts_at - timedelta(hours=20)
        )
    elif ending == "no_show":
        mark_no_show(
            actor=actor, business_id=business_id, booking_id=booking_id, now=starts_at + timedelta(minutes=15)
        )
    else:
        check_in(actor=actor, business_id=business_id, booking_id=booking_id, now=starts_at)
        complete(actor=actor, business_id=business_id, booking_id=booking_id, now=ends_at)


@command
def settle(actor: Actor, timetable: Timetable, now: datetime) -> None:
    """Bookings written as future ones and now past: they were kept. Of those whose time it is now all customers are here
    but one, who is late."""
    business_id = timetable.business.id
    rows = Booking.objects.filter(business_id=business_id, state="confirmed", starts_at__lte=now)
    somebody_late = False
    for booking_id, starts_at, ends_at in rows.order_by("-starts_at").values_list(
        "id", "starts_at", "ends_at"
    ):
        if ends_at <= now:
            end_visit(actor, timetable, booking_id, starts_at, ends_at, "completed")
        elif not somebody_late and starts_at <= now - timedelta(minutes=10):
            somebody_late = True
        else:
            check_in(actor=actor, business_id=business_id, booking_id=booking_id, now=starts_at)
        silence(booking_id, business_id)


def _lunch(actor: Actor, timetable: Timetable, day: date) -> None:
    """Half an hour off for everybody who still has it free, one after the other around noon."""
    by_slot = {id for one in timetable.services.values() if one.mode == "slot" for id in one.resource_ids}
    for index, resource_id in enumerate(_working(timetable)):
        starts_at = datetime(
            day.year, day.month, day.day, 12 + index // 2, 30 * (index % 2), tzinfo=timetable.tz
        )
        ends_at = starts_at + timedelta(minutes=30)
        clash = Booking.objects.filter(
            business_id=timetable.business.id,
            resource_id=resource_id,
            starts_at__lt=ends_at,
            ends_at__gt=starts_at,
        ).exclude(state="cancelled")
        if day.weekday() in (6, 0) or clash.exists() or resource_id in by_slot:
            continue
        wish = ExceptionWish(
            kind="absence", resource_id=resource_id, starts_at=starts_at, ends_at=ends_at, note="Lunch"
        )
        add_exception(actor=actor, business_id=timetable.business.id, wish=wish)


def silence(booking_id: UUID, business_id: UUID) -> None:
    """Nobody is told about a story."""
    for kind in (BookingConfirmed, BookingCancelled, BookingCheckedIn, BookingCompleted, BookingNotKept):
        outbox.withdraw(kind, booking_id, business_id)


def _go_on(actor: Actor, business: Business, now: datetime) -> int:
    """The diary, and what only this shop has. The terms come first: what is booked follows them."""
    add_terms(actor, business)
    written = continue_diary(actor, business, now) + add_regulars(actor, business, now)
    return written + add_waiting(actor, business, now)


DEMO = DemoBusiness(
    slug=_SLUG,
    announcement="Creating Fenwick & Rowe, a barbershop in Leeds",
    people=PEOPLE,
    create=_barbershop,
    go_on=_go_on,
)

"""The demo's club: The Lantern Vaults in Manchester, its nights past and to come, tables alone and together."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from holdfast.availability.queries import open_times
from holdfast.blueprints.commands.creating import furnish
from holdfast.blueprints.commands.demo.barbershop import end_visit, settle, silence
from holdfast.blueprints.commands.demo.parts import DemoBusiness, Person, playing_at_payments
from holdfast.blueprints.commands.demo.waiting import (
    fill,
    for_day,
    next_saturday,
    services_given,
    somebody_waits,
    waits,
)
from holdfast.blueprints.rules.diary import FUTURE_DAYS, PAST_DAYS, Visit, dice_for, visits_on
from holdfast.blueprints.rules.kinds.venue import DEMO_CLUB
from holdfast.bookings.commands import Details, Wish, book, cancel_booking
from holdfast.bookings.models import Booking
from holdfast.businesses.commands import create_business
from holdfast.businesses.models import Business
from holdfast.catalog.commands import create_combination
from holdfast.catalog.queries import ServiceFacts
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Conflict, Refusal
from holdfast.schedule.queries import Timetable, load_timetable
from holdfast.waitlist.commands import WaitWish

PEOPLE = (
    Person(Role.ADMIN, "mara@lantern.example", "Mara Quill"),
    Person(Role.MANAGER, "joel@lantern.example", "Joel Banks"),
    Person(Role.STAFF, "ines@lantern.example", "Ines Duarte"),
    Person(Role.STAFF, "kit@lantern.example", "Kit Sloane"),
)
_SLUG = "lantern-vaults"
_COMBINED = (("Double arch", ("B1", "B2"), 9, 16), ("Stage side", ("B3", "B4"), 11, 20))
_PARTIES = (2, 2, 2, 3, 4, 4, 5, 6, 7, 8, 10, 12, 14)
# Parties of these sizes take whatever is left of a night.
_FILLING = (8, 5, 4, 2, 1)
_WAITING = (
    (Contact("Saoirse Flynn", "saoirse.flynn@example.org", "07700 900471"), 4, 60),
    (Contact("Tobias Keller", "tobias.keller@example.org"), 2, 44),
    (Contact("Yasmin Haddad", "yasmin.haddad@example.org", "07700 900472"), 6, 20),
    (Contact("Rory Maclean", "rory.maclean@example.org"), 2, 5),
)
_NOTES = ("", "", "", "", "Birthday: thirty!", "One of us uses a wheelchair", "Hen party, we bring hats", "Near the stage, please")  # fmt: skip


@command
def _club(actor: Actor) -> Business:
    business = create_business(
        actor=actor,
        slug=_SLUG,
        name="The Lantern Vaults",
        blueprint="venue",
        timezone="Europe/London",
        currency="GBP",
        is_demo=True,
        profile={
            "tagline": "Club · Under the arches, Manchester",
            "email": "tables@lantern.example",
            "phone": "0161 496 0271",
            "address": "Arch 21, Store Street, Manchester M1 2WA",
        },
        settings=dict(DEMO_CLUB.settings) | playing_at_payments(),
    )
    made = furnish(actor=actor, business=business, blueprint=DEMO_CLUB)
    ids = {giver.name: id for giver, id in zip(DEMO_CLUB.givers, made.resources, strict=True)}
    for name, tables, least, most in _COMBINED:
        wanted = {
            "name": name,
            "tables": [ids[table] for table in tables],
            "seats_min": least,
            "seats_max": most,
        }
        create_combination(actor=actor, business_id=business.id, wanted=wanted)
    return business


def _continue_nights(actor: Actor, business: Business, now: datetime) -> int:
    timetable = load_timetable(business_id=business.id)
    today = now.astimezone(timetable.tz).date()
    days = (today + timedelta(days=offset) for offset in range(-PAST_DAYS, FUTURE_DAYS + 1))
    written = sum(_write_night(actor, timetable, day, now) for day in days)
    settle(actor, timetable, now)
    return written + _fill_a_night(actor, business, now)


def _fill_a_night(actor: Actor, business: Business, now: datetime) -> int:
    """Leave no table on the next Saturday and put parties on its list, unless somebody waits; how many bookings that took."""
    timetable = load_timetable(business_id=business.id)
    services = services_given(timetable, "table")
    night = next_saturday(timetable, services, now)
    if night is None or somebody_waits(business):
        return 0
    dice = dice_for(f"full:club:{night.isoformat()}")
    kinds = [(services[0].id, None, size) for size in _FILLING]
    written = 0
    with suppress(Refusal):
        written += fill(actor=actor, timetable=timetable, on=night, kinds=kinds, dice=dice, now=now)
        _wait_for_tables(timetable, business, services[0].id, night, now)
    return written


@command
def _wait_for_tables(
    timetable: Timetable, business: Business, service_id: UUID, night: date, now: datetime
) -> None:
    """Everybody on the list, all or none."""
    # One at a time: the second of two demos waits here and finds the story told.
    Business.objects.select_for_update(no_key=True).get(id=business.id)
    if somebody_waits(business):
        return
    for who, party, hours in _WAITING:
        wish = WaitWish((service_id,), for_day(night), party)
        waits(timetable, who, wish, at=now - timedelta(hours=hours))


@command
def _write_night(actor: Actor, timetable: Timetable, night: date, now: datetime) -> int:
    """Write one night, wholly or not at all, unless it has bookings; how many were written."""
    if Booking.objects.filter(business_id=timetable.business.id, local_on=night).exists():
        return 0
    services = [one for one in timetable.services.values() if one.is_active and timetable.giving(one)]
    if not services:
        return 0
    dice = dice_for(f"club:{night.isoformat()}")
    written = 0
    for visit in visits_on(night, services=1, givers=1, busy=6):
        with suppress(Conflict), transaction.atomic():  # somebody may have been quicker
            written += _write(actor, timetable, visit, services[0], night, now, dice)
    return written


def _write(
    actor: Actor,
    timetable: Timetable,
    visit: Visit,
    service: ServiceFacts,
    night: date,
    now: datetime,
    dice: random.Random,
) -> bool:
    """Book one party if the night has a table for it, as of when it would have been booked."""
    party, notes = dice.choice(_PARTIES), dice.choice(_NOTES)
    booked_at = min(datetime.combine(night, now.timetz()) - timedelta(days=visit.booked_days_before), now)
    booked_at = booked_at.replace(second=0, microsecond=0)
    times = open_times(
        timetable=timetable, service_id=service.id, first=night, last=night, now=booked_at, party_size=party
    )[0].times
    if not times:
        return False
    # Most people come early in the night.
    time = times[int(visit.at * visit.at * len(times))]
    booking = book(
        actor=actor,
        timetable=timetable,
        wish=Wish(service.id, time.starts_at, party_size=party),
        details=Details(Contact(visit.name, visit.email, visit.phone), notes),
        now=booked_at,
    )
    if visit.cancelled_early:
        called_off_at = min(booked_at + timedelta(hours=5), now)
        cancel_booking(actor=actor, timetable=timetable, booking_id=booking.id, now=called_off_at)
    elif booking.ends_at <= now:
        end_visit(actor, timetable, booking.id, booking.starts_at, booking.ends_at, visit.ending)
    silence(booking.id, booking.business_id)
    return True


DEMO = DemoBusiness(
    slug=_SLUG,
    announcement="Creating The Lantern Vaults, a club in Manchester",
    people=PEOPLE,
    create=_club,
    go_on=_continue_nights,
)

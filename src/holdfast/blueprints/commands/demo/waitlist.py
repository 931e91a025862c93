"""The demo's walk-in clinic: people come as they are and wait in line, or book the next free quarter of an hour."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.availability.queries import Today, state_of_day
from holdfast.blueprints.commands.creating import furnish
from holdfast.blueprints.commands.demo.barbershop import continue_diary
from holdfast.blueprints.commands.demo.parts import DemoBusiness, Person
from holdfast.blueprints.commands.demo.waiting import (
    fill,
    for_day,
    hush,
    services_given,
    somebody_waits,
    waits,
)
from holdfast.blueprints.rules.diary import dice_for
from holdfast.blueprints.rules.kinds.waitlist import DEMO_CLINIC
from holdfast.businesses.commands import create_business
from holdfast.businesses.models import Business
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Refusal
from holdfast.schedule.queries import Timetable, load_timetable
from holdfast.waitlist.commands import WaitWish, call_entry, leave_waitlist, remove_entry
from holdfast.waitlist.models import Entry

PEOPLE = (
    Person(Role.ADMIN, "ruth@harbour.example", "Ruth Adeyemi"),
    Person(Role.MANAGER, "sam@harbour.example", "Sam Keane"),
    Person(Role.STAFF, "nina@harbour.example", "Nina Holt", resource="Nurse Nina Holt"),
)
_SLUG = "harbour-walk-in"
# So long from now nothing is free: whoever walks in waits.
_BUSY = timedelta(minutes=75)
# Who stands in line: name, address if they gave one, minutes ago, for which service, and what became of it.
_LINE = (
    ("Owen Pritchard", "", 95, 1, "no_show"),
    ("Leila Haddad", "leila.haddad@example.org", 80, 0, "left"),
    ("Martha Quayle", "martha.quayle@example.org", 41, 3, "called"),
    ("Idris Bello", "", 34, 0, ""),
    ("Sunita Rao", "sunita.rao@example.org", 26, 3, ""),
    ("Peter Varley", "", 19, 2, ""),
    ("Bethan Moss", "bethan.moss@example.org", 11, 1, ""),
    ("Kwame Asante", "kwame.asante@example.org", 4, 0, ""),
)


@command
def _clinic(actor: Actor) -> Business:
    business = create_business(
        actor=actor,
        slug=_SLUG,
        name="Harbour Walk-in Clinic",
        blueprint="waitlist",
        timezone="Europe/London",
        currency="GBP",
        is_demo=True,
        profile={
            "tagline": "No appointment needed · Bristol harbourside",
            "email": "desk@harbour.example",
            "phone": "0117 496 0233",
            "address": "3 Narrow Quay, Bristol BS1 4QA",
        },
        settings=dict(DEMO_CLINIC.settings),
    )
    furnish(actor=actor, business=business, blueprint=DEMO_CLINIC)
    return business


def _go_on(actor: Actor, business: Business, now: datetime) -> int:
    """The diary, and while it is open a line of people who wait on the spot."""
    written = continue_diary(actor, business, now)
    timetable = load_timetable(business_id=business.id)
    settings = timetable.business.settings
    services = services_given(timetable, "appointment")
    today = state_of_day(timetable=timetable, now=now)
    is_on = settings.waitlist and settings.online_booking
    if not (is_on and services and _closes_late_enough(today, now)) or somebody_waits(business):
        return written
    on, busy_until = now.astimezone(timetable.tz).date(), now + _BUSY
    dice = dice_for(f"line:{on.isoformat()}")
    longest_first = sorted(services, key=lambda one: -one.duration_minutes)
    with suppress(Refusal):
        for resource in timetable.resources.values():
            kinds = [
                (one.id, resource.id, 1) for one in longest_first if resource.id in timetable.giving(one)
            ]
            written += fill(
                actor=actor, timetable=timetable, on=on, kinds=kinds, dice=dice, now=now, latest=busy_until
            )
        _line_up(timetable, business, [one.id for one in services], now)
    return written


def _closes_late_enough(today: Today, now: datetime) -> bool:
    return today.is_open and today.closes_at is not None and today.closes_at > now + _BUSY / 2


@command
def _line_up(timetable: Timetable, business: Business, services: list[UUID], now: datetime) -> None:
    """Everybody in line, all or none: with the wait they were told, the first of them called."""
    # One at a time: the second of two demos waits here and finds the line standing.
    Business.objects.select_for_update(no_key=True).get(id=business.id)
    if somebody_waits(business):
        return
    desk = Actor(role=Role.STAFF, business_id=business.id, via="page", name="Sam Keane")
    today = now.astimezone(timetable.tz).date()
    for number, (name, email, ago, service, becomes) in enumerate(_LINE):
        wish = WaitWish((services[service % len(services)],), for_day(today), walk_in=True)
        joined_at = now - timedelta(minutes=ago)
        entry = waits(timetable, Contact(name, email), wish, at=joined_at, actor=desk)
        low = 10 + 5 * number
        Entry.objects.filter(id=entry.id, quoted_low=None).update(quoted_low=low, quoted_high=2 * low)
        what: dict[str, Any] = {"actor": desk, "business_id": business.id, "entry_id": entry.id}
        if becomes == "left":
            leave_waitlist(**what, now=joined_at + timedelta(minutes=30))
        elif becomes == "no_show":
            call_entry(**what, now=joined_at + timedelta(minutes=20))
            remove_entry(**what, no_show=True, now=joined_at + timedelta(minutes=35))
        elif becomes == "called":
            call_entry(**what, now=now - timedelta(minutes=2))
        hush(business.id, [entry.id])


DEMO = DemoBusiness(
    slug=_SLUG,
    announcement="Creating Harbour Walk-in Clinic, a clinic in Bristol",
    people=PEOPLE,
    create=_clinic,
    go_on=_go_on,
)

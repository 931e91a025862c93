"""The demo's counter: Click & Stamp in Glasgow, weeks of slots with people in them."""

from __future__ import annotations

from datetime import datetime, timedelta

from holdfast.blueprints.commands.creating import furnish
from holdfast.blueprints.commands.demo.barbershop import continue_diary
from holdfast.blueprints.commands.demo.parts import DemoBusiness, Person
from holdfast.blueprints.commands.kinds.counter import plans
from holdfast.blueprints.rules.diary import PAST_DAYS
from holdfast.blueprints.rules.kinds.counter import DEMO_COUNTER
from holdfast.businesses.commands import create_business
from holdfast.businesses.models import Business
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor, Role
from holdfast.schedule.commands import change_slots, generate_slots, publish_series
from holdfast.schedule.queries import SlotFilter, list_slots, load_timetable, series_of

PEOPLE = (
    Person(Role.ADMIN, "moira@clickandstamp.example", "Moira Lennox"),
    Person(Role.MANAGER, "ewan@clickandstamp.example", "Ewan Baird"),
    Person(Role.STAFF, "isla@clickandstamp.example", "Isla Tait", resource="Photo stand"),
)
_SLUG = "click-and-stamp"


@command
def _counter(actor: Actor) -> Business:
    business = create_business(
        actor=actor,
        slug=_SLUG,
        name="Click & Stamp",
        blueprint="counter",
        timezone="Europe/London",
        currency="GBP",
        is_demo=True,
        profile={
            "tagline": "Passport photos and papers · Gordon Street, Glasgow",
            "email": "hello@clickandstamp.example",
            "phone": "0141 496 0317",
            "address": "22 Gordon Street, Glasgow G1 3PU",
        },
        settings=dict(DEMO_COUNTER.settings),
    )
    made = furnish(actor=actor, business=business, blueprint=DEMO_COUNTER)
    timetable = load_timetable(business_id=business.id)
    now = business.created_at
    today = now.astimezone(timetable.tz).date()
    for plan in plans(DEMO_COUNTER, made):
        generate_slots(
            actor=actor,
            timetable=timetable,
            plan=plan,
            first=today - timedelta(days=PAST_DAYS),
            last=today,
            now=now - timedelta(days=PAST_DAYS + 1),
        )
    _close_one(actor, business, made.services[1], now)
    return business


def _close_one(actor: Actor, business: Business, service_id: object, now: datetime) -> None:
    """The last slot of the next day is closed: somebody has to go to the bank."""
    wanted = SlotFilter(since=now + timedelta(days=1))
    slots = list_slots(business_id=business.id, wanted=wanted, limit=100).items
    of_service = [slot for slot in slots if slot.service_id == service_id]
    last = [slot for slot in of_service if slot.local_on == of_service[0].local_on][-1:]
    if last:
        change_slots(actor=actor, business_id=business.id, action="close", slot_ids=[last[0].id])


def _go_on(actor: Actor, business: Business, now: datetime) -> int:
    timetable = load_timetable(business_id=business.id)
    for series in series_of(business_id=business.id, only_active=True):
        publish_series(actor=actor, timetable=timetable, series_id=series.id, now=now)
    return continue_diary(actor, business, now, busy=14, busy_today=36, largest_party=4)


DEMO = DemoBusiness(
    slug=_SLUG,
    announcement="Creating Click & Stamp, a counter in Glasgow",
    people=PEOPLE,
    create=_counter,
    go_on=_go_on,
)

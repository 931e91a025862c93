"""A counter with published slots, for the tests of capacity slots: the cast works here too."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.accounts.models import Account
from holdfast.bookings.commands import Details, Wish, book
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import OCCUPYING
from holdfast.businesses.commands import create_business
from holdfast.catalog.commands import create_resource, create_service
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.schedule.commands import add_slot, apply_hour_template
from holdfast.schedule.models import Slot
from holdfast.schedule.queries import SlotFacts, Timetable, timetable_of
from tests.cast import DANA, OPERATOR


@dataclass
class Counter:
    """A photo counter in London, open on every day from 9 to 17: portraits by slot, with or without one of two windows."""

    slug: str
    business_id: UUID
    east: ResourceFacts
    west: ResourceFacts
    portrait: ServiceFacts
    accounts: dict[Role, Account] = field(default_factory=dict)

    @property
    def timetable(self) -> Timetable:
        return timetable_of(business_id=self.business_id)

    def actor(self, role: Role = Role.MANAGER) -> Actor:
        return Actor(role=role, business_id=self.business_id, via="page", name=str(role))

    def day(self, days: int = 3) -> date:
        """A local date some days from today."""
        return clock.now().astimezone(self.timetable.tz).date() + timedelta(days=days)

    def at(self, hhmm: str = "10:00", days: int = 3) -> datetime:
        hour, minute = map(int, hhmm.split(":"))
        day = self.day(days)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.timetable.tz).astimezone(UTC)

    def slot(self, hhmm: str = "10:00", days: int = 3, *, capacity: int = 2, **more: Any) -> SlotFacts:
        """One published slot of half an hour."""
        return add_slot(
            actor=self.actor(),
            timetable=self.timetable,
            service_id=self.portrait.id,
            starts_at=self.at(hhmm, days),
            minutes=30,
            capacity=capacity,
            now=more.pop("now", clock.now()),
            **more,
        )

    def wish(self, slot: SlotFacts, places: int = 1) -> Wish:
        return Wish(self.portrait.id, slot.starts_at, None, places, slot.id)

    def book(
        self,
        slot: SlotFacts,
        places: int = 1,
        *,
        contact: Contact = DANA,
        actor: Actor = GUEST,
        now: datetime | None = None,
        override_reason: str = "",
    ) -> BookingFacts:
        """A confirmed booking of places in the slot."""
        return book(
            actor=actor,
            timetable=self.timetable,
            wish=self.wish(slot, places),
            details=Details(contact),
            now=now or clock.now(),
            override_reason=override_reason,
        )


def make_counter(slug: str = "shutter", **wanted: Any) -> Counter:
    """A counter as described in :class:`Counter`; ``wanted`` are columns of its service."""
    business = create_business(
        actor=OPERATOR,
        slug=slug,
        name=slug.replace("-", " ").title(),
        blueprint="counter",
        timezone="Europe/London",
        currency="GBP",
        settings={"earliest_notice_minutes": 60},
    )
    apply_hour_template(actor=OPERATOR, business_id=business.id, template="every_day_9to5")
    east, west = (
        create_resource(actor=OPERATOR, business_id=business.id, wanted={"name": name, "kind": "counter"})
        for name in ("East window", "West window")
    )
    columns = {
        "name": "Portrait",
        "mode": "slot",
        "duration_minutes": 30,
        "price_minor": 900,
        "resources": [east.id, west.id],
        **wanted,
    }
    portrait = create_service(actor=OPERATOR, business_id=business.id, wanted=columns)
    return Counter(slug, business.id, east, west, portrait)


def somebody(number: int) -> Contact:
    """One of many different guests."""
    return Contact(name=f"Guest {number}", email=f"guest{number}@example.org")


def taken(slot: SlotFacts) -> int:
    """What the slot's row counts."""
    return Slot.objects.values_list("taken", flat=True).get(id=slot.id)


def counted(slot: SlotFacts) -> int:
    """What the slot's bookings take that have not been given back: the truth the row must agree with."""
    rows = Booking.objects.filter(slot_id=slot.id)
    still = [
        row.party_size
        for row in rows
        if row.state in OCCUPYING or (row.state == "cancelled" and row.releases_at is not None)
    ]
    return sum(still)

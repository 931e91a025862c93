"""A club for the tests of tables: open every night from 22:00 to 04:00, eight tables in two areas.

``T1`` and ``T2`` (1–2) stand side by side at the bar, ``T3`` and ``T4`` (2–4) too; ``B1`` (3–6), ``B2`` (4–8) and ``B3`` (4–8) are booths;
``B2 + B3`` is a named combination for 9 to 14. Two tables together at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from holdfast.bookings.commands import Details, Wish, book
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.commands import change_business_settings, create_business
from holdfast.catalog.commands import (
    change_service,
    create_combination,
    create_resource,
    create_service,
    replace_adjacency,
)
from holdfast.catalog.queries import ServiceFacts
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.schedule.commands import replace_hours
from tests.cast import DANA, OPERATOR, Shop

TABLES = {
    "T1": (1, 2, "Bar"), "T2": (1, 2, "Bar"), "T3": (2, 4, "Floor"), "T4": (2, 4, "Floor"),
    "B1": (3, 6, "Floor"), "B2": (4, 8, "Floor"), "B3": (4, 8, "Floor"),
}  # fmt: skip


@dataclass
class Club(Shop):
    """Alice's club; ``ids`` has the tables by name. ``service`` is the table for a night."""

    ids: dict[str, UUID] = field(default_factory=dict)

    @property
    def table(self) -> ServiceFacts:
        return self.timetable.service(self.cut.id)

    def named(self, table_ids: tuple[UUID, ...] | list[UUID]) -> list[str]:
        """The tables of a booking or a time by name."""
        names = {id: name for name, id in self.ids.items()}
        return [names[id] for id in table_ids]

    def night(self, hhmm: str = "22:00", days: int = 3) -> datetime:
        """A start of the evening some days from today: hours before noon are those after midnight."""
        hour, minute = map(int, hhmm.split(":"))
        day = (clock.now().astimezone(self.timetable.tz) + timedelta(days=days + (hour < 12))).date()
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.timetable.tz)
        return local.astimezone(UTC)

    def party(
        self,
        size: int,
        hhmm: str = "22:00",
        days: int = 3,
        *,
        table: str = "",
        chosen: tuple[str, ...] = (),
        actor: Actor = GUEST,
        reason: str = "",
        contact: Contact = DANA,
        now: datetime | None = None,
    ) -> BookingFacts:
        """A confirmed booking for a party."""
        return book(
            actor=actor,
            timetable=self.timetable,
            wish=self.sitting(size, hhmm, days, table=table, chosen=chosen),
            details=Details(contact),
            now=now or clock.now(),
            override_reason=reason,
        )

    def sitting(
        self, size: int, hhmm: str = "22:00", days: int = 3, *, table: str = "", chosen: tuple[str, ...] = ()
    ) -> Wish:
        return Wish(
            self.cut.id,
            self.night(hhmm, days),
            self.ids[table] if table else None,
            size,
            chosen=tuple(self.ids[name] for name in chosen),
        )

    def change(self, **wanted: Any) -> None:
        """Change columns of the service."""
        change_service(actor=OPERATOR, business_id=self.business_id, service_id=self.cut.id, wanted=wanted)

    def settle(self, **wanted: Any) -> None:
        """Change settings."""
        change_business_settings(actor=OPERATOR, business_id=self.business_id, wanted=wanted)


def make_club(slug: str = "undertow", tables: dict[str, tuple[int, int, str]] | None = None) -> Club:
    """A club as described above, or with tables of your own and no combinations."""
    business = create_business(
        actor=OPERATOR,
        slug=slug,
        name=slug.title(),
        blueprint="venue",
        timezone="Europe/London",
        currency="GBP",
        settings={"earliest_notice_minutes": 60},
    )
    windows = [{"weekday": weekday, "opens": "22:00", "closes": "04:00"} for weekday in range(7)]
    replace_hours(actor=OPERATOR, business_id=business.id, windows=windows)
    made = {
        name: create_resource(
            actor=OPERATOR,
            business_id=business.id,
            wanted={"name": name, "kind": "table", "seats_min": least, "seats_max": most, "area": area},
        )
        for name, (least, most, area) in (tables or TABLES).items()
    }
    ids = {name: table.id for name, table in made.items()}
    service = create_service(
        actor=OPERATOR,
        business_id=business.id,
        wanted={
            "name": "Table",
            "mode": "table",
            "duration_minutes": 180,
            "interval_minutes": 30,
            "turn_minutes": [[2, 90], [4, 120]],
            "resources": list(ids.values()),
        },
    )
    first, second = list(made.values())[:2]
    club = Club(slug, business.id, first, second, service, ids=ids)
    if tables is None:
        _arrange(club)
    return club


def _arrange(club: Club) -> None:
    ids = club.ids
    replace_adjacency(
        actor=OPERATOR, business_id=club.business_id, pairs=[(ids["T1"], ids["T2"]), (ids["T3"], ids["T4"])]
    )
    wanted = {"name": "Double booth", "tables": [ids["B2"], ids["B3"]], "seats_min": 9, "seats_max": 14}
    create_combination(actor=OPERATOR, business_id=club.business_id, wanted=wanted)


@pytest.fixture
def club(db: None) -> Club:
    """Alice's club."""
    return make_club()


def staff(club: Club, role: Role = Role.STAFF) -> Actor:
    """Somebody who works there."""
    return club.actor(role)

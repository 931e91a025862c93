"""The one cast of all tests: Alice owns the barbershop, Bob works there, Charlie belongs to another, Dana is a guest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from holdfast.accounts.commands import create_account, create_token
from holdfast.accounts.models import Account
from holdfast.bookings.commands import Details, Wish, book
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.commands import add_member, create_business
from holdfast.catalog.commands import create_resource, create_service
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.schedule.commands import apply_hour_template
from holdfast.schedule.queries import Timetable, timetable_of

OPERATOR = Actor(role=Role.OPERATOR, via="command", name="operator")
PASSWORD = "correct horse battery"
DANA = Contact(name="Dana Guest", email="dana@example.org", phone="07700 900418")


@dataclass
class Shop:
    """A barbershop in London, open every day from 9 to 17: two barbers, a cut of 30 minutes on a 15-minute grid."""

    slug: str
    business_id: UUID
    theo: ResourceFacts
    amara: ResourceFacts
    cut: ServiceFacts
    accounts: dict[Role, Account] = field(default_factory=dict)

    @property
    def timetable(self) -> Timetable:
        """As it is now: a test's changes show, as long as they go through commands."""
        return timetable_of(business_id=self.business_id)

    def actor(self, role: Role = Role.STAFF) -> Actor:
        """A member of this shop."""
        account = self.accounts.get(role)
        return Actor(
            role=role,
            business_id=self.business_id,
            account_id=account.id if account else None,
            via="page",
            name=account.name if account else str(role),
        )

    def token(self, role: Role = Role.STAFF) -> str:
        """A fresh API token of this role."""
        made = create_token(
            actor=OPERATOR, business_id=self.business_id, role=role, name=f"test {role}", now=clock.now()
        )
        return made.secret

    def at(self, hhmm: str = "10:00", days: int = 3) -> datetime:
        """A local time some days from today, as an instant."""
        hour, minute = map(int, hhmm.split(":"))
        day = (clock.now().astimezone(self.timetable.tz) + timedelta(days=days)).date()
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.timetable.tz)
        return local.astimezone(UTC)

    def wish(self, hhmm: str = "10:00", days: int = 3, resource: ResourceFacts | None = None) -> Wish:
        return Wish(self.cut.id, self.at(hhmm, days), resource.id if resource else None)

    def book(
        self,
        hhmm: str = "10:00",
        days: int = 3,
        *,
        resource: ResourceFacts | None = None,
        contact: Contact = DANA,
        actor: Actor = GUEST,
        now: datetime | None = None,
        notes: str = "",
    ) -> BookingFacts:
        """A confirmed booking of the cut."""
        return book(
            actor=actor,
            timetable=self.timetable,
            wish=self.wish(hhmm, days, resource),
            details=Details(contact, notes),
            now=now or clock.now(),
        )


def make_shop(slug: str, timezone: str = "Europe/London") -> Shop:
    """A barbershop as described in :class:`Shop`."""
    business = create_business(
        actor=OPERATOR,
        slug=slug,
        name=slug.replace("-", " ").title(),
        blueprint="barbershop",
        timezone=timezone,
        currency="GBP",
        settings={"earliest_notice_minutes": 60},
    )
    apply_hour_template(actor=OPERATOR, business_id=business.id, template="every_day_9to5")
    theo, amara = (
        create_resource(actor=OPERATOR, business_id=business.id, wanted={"name": name})
        for name in ("Theo Marsh", "Amara Osei")
    )
    cut = create_service(
        actor=OPERATOR,
        business_id=business.id,
        wanted={
            "name": "Classic cut",
            "duration_minutes": 30,
            "interval_minutes": 15,
            "price_minor": 2600,
            "resources": [theo.id, amara.id],
        },
    )
    return Shop(slug=slug, business_id=business.id, theo=theo, amara=amara, cut=cut)


def join(shop: Shop, email: str, name: str, role: Role) -> Account:
    """An account with a role in the shop; the password is :data:`PASSWORD`."""
    account = create_account(email=email, name=name, password=PASSWORD)
    add_member(actor=OPERATOR, business_id=shop.business_id, account_id=account.id, role=role)
    shop.accounts[role] = account
    return account


@pytest.fixture
def shop(db: None) -> Shop:
    """Alice's barbershop."""
    return make_shop("fenwick")


@pytest.fixture
def other_shop(db: None) -> Shop:
    """The business next door, which must never see or touch Alice's."""
    return make_shop("next-door")


@pytest.fixture
def alice(shop: Shop) -> Account:
    """Owns the barbershop."""
    return join(shop, "alice@example.org", "Alice Fenwick", Role.ADMIN)


@pytest.fixture
def mona(shop: Shop) -> Account:
    """Manages the barbershop."""
    return join(shop, "mona@example.org", "Mona Rowe", Role.MANAGER)


@pytest.fixture
def bob(shop: Shop) -> Account:
    """Works at the barbershop."""
    return join(shop, "bob@example.org", "Bob Barber", Role.STAFF)


@pytest.fixture
def charlie(other_shop: Shop) -> Account:
    """Owns the business next door."""
    return join(other_shop, "charlie@example.org", "Charlie Stranger", Role.ADMIN)

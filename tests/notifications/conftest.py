"""A barbershop with a booking, as rows: what messages are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from holdfast.accounts.models import Account
from holdfast.bookings.models import Booking
from holdfast.businesses.models import Business, Member
from holdfast.businesses.rules import Settings, write_settings
from holdfast.catalog.models import Resource, Service
from holdfast.notifications.models import Message

# A Friday morning; the booking is on Saturday at 10:30 in Leeds, where clocks show UTC in November.
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
STARTS_AT = datetime(2026, 11, 28, 10, 30, tzinfo=UTC)


@dataclass
class Barbershop:
    """Alice's shop: Bob's chair with a member behind it, and Alice's own without one."""

    business: Business
    service: Service
    bob: Resource
    alice: Resource

    def book(self, **values: Any) -> Booking:
        """A confirmed booking of Dana's with Bob, as a row."""
        starts_at = values.pop("starts_at", STARTS_AT)
        defaults: dict[str, Any] = {
            "business": self.business,
            "reference": f"FR{Booking.objects.count():08}",
            "state": "confirmed",
            "service": self.service,
            "resource": self.bob,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=45),
            "timezone": "Europe/London",
            "local_start": starts_at.strftime("%Y-%m-%dT%H:%M"),
            "local_on": starts_at.date(),
            "contact": {"name": "Dana Guest", "email": "dana@example.com", "phone": "0113 496 0000"},
            "notes": "Keep the length on top",
            "price_minor": 3200,
            "currency": "GBP",
            "policy": {"cancellation_notice_minutes": 1440, "reschedule_notice_minutes": 1440},
            "sequence": 1,
            "via": "page",
        }
        return Booking.objects.create(**defaults | values)

    def settings(self, **values: Any) -> None:
        """Change the shop's settings."""
        self.business.settings = write_settings(Settings(**values))
        self.business.save()


@pytest.fixture
def shop(db: None) -> Barbershop:
    """Fenwick & Rowe in Leeds."""
    return make_shop()


def make_shop(slug: str = "fenwick") -> Barbershop:
    business = Business.objects.create(
        slug=slug,
        name="Fenwick & Rowe",
        blueprint="barbershop",
        timezone="Europe/London",
        currency="GBP",
        email=f"hello@{slug}.example",
        phone="0113 496 0182",
        address="14 Briggate, Leeds LS1 6HD",
        settings=write_settings(Settings()),
    )
    account = Account.objects.create_user(f"bob@{slug}.example", name="Bob")
    member = Member.objects.create(business=business, account=account, role="staff")
    return Barbershop(
        business=business,
        service=Service.objects.create(
            business=business, name="Skin fade", duration_minutes=45, price_minor=3200
        ),
        bob=Resource.objects.create(business=business, name="Bob Marsh", member=member, position=1),
        alice=Resource.objects.create(business=business, name="Alice Rowe", position=2),
    )


def written(booking: Booking) -> list[tuple[str, str, str, str]]:
    """``(kind, audience, recipient, state)`` of every message about a booking, in the order they were written."""
    rows = Message.objects.filter(booking=booking).order_by("id")
    return [(row.kind, row.audience, row.recipient, row.state) for row in rows]

"""The businesses the benchmarks work on: one with 200 resources and a year ahead, one with 8 barbers, 40 % busy."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from holdfast.accounts.commands import create_token
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import reference_key
from holdfast.businesses.commands import create_business
from holdfast.catalog.commands import create_resource, create_service
from holdfast.core import clock
from holdfast.lib.actors import Actor, Role
from holdfast.lib.references import new_reference
from holdfast.schedule.commands import apply_hour_template
from holdfast.schedule.queries import Timetable, load_timetable

OPERATOR = Actor(role=Role.OPERATOR, via="command", name="benchmark")
SEED = 20260101
GRID_MINUTES = 15
DURATION_MINUTES = 30


@dataclass(frozen=True, slots=True)
class World:
    """A furnished business and a staff token."""

    slug: str
    business_id: UUID
    service_id: UUID
    resource_ids: list[UUID]
    token: str

    @property
    def timetable(self) -> Timetable:
        return load_timetable(business_id=self.business_id)


def build(slug: str, resources: int) -> World:
    """A business open every day from 9 to 17 in London, all of whose resources give one service of half an hour."""
    business = create_business(
        actor=OPERATOR,
        slug=slug,
        name=slug,
        blueprint="barbershop",
        timezone="Europe/London",
        currency="GBP",
        settings={"furthest_ahead_days": 400},
    )
    apply_hour_template(actor=OPERATOR, business_id=business.id, template="every_day_9to5")
    ids = [
        create_resource(actor=OPERATOR, business_id=business.id, wanted={"name": f"Resource {number}"}).id
        for number in range(resources)
    ]
    service = create_service(
        actor=OPERATOR,
        business_id=business.id,
        wanted={
            "name": "Half an hour",
            "duration_minutes": DURATION_MINUTES,
            "interval_minutes": GRID_MINUTES,
            "price_minor": 2600,
            "resources": ids,
        },
    )
    token = create_token(
        actor=OPERATOR, business_id=business.id, role=Role.STAFF, name="benchmark", now=clock.now()
    )
    return World(slug, business.id, service.id, ids, token.secret)


def starts(world: World, count: int, days: int = 365) -> list[tuple[UUID, datetime]]:
    """So many (resource, start) pairs spread over a year that do not overlap, in random order but always the same."""
    dice = random.Random(SEED)
    tz = world.timetable.tz
    first = clock.now().astimezone(tz).date() + timedelta(days=2)
    chosen: set[tuple[int, int, int]] = set()
    while len(chosen) < count:
        chosen.add(
            (
                dice.randrange(len(world.resource_ids)),
                dice.randrange(days - 3),
                dice.randrange(8 * 60 // 30 - 1),
            )
        )
    pairs = []
    for resource, day, half_hour in sorted(chosen):
        offset = GRID_MINUTES * ((resource + day) % 2)
        pairs.append(
            (world.resource_ids[resource], _local(first + timedelta(days=day), half_hour * 30 + offset, tz))
        )
    dice.shuffle(pairs)
    return pairs


def fill(world: World, share: float, days: int = 14) -> int:
    """Confirmed bookings over the coming days until this share of the opening time is taken; how many."""
    dice = random.Random(SEED)
    timetable = world.timetable
    service = timetable.services[world.service_id]
    first = clock.now().astimezone(timetable.tz).date()
    bookings, claims = [], []
    for resource_id in world.resource_ids:
        for day in range(days):
            for half_hour in dice.sample(range(16), round(16 * share)):
                on = first + timedelta(days=day)
                starts_at = _local(on, half_hour * 30, timetable.tz)
                booking = Booking(
                    business_id=world.business_id,
                    reference=new_reference(reference_key()),
                    state="confirmed",
                    service_id=service.id,
                    resource_id=resource_id,
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(minutes=30),
                    timezone="Europe/London",
                    local_start=f"{on}T09:00",
                    local_on=on,
                    contact={"name": "Dana Guest", "email": "dana@example.org", "phone": ""},
                    price_minor=2600,
                    currency="GBP",
                    policy={"cancellation_notice_minutes": 60, "reschedule_notice_minutes": 60},
                    via="api",
                )
                bookings.append(booking)
                claims.append(
                    Claim(
                        business_id=world.business_id,
                        booking=booking,
                        resource_id=resource_id,
                        starts_at=booking.starts_at,
                        ends_at=booking.ends_at,
                    )
                )
    Booking.objects.bulk_create(bookings, batch_size=500)
    Claim.objects.bulk_create(claims, batch_size=500)
    return len(bookings)


def _local(on: date, minutes_after_nine: int, tz: object) -> datetime:
    local = datetime(on.year, on.month, on.day, 9, tzinfo=tz)  # type: ignore[arg-type]
    return local.astimezone(UTC) + timedelta(minutes=minutes_after_nine)

"""A look at a freed gap with 10,000 people waiting: ``python -m benchmarks.waiting`` (PostgreSQL; target 50 ms of CPU).

The shop has eight barbers and four services, and nothing but the gap is free on its day. People wait for one service, a
third of them for one barber, on ranges of one to seven days within the next two months, a third of them at some hours
only: a day is wished for by some hundreds.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psutil

from tests.support import servers

PEOPLE, DAYS, ROUNDS = 10_000, 60, 20
DAY = 20


def main() -> int:
    """In a process of its own: Django is set up once a process."""
    if "--inside" in sys.argv:
        return _inside()
    home = tempfile.mkdtemp(prefix="holdfast-bench-")
    cluster = servers.start_postgres(durable=True)
    environment = os.environ | {
        "HOLDFAST_HOME": home,
        "HOLDFAST_ENVIRONMENT": "development",
        "DJANGO_SETTINGS_MODULE": "holdfast.config.settings",
        "DATABASE_URL": cluster.url,
        "LOG_LEVEL": "WARNING",
    }
    try:
        return subprocess.run(
            [sys.executable, "-m", "benchmarks.waiting", "--inside", *sys.argv[1:]],
            env=environment,
            check=False,
        ).returncode
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def _inside() -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from holdfast.schedule.queries import load_timetable
    from holdfast.waitlist.queries import Region, matching

    call_command("migrate", interactive=False, verbosity=0)
    business_id, barber, starts_at = _world()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
    timetable = load_timetable(business_id=business_id)
    region = Region(starts_at, starts_at + timedelta(minutes=60), barber)
    if "--profile" in sys.argv:
        import cProfile

        with cProfile.Profile() as profile:
            matching(timetable=timetable, region=region, now=datetime.now(UTC))
        profile.print_stats("cumulative")
    costs = []
    for _ in range(ROUNDS):
        began, database = time.process_time(), sum(backend.cpu_times()[:2])
        found = matching(timetable=timetable, region=region, now=datetime.now(UTC))
        costs.append(((time.process_time() - began) * 1000, (sum(backend.cpu_times()[:2]) - database) * 1000))
    own, theirs = sorted(cost[0] for cost in costs), [cost[1] for cost in costs]
    print(
        f"{PEOPLE} people wait, {found.reasons['waiting']} for that day, {len(found.joined)} could have the gap;"
        f" {len(found.plans)} plans\n"
        f"CPU of one look: Python {own[0]:.1f} ms at least, {own[len(own) // 2]:.1f} ms in the middle;"
        f" database {sum(theirs) / len(theirs):.1f} ms on average (target 50 ms together)"
    )
    return 0


def _world() -> tuple[UUID, UUID, datetime]:
    """The business, the barber whose hour came free, and its start."""
    from benchmarks import world
    from holdfast.bookings.models import Booking, Claim
    from holdfast.catalog.commands import create_service
    from holdfast.core.ids import uuid7

    shop = world.build("waiting", 8)
    services = [shop.service_id]
    for minutes in (15, 45, 60):
        wanted = {
            "name": f"{minutes} minutes",
            "duration_minutes": minutes,
            "interval_minutes": 15,
            "price_minor": 100,
            "resources": shop.resource_ids,
        }
        services.append(create_service(actor=world.OPERATOR, business_id=shop.business_id, wanted=wanted).id)
    opening = (datetime.now(shop.timetable.tz) + timedelta(days=DAY)).replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    starts_at = (opening + timedelta(hours=3)).astimezone(UTC)
    for barber in shop.resource_ids:
        for begins, ends in ((0, 3), (4, 8)) if barber == shop.resource_ids[0] else ((0, 8),):
            booking = Booking.objects.create(
                business_id=shop.business_id, reference=uuid7().hex[-10:], state="confirmed", service_id=services[0],
                resource_id=barber, starts_at=opening + timedelta(hours=begins), ends_at=opening + timedelta(hours=ends),
                timezone="Europe/London", local_start="", local_on=opening.date(), contact={"name": "", "email": "", "phone": ""},
                price_minor=0, currency="GBP", policy={}, via="command",
            )  # fmt: skip
            Claim.objects.create(
                business_id=shop.business_id, booking=booking, resource_id=barber,
                starts_at=booking.starts_at, ends_at=booking.ends_at,
            )  # fmt: skip
    _people(shop.business_id, services, shop.resource_ids)
    return shop.business_id, shop.resource_ids[0], starts_at


def _people(business_id: UUID, services: list[UUID], barbers: list[UUID]) -> None:
    from holdfast.customers.models import Customer
    from holdfast.waitlist.models import Entry, EntryWish
    from holdfast.waitlist.rules import DateRange

    dice = random.Random(20260101)
    now = datetime.now(UTC)
    customers = Customer.objects.bulk_create(
        Customer(business_id=business_id, name="Waiting", email_index=f"{number:032}", tier=dice.randrange(4))
        for number in range(PEOPLE)
    )
    entries, wishes = list[Any](), list[Any]()
    for customer in customers:
        first = now.date() + timedelta(days=dice.randrange(DAYS))
        from_minute, to_minute = dice.choice([(0, 1440), (0, 1440), (9 * 60, 13 * 60)])
        wished = DateRange(first, first + timedelta(days=dice.randrange(7)), from_minute, to_minute)
        service = dice.choice(services)
        only = [str(dice.choice(barbers))] if dice.random() < 1 / 3 else None
        entries.append(
            Entry(
                business_id=business_id, customer=customer, services=[str(service)], resources=only,
                ranges=[wished.as_json()], contact={"name": "", "email": "", "phone": ""}, wish_key=str(customer.id),
                joined_at=now - timedelta(minutes=dice.randrange(20_000)), ends_at=now + timedelta(days=DAYS), via="api",
            )
        )  # fmt: skip
        wishes.append(
            EntryWish(
                business_id=business_id, entry=entries[-1], service_id=service, first_on=wished.first,
                last_on=wished.last, from_minute=from_minute, to_minute=to_minute, weekdays=wished.weekdays,
            )
        )  # fmt: skip
    Entry.objects.bulk_create(entries, 1000)
    EntryWish.objects.bulk_create(wishes, 1000)


if __name__ == "__main__":
    sys.exit(main())

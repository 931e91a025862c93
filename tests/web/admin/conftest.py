"""An operator's browser, and an installation with a row in every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from holdfast.accounts.commands import create_operator, queue_mail
from holdfast.accounts.models import Account
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.models import Business
from holdfast.catalog.commands import (
    add_question,
    create_combination,
    create_price_rule,
    create_promotion,
    create_resource,
    create_service,
    replace_adjacency,
)
from holdfast.catalog.commands.riders import create_rider
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.core import clock, idempotency, ratelimit, worker
from holdfast.core.models import PeriodicJob, WorkerHeartbeat
from holdfast.insights.models import FunnelDay
from holdfast.schedule.commands import ExceptionWish, SlotPlan, add_exception, create_series
from holdfast.schedule.models import Slot
from holdfast.waitlist.commands import offer_by_hand
from holdfast.waitlist.models import Gap
from tests.cast import OPERATOR, PASSWORD, Shop
from tests.waitlist.line import person, wait

FRIDAY = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def friday() -> Iterator[time_machine.Traveller]:
    """The clock stands at :data:`FRIDAY` until a test moves it."""
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def olga(db: None) -> Account:
    """Runs the installation."""
    return create_operator(actor=OPERATOR, email="olga@example.org", name="Olga Operator", password=PASSWORD)


@pytest.fixture
def operator(olga: Account) -> Client:
    """Olga's browser."""
    client = Client()
    client.force_login(olga)
    return client


@pytest.fixture
def workshop(shop: Shop) -> ServiceFacts:
    """A service with slots."""
    return create_service(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={"name": "Workshop", "duration_minutes": 60, "mode": "slot", "resources": []},
    )


@pytest.fixture
def tables(shop: Shop) -> list[ResourceFacts]:
    """Three tables of the shop."""
    return [
        create_resource(
            actor=OPERATOR,
            business_id=shop.business_id,
            wanted={"name": name, "kind": "table", "seats_min": 2, "seats_max": 4, "area": "Terrace"},
        )
        for name in ("T1", "T2", "T3")
    ]


@pytest.fixture
def dana_at_noon(shop: Shop) -> BookingFacts:
    """Dana's booking with Theo today at twelve."""
    return shop.book("12:00", days=0, resource=shop.theo)


@pytest.fixture
def full_house(
    shop: Shop,
    alice: Account,
    olga: Account,
    workshop: ServiceFacts,
    tables: list[ResourceFacts],
    dana_at_noon: BookingFacts,
) -> Shop:
    """A row in every table that has a page."""
    shop.token()
    today = clock.now().date()
    add_exception(
        actor=OPERATOR,
        business_id=shop.business_id,
        wish=ExceptionWish("closed", starts_on=today + timedelta(days=30)),
    )
    plan = SlotPlan(workshop.id, slot_minutes=60, capacity=4)
    create_series(actor=OPERATOR, timetable=shop.timetable, plan=plan, days_ahead=2, now=clock.now())
    worker.drain()
    shop.book("14:00", days=0)
    queue_mail(to="dana@example.org", subject="x", text="x", html=None, now=clock.now())
    ratelimit.hit(ratelimit.GENERAL, "192.0.2.1")
    _terms(shop)
    _floor(shop, tables)
    _line(shop)
    _plumbing(shop, olga)
    return shop


def _line(shop: Shop) -> None:
    entry = wait(shop, person("Ada"), actor=shop.actor())
    offer_by_hand(
        actor=shop.actor(),
        timetable=shop.timetable,
        entry_id=entry.id,
        service_id=shop.cut.id,
        starts_at=shop.at("15:00"),
        now=clock.now(),
    )
    Gap.objects.create(
        business_id=shop.business_id,
        starts_at=shop.at("10:00"),
        ends_at=shop.at("10:30"),
        cause="cancelled",
        opened_at=clock.now(),
    )


def _terms(shop: Shop) -> None:
    by = {"actor": OPERATOR, "business_id": shop.business_id}
    add_question(**by, service_id=shop.cut.id, wanted={"label": "Anything to know?"})
    create_price_rule(**by, wanted={"name": "Evenings", "effect": "percent", "percent": 20})
    create_promotion(**by, wanted={"code": "WINTER", "effect": "percent", "percent": 10})


def _floor(shop: Shop, tables: list[ResourceFacts]) -> None:
    by = {"actor": OPERATOR, "business_id": shop.business_id}
    ids = [table.id for table in tables]
    create_combination(**by, wanted={"name": "T1 and T2", "tables": ids[:2]})
    replace_adjacency(**by, pairs=[ids[1:]])
    create_rider(**by, wanted={"name": "Club", "lines": [{"section": "travel", "text": "One taxi"}]})


def _plumbing(shop: Shop, olga: Account) -> None:
    business = Business.objects.get(id=shop.business_id)
    FunnelDay.objects.create(
        business=business, on=clock.now().date(), service_id=shop.cut.id, channel="page", views=3
    )
    PeriodicJob.objects.update_or_create(
        name="tidy", defaults={"cron": "* * * * *", "next_run_at": clock.now()}
    )
    WorkerHeartbeat.objects.create(name="worker", started_at=clock.now(), seen_at=clock.now())
    idempotency.begin(business_id=business.id, actor_key="guest", route="x", key="k", request_hash="h")
    LogEntry.objects.create(
        user=olga,
        content_type=ContentType.objects.get_for_model(Business),
        object_id=str(business.pk),
        object_repr="x",
        action_flag=CHANGE,
    )


@pytest.fixture
def slots(shop: Shop, workshop: ServiceFacts) -> list[Slot]:
    """Tomorrow's slots of the workshop."""
    from holdfast.schedule.commands import generate_slots

    on = clock.now().date() + timedelta(days=1)
    generate_slots(
        actor=OPERATOR,
        timetable=shop.timetable,
        plan=SlotPlan(workshop.id, slot_minutes=60, capacity=4),
        first=on,
        last=on,
        now=clock.now(),
    )
    return list(Slot.objects.order_by("starts_at"))


@pytest.fixture
def act(operator: Client) -> Callable[..., str]:
    """Run an action of a list and give back the page that follows, messages and all."""

    def run(model: str, action: str, keys: list[Any], **fields: Any) -> str:
        posted = {"action": action, "_selected_action": [str(key) for key in keys], "index": "0", **fields}
        answer = operator.post(f"/admin/{model}/", posted, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    return run

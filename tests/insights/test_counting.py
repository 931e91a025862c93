"""Views, holds and bookings are counted without asking the database and without knowing anybody (SPEC M1)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from holdfast.insights import commands
from holdfast.insights.commands import count_step, flush_counts
from holdfast.insights.models import FunnelDay
from holdfast.insights.queries import funnel
from holdfast.insights.rules import Funnel, Step
from tests.cast import Shop

TODAY = date(2026, 11, 20)
pytestmark = pytest.mark.django_db(transaction=True)


def counted(business_id: UUID, step: Step = Step.VIEW, *, on: date = TODAY, channel: str = "page") -> None:
    count_step(business_id=business_id, service_id=SERVICE, step=step, channel=channel, on=on)


SERVICE = uuid4()


def rows() -> list[dict[str, Any]]:
    return list(
        FunnelDay.objects.order_by("on", "channel").values("on", "channel", "views", "holds", "booked")
    )


def test_counting_costs_no_statement_and_writing_costs_one(shop: Shop, other_shop: Shop) -> None:
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            counted(shop.business_id)
        counted(shop.business_id, Step.HOLD)
        counted(shop.business_id, Step.BOOKED, channel="api")
        counted(other_shop.business_id, on=date(2026, 11, 21))
    assert len(asked) == 0
    with CaptureQueriesContext(connection) as asked:
        assert flush_counts() == 3
    assert [query["sql"].split()[0] for query in asked if "funnel" in query["sql"]] == ["INSERT"]
    assert rows() == [
        {"on": TODAY, "channel": "api", "views": 0, "holds": 0, "booked": 1},
        {"on": TODAY, "channel": "page", "views": 3, "holds": 1, "booked": 0},
        {"on": date(2026, 11, 21), "channel": "page", "views": 1, "holds": 0, "booked": 0},
    ]


def test_what_is_written_later_is_added(shop: Shop) -> None:
    for _ in range(3):
        counted(shop.business_id)
        flush_counts()
    assert rows() == [{"on": TODAY, "channel": "page", "views": 3, "holds": 0, "booked": 0}]
    assert flush_counts() == 0


def test_the_table_has_no_place_for_anything_about_people() -> None:
    names = {field.attname for field in FunnelDay._meta.concrete_fields}
    assert names == {"id", "business_id", "on", "service_id", "channel", "views", "holds", "booked"}


def test_the_funnel_of_some_days_is_this_business_alone(shop: Shop, other_shop: Shop) -> None:
    for on in (date(2026, 11, 19), TODAY, date(2026, 11, 21)):
        counted(shop.business_id, on=on)
        counted(other_shop.business_id, on=on)
    counted(shop.business_id, Step.BOOKED, channel="desk")
    flush_counts()
    asked = {"business_id": shop.business_id, "from_on": TODAY, "to_on": date(2026, 11, 21)}
    assert funnel(**asked) == Funnel(views=2, booked=1)
    assert funnel(**asked, channel="page") == Funnel(views=2)
    assert funnel(business_id=uuid4(), from_on=TODAY, to_on=TODAY) == Funnel()


def test_what_is_rolled_back_does_not_count(shop: Shop) -> None:
    with transaction.atomic():
        counted(shop.business_id, Step.BOOKED)
        transaction.set_rollback(True)
    with transaction.atomic():
        counted(shop.business_id, Step.HOLD)
    flush_counts()
    assert rows() == [{"on": TODAY, "channel": "page", "views": 0, "holds": 1, "booked": 0}]


def test_counts_that_cannot_be_written_wait_for_the_next_time(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise DatabaseError("gone")

    counted(shop.business_id)
    with monkeypatch.context() as broken:
        broken.setattr(commands, "add_counts", away)
        assert flush_counts() == 0
    counted(shop.business_id)
    assert flush_counts() == 1
    assert rows()[0]["views"] == 2


def test_a_business_that_is_gone_by_then_stops_no_other(shop: Shop) -> None:
    counted(uuid4())
    counted(shop.business_id)
    assert flush_counts() == 2


def test_memory_is_bounded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MOST_WAITING", 2)
    for day in (1, 2, 3, 1):
        counted(shop.business_id, on=date(2026, 11, day))
    flush_counts()
    assert [(row["on"].day, row["views"]) for row in rows()] == [(1, 2), (2, 1)]


def test_several_processes_add_to_one_number(shop: Shop) -> None:
    """Each thread has counters and a connection of its own, as a process has."""

    def work() -> None:
        for _ in range(5):
            key = (shop.business_id, TODAY, SERVICE, "page")
            commands._write(counts={key: Funnel(views=1), (*key[:3], "api"): Funnel(holds=1)})
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [(row["views"], row["holds"]) for row in rows()] == [(0, 20), (20, 0)]


def until(said: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not (done := said()) and time.monotonic() < end:
        time.sleep(0.05)
    return done


def test_a_running_process_writes_by_itself_and_once_more_at_its_end(
    shop: Shop, settings: Any, nothing_waiting: commands.Waiting
) -> None:
    settings.FUNNEL_FLUSH_SECONDS = 0.2
    counted(shop.business_id)
    assert until(lambda: bool(rows()))
    settings.FUNNEL_FLUSH_SECONDS = 3600
    counted(shop.business_id)
    nothing_waiting.end()
    assert until(lambda: rows()[0]["views"] == 2), "written here or by the flush that was under way"


def test_what_is_counted_while_the_last_writing_is_under_way_is_written_too(
    shop: Shop, settings: Any, nothing_waiting: commands.Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = commands.add_counts

    def write_and_end(**counts: Any) -> None:
        write(**counts)
        if not nothing_waiting.is_over:
            nothing_waiting.is_over = True
            nothing_waiting.add({(shop.business_id, TODAY, SERVICE, "page"): Funnel(views=1)})

    monkeypatch.setattr(commands, "add_counts", write_and_end)
    settings.FUNNEL_FLUSH_SECONDS = 0.05
    counted(shop.business_id)
    assert until(lambda: bool(rows()) and rows()[0]["views"] == 2)


def test_many_counts_are_written_before_their_time(
    shop: Shop, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FUNNEL_FLUSH_SECONDS = 3600
    monkeypatch.setattr(commands, "FLUSH_AT", 5)
    for _ in range(5):
        counted(shop.business_id)
    assert until(lambda: bool(rows()) and rows()[0]["views"] == 5)

"""``holdfast simulate-waitlist`` replays a business or the shipped scenario and compares (SPEC F9)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from holdfast.bookings.commands import cancel_booking
from holdfast.bookings.models import Booking, BookingChange
from holdfast.bookings.queries import BookingFacts
from holdfast.customers.models import Customer
from holdfast.ops.main import main
from holdfast.waitlist.models import Entry
from holdfast.waitlist.queries.accuracy import quoted
from holdfast.waitlist.queries.replay import durations_seen, recorded_world
from holdfast.waitlist.rules import DateRange
from tests.cast import OPERATOR, Shop

FRIDAY = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def the_connection_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["simulate-waitlist", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def entry(shop: Shop, joined_at: datetime, number: int = 0, **more: Any) -> Entry:
    customer = Customer.objects.create(business_id=shop.business_id, name=f"Dana {number}", tier=number % 4)
    day = shop.at("12:00", 3).date()
    values: dict[str, Any] = {
        "business_id": shop.business_id,
        "customer": customer,
        "services": [str(shop.cut.id)],
        "ranges": [DateRange(day, day).as_json()],
        "contact": {"name": "Dana"},
        "wish_key": f"wish {number}",
        "joined_at": joined_at,
        "ends_at": shop.at("23:59", 3),
        "via": "page",
    }
    return Entry.objects.create(**values | more)


def cancelled(shop: Shop, hhmm: str, now: datetime) -> BookingFacts:
    booking = shop.book(hhmm, resource=shop.theo)
    return cancel_booking(
        actor=OPERATOR, timetable=shop.timetable, booking_id=booking.id, now=now, undo=False
    )


def test_the_scenario_needs_no_business_and_prints_json_alone(
    capsys: pytest.CaptureFixture[str], db: None
) -> None:
    words = [
        "--scenario",
        "shipped",
        "--to",
        "2026-01-21",
        "--weights",
        "waiting=10,fit=90",
        "--hold-minutes",
        "7",
    ]
    result = printed(capsys, *words)
    assert [one["way"] for one in result["policies"]] == ["score", "order", "broadcast"]
    assert (result["weights"]["fit"], result["weights"]["tier"], result["hold_minutes"]) == (90, 10, 7)
    assert {one["code"] for one in result["findings"]} >= {"fewer_messages"}
    assert printed(capsys, *words) == result
    assert printed(capsys, *words, "--seed", "2")["policies"] != result["policies"]
    assert printed(capsys, *words, "--entries", "20")["policies"][0]["entries"] == 20


def test_people_get_a_table_bars_and_sentences(capsys: pytest.CaptureFixture[str], db: None) -> None:
    assert main(["simulate-waitlist", "--scenario", "shipped", "--to", "2026-02-10"]) == 0
    shown = capsys.readouterr().out
    assert "first come" in shown
    assert "█" in shown
    assert "times as many messages" in shown


def test_what_happened_at_a_business_is_replayed(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        entry(shop, FRIDAY - timedelta(hours=3))
        entry(shop, FRIDAY - timedelta(hours=2), 1, state="left", closed_at=FRIDAY - timedelta(hours=1))
        booking = cancelled(shop, "12:00", FRIDAY)
        world = recorded_world(timetable=shop.timetable, first=FRIDAY.date(), last=FRIDAY.date())
        result = printed(capsys, "--business", shop.slug, "--from", "2026-11-01", "--to", "2026-11-20")
    (came_free,) = world.freed
    assert (came_free.resource, came_free.end - came_free.start, came_free.on) == (
        shop.theo.id, 30, booking.starts_at.date(),
    )  # fmt: skip
    assert came_free.start % 1440 == 12 * 60
    assert [one.leaves is None for one in world.askers] == [True, False]
    assert [one.tier for one in world.askers] == [0, 1]
    assert (result["policies"][0]["freed_minutes"], result["policies"][0]["entries"]) == (30, 2)
    assert result["policies"][0]["served"] <= 1
    assert result["findings"] == [{"code": "too_little", "facts": {"freed": 1}}]


def test_a_cancellation_that_was_undone_or_came_too_late_freed_nothing(shop: Shop) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        late = cancelled(shop, "12:00", FRIDAY)
        BookingChange.objects.filter(booking_id=late.id, action="cancel").update(at=late.starts_at)
        kept = shop.book("14:00", resource=shop.theo)
        BookingChange.objects.create(
            business_id=shop.business_id,
            booking_id=kept.id,
            at=FRIDAY,
            action="cancel",
            actor="x",
            via="page",
        )
        week = FRIDAY.date() + timedelta(days=7)
        assert not recorded_world(timetable=shop.timetable, first=FRIDAY.date(), last=week).freed


def test_time_given_back_twice_is_replayed_once(shop: Shop) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        for _ in range(2):
            cancelled(shop, "12:00", FRIDAY)
        assert (
            len(recorded_world(timetable=shop.timetable, first=FRIDAY.date(), last=FRIDAY.date()).freed) == 1
        )


def test_nothing_of_another_business_is_replayed(shop: Shop, other_shop: Shop) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        entry(shop, FRIDAY - timedelta(hours=3))
        cancelled(shop, "12:00", FRIDAY)
        world = recorded_world(timetable=other_shop.timetable, first=FRIDAY.date(), last=FRIDAY.date())
    assert (list(world.askers), list(world.freed)) == ([], [])


def test_visits_took_as_long_as_from_check_in_to_completion(shop: Shop) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        lengths = []
        for hhmm, minutes in (("12:00", 22), ("13:00", None), ("14:00", 500)):
            booking = shop.book(hhmm, resource=shop.theo)
            Booking.objects.filter(id=booking.id).update(state="completed")
            if minutes is not None:
                for action, at in (("check_in", 0), ("complete", minutes)):
                    BookingChange.objects.create(
                        business_id=shop.business_id, booking_id=booking.id, action=action, actor="x", via="page",
                        at=booking.starts_at + timedelta(minutes=at),
                    )  # fmt: skip
            lengths.append(minutes)
        seen = durations_seen(business_id=shop.business_id, service_ids=[shop.cut.id], since=FRIDAY)
    assert seen == {shop.cut.id: (30, 30, 22)}


def test_quoted_waits_are_held_against_what_happened(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        told: dict[str, Any] = {"walk_in": True, "quoted_low": 10, "quoted_high": 20}
        entry(shop, FRIDAY, 1, called_at=FRIDAY + timedelta(minutes=15), **told)
        booking = shop.book("12:00", days=0, resource=shop.theo)
        entry(shop, FRIDAY, 2, booking_id=booking.id, **told)
        entry(shop, FRIDAY, 3, **told)
        entry(shop, FRIDAY, 4, called_at=FRIDAY + timedelta(minutes=15))
        found = quoted(business_id=shop.business_id, since=FRIDAY, until=FRIDAY + timedelta(days=1))
        assert [one.waited for one in found] == [15, 90]
        result = printed(capsys, "--business", shop.slug)
    assert (result["accuracy"]["count"], result["accuracy"]["inside"]) == (2, 0.5)


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        ([], 2, "business"),
        (["--business", "nowhere"], 4, ""),
        (["--scenario", "shipped", "--weights", "height=3"], 2, "weights"),
        (["--scenario", "shipped", "--weights", "fit=lots"], 2, "weights"),
        (["--scenario", "shipped", "--weights", "fit=101"], 2, "weight_fit"),
        (["--scenario", "shipped", "--hold-minutes", "0"], 2, "hold_minutes"),
        (["--scenario", "shipped", "--from", "tomorrow"], 2, "from"),
        (["--scenario", "shipped", "--from", "2026-02-01", "--to", "2026-01-01"], 2, "to"),
        (["--scenario", "shipped", "--entries", "0"], 2, "entries"),
    ],
)
def test_wrong_words_are_refused(
    db: None, capsys: pytest.CaptureFixture[str], words: list[str], code: int, named: str
) -> None:
    assert main(["simulate-waitlist", *words]) == code
    assert named in capsys.readouterr().err

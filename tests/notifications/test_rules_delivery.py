"""When messages go, whether they are still true, and when they are tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib.retries import BACKOFF_MINUTES, MOST_ATTEMPTS, next_attempt
from holdfast.notifications.rules.delivery import (
    Drop,
    Send,
    Wait,
    dedupe_key,
    distinct_addresses,
    fate_of,
    reminder_times,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(hours=20)
LATER = NOW + timedelta(hours=30)


@pytest.mark.parametrize(
    ("kind", "state", "told_at", "fate"),
    [
        ("booked", "confirmed", SOON, Send()),
        ("booked", "confirmed", LATER, Send()),
        ("booked", "checked_in", SOON, Send()),
        ("booked", "completed", SOON, Send()),
        ("booked", "cancelled", SOON, Drop("cancelled")),
        ("booked", "expired", SOON, Drop("not_booked")),
        ("booked", "held", SOON, Drop("not_booked")),
        ("changed", "confirmed", SOON, Send()),
        ("changed", "confirmed", LATER, Drop("moved_again")),
        ("changed", "cancelled", SOON, Drop("cancelled")),
        ("cancelled", "cancelled", SOON, Send()),
        ("cancelled", "confirmed", SOON, Drop("not_cancelled")),
        ("reminder", "confirmed", SOON, Send()),
        ("reminder", "confirmed", LATER, Drop("moved")),
        ("reminder", "checked_in", SOON, Drop("arrived")),
        ("reminder", "no_show", SOON, Drop("arrived")),
        ("reminder", "cancelled", SOON, Drop("cancelled")),
    ],
)
def test_a_message_goes_only_while_it_is_true(kind: str, state: str, told_at: datetime, fate: object) -> None:
    decided = fate_of(kind, booking_state=state, undo_until=None, starts_at=SOON, told_at=told_at, now=NOW)
    assert decided == fate


@pytest.mark.parametrize("kind", ["booked", "changed", "cancelled", "reminder"])
def test_while_a_cancellation_can_be_undone_every_message_waits(kind: str) -> None:
    undo_until = NOW + timedelta(minutes=2)
    values = {"booking_state": "cancelled", "undo_until": undo_until, "starts_at": SOON, "told_at": SOON}
    assert fate_of(kind, **values, now=NOW) == Wait(undo_until)
    assert not isinstance(fate_of(kind, **values, now=undo_until), Wait)


def test_nobody_is_reminded_of_what_has_begun() -> None:
    values = {"booking_state": "confirmed", "undo_until": None, "starts_at": NOW, "told_at": NOW}
    assert fate_of("reminder", **values, now=NOW) == Drop("started")


def test_reminders_lie_before_the_start_and_in_the_future() -> None:
    assert reminder_times(LATER, (60, 1440, 10080, 60), NOW) == [
        (1440, LATER - timedelta(days=1)),
        (60, LATER - timedelta(hours=1)),
    ]
    assert reminder_times(NOW, (60,), NOW) == []


def test_retries_wait_longer_each_time_and_end_after_about_a_day() -> None:
    waits = [next_attempt(attempt, NOW, 0.5) for attempt in range(1, MOST_ATTEMPTS)]
    assert [(at - NOW).total_seconds() / 60 for at in waits if at] == list(BACKOFF_MINUTES)
    assert 22 <= sum(BACKOFF_MINUTES) / 60 <= 26
    assert next_attempt(MOST_ATTEMPTS, NOW, 0.5) is None


@given(st.integers(1, MOST_ATTEMPTS - 1), st.floats(0, 1, exclude_max=True))
def test_retries_are_spread_by_a_fifth_at_most(attempt: int, chance: float) -> None:
    at = next_attempt(attempt, NOW, chance)
    assert at is not None
    share = (at - NOW) / timedelta(minutes=BACKOFF_MINUTES[attempt - 1])
    assert 0.8 <= share <= 1.2


def test_one_person_gets_one_copy_whatever_the_spelling() -> None:
    addresses = ["Hello@shop.example", "", "bob@shop.example", "hello@SHOP.example ", "  "]
    assert distinct_addresses(addresses) == ["Hello@shop.example", "bob@shop.example"]


def test_different_facts_have_different_keys() -> None:
    keys = {dedupe_key("changed", 1, 12), dedupe_key("changed", 11, 2), dedupe_key("changed", 1, 12, "staff")}
    assert len(keys) == 3
    assert dedupe_key("changed", 1, 12) in keys

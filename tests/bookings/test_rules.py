"""Decisions about bookings, as tables and properties; no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.bookings.errors import IllegalStep, LimitReached, TooEarly, TooLate
from holdfast.bookings.models import Booking
from holdfast.bookings.rules import (
    HOLD_LIMIT_MINUTES,
    MAX_PARTY,
    OCCUPYING,
    TRANSITIONS,
    UPCOMING,
    Policy,
    by_fairness,
    check_check_in,
    check_limits,
    check_notice,
    check_party,
    check_started,
    claim_span,
    hold_until,
    next_state,
)
from holdfast.businesses.rules import Settings
from holdfast.lib.refusals import Invalid

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
STATES = set(Booking.State.values)
# SPEC D3, written a second time and differently: from each state, each step and where it leads.
ALLOWED = {
    "held": {"confirm": "confirmed", "await_payment": "awaiting_payment", "release": "expired", "expire": "expired", "extend": "held"},
    "awaiting_payment": {"confirm": "confirmed", "cancel": "cancelled", "expire": "expired"},
    "requested": {
        "confirm": "confirmed",
        "decline": "declined",
        "cancel": "cancelled",
        "expire": "expired",
        "counter": "requested",
        "option": "requested",
        "challenge": "requested",
    },
    "confirmed": {"check_in": "checked_in", "no_show": "no_show", "cancel": "cancelled", "move": "confirmed"},
    "checked_in": {"complete": "completed", "undo": "confirmed"},
    "completed": {"undo": "checked_in"},
    "no_show": {"undo": "confirmed"},
    "cancelled": {"undo": "confirmed"},
    "declined": {},
    "expired": {"revive": "confirmed"},
}  # fmt: skip
STEPS = sorted({step for steps in ALLOWED.values() for step in steps})


@pytest.mark.parametrize("state", sorted(STATES))
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_state_leads_where_the_table_says_or_is_refused(state: str, step: str) -> None:
    reached = ALLOWED[state].get(step)
    if reached is not None:
        assert next_state(state, step) == reached
        return
    with pytest.raises(IllegalStep) as refused:
        next_state(state, step)
    assert refused.value.facts == {"state": state, "step": step, "possible": sorted(ALLOWED[state])}


def test_the_table_knows_every_state_and_no_other() -> None:
    assert set(ALLOWED) == STATES
    assert len(TRANSITIONS) == sum(len(steps) for steps in ALLOWED.values())
    assert OCCUPYING | UPCOMING <= STATES
    assert not OCCUPYING & {"requested", "cancelled", "declined", "expired"}


@pytest.mark.parametrize(
    ("minutes_before", "notice", "in_time"),
    [(61, 60, True), (60, 60, True), (59, 60, False), (0, 0, True), (-1, 0, False), (1, 0, True)],
)
def test_a_customers_change_is_in_time_up_to_the_minute_of_its_notice(
    minutes_before: int, notice: int, in_time: bool
) -> None:
    now = NOON - timedelta(minutes=minutes_before)
    if in_time:
        check_notice(NOON, notice, now)
        return
    with pytest.raises(TooLate) as refused:
        check_notice(NOON, notice, now)
    assert refused.value.facts == {"until": (NOON - timedelta(minutes=notice)).isoformat()}


def test_checking_in_opens_twelve_hours_before_and_a_no_show_exists_from_the_start() -> None:
    check_check_in(NOON, NOON - timedelta(hours=12))
    with pytest.raises(TooEarly) as early:
        check_check_in(NOON, NOON - timedelta(hours=12, seconds=1))
    assert early.value.facts == {"from": (NOON - timedelta(hours=12)).isoformat()}
    check_started(NOON, NOON)
    with pytest.raises(TooEarly) as early:
        check_started(NOON, NOON - timedelta(seconds=1))
    assert early.value.facts == {"from": NOON.isoformat()}


@pytest.mark.parametrize(
    ("party", "seats", "most"),
    [(1, [1], None), (0, [4], 4), (-1, [4], 4), (5, [2, 4], 4), (4, [2, 4], None), (10**9, [4], 4), (1, [], None),
     (MAX_PARTY + 1, [], MAX_PARTY), (MAX_PARTY + 1, [MAX_PARTY * 2], MAX_PARTY)],
)  # fmt: skip
def test_a_party_fits_the_largest_resource_or_is_refused_with_the_bounds(
    party: int, seats: list[int], most: int | None
) -> None:
    if most is None:
        check_party(party, seats)
        return
    with pytest.raises(Invalid) as refused:
        check_party(party, seats)
    assert refused.value.fields == {"party_size": [("out_of_bounds", {"least": 1, "most": most})]}


@pytest.mark.parametrize(
    ("a_day", "upcoming_limit", "on_this_day", "upcoming", "per"),
    [
        (0, 0, 99, 99, None),
        (1, 0, 0, 99, None),
        (1, 0, 1, 1, "day"),
        (2, 0, 1, 50, None),
        (0, 3, 0, 2, None),
        (0, 3, 0, 3, "upcoming"),
        (1, 1, 1, 1, "day"),
    ],
)
def test_limits_count_what_a_customer_has_and_nought_means_none(
    a_day: int, upcoming_limit: int, on_this_day: int, upcoming: int, per: str | None
) -> None:
    settings = Settings(bookings_per_customer_per_day=a_day, upcoming_bookings_per_customer=upcoming_limit)
    if per is None:
        check_limits(settings, on_this_day=on_this_day, upcoming=upcoming)
        return
    with pytest.raises(LimitReached) as refused:
        check_limits(settings, on_this_day=on_this_day, upcoming=upcoming)
    assert refused.value.facts == {"limit": a_day if per == "day" else upcoming_limit, "per": per}


@given(st.integers(0, 100), st.integers(1, 60))
def test_a_hold_lasts_its_minutes_but_never_longer_than_the_limit_from_its_beginning(
    waited: int, hold_minutes: int
) -> None:
    began, now = NOON, NOON + timedelta(minutes=waited)
    ends = hold_until(now, began, hold_minutes)
    assert ends <= now + timedelta(minutes=hold_minutes)
    assert ends <= began + timedelta(minutes=max(HOLD_LIMIT_MINUTES, hold_minutes))
    if waited == 0:
        assert ends == began + timedelta(minutes=hold_minutes)


IDS = [UUID(int=number) for number in range(6)]


@given(st.permutations(IDS), st.dictionaries(st.sampled_from(IDS), st.integers(0, 9)))
def test_the_fairest_is_who_has_fewest_bookings_and_stands_first(
    order: list[UUID], counts: dict[UUID, int]
) -> None:
    asked = by_fairness(order, counts)
    assert sorted(asked) == sorted(order)
    keys = [(counts.get(id, 0), order.index(id)) for id in asked]
    assert keys == sorted(keys)


def test_a_claim_takes_the_buffers_too() -> None:
    ends = NOON + timedelta(minutes=30)
    assert claim_span(NOON, ends, 10, 5) == (NOON - timedelta(minutes=10), ends + timedelta(minutes=5))


def test_a_policy_is_written_and_read_as_it_was() -> None:
    policy = Policy.of(Settings(cancellation_notice_minutes=5, reschedule_notice_minutes=7))
    assert Policy.read(policy.write()) == policy == Policy(5, 7)

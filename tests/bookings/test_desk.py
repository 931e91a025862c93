"""What staff does on the day: check in, complete, no-show, notes, and the ten seconds to take it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from holdfast.bookings.commands import (
    cancel_booking,
    change_notes,
    check_in,
    complete,
    mark_no_show,
    undo_change,
)
from holdfast.bookings.errors import ChangedMeanwhile, IllegalStep, TooEarly, UndoEnded
from holdfast.bookings.models import Claim
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.bookings.evidence import events, history
from tests.cast import Shop

UNDO = timedelta(seconds=10)
STEPS: dict[str, Callable[..., BookingFacts]] = {
    "check_in": check_in,
    "complete": complete,
    "no_show": mark_no_show,
}
KINDS = {"check_in": "BookingCheckedIn", "complete": "BookingCompleted", "no_show": "BookingNotKept"}


@pytest.fixture
def booking(shop: Shop) -> BookingFacts:
    return shop.book("10:00", resource=shop.theo)


def step(shop: Shop, booking: BookingFacts, name: str, now: datetime, **changes: Any) -> BookingFacts:
    arguments: dict[str, Any] = {"actor": shop.actor()} | changes
    return STEPS[name](business_id=shop.business_id, booking_id=booking.id, now=now, **arguments)


def undo(shop: Shop, booking: BookingFacts, now: datetime) -> BookingFacts:
    return undo_change(actor=shop.actor(), timetable=shop.timetable, booking_id=booking.id, now=now)


@pytest.mark.parametrize(
    ("steps", "state"),
    [(["check_in"], "checked_in"), (["check_in", "complete"], "completed"), (["no_show"], "no_show")],
)
def test_the_day_goes_its_way_and_is_recorded_when_it_can_no_longer_be_undone(
    shop: Shop, booking: BookingFacts, steps: list[str], state: str
) -> None:
    at = booking.starts_at
    for name in steps:
        at += timedelta(minutes=5)
        done = step(shop, booking, name, at)
        _, due_at = events(booking.id)[KINDS[name]]
        assert due_at == done.undo_until == at + UNDO
    done = booking_by_id(business_id=shop.business_id, booking_id=booking.id)
    assert done.state == state
    assert done.sequence == len(steps)
    assert history(booking.id) == ["book", *steps]
    assert Claim.objects.get().booking_id == booking.id  # the time was used


@pytest.mark.parametrize(
    ("before", "name", "possible"),
    [
        ([], "complete", ["cancel", "check_in", "move", "no_show"]),
        (["check_in"], "check_in", ["complete", "undo"]),
        (["check_in"], "no_show", ["complete", "undo"]),
        (["no_show"], "check_in", ["undo"]),
        (["check_in", "complete"], "no_show", ["undo"]),
    ],
)
def test_an_illegal_step_is_refused_with_the_state_and_what_is_possible(
    shop: Shop, booking: BookingFacts, before: list[str], name: str, possible: list[str]
) -> None:
    for earlier in before:
        step(shop, booking, earlier, booking.starts_at)
    state = booking_by_id(business_id=shop.business_id, booking_id=booking.id).state
    with pytest.raises(IllegalStep) as refused:
        step(shop, booking, name, booking.starts_at)
    assert refused.value.facts == {"state": state, "step": name, "possible": possible}
    assert history(booking.id) == ["book", *before]


def test_a_checked_in_customer_is_not_cancelled(shop: Shop, booking: BookingFacts) -> None:
    step(shop, booking, "check_in", booking.starts_at)
    with pytest.raises(IllegalStep):
        cancel_booking(
            actor=shop.actor(), timetable=shop.timetable, booking_id=booking.id, now=booking.starts_at
        )


def test_steps_before_their_time_are_refused(shop: Shop, booking: BookingFacts) -> None:
    start, second = booking.starts_at, timedelta(seconds=1)
    with pytest.raises(TooEarly):
        step(shop, booking, "check_in", start - timedelta(hours=12) - second)
    with pytest.raises(TooEarly):
        step(shop, booking, "no_show", start - second)
    assert step(shop, booking, "check_in", start - timedelta(hours=12)).state == "checked_in"


@pytest.mark.parametrize(("name", "back"), [("check_in", "confirmed"), ("no_show", "confirmed")])
def test_a_step_is_taken_back_within_ten_seconds_and_its_event_with_it(
    shop: Shop, booking: BookingFacts, name: str, back: str
) -> None:
    at = booking.starts_at
    step(shop, booking, name, at)
    with pytest.raises(UndoEnded):
        undo(shop, booking, at + UNDO)
    undone = undo(shop, booking, at + UNDO - timedelta(seconds=1))
    assert (undone.state, undone.undo_until) == (back, None)
    assert set(events(booking.id)) == {"BookingConfirmed"}
    assert history(booking.id) == ["book", name, "undo"]


def test_undoing_a_completion_leaves_the_check_in_recorded(shop: Shop, booking: BookingFacts) -> None:
    at = booking.starts_at
    step(shop, booking, "check_in", at)
    step(shop, booking, "complete", at + timedelta(seconds=2))
    assert undo(shop, booking, at + timedelta(seconds=4)).state == "checked_in"
    assert set(events(booking.id)) == {"BookingConfirmed", "BookingCheckedIn"}


def test_a_customer_cannot_take_back_what_staff_noted(shop: Shop, booking: BookingFacts) -> None:
    step(shop, booking, "no_show", booking.starts_at)
    with pytest.raises(UndoEnded):
        undo_change(
            actor=GUEST.holding(booking.id),
            timetable=shop.timetable,
            booking_id=booking.id,
            now=booking.starts_at,
        )


def test_a_stale_step_is_refused(shop: Shop, booking: BookingFacts) -> None:
    step(shop, booking, "check_in", booking.starts_at, sequence=0)
    with pytest.raises(ChangedMeanwhile):
        step(shop, booking, "complete", booking.starts_at, sequence=0)


def test_notes_are_replaced_by_staff_and_the_history_says_only_that(
    shop: Shop, booking: BookingFacts
) -> None:
    noted = change_notes(
        actor=shop.actor(),
        business_id=shop.business_id,
        booking_id=booking.id,
        notes=" Allergic to talc\r\nRing twice ",
        now=booking.created_at,
    )
    assert (noted.notes, noted.sequence) == ("Allergic to talc\nRing twice", 1)
    assert history(booking.id) == ["book", "notes"]
    with pytest.raises(Invalid):
        change_notes(
            actor=shop.actor(),
            business_id=shop.business_id,
            booking_id=booking.id,
            notes="n" * 1001,
            now=booking.created_at,
        )


@pytest.mark.parametrize("name", sorted(STEPS))
def test_guests_customers_and_the_holder_do_nothing_at_the_desk(
    shop: Shop, booking: BookingFacts, name: str
) -> None:
    for actor in (GUEST, GUEST.holding(booking.id)):
        with pytest.raises(Missing):
            step(shop, booking, name, booking.starts_at, actor=actor)
    with pytest.raises(Forbidden):
        step(shop, booking, name, booking.starts_at, actor=shop.actor(Role.CUSTOMER))
    assert history(booking.id) == ["book"]

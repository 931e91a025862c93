"""Moving, cancelling and taking a step back (SPEC D5, D7, D11; DESIGN §2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from holdfast.bookings.commands import (
    cancel_booking,
    hold_time,
    move_booking,
    tidy_dead_bookings,
    undo_change,
)
from holdfast.bookings.errors import (
    ChangedMeanwhile,
    IllegalStep,
    TimeTaken,
    TooLate,
    UndoEnded,
)
from holdfast.bookings.models import Claim
from holdfast.bookings.queries import BookingFacts, booking_by_id, history_of, holder, manage_token
from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.commands import change_service
from holdfast.core import clock
from holdfast.lib.actors import GUEST, Actor
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.bookings.evidence import events, history, rows
from tests.cast import OPERATOR, Shop

DESK, CUSTOMER = timedelta(seconds=10), timedelta(seconds=120)


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def booking(shop: Shop, now: datetime) -> BookingFacts:
    """Theo at ten, three days ahead."""
    return shop.book("10:00", resource=shop.theo, now=now)


def dana(booking: BookingFacts) -> Actor:
    """Whoever has the manage link."""
    return holder(actor=GUEST, booking_id=booking.id, token=manage_token(booking_id=booking.id))


def move(shop: Shop, booking: BookingFacts, start: str, now: datetime, **changes: Any) -> BookingFacts:
    arguments: dict[str, Any] = {"actor": dana(booking), "starts_at": shop.at(start)} | changes
    return move_booking(timetable=shop.timetable, booking_id=booking.id, now=now, **arguments)


def cancel(shop: Shop, booking: BookingFacts, now: datetime, **changes: Any) -> BookingFacts:
    arguments: dict[str, Any] = {"actor": dana(booking)} | changes
    return cancel_booking(timetable=shop.timetable, booking_id=booking.id, now=now, **arguments)


def undo(shop: Shop, booking: BookingFacts, now: datetime, actor: Actor | None = None) -> BookingFacts:
    return undo_change(actor=actor or dana(booking), timetable=shop.timetable, booking_id=booking.id, now=now)


def test_a_moved_booking_keeps_its_reference_and_terms_and_gives_its_old_time_back(
    shop: Shop, booking: BookingFacts, now: datetime
) -> None:
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"price_minor": 9900}
    )
    moved = move(shop, booking, "14:00", now)
    assert (moved.id, moved.reference, moved.state) == (booking.id, booking.reference, "confirmed")
    assert (moved.starts_at, moved.ends_at) == (shop.at("14:00"), shop.at("14:30"))
    assert (moved.resource_id, moved.price_minor, moved.policy) == (shop.theo.id, 2600, booking.policy)
    assert (moved.sequence, moved.contact) == (booking.sequence + 1, booking.contact)
    claim = Claim.objects.get()
    assert (claim.starts_at, claim.ends_at) == (shop.at("14:00"), shop.at("14:30"))
    payload, _ = events(booking.id)["BookingMoved"]
    assert payload["sequence"] == moved.sequence
    assert datetime.fromisoformat(payload["old_starts_at"]) == booking.starts_at
    assert payload["old_resource_id"] == str(shop.theo.id)
    change = history_of(business_id=shop.business_id, booking_id=booking.id)[-1]
    assert (change.action, change.actor) == ("move", "customer")
    assert change.details["from"]["starts_at"] == booking.starts_at.isoformat()
    assert change.details["to"]["starts_at"] == moved.starts_at.isoformat()
    shop.book("10:00", resource=shop.theo, now=now)


@pytest.mark.parametrize("start", ["09:45", "10:00", "10:15"])
@pytest.mark.parametrize("anybody", [True, False])
def test_a_booking_is_not_in_its_own_way(
    shop: Shop, booking: BookingFacts, now: datetime, start: str, anybody: bool
) -> None:
    shop.book("09:30", resource=shop.amara, now=now)
    shop.book("10:00", resource=shop.amara, now=now)
    shop.book("10:30", resource=shop.amara, now=now)
    moved = move(shop, booking, start, now, any_resource=anybody)
    assert (moved.resource_id, moved.starts_at) == (shop.theo.id, shop.at(start))


def test_moving_to_a_taken_time_changes_nothing(shop: Shop, booking: BookingFacts, now: datetime) -> None:
    shop.book("14:00", resource=shop.theo, now=now)
    before = rows()
    for start in ("13:45", "14:00", "14:15"):
        with pytest.raises(TimeTaken):
            move(shop, booking, start, now)
    assert booking_by_id(business_id=shop.business_id, booking_id=booking.id) == booking
    assert rows() == before


def test_a_move_can_change_the_barber_or_ask_for_anybody(
    shop: Shop, booking: BookingFacts, now: datetime
) -> None:
    moved = move(shop, booking, "10:00", now, resource_id=shop.amara.id)
    assert (moved.resource_id, moved.starts_at) == (shop.amara.id, booking.starts_at)
    shop.book("15:00", resource=shop.amara, now=now)
    assert move(shop, booking, "15:00", now, any_resource=True).resource_id == shop.theo.id


@pytest.mark.parametrize(
    ("start", "code"), [("10:05", "off_grid"), ("08:00", "closed"), ("16:45", "outside_hours")]
)
def test_a_move_obeys_the_rules_of_a_booking(
    shop: Shop, booking: BookingFacts, now: datetime, start: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        move(shop, booking, start, now)
    assert refused.value.fields["starts_at"][0][0] == code


def test_staff_moves_outside_the_rules_with_a_reason_that_is_kept(
    shop: Shop, booking: BookingFacts, now: datetime
) -> None:
    moved = move(shop, booking, "08:05", now, actor=shop.actor(), override_reason="Early train")
    assert moved.starts_at == shop.at("08:05")
    details = history_of(business_id=shop.business_id, booking_id=booking.id)[-1].details
    assert details["reason"] == "Early train"
    assert "open" in details["overridden"]
    with pytest.raises(Missing):
        move(shop, booking, "08:05", now, override_reason="me too")


def test_customers_change_their_booking_up_to_its_notice_and_staff_whenever(shop: Shop) -> None:
    change_business_settings(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={"reschedule_notice_minutes": 120, "cancellation_notice_minutes": 60},
    )
    booking = shop.book("10:00", resource=shop.theo)
    start, second = booking.starts_at, timedelta(seconds=1)
    with pytest.raises(TooLate) as refused:
        move(shop, booking, "15:00", start - timedelta(hours=2) + second)
    assert refused.value.facts == {"until": (start - timedelta(hours=2)).isoformat()}
    assert move(shop, booking, "15:00", start - timedelta(hours=2)).starts_at == shop.at("15:00")
    start = shop.at("15:00")
    with pytest.raises(TooLate):
        cancel(shop, booking, start - timedelta(hours=1) + second)
    assert move(shop, booking, "16:00", start, actor=shop.actor()).starts_at == shop.at("16:00")
    assert cancel(shop, booking, shop.at("16:10"), actor=shop.actor()).state == "cancelled"


def test_cancelling_gives_the_time_back_and_tells_at_once(
    shop: Shop, booking: BookingFacts, now: datetime
) -> None:
    cancelled = cancel(shop, booking, now)
    assert (cancelled.state, cancelled.releases_at, cancelled.undo_until) == ("cancelled", None, None)
    assert cancelled.sequence == 1
    assert Claim.objects.count() == 0
    payload, due_at = events(booking.id)["BookingCancelled"]
    assert (payload["by_staff"], payload["sequence"]) == (False, 1)
    assert due_at <= clock.now()
    assert history(booking.id) == ["book", "cancel"]
    with pytest.raises(UndoEnded):
        undo(shop, booking, now)


@pytest.mark.parametrize("with_undo", [True, False])
def test_cancelling_twice_is_refused_with_the_state(
    shop: Shop, booking: BookingFacts, now: datetime, with_undo: bool
) -> None:
    cancel(shop, booking, now, undo=with_undo)
    with pytest.raises(IllegalStep) as refused:
        cancel(shop, booking, now)
    assert refused.value.facts == {"state": "cancelled", "step": "cancel", "possible": ["undo"]}
    assert history(booking.id) == ["book", "cancel"]
    with pytest.raises(IllegalStep):
        move(shop, booking, "15:00", now)


@pytest.mark.parametrize("staff", [True, False])
def test_an_undo_window_keeps_the_time_and_the_message_and_then_lets_both_go(
    shop: Shop, booking: BookingFacts, now: datetime, staff: bool
) -> None:
    actor, window = (shop.actor(), DESK) if staff else (dana(booking), CUSTOMER)
    cancelled = cancel(shop, booking, now, undo=True, actor=actor)
    assert cancelled.releases_at == cancelled.undo_until == now + window
    payload, due_at = events(booking.id)["BookingCancelled"]
    assert (due_at, payload["by_staff"]) == (now + window, staff)
    with pytest.raises(TimeTaken):
        shop.book("10:00", resource=shop.theo, now=now + window - timedelta(seconds=1))
    with pytest.raises(UndoEnded):
        undo(shop, booking, now + window, actor)
    taken = shop.book("10:00", resource=shop.theo, now=now + window)
    assert [claim.booking_id for claim in Claim.objects.all()] == [taken.id]
    ended = booking_by_id(business_id=shop.business_id, booking_id=booking.id)
    assert (ended.state, ended.releases_at, ended.sequence) == ("cancelled", None, cancelled.sequence)
    assert history(booking.id) == ["book", "cancel"]


def test_an_undone_cancellation_was_never_sent_and_the_time_is_kept(
    shop: Shop, booking: BookingFacts, now: datetime
) -> None:
    cancel(shop, booking, now, undo=True)
    back = undo(shop, booking, now + CUSTOMER - timedelta(seconds=1))
    assert (back.state, back.releases_at, back.undo_until, back.sequence) == ("confirmed", None, None, 2)
    assert set(events(booking.id)) == {"BookingConfirmed"}
    assert history(booking.id) == ["book", "cancel", "undo"]
    assert tidy_dead_bookings(now=now + timedelta(days=1)) == 0
    with pytest.raises(TimeTaken):
        shop.book("10:00", resource=shop.theo, now=now + timedelta(hours=1))
    with pytest.raises(UndoEnded):
        undo(shop, booking, now + timedelta(seconds=1))


def test_the_customer_can_take_back_what_the_desk_cancelled_only_within_its_window(
    shop: Shop, booking: BookingFacts, now: datetime
) -> None:
    cancel(shop, booking, now, undo=True, actor=shop.actor())
    with pytest.raises(UndoEnded):
        undo(shop, booking, now + DESK)
    assert undo(shop, booking, now + DESK / 2).state == "confirmed"


def test_a_stale_change_is_refused_with_the_current_sequence(
    shop: Shop, booking: BookingFacts, now: datetime
) -> None:
    moved = move(shop, booking, "14:00", now, sequence=booking.sequence)
    with pytest.raises(ChangedMeanwhile) as refused:
        move(shop, booking, "15:00", now, sequence=booking.sequence)
    assert refused.value.facts == {"sequence": moved.sequence}
    with pytest.raises(ChangedMeanwhile):
        cancel(shop, booking, now, sequence=booking.sequence)
    assert Claim.objects.get().starts_at == shop.at("14:00")
    assert cancel(shop, booking, now, sequence=moved.sequence).state == "cancelled"


def test_only_the_holder_and_staff_change_a_booking(shop: Shop, booking: BookingFacts, now: datetime) -> None:
    erin = shop.book("12:00", now=now)
    for stranger in (GUEST, dana(erin)):
        with pytest.raises((Missing, Forbidden)):
            move(shop, booking, "15:00", now, actor=stranger)
        with pytest.raises((Missing, Forbidden)):
            cancel(shop, booking, now, actor=stranger)
        with pytest.raises((Missing, Forbidden)):
            undo(shop, booking, now, stranger)
    assert history(booking.id) == ["book"]


def test_a_hold_is_neither_moved_nor_cancelled(shop: Shop, now: datetime) -> None:
    hold = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("10:00"), now=now)
    with pytest.raises(IllegalStep) as refused:
        move(shop, hold, "11:00", now, actor=shop.actor())
    assert refused.value.facts["state"] == "held"
    with pytest.raises(IllegalStep):
        cancel(shop, hold, now, actor=shop.actor())

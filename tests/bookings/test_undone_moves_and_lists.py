"""A move that can be taken back keeps quiet, and what is off is not upcoming."""

from __future__ import annotations

from datetime import timedelta

import pytest

from holdfast.bookings.commands import cancel_booking, move_booking
from holdfast.bookings.queries import BookingFilter, list_bookings
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import Role
from holdfast.lib.refusals import Invalid
from holdfast.schedule.commands import ExceptionWish, add_exception
from tests.cast import Shop


@pytest.mark.parametrize(("undo", "waits"), [(True, timedelta(seconds=10)), (False, timedelta())])
def test_the_event_of_a_staff_move_waits_for_the_end_of_its_undo_window(
    shop: Shop, undo: bool, waits: timedelta
) -> None:
    booking, now = shop.book("10:00"), clock.now()
    move_booking(
        actor=shop.actor(),
        timetable=shop.timetable,
        booking_id=booking.id,
        starts_at=shop.at("14:00"),
        now=now,
        undo=undo,
    )
    event = OutboxEvent.objects.get(kind="BookingMoved")
    assert abs(event.due_at - (now + waits)) < timedelta(seconds=1)


def test_a_cancelled_booking_is_not_upcoming_unless_asked_for(shop: Shop) -> None:
    kept, off, now = shop.book("10:00"), shop.book("12:00"), clock.now()
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=off.id, now=now)

    def listed(**wanted: object) -> list[object]:
        page = list_bookings(business_id=shop.business_id, now=now, wanted=BookingFilter(**wanted))  # type: ignore[arg-type]
        return [booking.id for booking in page.items]

    assert listed(when="upcoming") == [kept.id]
    assert listed(when="upcoming", states=("cancelled",)) == [off.id]
    assert listed() == [kept.id, off.id]


@pytest.mark.parametrize("year", [1, 1969, 2201, 9999])
def test_an_exception_at_the_ends_of_the_calendar_is_refused(shop: Shop, year: int) -> None:
    day = clock.now().date().replace(year=year, month=12, day=28)
    with pytest.raises(Invalid) as refused:
        add_exception(
            actor=shop.actor(Role.MANAGER),
            business_id=shop.business_id,
            wish=ExceptionWish(kind="absence", starts_on=day),
        )
    assert refused.value.fields["starts_on"][0][0] == "out_of_range"

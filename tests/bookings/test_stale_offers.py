"""A wish read before a change and judged after it: the change counts, in every mode (SPEC C7)."""

from __future__ import annotations

import pytest

from holdfast.bookings.commands import Details, book, hold_time, move_booking
from holdfast.catalog.commands import change_resource, change_service
from holdfast.core import clock
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.commands import replace_hours
from tests.cast import DANA, OPERATOR, Shop

pytestmark = pytest.mark.django_db

MORNINGS = [{"weekday": day, "opens": "09:00", "closes": "12:00"} for day in range(7)]


def shorten(shop: Shop) -> None:
    replace_hours(actor=OPERATOR, business_id=shop.business_id, windows=MORNINGS)


def test_hours_shortened_since_the_timetable_was_read_refuse_a_booking_a_hold_and_a_move(shop: Shop) -> None:
    seen, now, wish = shop.timetable, clock.now(), shop.wish("15:00", resource=shop.theo)
    kept = shop.book("10:00", resource=shop.theo)
    shorten(shop)
    with pytest.raises(Invalid) as refused:
        book(actor=GUEST, timetable=seen, wish=wish, details=Details(DANA), now=now)
    assert [code for code, _ in refused.value.fields["starts_at"]] == ["closed"]
    with pytest.raises(Invalid):
        hold_time(actor=GUEST, timetable=seen, wish=wish, now=now)
    with pytest.raises(Invalid):
        move_booking(
            actor=shop.actor(), timetable=seen, booking_id=kept.id, starts_at=wish.starts_at, now=now
        )


def test_what_still_fits_is_booked_at_the_price_and_length_of_now(shop: Shop) -> None:
    seen, now = shop.timetable, clock.now()
    wanted = {"price_minor": 9900, "duration_minutes": 45}
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)
    made = book(actor=GUEST, timetable=seen, wish=shop.wish(), details=Details(DANA), now=now)
    assert made.price_minor == 9900
    assert (made.ends_at - made.starts_at).total_seconds() == 45 * 60


def test_a_service_or_a_barber_retired_since_then_is_not_booked(shop: Shop) -> None:
    seen, now = shop.timetable, clock.now()
    change_resource(
        actor=OPERATOR, business_id=shop.business_id, resource_id=shop.theo.id, wanted={"is_active": False}
    )
    wish = shop.wish(resource=shop.theo)
    with pytest.raises(Missing):
        book(actor=GUEST, timetable=seen, wish=wish, details=Details(DANA), now=now)
    made = book(actor=GUEST, timetable=seen, wish=shop.wish(), details=Details(DANA), now=now)
    assert made.resource_id == shop.amara.id
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"is_active": False}
    )
    with pytest.raises(Missing):
        book(actor=GUEST, timetable=seen, wish=shop.wish("12:00"), details=Details(DANA), now=now)

"""Recurring bookings: the same wall time every n weeks, all or none, taken back one by one or from here on (SPEC D9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from holdfast.bookings.commands import (
    Details,
    SeriesTime,
    book_series,
    cancel_booking,
    cancel_together,
    hold_time,
    undo_together,
)
from holdfast.bookings.errors import IllegalStep, LimitReached, TimeTaken
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts, bookings_together
from holdfast.bookings.rules.together import series_starts
from holdfast.businesses.commands import change_business_settings
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.walltime import zone
from tests.cast import DANA, OPERATOR, Shop

LONDON = zone("Europe/London")
pytestmark = pytest.mark.django_db


def book_weeks(shop: Shop, weeks: int = 3, hhmm: str = "10:00", **more: object) -> list[BookingFacts]:
    times = [SeriesTime(shop.at(hhmm, 3 + 7 * week), shop.theo.id) for week in range(weeks)]
    wanted = {"actor": GUEST, "details": Details(DANA), "now": clock.now(), "times": times} | more
    return book_series(timetable=shop.timetable, service_id=shop.cut.id, **wanted)  # type: ignore[arg-type]


def test_a_series_keeps_its_wall_time_when_clocks_change() -> None:
    starts = series_starts(
        starts_at=datetime(2026, 10, 19, 9, 0, tzinfo=UTC), tz=LONDON, every_weeks=1, until=None, times=3
    )
    assert [start.astimezone(LONDON).strftime("%d %H:%M") for start in starts] == [
        "19 10:00",
        "26 10:00",
        "02 10:00",
    ]
    assert starts[1] == datetime(2026, 10, 26, 10, 0, tzinfo=UTC)


def test_a_series_ends_on_its_date_which_is_included() -> None:
    start = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    found = series_starts(starts_at=start, tz=LONDON, every_weeks=2, until=date(2026, 12, 29), times=None)
    assert [one.date().day for one in found] == [1, 15, 29]


@pytest.mark.parametrize(
    ("every_weeks", "until", "times", "field", "code"),
    [
        (0, None, 3, "every_weeks", "out_of_bounds"),
        (53, None, 3, "every_weeks", "out_of_bounds"),
        (1, None, None, "until", "required"),
        (1, date(2027, 1, 1), 3, "until", "not_allowed"),
        (1, None, 1, "times", "series_length"),
        (1, None, 53, "times", "series_length"),
        (1, date(2026, 12, 7), None, "until", "series_length"),
        (1, date(2026, 11, 1), None, "until", "series_length"),
        (1, date(2028, 12, 1), None, "until", "series_length"),
    ],
)
def test_a_series_without_sense_is_refused(
    every_weeks: int, until: date | None, times: int | None, field: str, code: str
) -> None:
    start = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    with pytest.raises(Invalid) as refusal:
        series_starts(starts_at=start, tz=LONDON, every_weeks=every_weeks, until=until, times=times)
    assert refusal.value.fields[field][0][0] == code


def test_a_series_is_booked_whole_and_bound_together(shop: Shop) -> None:
    booked = book_weeks(shop)
    assert len({booking.series_id for booking in booked}) == 1
    assert booked[0].series_id is not None
    assert len({booking.customer_id for booking in booked}) == 1
    assert Claim.objects.count() == 3
    assert [one.id for one in bookings_together(booking=booked[1])] == [one.id for one in booked]
    assert OutboxEvent.objects.filter(kind="BookingConfirmed").count() == 3


def test_one_taken_time_books_nothing_and_is_named(shop: Shop) -> None:
    shop.book("10:00", 10, resource=shop.theo)
    with pytest.raises(TimeTaken) as refusal:
        book_weeks(shop)
    assert refusal.value.facts["number"] == 2
    assert refusal.value.facts["starts_at"] == shop.at("10:00", 10).isoformat()
    assert Booking.objects.count() == 1


def test_a_time_outside_the_rules_is_named_by_its_place(shop: Shop) -> None:
    times = [SeriesTime(shop.at("10:00", 3)), SeriesTime(shop.at("23:00", 10))]
    with pytest.raises(Invalid) as refusal:
        book_weeks(shop, times=times)
    assert list(refusal.value.fields) == ["times[1].starts_at"]
    assert not Booking.objects.exists()


@pytest.mark.parametrize(("days", "code"), [((3,), "series_length"), ((3, 3), "twice")])
def test_a_series_needs_several_different_times(shop: Shop, days: tuple[int, ...], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        book_weeks(shop, times=[SeriesTime(shop.at("10:00", day)) for day in days])
    assert refusal.value.fields["times"][0][0] == code


def test_the_first_time_may_be_the_held_one(shop: Shop) -> None:
    hold = hold_time(
        actor=GUEST, timetable=shop.timetable, wish=shop.wish(resource=shop.theo), now=clock.now()
    )
    booked = book_weeks(shop, actor=GUEST.holding(hold.id), hold_id=hold.id)
    assert booked[0].id == hold.id
    assert Booking.objects.get(id=hold.id).series_id == booked[1].series_id


def test_a_hold_of_another_time_is_not_the_first(shop: Shop) -> None:
    hold = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("15:00"), now=clock.now())
    with pytest.raises(Invalid) as refusal:
        book_weeks(shop, actor=GUEST.holding(hold.id), hold_id=hold.id)
    assert "times[0].starts_at" in refusal.value.fields
    assert Booking.objects.get(id=hold.id).state == "held"


def test_limits_count_every_time_of_a_series(shop: Shop) -> None:
    change_business_settings(
        actor=OPERATOR, business_id=shop.business_id, wanted={"upcoming_bookings_per_customer": 2}
    )
    with pytest.raises(LimitReached):
        book_weeks(shop)
    assert not Booking.objects.exists()


def test_staff_book_a_series_for_somebody_without_an_address(shop: Shop, bob: object) -> None:
    booked = book_weeks(shop, actor=shop.actor(Role.STAFF), details=Details(Contact("Walk In")))
    assert len({booking.customer_id for booking in booked}) == 1


def test_a_series_of_the_business_next_door_is_not_there(shop: Shop, other_shop: Shop) -> None:
    with pytest.raises(Missing):
        book_series(
            actor=GUEST,
            timetable=other_shop.timetable,
            service_id=shop.cut.id,
            times=[SeriesTime(shop.at("10:00", 3)), SeriesTime(shop.at("10:00", 10))],
            details=Details(DANA),
            now=clock.now(),
        )


def test_this_and_the_following_are_cancelled_and_earlier_ones_stay(shop: Shop) -> None:
    booked = book_weeks(shop, 4)
    off = cancel_together(
        actor=GUEST.holding(booked[1].id),
        timetable=shop.timetable,
        booking_id=booked[1].id,
        which="following",
        now=clock.now(),
    )
    assert [one.id for one in off] == [one.id for one in booked[1:]]
    assert Booking.objects.get(id=booked[0].id).state == "confirmed"
    assert Claim.objects.count() == 1


def test_cancelling_one_leaves_the_others(shop: Shop) -> None:
    booked = book_weeks(shop)
    cancel_booking(
        actor=GUEST.holding(booked[0].id),
        timetable=shop.timetable,
        booking_id=booked[0].id,
        now=clock.now(),
    )
    assert Booking.objects.filter(state="confirmed").count() == 2


def test_a_cancellation_of_several_can_be_taken_back_together(shop: Shop) -> None:
    booked = book_weeks(shop)
    now = clock.now()
    actor = GUEST.holding(booked[0].id)
    chosen = {"actor": actor, "timetable": shop.timetable, "booking_id": booked[0].id}
    cancel_together(**chosen, which="all", now=now, undo=True)  # type: ignore[arg-type]
    undo_together(**chosen, now=now + timedelta(seconds=30))  # type: ignore[arg-type]
    assert Booking.objects.filter(state="confirmed").count() == 3
    assert not OutboxEvent.objects.filter(kind="BookingCancelled").exists()


def test_cancelling_twice_is_refused(shop: Shop) -> None:
    booked = book_weeks(shop)
    wanted = {
        "actor": GUEST.holding(booked[0].id),
        "timetable": shop.timetable,
        "booking_id": booked[0].id,
        "which": "all",
        "now": clock.now(),
    }
    cancel_together(**wanted)  # type: ignore[arg-type]
    with pytest.raises(IllegalStep):
        cancel_together(**wanted)  # type: ignore[arg-type]


def test_nobody_cancels_a_series_with_the_link_of_another_booking(shop: Shop) -> None:
    booked, stranger = book_weeks(shop), shop.book("15:00")
    with pytest.raises(Missing):
        cancel_together(
            actor=GUEST.holding(stranger.id),
            timetable=shop.timetable,
            booking_id=booked[0].id,
            which="all",
            now=clock.now(),
        )

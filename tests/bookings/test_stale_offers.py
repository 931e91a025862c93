"""A wish read before a change and judged after it: the change counts, in every mode (SPEC C7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from holdfast.availability.commands import Care, add_exception
from holdfast.availability.commands import replace_hours as replace_carefully
from holdfast.availability.queries import explain, open_times
from holdfast.bookings.commands import (
    Details,
    GroupMember,
    SeriesTime,
    Wish,
    accept_request,
    book,
    book_group,
    book_series,
    hold_time,
    move_booking,
    swap_tables,
)
from holdfast.bookings.errors import SlotClosed, TimeTaken
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts
from holdfast.catalog.commands import change_resource, change_service
from holdfast.core import clock
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.commands import ExceptionWish, replace_hours
from holdfast.schedule.queries import SlotFacts, Timetable
from tests.bookings.artist import Studio, make_studio
from tests.cast import DANA, OPERATOR, Shop
from tests.club import Club, club  # noqa: F401
from tests.counter import Counter, make_counter

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


def retire(where: Shop | Counter, resource_id: UUID) -> None:
    change_resource(
        actor=OPERATOR, business_id=where.business_id, resource_id=resource_id, wanted={"is_active": False}
    )


def away(where: Counter | Studio, resource_id: UUID, starts_at: datetime) -> None:
    """Whoever it is will be away for an hour."""
    wish = ExceptionWish("absence", resource_id, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    add_exception(
        actor=where.actor(Role.MANAGER), business_id=where.business_id, wish=wish, care=Care(clock.now(), {})
    )


def test_a_group_is_judged_by_what_is_offered_once_the_barbers_are_locked(shop: Shop) -> None:
    seen, now, pair = shop.timetable, clock.now(), [GroupMember(shop.cut.id)] * 2

    def come(hhmm: str) -> list[BookingFacts]:
        return book_group(
            actor=GUEST,
            timetable=seen,
            members=pair,
            starts_at=shop.at(hhmm),
            details=Details(DANA),
            now=now,
        )

    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"price_minor": 9900}
    )
    assert [booking.price_minor for booking in come("10:00")] == [9900, 9900]
    shorten(shop)
    with pytest.raises(Invalid) as refused:
        come("15:00")
    assert [code for code, _ in refused.value.fields["starts_at"]] == ["closed"]
    retire(shop, shop.theo.id)
    with pytest.raises(TimeTaken):
        come("11:00")
    assert Booking.objects.count() == 2


def test_a_series_is_judged_by_what_is_offered_once_the_barbers_are_locked(shop: Shop) -> None:
    seen, now = shop.timetable, clock.now()

    def come(hhmm: str) -> list[BookingFacts]:
        return book_series(
            actor=GUEST,
            timetable=seen,
            service_id=shop.cut.id,
            times=[SeriesTime(shop.at(hhmm, days)) for days in (3, 10, 17)],
            details=Details(DANA),
            now=now,
        )

    shorten(shop)
    with pytest.raises(Invalid):
        come("15:00")
    assert Booking.objects.count() == 0
    retire(shop, shop.theo.id)
    assert {booking.resource_id for booking in come("10:00")} == {shop.amara.id}


def test_a_table_retired_or_a_night_closed_since_then_is_not_given(club: Club) -> None:  # noqa: F811
    seen, now = club.timetable, clock.now()

    def sit(size: int, **more: str) -> BookingFacts:
        wish = club.sitting(size, **more)
        return book(actor=GUEST, timetable=seen, wish=wish, details=Details(DANA), now=now)

    retire(club, club.ids["B1"])
    with pytest.raises(Missing):
        sit(5, table="B1")
    assert club.named(sit(5).resource_ids) != ["B1"]
    windows = [{"weekday": weekday, "opens": "22:00", "closes": "23:30"} for weekday in range(7)]
    replace_hours(actor=OPERATOR, business_id=club.business_id, windows=windows)
    with pytest.raises(Invalid) as refused:
        sit(2, hhmm="23:30")
    assert [code for code, _ in refused.value.fields["starts_at"]] == ["closed"]
    assert Booking.objects.count() == 1


def test_nobody_is_swapped_to_a_table_retired_since_then(club: Club) -> None:  # noqa: F811
    one, other = club.party(4, table="T3"), club.party(4, table="B1")
    seen = club.timetable
    retire(club, club.ids["B1"])
    with pytest.raises(Invalid) as refused:
        swap_tables(actor=club.actor(), timetable=seen, booking_id=one.id, other_id=other.id, now=clock.now())
    assert [code for code, _ in refused.value.fields["other"]] == ["not_allowed"]


@pytest.fixture
def counter(db: None) -> Counter:
    return make_counter()


def come(counter: Counter, seen: Timetable, slot: SlotFacts, *, reason: str = "") -> BookingFacts:
    return book(
        actor=counter.actor() if reason else GUEST,
        timetable=seen,
        wish=counter.wish(slot),
        details=Details(DANA),
        now=clock.now(),
        override_reason=reason,
    )


def free(counter: Counter) -> list[UUID | None]:
    day = counter.day()
    (found,) = open_times(
        timetable=counter.timetable, service_id=counter.portrait.id, first=day, last=day, now=clock.now()
    )
    return [time.slot_id for time in found.times]


def why(counter: Counter, slot: SlotFacts) -> list[str]:
    """The rules that fail for the slot."""
    (found,) = explain(
        timetable=counter.timetable, actor=counter.actor(), wish=wish_at(counter, slot), now=clock.now()
    )
    return [check.rule for check in found.checks if not check.passed]


def wish_at(counter: Counter, slot: SlotFacts) -> Wish:
    return Wish(counter.portrait.id, slot.starts_at, slot.resource_id)


def test_a_slot_whose_window_is_retired_since_then_takes_nobody(counter: Counter) -> None:
    seen, slot, other = counter.timetable, counter.slot(resource_id=counter.east.id), counter.slot("11:00")
    retire(counter, counter.east.id)
    with pytest.raises(SlotClosed):
        come(counter, seen, slot)
    with pytest.raises(SlotClosed):
        come(counter, seen, slot, reason="They insist")
    assert free(counter) == [other.id]
    assert why(counter, slot) == ["slot_open"]
    assert come(counter, seen, other).slot_id == other.id


def test_a_slot_whose_window_is_away_since_then_takes_nobody_without_a_reason(counter: Counter) -> None:
    seen, slot, other = counter.timetable, counter.slot(resource_id=counter.east.id), counter.slot("11:00")
    away(counter, counter.east.id, slot.starts_at)
    with pytest.raises(SlotClosed):
        come(counter, seen, slot)
    assert free(counter) == [other.id]
    assert why(counter, slot) == ["not_absent"]
    assert come(counter, seen, slot, reason="Alice stands in").slot_id == slot.id


def test_a_slot_of_a_service_retired_since_then_is_not_booked_nor_held(counter: Counter) -> None:
    seen, slot = counter.timetable, counter.slot()
    change_service(
        actor=OPERATOR,
        business_id=counter.business_id,
        service_id=counter.portrait.id,
        wanted={"is_active": False},
    )
    with pytest.raises(Missing):
        come(counter, seen, slot)
    with pytest.raises(Missing):
        hold_time(actor=GUEST, timetable=seen, wish=counter.wish(slot), now=clock.now())


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


def accept(studio: Studio, asked: BookingFacts, seen: Timetable) -> BookingFacts:
    return accept_request(actor=studio.actor(), timetable=seen, booking_id=asked.id, now=clock.now())


def test_a_request_strands_nobody_and_is_judged_when_it_is_accepted(studio: Studio) -> None:
    asked, later = studio.ask(), studio.ask(days=31)
    seen = studio.timetable
    away(studio, studio.artist_id, studio.at("21:00"))  # refused if it stranded anybody
    with pytest.raises(TimeTaken):
        accept(studio, asked, seen)
    assert accept(studio, later, seen).state == "confirmed"


def test_a_request_for_what_is_retired_since_then_is_not_accepted(studio: Studio) -> None:
    asked, seen = studio.ask(), studio.timetable
    change_service(
        actor=OPERATOR,
        business_id=studio.business_id,
        service_id=studio.service_id,
        wanted={"is_active": False},
    )
    with pytest.raises(Missing) as refused:
        accept(studio, asked, seen)
    assert refused.value.facts["what"] == "service"


def test_shorter_hours_strand_no_date_of_an_artist_who_is_asked_for_any_time(db: None) -> None:
    studio = make_studio(requests_keep_hours=False)
    booked = accept(studio, studio.ask("10:00"), studio.timetable)
    replace_carefully(
        actor=studio.actor(Role.MANAGER),
        business_id=studio.business_id,
        windows=[window | {"opens": "14:00", "closes": "15:00"} for window in MORNINGS],
        care=Care(clock.now(), {}),
    )
    assert Booking.objects.get(id=booked.id).state == "confirmed"

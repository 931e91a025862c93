"""One mail for what was booked or cancelled together, with all times and one calendar file (SPEC D9, D10, H6)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from holdfast.bookings.commands import (
    Details,
    GroupMember,
    SeriesTime,
    book_group,
    book_series,
    cancel_booking,
    cancel_together,
)
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.models import Business
from holdfast.catalog.commands import add_question
from holdfast.core import clock
from holdfast.lib.actors import GUEST
from holdfast.notifications.commands import announce_booking, announce_cancellation
from holdfast.notifications.models import Message
from holdfast.notifications.queries.letters import letter_of
from holdfast.notifications.rules.letters import Letter
from tests.cast import DANA, OPERATOR, Shop, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Shop:
    """The cast's barbershop, with an address for its copies."""
    made = make_shop("fenwick")
    Business.objects.filter(id=made.business_id).update(email="shop@example.org")
    return made


def booked_series(shop: Shop, weeks: int = 3, **details: object) -> list[BookingFacts]:
    return book_series(
        actor=GUEST,
        timetable=shop.timetable,
        service_id=shop.cut.id,
        times=[SeriesTime(shop.at("10:00", 3 + 7 * week), shop.theo.id) for week in range(weeks)],
        details=Details(DANA, **details),  # type: ignore[arg-type]
        now=clock.now(),
    )


def booked_group(shop: Shop) -> list[BookingFacts]:
    return book_group(
        actor=GUEST,
        timetable=shop.timetable,
        members=[GroupMember(shop.cut.id, name="Ann"), GroupMember(shop.cut.id, name="Ben")],
        starts_at=shop.at("10:00"),
        details=Details(DANA),
        now=clock.now(),
    )


def announce(bookings: list[BookingFacts], now: datetime | None = None) -> None:
    for booking in bookings:
        announce_booking(booking_id=booking.id, now=now or clock.now())


def letters(kind: str, audience: str = "customer") -> list[Letter]:
    found = []
    for message in Message.objects.filter(kind=kind, audience=audience):
        letter = letter_of(business_id=message.business_id, message_id=message.id, now=clock.now())
        assert isinstance(letter, Letter)
        found.append(letter)
    return found


def events_in(letter: Letter) -> list[str]:
    calendar = Calendar.from_ical(letter.calendar)
    return sorted(str(event["UID"]) for event in calendar.walk("VEVENT"))


def test_a_series_is_one_mail_to_each_with_every_time_in_one_calendar_file(shop: Shop) -> None:
    booked = booked_series(shop)
    announce(booked)
    [letter] = letters("booked")
    assert letter.subject.startswith("Booked: 3 times at")
    assert letter.text.count("10:00") >= 3
    assert events_in(letter) == sorted(f"{booking.id}@holdfast" for booking in booked)
    assert letter.calendar_method == "PUBLISH"
    assert len(letters("booked", "staff")) == 1


def test_every_time_of_a_series_has_its_reminder(shop: Shop) -> None:
    announce(booked_series(shop))
    assert Message.objects.filter(kind="reminder", state="queued").count() == 3


def test_this_and_the_following_are_cancelled_with_one_mail(shop: Shop) -> None:
    booked = booked_series(shop, 4)
    announce(booked)
    off = cancel_together(
        actor=GUEST.holding(booked[1].id),
        timetable=shop.timetable,
        booking_id=booked[1].id,
        which="following",
        now=clock.now(),
    )
    ids = tuple(sorted(one.id for one in off))
    for one in off:
        announce_cancellation(
            booking_id=one.id, sequence=one.sequence, by_staff=False, now=clock.now(), together=ids
        )
    [letter] = letters("cancelled")
    assert letter.subject.startswith("Cancelled: 3 times at")
    assert events_in(letter) == sorted(f"{one.id}@holdfast" for one in off)
    assert Message.objects.filter(kind="reminder", state="queued").count() == 1


def test_a_group_is_one_mail_that_names_everybody_and_one_reminder(shop: Shop) -> None:
    booked = booked_group(shop)
    announce(booked)
    [letter] = letters("booked")
    assert "Ann: Classic cut" in letter.text
    assert "Ben: Classic cut" in letter.text
    assert len(events_in(letter)) == 2
    assert Message.objects.filter(kind="reminder", state="queued").count() == 1


def test_the_rest_of_a_group_is_still_reminded_when_one_is_off(shop: Shop) -> None:
    booked = booked_group(shop)
    announce(booked)
    [reminded] = Message.objects.filter(kind="reminder", state="queued")
    first = next(booking for booking in booked if booking.id == reminded.booking_id)
    other = next(booking for booking in booked if booking.id != first.id)
    off = cancel_booking(
        actor=GUEST.holding(first.id), timetable=shop.timetable, booking_id=first.id, now=clock.now()
    )
    announce_cancellation(booking_id=off.id, sequence=off.sequence, by_staff=False, now=clock.now())
    [left] = Message.objects.filter(kind="reminder", state="queued")
    assert left.booking_id == other.id


def test_staff_read_the_answers_and_the_code_in_their_mail(shop: Shop) -> None:
    asked = add_question(
        actor=OPERATOR,
        business_id=shop.business_id,
        service_id=shop.cut.id,
        wanted={"label": "Any allergies?"},
    )
    booked = booked_series(shop, 2, given={str(asked.id): "Nuts"})
    announce(booked, clock.now() + timedelta(seconds=1))
    [staff] = letters("booked", "staff")
    assert "Any allergies?: Nuts" in staff.text
    [customer] = letters("booked")
    assert "Nuts" not in customer.text

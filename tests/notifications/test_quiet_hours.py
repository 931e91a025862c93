"""Reminders wait for the end of the business's quiet hours; what answers an action does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from holdfast.bookings.models import Booking
from holdfast.lib.actors import Actor, Role
from holdfast.lib.quiet import quiet_until
from holdfast.notifications.commands import announce_booking, resend_message
from holdfast.notifications.jobs import send_due_messages
from holdfast.notifications.models import Message
from holdfast.notifications.rules.delivery import Drop, Fate, Send, Wait, fate_of
from tests.notifications.conftest import NOW, Barbershop

LONDON = "Europe/London"
NIGHT = ("21:00", "08:00")
BREAK = ("12:00", "13:00")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "quiet", "timezone", "until"),
    [
        ("2026-11-20T12:00", None, LONDON, None),
        ("2026-11-20T11:59", BREAK, LONDON, None),
        ("2026-11-20T12:00", BREAK, LONDON, "2026-11-20T13:00"),
        ("2026-11-20T13:00", BREAK, LONDON, None),
        ("2026-11-20T20:59", NIGHT, LONDON, None),
        ("2026-11-20T21:00", NIGHT, LONDON, "2026-11-21T08:00"),
        ("2026-11-21T00:00", NIGHT, LONDON, "2026-11-21T08:00"),
        ("2026-11-21T07:59", NIGHT, LONDON, "2026-11-21T08:00"),
        ("2026-11-21T08:00", NIGHT, LONDON, None),
        ("2026-11-20T09:00", ("09:00", "09:00"), LONDON, None),
        # The wall is the business's: half past nine in the evening in Tokyo, and London in summer.
        ("2026-11-20T12:30", NIGHT, "Asia/Tokyo", "2026-11-20T23:00"),
        ("2026-07-01T20:30", NIGHT, LONDON, "2026-07-02T07:00"),
        # The night in which clocks go forward is an hour shorter, the one in which they go back an hour longer.
        ("2026-03-28T22:00", NIGHT, LONDON, "2026-03-29T07:00"),
        ("2026-10-24T21:00", NIGHT, LONDON, "2026-10-25T08:00"),
        # Half past one does not exist, or comes twice: its second pass ends what the second pass of one o'clock began.
        ("2026-03-29T00:30", ("00:00", "01:30"), LONDON, "2026-03-29T01:30"),
        ("2026-10-25T00:10", ("00:00", "01:30"), LONDON, "2026-10-25T00:30"),
        ("2026-10-25T01:10", ("00:00", "01:30"), LONDON, "2026-10-25T01:30"),
    ],
)
def test_quiet_hours_end_on_the_wall_of_the_business(
    now: str, quiet: tuple[str, str] | None, timezone: str, until: str | None
) -> None:
    assert quiet_until(utc(now), quiet, timezone) == (utc(until) if until else None)


clocks = st.times().map(lambda time: time.strftime("%H:%M"))


@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    quiet=st.tuples(clocks, clocks),
    timezone=st.sampled_from([LONDON, "Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu"]),
)
def test_who_waits_waits_less_than_a_day_and_an_hour_and_never_for_the_past(
    now: datetime, quiet: tuple[str, str], timezone: str
) -> None:
    until = quiet_until(now, quiet, timezone)
    assert until is None or now < until <= now + timedelta(hours=25)


STARTS = utc("2026-11-21T10:00")


@pytest.mark.parametrize(
    ("kind", "quiet_ends", "fate"),
    [
        ("reminder", None, Send()),
        ("reminder", utc("2026-11-21T08:00"), Wait(utc("2026-11-21T08:00"))),
        ("reminder", utc("2026-11-21T10:00"), Drop("quiet_hours")),
        ("reminder", utc("2026-11-21T11:00"), Drop("quiet_hours")),
        ("booked", utc("2026-11-21T08:00"), Send()),
        ("changed", utc("2026-11-21T08:00"), Send()),
    ],
)
def test_only_reminders_wait_and_none_comes_after_the_start(
    kind: str, quiet_ends: datetime | None, fate: Fate
) -> None:
    decided = fate_of(
        kind,
        booking_state="confirmed",
        undo_until=None,
        starts_at=STARTS,
        told_at=STARTS,
        now=utc("2026-11-21T01:00"),
        quiet_until=quiet_ends,
    )
    assert decided == fate


def test_a_cancellation_goes_in_the_middle_of_the_night() -> None:
    decided = fate_of(
        "cancelled",
        booking_state="cancelled",
        undo_until=None,
        starts_at=STARTS,
        told_at=STARTS,
        now=utc("2026-11-21T01:00"),
        quiet_until=utc("2026-11-21T08:00"),
    )
    assert decided == Send()


@pytest.fixture
def at_dawn(shop: Barbershop) -> Booking:
    """A booking at half past seven, in a shop that is quiet until seven and reminds two hours before."""
    shop.settings(reminder_minutes=(120,), quiet_hours=("21:00", "07:00"), staff_copies=False)
    booking = shop.book(starts_at=utc("2026-11-28T07:30"))
    announce_booking(booking_id=booking.id, now=NOW)
    return booking


def the_reminder(booking_id: UUID) -> Message:
    return Message.objects.get(booking_id=booking_id, kind="reminder")


def send_at(moment: str) -> None:
    with time_machine.travel(utc(moment), tick=False):
        send_due_messages()


def test_a_reminder_due_in_the_night_goes_when_the_night_is_over(at_dawn: Booking) -> None:
    send_at("2026-11-28T05:30")
    waiting = the_reminder(at_dawn.id)
    assert (waiting.state, waiting.next_attempt_at, waiting.attempts) == (
        "queued",
        utc("2026-11-28T07:00"),
        0,
    )
    send_at("2026-11-28T06:59")
    assert the_reminder(at_dawn.id).state == "queued"
    send_at("2026-11-28T07:00")
    assert the_reminder(at_dawn.id).state == "sent"


def test_a_reminder_that_could_only_come_too_late_is_dropped_and_says_why(
    at_dawn: Booking, shop: Barbershop
) -> None:
    shop.settings(reminder_minutes=(120,), quiet_hours=("21:00", "08:00"), staff_copies=False)
    send_at("2026-11-28T05:30")
    dropped = the_reminder(at_dawn.id)
    assert (dropped.state, dropped.last_error) == ("dropped", "quiet_hours")


def test_a_confirmation_goes_in_quiet_hours(shop: Barbershop) -> None:
    shop.settings(quiet_hours=("21:00", "08:00"), staff_copies=False)
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=utc("2026-11-21T23:00"))
    send_at("2026-11-21T23:00")
    assert Message.objects.get(booking=booking, kind="booked").state == "sent"


def test_a_reminder_sent_by_hand_does_not_wait_for_the_morning(at_dawn: Booking) -> None:
    with time_machine.travel(utc("2026-11-28T04:00"), tick=False):
        copy = resend_message(
            actor=Actor(role=Role.STAFF, business_id=at_dawn.business_id, via="page"),
            business_id=at_dawn.business_id,
            message_id=the_reminder(at_dawn.id).id,
            now=utc("2026-11-28T04:00"),
        )
        send_due_messages()
    assert Message.objects.get(id=copy).state == "sent"

"""The calendar file of a booking, read back by a parser: the same event through its whole life, safe with any text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from holdfast.calendars.rules import CalendarEvent, booking_calendar, content_type, event_uid

BOOKING = UUID("01932f9e-0000-7000-8000-000000000001")
EVENT = CalendarEvent(
    booking_id=BOOKING,
    sequence=1,
    stamped_at=datetime(2026, 11, 20, 9, 0, 30, 123456, tzinfo=UTC),
    starts_at=datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
    ends_at=datetime(2026, 11, 21, 11, 15, tzinfo=UTC),
    summary="Skin fade with Bob",
    description="FR7K2M94\nChange or cancel: https://book.example/m/secret",
    location="14 Briggate, Leeds; first floor",
    url="https://book.example/m/secret?a=1;b=2",
    organizer_name="Fenwick & Rowe",
    organizer_email="hello@fenwick.example",
    attendee_name="Dana Guest",
    attendee_email="dana@example.com",
)


def the_event(content: bytes):
    calendar = Calendar.from_ical(content)
    events = [part for part in calendar.walk() if part.name == "VEVENT"]
    assert len(events) == 1
    return calendar, events[0]


def test_a_calendar_program_reads_everything_about_the_booking() -> None:
    calendar, event = the_event(booking_calendar(EVENT))
    assert calendar["METHOD"] == "REQUEST"
    assert calendar["VERSION"] == "2.0"
    assert event["UID"] == f"{BOOKING}@holdfast" == event_uid(BOOKING)
    assert event["SEQUENCE"] == 1
    assert event["STATUS"] == "CONFIRMED"
    assert event["SUMMARY"] == "Skin fade with Bob"
    assert event["LOCATION"] == "14 Briggate, Leeds; first floor"
    assert event["DESCRIPTION"] == EVENT.description
    assert event["URL"] == EVENT.url
    assert event.decoded("DTSTART") == EVENT.starts_at
    assert event.decoded("DTEND") == EVENT.ends_at
    assert event.decoded("DTSTAMP") == datetime(2026, 11, 20, 9, 0, 30, tzinfo=UTC)
    assert event["ORGANIZER"] == "mailto:hello@fenwick.example"
    assert event["ORGANIZER"].params["CN"] == "Fenwick & Rowe"
    assert event["ATTENDEE"] == "mailto:dana@example.com"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    alarms = [part for part in event.walk() if part.name == "VALARM"]
    assert [alarm.decoded("TRIGGER") for alarm in alarms] == [-timedelta(hours=1)]


def test_instants_are_written_in_utc_whatever_zone_they_came_in() -> None:
    new_york = timezone(timedelta(hours=-5))
    content = booking_calendar(replace(EVENT, starts_at=EVENT.starts_at.astimezone(new_york)))
    assert b"DTSTART:20261121T103000Z\r\n" in content
    assert b"DTEND:20261121T111500Z\r\n" in content


def test_booking_moving_and_cancelling_stay_one_event_with_a_rising_sequence() -> None:
    booked = booking_calendar(EVENT)
    moved = booking_calendar(replace(EVENT, sequence=2, starts_at=EVENT.starts_at + timedelta(hours=1)))
    cancelled = booking_calendar(replace(EVENT, sequence=3, is_cancelled=True), "CANCEL")
    events = [the_event(content)[1] for content in (booked, moved, cancelled)]
    assert len({event["UID"] for event in events}) == 1
    assert [event["SEQUENCE"] for event in events] == [1, 2, 3]
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [Calendar.from_ical(content)["METHOD"] for content in (booked, moved, cancelled)] == [
        "REQUEST",
        "REQUEST",
        "CANCEL",
    ]


def test_a_cancelled_booking_rings_no_alarm_and_blocks_no_time() -> None:
    _, event = the_event(booking_calendar(EVENT, "CANCEL"))
    assert event["STATUS"] == "CANCELLED"
    assert event["TRANSP"] == "TRANSPARENT"
    assert not [part for part in event.walk() if part.name == "VALARM"]
    _, downloaded = the_event(booking_calendar(replace(EVENT, is_cancelled=True), "PUBLISH"))
    assert downloaded["STATUS"] == "CANCELLED"


def test_a_published_file_names_no_attendee() -> None:
    calendar, event = the_event(booking_calendar(EVENT, "PUBLISH"))
    assert calendar["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event
    assert event["ORGANIZER"] == "mailto:hello@fenwick.example"


def test_what_is_not_known_is_left_out() -> None:
    bare = CalendarEvent(
        booking_id=BOOKING,
        sequence=0,
        stamped_at=EVENT.stamped_at,
        starts_at=EVENT.starts_at,
        ends_at=EVENT.ends_at,
        summary="Skin fade",
    )
    _, event = the_event(booking_calendar(bare))
    assert not {"ORGANIZER", "ATTENDEE", "LOCATION", "URL", "DESCRIPTION"} & set(event)


@pytest.mark.parametrize(
    "field",
    [
        "summary",
        "location",
        "url",
        "organizer_name",
        "organizer_email",
        "attendee_name",
        "attendee_email",
        "description",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "x\r\nATTENDEE:mailto:eve@evil.example",
        "x\nEND:VEVENT\nBEGIN:VEVENT",
        'x";X-EVIL=1:mailto:eve@evil.example',
        "x;y,z\\n\\;",
        "x\u2028METHOD:CANCEL",
        "x\x00\x1b\x85y",
        "^n^'x",
    ],
)
def test_no_text_can_add_a_line_to_the_file(field: str, text: str) -> None:
    content = booking_calendar(replace(EVENT, **{field: text}))
    calendar, event = the_event(content)
    assert calendar["METHOD"] == "REQUEST"
    assert event["UID"] == event_uid(BOOKING)
    assert not isinstance(event["ATTENDEE"], list)
    unfolded = content.replace(b"\r\n ", b"").split(b"\r\n")
    plain = booking_calendar(EVENT).replace(b"\r\n ", b"").split(b"\r\n")
    assert [line.split(b":")[0].split(b";")[0] for line in unfolded] == [
        line.split(b":")[0].split(b";")[0] for line in plain
    ]


@example(" ", "")
@example(" two  words ", "")
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_gives_a_file_that_reads_back_to_the_same_words(summary: str, name: str) -> None:
    _, event = the_event(booking_calendar(replace(EVENT, summary=summary, attendee_name=name)))
    assert event.decoded("DTSTART") == EVENT.starts_at
    printable = "".join(
        letter if letter.isprintable() and not letter.isspace() else " " for letter in summary
    )
    if printable == summary:
        assert event["SUMMARY"] == " ".join(summary.split()), "spaces at the ends and in rows are no words"


def test_long_lines_are_folded_at_75_octets() -> None:
    content = booking_calendar(replace(EVENT, summary="Überlänge " * 40))
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def test_the_media_type_names_the_method() -> None:
    assert content_type("CANCEL") == "text/calendar; method=CANCEL; charset=utf-8"

"""Calendar files: one booking as an iCalendar object (SPEC H6). Pure: values in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]

PRODUCT = "-//Holdfast//Bookings//EN"
FILE_NAME = "booking.ics"

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """What a calendar shows of a booking; texts are in the reader's language already.

    ``sequence`` is the booking's: calendars replace what they have by what carries a higher one. ``stamped_at`` is when
    the file is made. ``organizer_email`` is the business's address, ``attendee_email`` the reader's; each may be empty.
    ``alarm_minutes`` before the start the calendar reminds its owner.
    """

    booking_id: UUID
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    organizer_name: str = ""
    organizer_email: str = ""
    attendee_name: str = ""
    attendee_email: str = ""
    is_cancelled: bool = False
    alarm_minutes: int = 60


def event_uid(booking_id: UUID) -> str:
    """The name under which every calendar knows the booking, for ever."""
    return f"{booking_id}@holdfast"


def content_type(method: Method) -> str:
    """The media type of a calendar file; mail programs read the method from it."""
    return f"text/calendar; method={method}; charset=utf-8"


def booking_calendar(event: CalendarEvent, method: Method = "REQUEST") -> bytes:
    """The booking as an ``.ics`` file (RFC 5545), for a mail (REQUEST, CANCEL) or to be downloaded (PUBLISH).

    Instants are in UTC, so the file needs no zone rules and means the same moment in every calendar. A published file
    names no attendee (RFC 5546 forbids it), and a cancelled booking rings no alarm.
    """
    return bookings_calendar([event], method)


def bookings_calendar(events: Iterable[CalendarEvent], method: Method = "REQUEST") -> bytes:
    """Several bookings in one file: all times of a series, everybody of a group."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(_event(event, method))
    return bytes(calendar.to_ical())


def _event(event: CalendarEvent, method: Method) -> Event:
    is_off = event.is_cancelled or method == "CANCEL"
    entry = Event()
    entry.add("uid", event_uid(event.booking_id))
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", _to_second(event.stamped_at))
    entry.add("dtstart", _to_second(event.starts_at))
    entry.add("dtend", _to_second(event.ends_at))
    entry.add("status", "CANCELLED" if is_off else "CONFIRMED")
    entry.add("summary", one_line(event.summary))
    entry.add("transp", "TRANSPARENT" if is_off else "OPAQUE")
    if event.description:
        entry.add(
            "description", _CONTROL.sub("", event.description.replace("\r\n", "\n").replace("\r", "\n"))
        )
    if event.location:
        entry.add("location", one_line(event.location))
    if event.url:
        entry.add("url", one_line(event.url))
    if event.organizer_email:
        entry.add("organizer", _person(event.organizer_name, event.organizer_email))
    if event.attendee_email and method != "PUBLISH":
        entry.add("attendee", _attendee(event))
    if not is_off:
        entry.add_component(_alarm(event))
    return entry


def _attendee(event: CalendarEvent) -> vCalAddress:
    person = _person(event.attendee_name, event.attendee_email)
    person.params["ROLE"] = vText("REQ-PARTICIPANT")
    # The booking is made: nobody is asked to answer, and no answer would be read.
    person.params["PARTSTAT"] = vText("ACCEPTED")
    person.params["RSVP"] = vText("FALSE")
    return person


def _person(name: str, email: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{one_line(email)}")
    if shown := one_line(name).replace('"', "'"):
        person.params["CN"] = vText(shown)
    return person


def _alarm(event: CalendarEvent) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -timedelta(minutes=event.alarm_minutes))
    alarm.add("description", one_line(event.summary))
    return alarm


def one_line(text: str) -> str:
    """The text without line ends and control characters, so that it cannot begin a line or a header of its own."""
    return _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip()


def _to_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)

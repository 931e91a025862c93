"""Mail servers that are dead, hang, refuse or break off; workers that die with a mail in hand. Nothing is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import time_machine
from aiosmtpd.controller import Controller
from icalendar import Calendar

from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.lib.retries import MOST_ATTEMPTS
from holdfast.notifications.commands import announce_booking, announce_cancellation, announce_move
from holdfast.notifications.jobs import LEASE_MINUTES, send_due_messages
from holdfast.notifications.models import Message
from tests.notifications.conftest import NOW, STARTS_AT, Barbershop, make_shop
from tests.support.live import test_database_url as database_url_of_the_test
from tests.support.servers import free_port

DANA = "dana@example.com"


class MailServer:
    """A real SMTP peer on a port of its own that keeps what it accepts and refuses whom it is told to."""

    def __init__(self) -> None:
        self.port = free_port()
        self.received: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.hang_up_after = 0
        self._controller: Controller | None = None

    async def handle_RCPT(
        self, server: object, session: object, envelope: object, address: str, options: list
    ) -> str:
        if refusal := self.refusals.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.hang_up_after == len(self.received):
            server.transport.close()
        return "250 Message accepted"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def readers(self) -> list[str]:
        return [mail["To"] for mail in self.received]


@pytest.fixture
def mail_server(settings: object) -> Iterator[MailServer]:
    """An SMTP server that is not running yet, and settings that point to it."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 2
    yield server
    server.stop()


@pytest.fixture
def shop(db: None) -> Barbershop:
    shop = make_shop()
    shop.settings(reminder_minutes=())
    return shop


def send_at(moment: datetime) -> int:
    with time_machine.travel(moment, tick=False):
        return send_due_messages()


def of_customer() -> Message:
    return Message.objects.get(audience="customer", kind="booked")


def test_a_real_mail_server_receives_text_html_and_the_calendar_file(
    mail_server: MailServer, shop: Barbershop
) -> None:
    mail_server.start()
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    assert send_at(NOW) == 3
    assert mail_server.readers() == [DANA, "hello@fenwick.example", "bob@fenwick.example"]
    mail = mail_server.received[0]
    assert mail.get_content_type() == "multipart/mixed"
    assert mail["Message-ID"] == of_customer().provider_message_id
    assert "Skin fade" in mail.get_body(("plain",)).get_content()
    assert "<h1>" in mail.get_body(("html",)).get_content()
    (attachment,) = mail.iter_attachments()
    calendar = Calendar.from_ical(attachment.get_payload(decode=True))
    assert (attachment.get_content_type(), attachment.get_param("method")) == ("text/calendar", "REQUEST")
    assert calendar.events[0]["UID"] == f"{booking.id}@holdfast"
    assert calendar.events[0].decoded("DTSTART") == STARTS_AT


def test_booking_moving_and_cancelling_update_one_event_in_the_customers_calendar(
    mail_server: MailServer, shop: Barbershop
) -> None:
    mail_server.start()
    shop.settings(staff_copies=False, reminder_minutes=())
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    send_at(NOW)
    Booking.objects.update(
        starts_at=STARTS_AT + timedelta(hours=1), ends_at=STARTS_AT + timedelta(hours=2), sequence=2
    )
    announce_move(
        booking_id=booking.id, sequence=2, old_starts_at=STARTS_AT, old_resource_id=shop.bob.id, now=NOW
    )
    send_at(NOW)
    Booking.objects.update(state="cancelled", sequence=3)
    announce_cancellation(booking_id=booking.id, sequence=3, by_staff=False, now=NOW)
    send_at(NOW)
    calendars = [
        Calendar.from_ical(next(mail.iter_attachments()).get_payload(decode=True))
        for mail in mail_server.received
    ]
    assert [calendar["METHOD"] for calendar in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {calendar.events[0]["UID"] for calendar in calendars} == {f"{booking.id}@holdfast"}
    assert [calendar.events[0]["SEQUENCE"] for calendar in calendars] == [1, 2, 3]
    assert calendars[1].events[0].decoded("DTSTART") == STARTS_AT + timedelta(hours=1)


def test_a_dead_mail_server_delays_mail_and_nothing_else(mail_server: MailServer, shop: Barbershop) -> None:
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    assert send_at(NOW) == 3
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    waiting = of_customer()
    assert (waiting.state, waiting.attempts, waiting.last_error) == ("queued", 1, "ConnectionRefusedError")
    assert send_at(NOW + timedelta(seconds=30)) == 0
    mail_server.start()
    send_at(NOW + timedelta(minutes=2))
    send_at(NOW + timedelta(hours=1))
    assert sorted(mail_server.readers()) == ["bob@fenwick.example", DANA, "hello@fenwick.example"]
    assert (of_customer().state, of_customer().last_error) == ("sent", "")


def test_after_a_day_of_silence_a_message_has_failed_and_says_so(
    mail_server: MailServer, shop: Barbershop
) -> None:
    shop.settings(staff_copies=False, reminder_minutes=())
    announce_booking(booking_id=shop.book().id, now=NOW)
    moment, tries = NOW, 0
    while of_customer().state == "queued":
        moment = of_customer().next_attempt_at
        tries += send_at(moment)
    assert tries == MOST_ATTEMPTS
    assert timedelta(hours=18) < moment - NOW < timedelta(hours=30)
    assert (of_customer().state, of_customer().last_error) == ("failed", "ConnectionRefusedError")
    mail_server.start()
    assert send_at(moment + timedelta(days=3)) == 0


def test_a_server_that_accepts_and_never_answers_is_given_up_once_for_the_whole_batch(
    mail_server: MailServer, shop: Barbershop, settings: object
) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", mail_server.port)) as silent:
        silent.settimeout(3)

        def accept() -> None:
            try:
                while True:
                    connections.append(silent.accept()[0])
            except OSError:
                return

        listener = threading.Thread(target=accept)
        listener.start()
        announce_booking(booking_id=shop.book().id, now=NOW)
        send_at(NOW)
        silent.close()
        listener.join()
    assert len(connections) == 1
    for connection in connections:
        connection.close()
    assert set(Message.objects.values_list("state", "attempts", "last_error")) == {
        ("queued", 1, "SMTPServerDisconnected")
    }


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        ("550 5.1.1 dana@example.com does not live here", "failed", "SMTPRecipientsRefused 550"),
        ("451 4.7.1 try again later, dana@example.com", "queued", "SMTPRecipientsRefused 451"),
    ],
)
def test_one_refused_reader_is_recorded_without_the_address_and_the_others_get_theirs(
    mail_server: MailServer, shop: Barbershop, answer: str, state: str, error: str
) -> None:
    mail_server.start()
    mail_server.refusals[DANA] = answer
    announce_booking(booking_id=shop.book().id, now=NOW)
    send_at(NOW)
    assert (of_customer().state, of_customer().last_error) == (state, error)
    assert mail_server.readers() == ["hello@fenwick.example", "bob@fenwick.example"]


def test_a_server_that_breaks_off_gets_the_next_mail_on_a_fresh_connection(
    mail_server: MailServer, shop: Barbershop
) -> None:
    mail_server.start()
    mail_server.hang_up_after = 1
    announce_booking(booking_id=shop.book().id, now=NOW)
    send_at(NOW)
    send_at(NOW + timedelta(minutes=2))
    assert set(mail_server.readers()) == {DANA, "hello@fenwick.example", "bob@fenwick.example"}
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


SENDER_THAT_DIES = """
import os, signal, django
django.setup()
from holdfast.notifications import commands
from holdfast.notifications.jobs import send_due_messages
commands.record_sent = lambda **values: os.kill(os.getpid(), signal.SIGKILL)
send_due_messages()
"""


@contextmanager
def real_clock_plus(wait: timedelta) -> Iterator[None]:
    with time_machine.travel(clock.now() + wait, tick=False):
        yield


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_sending_and_recording_sends_the_same_message_id_again(
    mail_server: MailServer,
) -> None:
    mail_server.start()
    shop = make_shop()
    shop.settings(staff_copies=False, reminder_minutes=())
    starts_at = clock.now().replace(microsecond=0) + timedelta(days=3)
    announce_booking(booking_id=shop.book(starts_at=starts_at).id, now=clock.now())
    environment = os.environ | {
        "DATABASE_URL": database_url_of_the_test(),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail_server.port),
        "SMTP_TLS": "none",
    }
    killed = subprocess.run(
        [sys.executable, "-c", SENDER_THAT_DIES], env=environment, timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert mail_server.readers() == [DANA]
    message = of_customer()
    assert (message.state, message.attempts) == ("queued", 1)
    assert send_due_messages() == 0, "the lease holds while it lasts"
    with real_clock_plus(timedelta(minutes=LEASE_MINUTES, seconds=1)):
        assert send_due_messages() == 1
    first, second = mail_server.received
    assert first["Message-ID"] == second["Message-ID"] == of_customer().provider_message_id
    assert (of_customer().state, of_customer().attempts) == ("sent", 2)

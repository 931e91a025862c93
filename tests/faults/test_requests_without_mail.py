"""A dead mail server loses no request: it is there for both sides, and the mail goes out once the server is back (S1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from holdfast.bookings.queries import manage_token
from holdfast.bookings.queries.requests import inbox
from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.notifications.models import Message
from tests.bookings.artist import Studio, make_studio
from tests.faults.test_dead_mail_server import MailServer


@pytest.fixture
def mail_server(settings: object) -> Iterator[MailServer]:
    """An SMTP server that is not running yet, and settings that point to it."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port  # type: ignore[attr-defined]
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""  # type: ignore[attr-defined]
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False  # type: ignore[attr-defined]
    settings.EMAIL_TIMEOUT = 2  # type: ignore[attr-defined]
    yield server
    server.stop()


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


def test_a_request_is_kept_and_shown_while_no_mail_can_be_sent(
    studio: Studio, mail_server: MailServer
) -> None:
    booking = studio.ask()
    drain()
    assert set(Message.objects.values_list("state", "attempts")) == {("queued", 1)}
    waiting = inbox(business_id=studio.business_id, now=clock.now(), to_answer=True)
    assert [each.id for each in waiting] == [booking.id]
    page = Client().get(f"/r/{manage_token(booking_id=booking.id)}")
    assert "Opening night, 300 people" in page.content.decode()

    mail_server.start()
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        drain()
    assert sorted(mail_server.readers()) == ["bookings@mara.example", "dana@example.org"]
    to_artist = next(letter for letter in mail_server.received if letter["To"] == "bookings@mara.example")
    assert "Opening night, 300 people" in to_artist.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}

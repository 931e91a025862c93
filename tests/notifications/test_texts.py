"""Texts beside and instead of mail: to whom, what they say, and what becomes of one that does not go."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from django.core import mail

from holdfast.notifications import commands, queries
from holdfast.notifications.commands import announce_booking, resend_message
from holdfast.notifications.jobs import send_due_messages
from holdfast.notifications.models import Message, Suppression
from tests.notifications.conftest import NOW, STARTS_AT, Barbershop
from tests.notifications.test_tracking import staff

NUMBER = "+441134960000"


class Double:
    """A local peer that speaks as Twilio and SendGrid do: keeps what it was sent, and answers as it is told."""

    def __init__(self) -> None:
        self.received: list[tuple[str, Any]] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                sent = json.loads(raw) if raw.startswith("{") else {k: v[0] for k, v in parse_qs(raw).items()}
                double.received.append((self.path, sent))
                status, body = (
                    double.answers.pop(0) if double.answers else (201, {"sid": f"SM{len(double.received)}"})
                )
                answer = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def double() -> Iterator[Double]:
    double = Double()
    thread = threading.Thread(target=double.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield double
    double.server.shutdown()
    double.server.server_close()
    thread.join()


@pytest.fixture
def twilio(double: Double, settings: Any) -> Double:
    settings.SMS_PROVIDER, settings.TWILIO_API_URL = "twilio", double.url
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "token"
    settings.TWILIO_FROM = "+441134969999"
    return double


@pytest.fixture
def texting(shop: Barbershop) -> Barbershop:
    """The shop with texts on, for numbers as people write them in Britain."""
    shop.settings(staff_copies=False, reminder_minutes=(1440,), sms=True, sms_prefix="+44")
    return shop


def send_at(moment: Any) -> int:
    with time_machine.travel(moment, tick=False):
        return sum(iter(send_due_messages, 0))


DAY_BEFORE = STARTS_AT.replace(day=27)


def test_a_reminder_goes_by_text_as_well(twilio: Double, texting: Barbershop) -> None:
    announce_booking(booking_id=texting.book().id, now=NOW)
    send_at(NOW)
    assert twilio.received == [], "a confirmation goes by mail alone"
    send_at(DAY_BEFORE)
    ((path, sent),) = twilio.received
    text = Message.objects.get(channel="sms")
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert (sent["To"], sent["From"]) == (NUMBER, "+441134969999")
    assert sent["Body"].startswith("Fenwick & Rowe: see you tomorrow at 10:30. Plans changed? http")
    assert sent["Body"].endswith("STOP ends texts.")
    assert sent["StatusCallback"].endswith(f"/webhooks/sms/twilio?message={text.id}")
    assert (text.state, text.provider_message_id, text.recipient) == ("sent", "SM1", NUMBER)
    assert len(mail.outbox) == 2
    assert send_at(DAY_BEFORE) == 0
    resend_message(
        actor=staff(texting.business.id), business_id=texting.business.id, message_id=text.id, now=DAY_BEFORE
    )
    send_at(DAY_BEFORE)
    assert [sent["To"] for _, sent in twilio.received] == [NUMBER, NUMBER]


def test_no_text_without_the_switch_a_provider_a_number_that_can_be_dialled_or_after_stop(
    twilio: Double, texting: Barbershop, settings: Any
) -> None:
    def texts(**contact: str) -> int:
        who = {"name": "Dana", "email": "dana@example.com", "phone": "0113 496 0000"} | contact
        announce_booking(booking_id=texting.book(contact=who).id, now=NOW)
        send_at(DAY_BEFORE)
        count = Message.objects.filter(channel="sms").count()
        Message.objects.all().delete()
        return count

    on = {"staff_copies": False, "reminder_minutes": (1440,), "sms": True, "sms_prefix": "+44"}
    assert texts() == 1
    assert texts(phone="") == 0
    texting.settings(**on | {"sms": False})
    assert texts() == 0
    texting.settings(**on | {"sms_prefix": ""})
    assert (texts(), texts(phone="+44 113 496 0000")) == (0, 1)
    texting.settings(**on)
    settings.SMS_PROVIDER = ""
    assert texts() == 0
    settings.SMS_PROVIDER = "twilio"
    commands.suppress(
        business_id=texting.business.id, channel="sms", address=NUMBER, reason="stopped", now=NOW
    )
    assert texts() == 0


@pytest.mark.parametrize(
    ("status", "code", "state", "error", "suppressed"),
    [
        (400, 21211, "failed", "Twilio 21211", False),
        (400, 21610, "failed", "Twilio 21610", True),
        (429, 20429, "queued", "Twilio 20429", False),
        (503, None, "queued", "Twilio 503", False),
        (401, 20003, "queued", "Twilio 20003", False),
    ],
)
def test_a_text_that_does_not_go_is_tried_again_or_left_to_staff(
    twilio: Double,
    texting: Barbershop,
    status: int,
    code: int | None,
    state: str,
    error: str,
    suppressed: bool,
) -> None:
    announce_booking(booking_id=texting.book().id, now=NOW)
    twilio.answers = [(status, {"code": code, "message": f"no {NUMBER}"})]
    send_at(DAY_BEFORE)
    text = Message.objects.get(channel="sms")
    assert (text.state, text.last_error) == (state, error)
    assert Message.objects.get(kind="reminder", channel="email").state == "sent"
    assert Suppression.objects.filter(reason="stopped").exists() is suppressed


def test_a_provider_that_is_away_delays_texts_and_no_mail(texting: Barbershop, settings: Any) -> None:
    settings.SMS_PROVIDER, settings.TWILIO_API_URL = "twilio", "http://127.0.0.1:9"
    announce_booking(booking_id=texting.book().id, now=NOW)
    send_at(DAY_BEFORE)
    text = Message.objects.get(channel="sms")
    assert (text.state, text.last_error, text.attempts) == ("queued", "ConnectionError", 1)
    assert len(mail.outbox) == 2


def test_the_console_prints_texts(texting: Barbershop, settings: Any, capsys: Any) -> None:
    settings.SMS_PROVIDER = "console"
    announce_booking(booking_id=texting.book().id, now=NOW)
    send_at(DAY_BEFORE)
    printed = capsys.readouterr().out
    assert f"--- text to {NUMBER} ---" in printed
    assert "Fenwick & Rowe: see you tomorrow at 10:30" in printed
    assert [
        one.state
        for one in queries.messages_of_booking(
            business_id=texting.business.id, booking_id=Message.objects.filter(channel="sms")[0].booking_id
        )
        if one.channel == "sms"
    ] == ["sent"]


def test_sendgrid_gets_the_mail_with_its_calendar_file_and_our_id(
    double: Double, shop: Barbershop, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
    settings.ANYMAIL = {"SENDGRID_API_KEY": "SG.x", "SENDGRID_API_URL": f"{double.url}/v3/"}
    shop.settings(staff_copies=False, reminder_minutes=())
    announce_booking(booking_id=shop.book().id, now=NOW)
    double.answers = [(503, {})]
    send_at(NOW)
    message = Message.objects.get()
    assert (message.state, message.last_error) == ("queued", "AnymailRequestsAPIError 503")
    double.answers = [(202, {})]
    send_at(message.next_attempt_at)
    message.refresh_from_db()
    path, sent = double.received[-1]
    assert (path, message.state) == ("/v3/mail/send", "sent")
    assert sent["custom_args"]["holdfast_message"] == str(message.id)
    assert sent["personalizations"][0]["to"] == [{"email": "dana@example.com"}]
    assert sent["from"]["name"] == "Fenwick & Rowe"
    assert sent["headers"]["Message-ID"] == message.provider_message_id
    assert sent["attachments"][0]["type"].startswith("text/calendar")
    announce_booking(booking_id=shop.book().id, now=NOW)
    double.answers = [(400, {"errors": [{"message": "dana@example.com is wrong"}]})]
    send_at(NOW)
    refused = Message.objects.exclude(id=message.id).get()
    assert (refused.state, refused.last_error) == ("failed", "AnymailRequestsAPIError 400")

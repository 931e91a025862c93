"""A mail server that refuses, stalls or breaks off once it has the mail: no message is lost, none becomes a stranger."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from holdfast.notifications import queries
from holdfast.notifications.commands import announce_booking
from holdfast.notifications.models import Message
from tests.faults.test_dead_mail_server import DANA, MailServer, mail_server, of_customer, send_at
from tests.notifications.conftest import NOW, Barbershop, make_shop

__all__ = ["mail_server"]


@pytest.fixture
def shop(db: None) -> Barbershop:
    shop = make_shop()
    shop.settings(staff_copies=False, reminder_minutes=())
    announce_booking(booking_id=shop.book().id, now=NOW)
    return shop


class AtData(MailServer):
    """Answers the mail itself as told: a reply, ``stall`` or ``drop`` (it has the mail, and the line is dead)."""

    def __init__(self, *answers: str) -> None:
        super().__init__()
        self.answers = list(answers)

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        await super().handle_DATA(server, session, envelope)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "stall":
            await asyncio.sleep(1.5)
        if answer == "drop":
            server.transport.abort()
        return answer if answer[0].isdigit() else "250 OK"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 4.3.0 later", "SMTPDataError 451"),
        ("stall", "SMTPServerDisconnected"),
        ("drop", "SMTPServerDisconnected"),
    ],
)
def test_the_mail_goes_again_with_the_same_message_id(
    shop: Barbershop, mail_server: MailServer, settings: object, answer: str, error: str
) -> None:
    server = AtData(answer)
    settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = server.port, 0.5
    server.start()
    try:
        send_at(NOW)
        assert (of_customer().state, of_customer().last_error) == ("queued", error)
        assert send_at(NOW + timedelta(minutes=2)) == 1
    finally:
        server.stop()
    assert of_customer().state == "sent"
    assert [mail["To"] for mail in server.received] == [DANA, DANA]
    assert {mail["Message-ID"] for mail in server.received} == {of_customer().provider_message_id}
    assert send_at(NOW + timedelta(days=2)) == 0


def test_what_is_refused_for_good_is_not_tried_again(
    shop: Barbershop, mail_server: MailServer, settings: object
) -> None:
    server = AtData("554 5.7.1 not this content")
    settings.EMAIL_PORT = server.port
    server.start()
    try:
        send_at(NOW)
    finally:
        server.stop()
    assert (of_customer().state, of_customer().last_error) == ("failed", "SMTPDataError 554")
    assert queries.suppressions(business_id=shop.business.id) == [], "the address is not at fault"


def test_an_address_that_is_none_gets_nothing_more(shop: Barbershop, mail_server: MailServer) -> None:
    mail_server.refusals[DANA] = "550 5.1.1 dana@example.com does not live here"
    mail_server.start()
    send_at(NOW)
    assert [one.reason for one in queries.suppressions(business_id=shop.business.id)] == ["bounced"]
    mail_server.refusals.clear()
    announce_booking(booking_id=shop.book().id, now=NOW)
    send_at(NOW)
    assert mail_server.received == []
    assert set(Message.objects.values_list("last_error", flat=True)) == {
        "SMTPRecipientsRefused 550",
        "suppressed_bounced",
    }

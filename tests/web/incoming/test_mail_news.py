"""News of SendGrid and others: believed only when signed, lately, and written down once."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.http import HttpResponse
from django.test import Client

from holdfast.core import metrics
from holdfast.notifications.commands import announce_booking
from holdfast.notifications.jobs import send_due_messages
from holdfast.notifications.models import DeliveryEvent, Message, Suppression
from tests.notifications.conftest import NOW, make_shop

pytestmark = pytest.mark.django_db
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
AT = int(NOW.timestamp())


@pytest.fixture
def message(settings: Any) -> Message:
    settings.SENDGRID_WEBHOOK_VERIFICATION_KEY = PUBLIC
    shop = make_shop()
    shop.settings(staff_copies=False, reminder_minutes=())
    announce_booking(booking_id=shop.book().id, now=NOW)
    with time_machine.travel(NOW, tick=False):
        send_due_messages()
    return Message.objects.get(audience="customer")


def event(message: Message, name: str, **values: Any) -> dict[str, Any]:
    return {
        "event": name,
        "email": "dana@example.com",
        "timestamp": AT,
        "sg_event_id": f"{name}-1",
        "holdfast_message": str(message.id),
    } | values


def call(events: Any, *, at: int = AT, key: ec.EllipticCurvePrivateKey = KEY, **headers: str) -> HttpResponse:
    body = json.dumps(events).encode()
    signature = base64.b64encode(key.sign(str(at).encode() + body, ec.ECDSA(SHA256()))).decode()
    signed = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": str(at),
    } | headers
    with time_machine.travel(NOW, tick=False):
        return Client(headers=signed).post("/webhooks/email/sendgrid", body, content_type="application/json")


def test_signed_news_is_recorded_once_however_often_it_comes(message: Message) -> None:
    bounce = event(message, "bounce", type="bounce", status="5.1.1", reason="550 dana@example.com unknown")
    for _ in range(2):
        assert call([event(message, "delivered"), bounce, event(message, "processed")]).status_code == 204
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("bounced", "5.1.1")
    assert [(one.what, one.detail) for one in DeliveryEvent.objects.order_by("id")] == [
        ("delivered", ""),
        ("bounced", "5.1.1"),
    ]
    assert Suppression.objects.get().reason == "bounced"
    figures = metrics.page().decode()
    assert 'holdfast_message_webhooks_total{outcome="repeated",provider="sendgrid"}' in figures


def test_a_message_is_known_by_its_message_id_as_well(message: Message) -> None:
    """Sent by SMTP through the provider, news names only that."""
    told = event(message, "open") | {"holdfast_message": None, "smtp-id": message.provider_message_id}
    assert call([told]).status_code == 204
    message.refresh_from_db()
    assert message.state == "opened"


@pytest.mark.parametrize(
    ("name", "values", "state", "suppressed"),
    [
        ("bounce", {"type": "blocked"}, "bounced", False),
        ("dropped", {"reason": "Bounced Address"}, "bounced", True),
        ("dropped", {"reason": "Unsubscribed Address"}, "failed", False),
        ("spamreport", {}, "complained", True),
        ("deferred", {"response": "451 later"}, "sent", False),
        ("click", {}, "opened", False),
    ],
)
def test_what_sendgrid_calls_it(
    message: Message, name: str, values: dict[str, str], state: str, suppressed: bool
) -> None:
    assert call([event(message, name, **values)]).status_code == 204
    message.refresh_from_db()
    assert (message.state, Suppression.objects.exists()) == (state, suppressed)


def test_what_is_not_signed_by_them_lately_changes_nothing(message: Message, settings: Any) -> None:
    told = [event(message, "delivered")]
    other = ec.generate_private_key(ec.SECP256R1())
    name = "X-Twilio-Email-Event-Webhook-Signature"
    wrong = [
        call(told, key=other),
        call(told, at=AT - 601),
        call(told, at=AT + 601),
        call(told, **{name: ""}),
        call(told, **{name: "not base64!"}),
        call(told, **{"X-Twilio-Email-Event-Webhook-Timestamp": str(AT + 1)}),
        call({"no": "list"}),
        Client().post("/webhooks/email/sendgrid", b"[]", content_type="application/json"),
        Client().post("/webhooks/email/postmark", b"{}", content_type="application/json"),
        Client().post("/webhooks/email/nobody", b"{}", content_type="application/json"),
    ]
    settings.SENDGRID_WEBHOOK_VERIFICATION_KEY = ""
    wrong.append(call(told))
    assert [answer.status_code for answer in wrong] == [400] * len(wrong)
    assert Client().get("/webhooks/email/sendgrid").status_code == 405
    message.refresh_from_db()
    assert message.state == "sent"
    assert not DeliveryEvent.objects.exists()
    assert 'holdfast_message_webhooks_total{outcome="refused",provider="sendgrid"}' in metrics.page().decode()


def test_another_provider_speaks_through_django_anymail(message: Message, settings: Any) -> None:
    settings.MAIL_PROVIDER, settings.EMAIL_WEBHOOK_SECRET = "postmark", "us:secret"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "us:secret"}
    told = {
        "RecordType": "Bounce", "Type": "HardBounce", "ID": 4711, "Email": "dana@example.com", "MessageID": "abc",
        "BouncedAt": "2026-11-20T09:00:00Z", "Details": "smtp;550 5.1.1 unknown",
        "Metadata": {"holdfast_message": str(message.id)},
    }  # fmt: skip
    address, body = "/webhooks/email/postmark", json.dumps(told)
    wrong = base64.b64encode(b"us:wrong").decode()
    right = base64.b64encode(b"us:secret").decode()
    for proof, status in ((wrong, 400), (right, 204), (right, 204)):
        client = Client(headers={"Authorization": f"Basic {proof}"})
        assert client.post(address, body, content_type="application/json").status_code == status
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("bounced", "5.1.1")
    assert DeliveryEvent.objects.count() == 1
    assert Suppression.objects.get().address == "dana@example.com"


def test_a_thousand_pieces_of_news_take_a_handful_of_statements(
    message: Message, django_assert_max_num_queries: Any
) -> None:
    told = [event(message, "open", sg_event_id=f"e{n}") for n in range(1000)]
    with django_assert_max_num_queries(20):
        assert call(told).status_code == 204
    assert DeliveryEvent.objects.count() == 1000

"""Settings → Webhooks (SPEC H7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from standardwebhooks import Webhook

from holdfast.accounts.models import Account
from holdfast.webhooks.jobs import send_due_deliveries
from holdfast.webhooks.models import Delivery, Endpoint
from tests.cast import Shop
from tests.webhooks.conftest import receiver
from tests.webhooks.receiver import Receiver

__all__ = ["receiver"]
PAGE = "/desk/fenwick/settings/webhooks"
SECRET = re.compile(r"<code>(whsec_[\w+/=]+)</code>")


@pytest.fixture
def admin(alice: Account, sign_in: Callable[[Account], Client]) -> Client:
    return sign_in(alice)


def test_an_admin_adds_tests_pauses_and_removes_a_webhook(
    shop: Shop, admin: Client, receiver: Receiver
) -> None:
    assert "No webhook yet" in admin.get(PAGE).content.decode()
    sent = {"url": receiver.url, "description": "Till", "events": ["booking.confirmed", "booking.moved"]}
    answer = admin.post(f"{PAGE}/new", sent)
    [secret] = SECRET.findall(answer.content.decode())
    made = Endpoint.objects.get()
    own = f"{PAGE}/{made.id}"
    assert "2 kinds of events" in admin.get(PAGE).content.decode()
    assert secret not in admin.get(own).content.decode()

    assert admin.post(own, {"do": "test"}).status_code == 302
    send_due_deliveries()
    Webhook(secret).verify(receiver.calls[0][1], receiver.calls[0][0])
    page = admin.get(own).content.decode()
    assert "webhook.test" in page
    assert "Answered 204" in page
    delivery = Delivery.objects.get()
    shown = admin.get(f"/desk/fenwick/settings/deliveries/{delivery.id}").content.decode()
    assert "&quot;type&quot;: &quot;webhook.test&quot;" in shown
    admin.post(f"/desk/fenwick/settings/deliveries/{delivery.id}")
    send_due_deliveries()
    assert len(receiver.calls) == 2

    admin.post(own, {"do": "pause"})
    assert "Paused by hand" in admin.get(PAGE).content.decode()
    refused = admin.post(own, {"do": "test"})
    assert (refused.status_code, "Resume it first" in refused.content.decode()) == (422, True)
    admin.post(own, {"do": "resume"})
    changed = admin.post(own, sent | {"description": "Bar till", "events": ["booking.no_show"]})
    assert changed.status_code == 302
    made.refresh_from_db()
    assert (made.description, made.events) == ("Bar till", ["booking.no_show"])
    [second] = SECRET.findall(admin.post(own, {"do": "rotate"}).content.decode())
    assert second != secret
    admin.post(own, {"do": "remove"})
    assert not Endpoint.objects.exists()


def test_a_form_with_mistakes_keeps_what_was_typed_and_says_what_to_do(
    shop: Shop, admin: Client, settings: Any
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ()
    answer = admin.post(f"{PAGE}/new", {"url": "https://127.0.0.1/hooks", "events": ["booking.moved"]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "private network" in page
    assert 'value="https://127.0.0.1/hooks"' in page
    assert re.search(r'value="booking.moved"[^>]*checked', page)
    assert not Endpoint.objects.exists()

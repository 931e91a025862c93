"""Messages through the API: found by filters, with their log, and sent again."""

from __future__ import annotations

import pytest

from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.lib.actors import Role
from holdfast.notifications.commands import record_news
from holdfast.notifications.models import Message
from holdfast.notifications.rules.states import News
from tests.api.conftest import Api
from tests.cast import Shop

pytestmark = pytest.mark.django_db


def test_messages_are_found_shown_with_their_log_and_sent_again(shop: Shop) -> None:
    booking = shop.book("10:00")
    drain()
    api = Api(shop.slug, shop.token(Role.STAFF))
    message = Message.objects.get(booking_id=booking.id, kind="booked", audience="customer")
    news = News(message.id, "e1", "delivered", clock.now())
    record_news(provider="sendgrid", news=[news], now=clock.now())
    found = api.get(f"/messages?state=delivered&q={booking.shown_reference}").body
    assert [(one["id"], one["state"], one["booking"]) for one in found["items"]] == [
        (str(message.id), "delivered", booking.shown_reference)
    ]
    assert api.get("/messages?channel=sms").body == {"items": [], "next_cursor": None}
    assert api.get("/messages?state=lost").status == 422
    first = api.get("/messages?limit=1").body
    assert api.get(f"/messages?limit=1&cursor={first['next_cursor']}").body["items"] != first["items"]
    shown = api.get(f"/messages/{message.id}").body
    assert [(one["what"], one["provider"]) for one in shown["events"]] == [("delivered", "sendgrid")]
    again = api.post(f"/messages/{message.id}/resend")
    assert again.status == 200
    assert (again.body["state"], again.body["to"]) == ("queued", shown["to"])
    final = News(message.id, "e2", "bounced", clock.now(), detail="5.1.1", is_final=True)
    record_news(provider="sendgrid", news=[final], now=clock.now())
    refused = api.post(f"/messages/{message.id}/resend")
    assert (refused.status, refused.body["code"]) == (409, "address_suppressed")


def test_messages_of_another_business_are_not_there(shop: Shop, other_shop: Shop) -> None:
    shop.book("10:00")
    drain()
    message = Message.objects.filter(business_id=shop.business_id)[0]
    charlie = Api(other_shop.slug, other_shop.token(Role.ADMIN))
    assert charlie.get("/messages").body["items"] == []
    assert charlie.get(f"/messages/{message.id}").status == 404
    assert charlie.post(f"/messages/{message.id}/resend").status == 404

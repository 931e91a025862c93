"""All messages by filters, one with its log, and the addresses that nothing goes to any more."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from holdfast.bookings.queries import BookingFacts
from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.notifications.commands import record_news, suppress
from holdfast.notifications.models import Message, Suppression
from holdfast.notifications.rules.states import News
from tests.cast import Shop

DANA = "dana@example.org"


@pytest.fixture
def bounced(dana_at_noon: BookingFacts) -> Message:
    """Dana's confirmation, which came back for good."""
    drain()
    message = Message.objects.get(booking_id=dana_at_noon.id, kind="booked", audience="customer")
    news = News(message.id, "e1", "bounced", clock.now(), detail="5.1.1", is_final=True)
    record_news(provider="sendgrid", news=[news], now=clock.now())
    message.refresh_from_db()
    return message


def listed(shop: Shop, client: Client, **wanted: str) -> str:
    address = f"{reverse('desk:messages', args=[shop.slug])}?{urlencode(wanted)}"
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_messages_are_listed_by_state_kind_channel_reference_and_address(
    shop: Shop, staff: Client, bounced: Message, dana_at_noon: BookingFacts
) -> None:
    page = reverse("desk:message", args=[shop.slug, bounced.id])
    for wanted in (
        {"q": ""}, {"state": "unreached"}, {"state": "bounced"}, {"kind": "booked"}, {"channel": "email"},
        {"q": DANA}, {"q": dana_at_noon.shown_reference},
    ):  # fmt: skip
        assert page in listed(shop, staff, **wanted), wanted
    for wanted in (
        {"state": "opened"},
        {"kind": "offer"},
        {"channel": "sms"},
        {"q": "dana"},
        {"q": "a@b.example"},
    ):
        found = listed(shop, staff, **wanted)
        assert page not in found, wanted
        assert "No message fits" in found
    broken = staff.get(f"{reverse('desk:messages', args=[shop.slug])}?q=&cursor=x")
    assert broken.status_code == 422


def test_one_message_shows_its_log_and_why_it_did_not_arrive(
    shop: Shop, staff: Client, bounced: Message
) -> None:
    page = staff.get(reverse("desk:message", args=[shop.slug, bounced.id])).content.decode()
    for said in ("Came back", "5.1.1", "sendgrid", "Written", DANA, "Nothing more goes there."):
        assert said in page, said
    again = staff.post(reverse("desk:resend", args=[shop.slug, bounced.id]), {"from": "message"})
    assert again.status_code == 409
    assert "Nothing goes to this address any more." in again.content.decode()


def test_a_bounce_shows_at_the_booking_and_the_customer_until_staff_lift_it(
    shop: Shop, staff: Client, bounced: Message, dana_at_noon: BookingFacts
) -> None:
    pages = [
        reverse("desk:booking", args=[shop.slug, dana_at_noon.reference]),
        reverse("desk:person", args=[shop.slug, dana_at_noon.customer_id]),
    ]
    suppressed = reverse("desk:suppressed", args=[shop.slug])
    assert all(suppressed in staff.get(page).content.decode() for page in pages)
    assert DANA in staff.get(suppressed).content.decode()
    held = Suppression.objects.get()
    answer = staff.post(suppressed, {"which": str(held.id)}, follow=True)
    assert "The address is written to again." in answer.content.decode()
    assert "Every address takes mail" in answer.content.decode()
    assert all(suppressed not in staff.get(page).content.decode() for page in pages)
    mail.outbox.clear()
    again = staff.post(reverse("desk:resend", args=[shop.slug, bounced.id]), {"from": "message"}, follow=True)
    assert "The message goes out again now." in again.content.decode()
    drain()
    assert [letter.to for letter in mail.outbox] == [[DANA]]


def test_a_stop_is_shown_and_is_not_staffs_to_lift(shop: Shop, staff: Client) -> None:
    suppress(
        business_id=shop.business_id,
        channel="sms",
        address="+441134960000",
        reason="stopped",
        now=clock.now(),
    )
    address = reverse("desk:suppressed", args=[shop.slug])
    page = staff.get(address).content.decode()
    assert "Answered STOP" in page
    assert "Write to it again" not in page
    answer = staff.post(address, {"which": str(Suppression.objects.get().id)})
    assert answer.status_code == 409
    assert "Only their own START takes it back." in answer.content.decode()
    assert staff.post(address, {"which": "x"}).status_code == 404


def test_nothing_of_it_is_shown_elsewhere(other_shop: Shop, stranger: Client, bounced: Message) -> None:
    assert DANA not in listed(other_shop, stranger, q="")
    assert stranger.get(reverse("desk:message", args=[other_shop.slug, bounced.id])).status_code == 404
    suppressed = reverse("desk:suppressed", args=[other_shop.slug])
    assert DANA not in stranger.get(suppressed).content.decode()
    held = Suppression.objects.get()
    assert stranger.post(suppressed, {"which": str(held.id)}).status_code == 404
    held.refresh_from_db()
    assert held.lifted_at is None

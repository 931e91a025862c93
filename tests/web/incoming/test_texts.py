"""Twilio's calls: believed only when signed; news of texts, and answers of people who wait."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from holdfast.bookings.models import Booking
from holdfast.businesses.models import Business
from holdfast.businesses.rules import read_settings, write_settings
from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.customers.rules import Contact
from holdfast.notifications.models import DeliveryEvent, Message, Suppression
from holdfast.waitlist.commands import offer_by_hand
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.queries import EntryFacts
from tests.cast import Shop
from tests.waitlist.line import wait

pytestmark = pytest.mark.django_db
NUMBER = "+441134960000"
URL = "https://book.example.com/webhooks/sms/twilio"


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    """A Friday morning."""
    with time_machine.travel(datetime(2026, 11, 20, 9, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def texted(shop: Shop, settings: Any) -> EntryFacts:
    """Dana, who gave a number and no address, is offered ten o'clock by text."""
    settings.SMS_PROVIDER, settings.TWILIO_AUTH_TOKEN = "console", "token"
    settings.BASE_URL = "https://book.example.com"
    row = Business.objects.get(id=shop.business_id)
    chosen = write_settings(read_settings(row.settings)) | {"sms": True, "sms_prefix": "+44"}
    Business.objects.filter(id=row.id).update(settings=chosen)
    entry = wait(shop, Contact("Dana", "", "0113 496 0000"), actor=shop.actor(), from_time="16:45")
    offer_by_hand(
        actor=shop.actor(), timetable=shop.timetable, entry_id=entry.id, service_id=shop.cut.id,
        starts_at=shop.at("10:00"), now=clock.now(),
    )  # fmt: skip
    drain()
    return entry


def call(
    query: str = "", *, token: str = "token", signature: str | None = None, **fields: str
) -> HttpResponse:
    said = URL + query + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    signed = base64.b64encode(hmac.digest(token.encode(), said.encode(), "sha1")).decode()
    client = Client(headers={"X-Twilio-Signature": signed if signature is None else signature})
    return client.post(f"/webhooks/sms/twilio{query}", fields)


def answer(body: str, sid: str = "SM1", number: str = NUMBER) -> str:
    response = call(From=number, To="+441134969999", Body=body, MessageSid=sid)
    assert response.status_code == 200
    return response.content.decode()


def text() -> Message:
    return Message.objects.get(channel="sms", kind="offer")


def test_whoever_gave_only_a_number_is_asked_by_text(texted: EntryFacts) -> None:
    assert (text().recipient, text().state) == (NUMBER, "sent")


def test_1_accepts_the_offer_once(texted: EntryFacts) -> None:
    said = answer(" 1 ")
    assert "<Message>Booked: " in said
    booking = Booking.objects.get(id=Entry.objects.get(id=texted.id).booking_id)
    assert booking.state == "confirmed"
    assert "<Message>" not in answer(" 1 "), "the same call again changes and says nothing"
    assert Offer.objects.get().state == "accepted"
    assert "Booked" in answer("1", "SM2"), "asked again it is the same booking"
    log = DeliveryEvent.objects.filter(what="replied").order_by("id")
    assert [(one.message_id, one.detail) for one in log] == [(text().id, "accept")] * 2


def test_9_passes_and_keeps_the_place_in_line(texted: EntryFacts) -> None:
    assert "You keep your place in line." in answer("9")
    assert Offer.objects.get().state == "declined"
    assert Entry.objects.get(id=texted.id).state == "waiting"
    assert "not possible any more" in answer("1", "SM2")


def test_anything_else_is_told_how_and_strangers_are_told_nothing(texted: EntryFacts) -> None:
    assert "Reply 1 to accept, 9 to pass." in answer("who is this?")
    assert "<Message>" not in answer("1", number="+4917000000000")
    assert Offer.objects.get().state == "pending"


def test_stop_is_kept_until_start(texted: EntryFacts, shop: Shop) -> None:
    assert "<Message>" not in answer("STOP")
    assert Suppression.objects.get(lifted_at=None).reason == "stopped"
    answer("start", "SM2")
    assert not Suppression.objects.filter(lifted_at=None).exists()


def test_news_of_a_text_moves_it_on(texted: EntryFacts) -> None:
    query = f"?message={text().id}"
    assert call(query, MessageSid="SM9", MessageStatus="delivered").status_code == 204
    assert text().state == "delivered"
    assert call(query, MessageSid="SM9", MessageStatus="sent").status_code == 204
    assert text().state == "delivered"
    assert call("?message=x", MessageSid="SM9", MessageStatus="sent").status_code == 204


def test_a_text_that_did_not_arrive_says_so(texted: EntryFacts) -> None:
    call(f"?message={text().id}", MessageSid="SM9", MessageStatus="undelivered", ErrorCode="30003")
    assert (text().state, text().last_error) == ("failed", "Twilio 30003")


def test_what_twilio_did_not_sign_changes_nothing(texted: EntryFacts, settings: Any) -> None:
    asked = {"From": NUMBER, "Body": "1", "MessageSid": "SM1"}
    query = f"?message={text().id}"
    wrong = [
        call(token="other", **asked),
        call(signature="", **asked),
        call(query, signature="x", MessageStatus="delivered", MessageSid="SM9"),
        Client().post("/webhooks/sms/console", asked),
    ]
    settings.TWILIO_AUTH_TOKEN = ""
    wrong.append(call(token="", **asked))
    assert [response.status_code for response in wrong] == [400] * len(wrong)
    assert Offer.objects.get().state == "pending"
    assert not DeliveryEvent.objects.exists()


def test_whoever_gives_a_number_is_told_that_it_is_texted(
    texted: EntryFacts, shop: Shop, settings: Any
) -> None:
    page = f"/b/{shop.slug}/list"
    said = "We text you reminders and offers. Answer STOP to end it."

    def hints() -> bool:
        return said in Client().get(page, {"service": str(shop.cut.id)}, follow=True).content.decode()

    assert hints()
    settings.SMS_PROVIDER = ""
    assert not hints()

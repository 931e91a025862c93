"""Staff see which messages did not reach their readers, and send one again (SPEC H3)."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from holdfast.bookings.queries import BookingFacts
from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.notifications.models import Message
from holdfast.waitlist.commands import leave_waitlist, offer_by_hand
from holdfast.waitlist.queries import EntryFacts
from holdfast.web.desk import words
from tests.cast import GUEST, Shop
from tests.meta import house
from tests.waitlist.line import wait

HTMX = {"HX-Request": "true"}


@pytest.fixture
def failed(dana_at_noon: BookingFacts) -> Message:
    """The confirmation for Dana, given up by the mail server."""
    drain()
    mail.outbox.clear()
    message = Message.objects.get(booking_id=dana_at_noon.id, kind="booked")
    message.state, message.attempts, message.last_error = "failed", 8, "SMTPRecipientsRefused 550"
    message.save()
    return message


def card(shop: Shop, booking: BookingFacts) -> str:
    return reverse("desk:booking", args=[shop.slug, booking.reference])


def resend(shop: Shop, message: Message) -> str:
    return reverse("desk:resend", args=[shop.slug, message.id])


def unsent(shop: Shop) -> str:
    return reverse("desk:messages", args=[shop.slug])


@pytest.mark.parametrize("name", ["day", "board", "bookings"])
def test_the_desk_says_that_messages_were_not_sent(
    name: str, shop: Shop, staff: Client, failed: Message
) -> None:
    assert unsent(shop) in staff.get(reverse(f"desk:{name}", args=[shop.slug])).content.decode()
    failed.state = "queued"
    failed.save()
    assert unsent(shop) not in staff.get(reverse(f"desk:{name}", args=[shop.slug])).content.decode()


def test_the_list_names_reader_reason_and_booking(
    shop: Shop, staff: Client, failed: Message, dana_at_noon: BookingFacts
) -> None:
    page = staff.get(unsent(shop)).content.decode()
    assert "dana@example.org" in page
    assert "Mail could not be delivered (SMTPRecipientsRefused 550)." in page
    assert card(shop, dana_at_noon) in page
    assert resend(shop, failed) in page


def test_of_bookings_that_are_over_nobody_needs_to_hear_any_more(
    shop: Shop, staff: Client, failed: Message, friday: time_machine.Traveller
) -> None:
    friday.move_to("2026-11-20T12:31:00Z")
    page = staff.get(unsent(shop)).content.decode()
    assert "Every message was sent" in page
    assert "dana@example.org" not in page


def test_a_failed_message_goes_again_from_the_list(shop: Shop, staff: Client, failed: Message) -> None:
    answer = staff.post(resend(shop, failed), {"from": "list"}, follow=True)
    assert answer.redirect_chain == [(f"{unsent(shop)}?did=resend", 302)]
    assert "The message goes out again now." in answer.content.decode()
    drain()
    assert [sent.to for sent in mail.outbox] == [["dana@example.org"]]
    failed.refresh_from_db()
    assert failed.state == "sent"
    assert "Every message was sent" in staff.get(unsent(shop)).content.decode()


def test_a_sent_message_goes_again_from_the_page_of_its_booking(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    drain()
    mail.outbox.clear()
    sent = Message.objects.get(booking_id=dana_at_noon.id, kind="booked")
    assert resend(shop, sent) in staff.get(card(shop, dana_at_noon)).content.decode()
    answer = staff.post(resend(shop, sent), follow=True)
    assert answer.redirect_chain == [(f"{card(shop, dana_at_noon)}?did=resend", 302)]
    assert "The message goes out again now." in answer.content.decode()
    drain()
    assert [letter.to for letter in mail.outbox] == [["dana@example.org"]]


@pytest.mark.parametrize("sent_from", ["list", "page"])
def test_a_message_that_is_not_true_any_more_is_refused_with_the_reason(
    sent_from: str, shop: Shop, staff: Client, failed: Message, dana_at_noon: BookingFacts,
    friday: time_machine.Traveller,
) -> None:  # fmt: skip
    staff.post(reverse("desk:step", args=[shop.slug, dana_at_noon.reference, "cancel"]))
    friday.shift(60)
    answer = staff.post(resend(shop, failed), {"from": sent_from})
    assert answer.status_code == 409
    assert "Not sent: it is not true any more. The booking was cancelled." in answer.content.decode()
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_nobody_sends_messages_of_another_business(
    shop: Shop, stranger: Client, other_shop: Shop, failed: Message
) -> None:
    assert stranger.post(resend(shop, failed)).status_code == 404
    assert stranger.post(resend(other_shop, failed)).status_code == 404
    failed.refresh_from_db()
    assert failed.state == "failed"
    assert "dana@example.org" not in stranger.get(unsent(other_shop)).content.decode()


@pytest.fixture
def waiting(shop: Shop) -> EntryFacts:
    """Dana waits for an evening that never is, has her receipt and an offer whose letter went."""
    entry = wait(shop, from_time="16:45")
    drain()
    offer_by_hand(
        actor=shop.actor(),
        timetable=shop.timetable,
        entry_id=entry.id,
        service_id=shop.cut.id,
        starts_at=shop.at("10:00"),
        now=clock.now(),
    )
    return entry


def test_messages_to_people_who_wait_are_shown_with_what_became_of_them(
    shop: Shop, staff: Client, waiting: EntryFacts, friday: time_machine.Traveller
) -> None:
    friday.shift(11 * 60)
    drain()
    page = staff.get(unsent(shop)).content.decode()
    for said in (
        "To people who wait", "On the waitlist · dana@example.org", "Offered a place · dana@example.org",
        "The time to answer was over before it could go.", "Offer over · dana@example.org",
        "They had not been told of the offer.", "Not needed any more",
    ):  # fmt: skip
        assert said in page, said
    mail.outbox.clear()
    receipt = Message.objects.get(entry_id=waiting.id, kind="joined")
    assert resend(shop, receipt) in page
    answer = staff.post(resend(shop, receipt), {"from": "list"}, follow=True)
    assert "The message goes out again now." in answer.content.decode()
    drain()
    assert [letter.subject for letter in mail.outbox] == ["You are on the waitlist of Fenwick"]
    assert Message.objects.filter(entry_id=waiting.id, kind="joined", state="sent").count() == 2


def test_a_failed_message_to_somebody_who_waits_is_counted_until_they_wait_no_more(
    shop: Shop, staff: Client, waiting: EntryFacts, friday: time_machine.Traveller
) -> None:
    drain()
    Message.objects.filter(kind="offer").update(state="failed", last_error="SMTPRecipientsRefused 550")
    failed = Message.objects.get(kind="offer")
    bookings = reverse("desk:bookings", args=[shop.slug])
    assert unsent(shop) in staff.get(bookings).content.decode()
    page = staff.get(unsent(shop)).content.decode()
    assert page.count("Mail could not be delivered (SMTPRecipientsRefused 550).") == 1
    friday.shift(11 * 60)
    answer = staff.post(resend(shop, failed))
    assert answer.status_code == 409
    assert "Not sent: it is not true any more. The time to answer was over" in answer.content.decode()
    leave_waitlist(
        actor=GUEST.waiting_as(waiting.id),
        business_id=shop.business_id,
        entry_id=waiting.id,
        now=clock.now(),
    )
    assert unsent(shop) not in staff.get(bookings).content.decode()
    page = staff.get(unsent(shop)).content.decode()
    assert "Mail could not be delivered (SMTPRecipientsRefused 550)." in page


def test_messages_to_people_who_wait_elsewhere_are_not_shown(
    stranger: Client, other_shop: Shop, waiting: EntryFacts
) -> None:
    drain()
    assert "dana@example.org" not in stranger.get(unsent(other_shop)).content.decode()
    receipt = Message.objects.get(entry_id=waiting.id, kind="joined")
    assert stranger.post(resend(other_shop, receipt)).status_code == 404


def test_every_reason_for_which_a_message_is_not_sent_has_words() -> None:
    rules = "\n".join(path.read_text() for path in (house.SOURCE / "notifications").rglob("*.py"))
    found = {
        code for said in re.findall(r"\bDrop\(([^()]*)\)", rules) for code in re.findall(r'"(\w+)"', said)
    }
    assert {"offer_late", "offer_over", "not_told", "moved", "cancelled"} <= found
    assert [reason for reason in sorted(found) if "could not be delivered" in words.problem(reason)] == []

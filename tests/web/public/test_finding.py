"""Finding a booking again: one answer, whatever was asked."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

from holdfast.bookings.queries import BookingFacts
from holdfast.core import clock
from holdfast.notifications.commands import announce_booking
from holdfast.notifications.models import Message
from tests.cast import Shop
from tests.web.public.visitor import said


@pytest.fixture
def booking(shop: Shop) -> BookingFacts:
    """Dana's booking, of which she was told."""
    made = shop.book("10:00")
    announce_booking(booking_id=made.id, now=clock.now())
    Message.objects.update(state=Message.State.SENT, sent_at=clock.now())
    return made


def letters() -> int:
    return Message.objects.filter(state=Message.State.QUEUED).count()


def ask(client: Client, shop: Shop, reference: str, email: str) -> Any:
    return client.post(f"/b/{shop.slug}/find", {"reference": reference, "email": email})


def test_the_link_goes_to_the_address_the_booking_was_made_with(
    client: Client, shop: Shop, booking: BookingFacts
) -> None:
    page = ask(client, shop, booking.shown_reference.lower(), "DANA@example.org")
    assert page.status_code == 200
    assert "is on its way to that address" in said(page)
    assert letters() == 1


@pytest.mark.parametrize(
    ("reference", "email"),
    [("", "someone@else.example"), ("AAAAA-AAAAA", ""), ("nonsense", ""), ("", "")],
    ids=["wrong email", "wrong reference", "no reference at all", "both right"],
)
def test_the_answer_is_the_same_whether_or_not_they_belong_together(
    client: Client, shop: Shop, booking: BookingFacts, reference: str, email: str
) -> None:
    known = ask(client, shop, booking.shown_reference, "dana@example.org")
    asked = ask(client, shop, reference or booking.shown_reference, email or "dana@example.org")
    before, after = said(known), said(asked)
    assert (asked.status_code, after) == (known.status_code, before)


def test_a_wrong_pair_sends_nothing(client: Client, shop: Shop, booking: BookingFacts) -> None:
    ask(client, shop, booking.shown_reference, "someone@else.example")
    assert letters() == 0


def test_another_business_sends_nothing(
    client: Client, shop: Shop, other_shop: Shop, booking: BookingFacts
) -> None:
    ask(client, other_shop, booking.shown_reference, "dana@example.org")
    assert letters() == 0


def test_nobody_can_fill_a_mailbox_with_it(client: Client, shop: Shop, booking: BookingFacts) -> None:
    for _ in range(5):
        assert ask(client, shop, booking.shown_reference, "dana@example.org").status_code == 200
        # Each is gone before the next is asked for.
        Message.objects.update(state=Message.State.SENT, sent_at=clock.now())
    told = Message.objects.filter(audience=Message.Audience.CUSTOMER, kind=Message.Kind.BOOKED)
    assert told.count() == 1 + 3


@pytest.mark.parametrize(
    ("reference", "email", "words"),
    [
        ("", "dana@example.org", "Add the reference"),
        ("K7QM3-XWPHT", "", "Add your email address"),
        ("K7QM3-XWPHT", "dana", "Write the whole email address"),
        ("K" * 1000, "dana@example.org", "Use at most 40 characters."),
    ],
)
def test_what_is_missing_is_named(client: Client, shop: Shop, reference: str, email: str, words: str) -> None:
    page = ask(client, shop, reference, email)
    assert page.status_code == 422
    assert words in said(page)


@override_settings(RATE_LIMIT_MAX_REQUESTS=2)
def test_guessing_is_stopped(client: Client, shop: Shop) -> None:
    answers = [ask(client, shop, "AAAAA-AAAAA", "dana@example.org") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Retry-After" in answers[-1]

"""Letters show the logo of their business, and no empty frame where there is none."""

from __future__ import annotations

from holdfast.businesses.models import Business
from holdfast.notifications.commands import announce_booking
from holdfast.notifications.models import Message
from holdfast.notifications.queries import letter_of
from holdfast.notifications.rules.letters import Letter
from tests.notifications.conftest import NOW, Barbershop


def the_letter(shop: Barbershop) -> Letter:
    message = Message.objects.get(kind="booked", audience="customer")
    letter = letter_of(business_id=shop.business.id, message_id=message.id, now=NOW)
    assert isinstance(letter, Letter)
    return letter


def test_a_letter_shows_the_logo_if_there_is_one(shop: Barbershop, settings: object) -> None:
    announce_booking(booking_id=shop.book().id, now=NOW)
    assert "<img" not in the_letter(shop).html
    Business.objects.filter(id=shop.business.id).update(logo="a" * 64)
    address = f"{settings.BASE_URL}/logo/{'a' * 64}.png"  # type: ignore[attr-defined]
    assert f'<img src="{address}" alt="Fenwick &amp; Rowe"' in the_letter(shop).html

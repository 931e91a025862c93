"""Customers at the desk: their visits, notes about them, and blocking (SPEC D8)."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.bookings.errors import CustomerBlocked
from holdfast.bookings.queries import BookingFacts
from holdfast.customers.models import Customer
from holdfast.customers.queries import customer_by_id
from tests.cast import Shop


def page_of(shop: Shop, customer_id: UUID | None) -> str:
    return reverse("desk:person", args=[shop.slug, customer_id])


def dana(booking: BookingFacts) -> Customer:
    return Customer.objects.get(id=booking.customer_id)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_card_and_the_page_of_a_booking_lead_to_the_customer(
    headers: dict[str, str], shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    url = reverse("desk:booking", args=[shop.slug, dana_at_noon.reference])
    assert page_of(shop, dana_at_noon.customer_id) in staff.get(url, headers=headers).content.decode()


def test_the_page_tells_how_to_reach_somebody_and_what_was_booked(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    shop.book("14:00", days=1)
    off = shop.book("15:00", days=1)
    staff.post(reverse("desk:step", args=[shop.slug, off.reference, "cancel"]))
    page = staff.get(page_of(shop, dana_at_noon.customer_id)).content.decode()
    for said in ("Dana Guest", "dana@example.org", "07700 900418", "Booked 2", "Cancelled 1"):
        assert said in page
    assert reverse("desk:booking", args=[shop.slug, dana_at_noon.reference]) in page
    assert "Fri 20 Nov, 12:00" in page


def test_a_blocked_customer_cannot_book_online_and_the_desk_still_can(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    url = page_of(shop, dana_at_noon.customer_id)
    answer = staff.post(url, {"do": "block"}, follow=True)
    assert "Dana Guest is blocked." in answer.content.decode()
    with pytest.raises(CustomerBlocked):
        shop.book("14:00", days=1)
    assert shop.book("14:00", days=1, actor=shop.actor()).state == "confirmed"
    again = staff.post(url, {"do": "unblock"}, follow=True)
    assert "Dana Guest can book online again." in again.content.decode()
    assert shop.book("15:00", days=1).state == "confirmed"


def test_the_page_explains_what_blocking_does_before_it_is_done(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    page = staff.get(page_of(shop, dana_at_noon.customer_id)).content.decode()
    assert "They cannot book online any more." in page
    assert "What is booked stays booked" in page


def test_notes_are_kept_and_shown_to_the_desk_alone(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    url = page_of(shop, dana_at_noon.customer_id)
    answer = staff.post(url, {"do": "notes", "notes": "Allergic to <talc>"}, follow=True)
    assert "Notes saved." in answer.content.decode()
    assert "Allergic to &lt;talc&gt;" in answer.content.decode()
    assert (
        customer_by_id(business_id=shop.business_id, customer_id=dana(dana_at_noon).id).notes
        == "Allergic to <talc>"
    )


def test_notes_that_are_too_long_are_refused_and_stay_typed(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    url = page_of(shop, dana_at_noon.customer_id)
    answer = staff.post(url, {"do": "notes", "notes": "long " * 500})
    assert answer.status_code == 422
    assert "Use at most 2000 characters." in answer.content.decode()
    assert "long long" in answer.content.decode()
    assert not dana(dana_at_noon).notes


def test_what_is_no_change_changes_nothing(shop: Shop, staff: Client, dana_at_noon: BookingFacts) -> None:
    assert staff.post(page_of(shop, dana_at_noon.customer_id), {"do": "erase"}).status_code == 422
    assert dana(dana_at_noon).blocked_at is None


def test_another_business_neither_sees_nor_blocks_a_customer(
    shop: Shop, stranger: Client, other_shop: Shop, dana_at_noon: BookingFacts
) -> None:
    for at in (shop, other_shop):
        url = page_of(at, dana_at_noon.customer_id)
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {"do": "block"}).status_code == 404
    assert dana(dana_at_noon).blocked_at is None

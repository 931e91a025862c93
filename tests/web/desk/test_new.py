"""Booking at the desk, by phone or for somebody who walks in (SPEC D7)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.bookings.models import Booking, BookingChange
from holdfast.bookings.queries import history_of
from holdfast.catalog.commands import change_service
from holdfast.customers.models import Customer
from holdfast.customers.rules import Contact
from tests.cast import OPERATOR, Shop

NOON = "2026-11-20T12:00:00+00:00"


def url(shop: Shop) -> str:
    return reverse("desk:new", args=[shop.slug])


def form(shop: Shop, **more: str) -> dict[str, str]:
    """A whole form: Erin with anybody at noon today."""
    filled = {
        "service": str(shop.cut.id),
        "resource": "",
        "date": "2026-11-20",
        "starts_at": NOON,
        "name": "Erin",
    }
    return filled | more


def times(page: str) -> list[str]:
    return re.findall(r'name="starts_at" value="([^"]+)"', page)


def test_a_walk_in_needs_no_more_than_a_name(shop: Shop, staff: Client) -> None:
    answer = staff.post(url(shop), form(shop))
    booking = Booking.objects.get()
    assert (booking.state, booking.via) == ("confirmed", "page")
    assert booking.starts_at == shop.at("12:00", 0)
    page = staff.get(answer["Location"]).content.decode()
    assert "Booked Erin for Fri 20 Nov, 12:00 with Theo Marsh." in page
    assert f'data-opened="{booking.reference}"' in page


def test_a_booking_with_an_address_makes_a_customer(shop: Shop, staff: Client) -> None:
    staff.post(
        url(shop), form(shop, email="erin@example.org", phone="07700 900419", resource=str(shop.amara.id))
    )
    booking = Booking.objects.get()
    assert booking.resource_id == shop.amara.id
    assert booking.customer_id == Customer.objects.get().id
    assert BookingChange.objects.get(booking=booking).actor == "Bob Barber"


def test_the_same_form_sent_twice_books_once(shop: Shop, staff: Client) -> None:
    key = staff.get(url(shop)).context["idempotency_key"]
    answers = [staff.post(url(shop), form(shop, idempotency_key=key)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Booking.objects.count() == 1
    staff.post(url(shop), form(shop, idempotency_key=key, name="Frank"))
    assert Booking.objects.count() == 2


def test_the_form_offers_what_is_free_even_at_short_notice(shop: Shop, staff: Client) -> None:
    shop.book("12:00", days=0, resource=shop.theo)
    page = staff.get(url(shop), {"resource": str(shop.theo.id), "date": "2026-11-20"}).content.decode()
    assert "2026-11-20T10:45:00+00:00" in times(page)
    assert NOON not in times(page)
    anybody = staff.get(url(shop), {"date": "2026-11-20"}).content.decode()
    assert NOON in times(anybody)


def test_a_gap_of_the_board_comes_chosen(shop: Shop, staff: Client) -> None:
    page = staff.get(
        url(shop), {"resource": str(shop.theo.id), "date": "2026-11-20", "near": "14:05"}
    ).content.decode()
    assert '<input type="radio" name="starts_at" value="2026-11-20T14:15:00+00:00" checked>' in page


def test_other_choices_show_other_times_and_keep_what_was_typed(shop: Shop, staff: Client) -> None:
    sent = form(shop, do="times", date="2026-11-21", name="Erin", phone="07700 900419")
    answer = staff.post(url(shop), sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Saturday 21 November" in page
    assert 'value="07700 900419"' in page
    assert not Booking.objects.exists()


def test_a_change_of_choices_sends_only_what_changes(shop: Shop, staff: Client) -> None:
    part = staff.post(url(shop), form(shop, do="times"), headers={"HX-Request": "true"}).content.decode()
    assert "data-times" in part
    assert 'id="f-resource"' in part
    assert "<html" not in part
    assert "Erin" not in part


def test_a_day_without_a_free_time_names_the_next(shop: Shop, staff: Client) -> None:
    page = staff.get(url(shop), {"date": "2026-11-19"}).content.decode()
    assert "Nothing is free on this day." in page
    assert "The next free day is Sat 21 Nov." in page


def test_a_time_that_went_is_refused_with_fresh_ones_and_nothing_typed_is_lost(
    shop: Shop, staff: Client
) -> None:
    shop.book("12:00", days=0, resource=shop.theo, contact=Contact("Dana", "dana@example.org"))
    answer = staff.post(url(shop), form(shop, resource=str(shop.theo.id), notes="Fringe only"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Someone took this time a moment ago." in page
    assert NOON not in times(page)
    assert "Fringe only" in page
    assert Booking.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Fill this in."),
        ({"name": "x" * 121}, "Use at most 120 characters."),
        ({"name": "a\x00b"}, "Take out the characters that cannot be shown."),
        ({"email": "nobody"}, "Write an address like name@example.com."),
        ({"phone": "12"}, "Write a phone number with 5 to 15 digits."),
        ({"starts_at": ""}, "Choose a time."),
        ({"starts_at": "2026-11-20T12:00"}, "Choose a time."),
        ({"starts_at": "2026-02-30T12:00:00+00:00"}, "Choose a time."),
        ({"starts_at": "2026-11-20T12:07:00+00:00"}, "Bookings of this service do not start at this minute."),
        ({"starts_at": "2026-11-21T03:00:00+00:00"}, "Closed at this time."),
        ({"starts_at": "2026-11-20T09:00:00+00:00"}, "This time has passed."),
        ({"starts_at": "2026-11-20T16:45:00+00:00"}, "It would not end within opening hours."),
        ({"party_size": "0"}, "Write a number from 1 to 1."),
        ({"party_size": "1000000000"}, "Write a number from 1 to 1."),
        ({"party_size": "two"}, "Write a whole number."),
        ({"other_time": "26:00"}, "Write a time like 09:30."),
        ({"override_reason": "x" * 201, "other_time": "18:00"}, "Use at most 200 characters."),
        ({"notes": "x" * 1001}, "Use at most 1000 characters."),
    ],
)
def test_what_is_wrong_is_said_by_the_field_and_nothing_is_stored(
    wrong: dict[str, str], words: str, shop: Shop, staff: Client
) -> None:
    answer = staff.post(url(shop), form(shop, **wrong))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Booking.objects.exists()


def test_a_rule_is_broken_only_with_a_reason_that_is_kept(shop: Shop, staff: Client) -> None:
    early = form(shop, starts_at="", other_time="07:37")
    assert staff.post(url(shop), early | {"date": "2026-11-21"}).status_code == 422
    staff.post(url(shop), early | {"date": "2026-11-21", "override_reason": "Train to catch"})
    booking = Booking.objects.get()
    assert booking.starts_at == shop.at("07:37", 1)
    details = history_of(business_id=shop.business_id, booking_id=booking.id)[-1].details
    assert details["reason"] == "Train to catch"
    assert details["overridden"]


def test_no_reason_makes_a_taken_time_free(shop: Shop, staff: Client) -> None:
    shop.book("12:00", days=0, resource=shop.theo)
    taken = form(shop, resource=str(shop.theo.id), override_reason="The boss says so")
    assert staff.post(url(shop), taken).status_code == 409
    assert Booking.objects.count() == 1


def test_an_unknown_person_is_not_found(shop: Shop, staff: Client, other_shop: Shop) -> None:
    assert staff.post(url(shop), form(shop, resource=str(other_shop.theo.id))).status_code == 404
    assert not Booking.objects.exists()


def test_without_services_the_form_says_what_to_do(shop: Shop, staff: Client) -> None:
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"is_active": False}
    )
    assert "Nothing to book yet" in staff.get(url(shop)).content.decode()

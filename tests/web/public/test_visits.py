"""What customers say by their link: that they are coming, and how it was; and where the desk sees it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.accounts.models import Account
from holdfast.bookings.commands.forgetting import forget_person
from holdfast.bookings.models import Booking, Rating
from holdfast.bookings.queries import BookingFacts, booking_by_id, manage_token
from holdfast.bookings.queries.person import about_person
from holdfast.bookings.queries.ratings import rating_figures
from holdfast.core import clock
from holdfast.lib.actors import Role
from tests.cast import Shop
from tests.web.public.visitor import said


@pytest.fixture
def booking(shop: Shop) -> BookingFacts:
    return shop.book("10:00", resource=shop.theo)


@pytest.fixture
def url(booking: BookingFacts) -> str:
    return f"/m/{manage_token(booking_id=booking.id)}"


def as_it_is(booking: BookingFacts) -> BookingFacts:
    return booking_by_id(business_id=booking.business_id, booking_id=booking.id)


def test_opening_the_link_asks_and_pressing_the_button_says_that_they_come(
    shop: Shop, bob: Account, client: Client, booking: BookingFacts, url: str
) -> None:
    page = client.get(f"{url}/coming")
    assert "Are you coming?" in said(page)
    assert not as_it_is(booking).is_coming  # a mail program that looks at links says nothing
    after = client.post(f"{url}/coming", follow=True)
    assert "See you then" in said(after)
    assert as_it_is(booking).is_coming
    sequence = as_it_is(booking).sequence
    client.post(f"{url}/coming")
    assert as_it_is(booking).sequence == sequence  # said twice it is said once
    assert "You said that you are coming" in said(client.get(url))
    client.force_login(bob)
    card = client.get(reverse("desk:booking", args=[shop.slug, booking.reference]))
    assert "Says they come" in said(card)
    assert "Said that they are coming" in said(card)


def test_what_was_said_of_another_time_counts_no_more(
    client: Client, booking: BookingFacts, url: str
) -> None:
    client.post(f"{url}/coming")
    Booking.objects.filter(id=booking.id).update(starts_at=booking.starts_at.replace(minute=5))
    assert not as_it_is(booking).is_coming
    assert "Yes, I am coming" in said(client.get(f"{url}/coming"))


def test_a_cancelled_booking_asks_nothing_and_takes_no_answer(
    client: Client, booking: BookingFacts, url: str
) -> None:
    Booking.objects.filter(id=booking.id).update(state="cancelled")
    assert client.get(f"{url}/coming")["Location"] == url
    assert client.post(f"{url}/coming").status_code == 409
    assert as_it_is(booking).coming_at is None


def test_a_visit_is_rated_once_it_is_done_and_can_be_rated_anew(
    client: Client, booking: BookingFacts, url: str
) -> None:
    assert client.get(f"{url}/rating")["Location"] == url
    client.post(f"{url}/rating", {"stars": "5"})
    assert not Rating.objects.exists()
    Booking.objects.filter(id=booking.id).update(state="completed")
    assert "How was it?" in said(client.get(f"{url}/rating"))
    assert not Rating.objects.exists()
    for wrong in ({}, {"stars": "6"}, {"stars": "five"}, {"stars": "5", "comment": "x" * 1001}):
        answer = client.post(f"{url}/rating", wrong)
        assert answer.status_code == 422
    assert "Choose one to five stars." in said(client.post(f"{url}/rating", {"comment": "Kept"}))
    thanked = client.post(f"{url}/rating", {"stars": "4", "comment": "Lovely <b>fade</b>"}, follow=True)
    assert "Thank you" in said(thanked)
    assert "Book again" in said(thanked)
    assert "Lovely <b>fade</b>" in said(client.get(f"{url}/rating"))
    client.post(f"{url}/rating", {"stars": "5"})
    assert [(row.stars, row.comment) for row in Rating.objects.all()] == [(5, None)]


def test_staff_read_the_ratings_with_their_average_on_the_page_and_by_the_api(
    shop: Shop, bob: Account, client: Client
) -> None:
    client.force_login(bob)
    here = reverse("desk:ratings", args=[shop.slug])
    assert "No ratings yet" in said(client.get(here))
    for hhmm, stars in (("10:00", 5), ("11:00", 4), ("12:00", 4)):
        one = shop.book(hhmm, resource=shop.theo)
        Booking.objects.filter(id=one.id).update(state="completed")
        Rating.objects.create(
            business_id=shop.business_id, booking_id=one.id, stars=stars, comment=f"Came at {hhmm}", rated_at=clock.now()
        )  # fmt: skip
    page = said(client.get(here))
    for words in (
        "4.3 of 5",
        "The average of 3 ratings.",
        "5 stars 1",
        "4 stars 2",
        "1 star 0",
        "Came at 11:00",
    ):
        assert words in page
    figures = rating_figures(business_id=shop.business_id)
    assert (figures.count, figures.average, figures.by_stars) == (3, pytest.approx(13 / 3), (0, 0, 0, 2, 1))
    headers = {"Authorization": f"Bearer {shop.token(Role.STAFF)}"}
    body = client.get(f"/api/v1/businesses/{shop.slug}/ratings", headers=headers).json()
    assert (body["count"], body["average"], body["by_stars"]) == (3, 4.33, [0, 0, 0, 2, 1])
    assert body["items"][0]["comment"].startswith("Came at")


def test_what_somebody_wrote_is_handed_over_and_forgotten_while_the_stars_stay(
    client: Client, booking: BookingFacts, url: str
) -> None:
    Booking.objects.filter(id=booking.id).update(state="completed")
    client.post(f"{url}/rating", {"stars": "2", "comment": "The music was loud"})
    assert booking.customer_id is not None
    who = {"business_id": booking.business_id, "customer_id": booking.customer_id}
    assert about_person(**who)["ratings"][0]["comment"] == "The music was loud"
    forget_person(**who, now=clock.now())  # type: ignore[arg-type]
    assert [(row.stars, row.comment) for row in Rating.objects.all()] == [(2, None)]


def test_the_reminders_of_a_service_are_set_at_the_desk_and_by_the_api(
    shop: Shop, alice: Account, client: Client
) -> None:
    client.force_login(alice)
    here = reverse("desk:letters", args=[shop.slug])
    name = f"reminders-{shop.cut.id}"
    assert client.post(here, {"do": "reminders", name: "48, 0.5"}).status_code == 302
    headers = {"Authorization": f"Bearer {shop.token(Role.MANAGER)}"}
    api = f"/api/v1/businesses/{shop.slug}/services/{shop.cut.id}/reminders"
    assert client.get(api, headers=headers).json() == {"minutes": [2880, 30]}
    assert 'value="48, 0.5"' in client.get(here).content.decode()
    wrong = client.post(here, {"do": "reminders", name: "soon"})
    assert wrong.status_code == 422
    assert 'value="soon"' in wrong.content.decode()
    assert client.put(api, {"minutes": []}, content_type="application/json", headers=headers).json() == {
        "minutes": []
    }
    assert client.post(here, {"do": "reminders", name: ""}).status_code == 302
    assert client.get(api, headers=headers).json() == {"minutes": None}

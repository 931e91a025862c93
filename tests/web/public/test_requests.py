"""The pages of a request without script: the form, its mistakes, the question, sending once, the personal link (S1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from holdfast.accounts.commands import create_account
from holdfast.bookings.commands import (
    accept_request,
    challenge_option,
    counter_request,
    give_option,
    save_template,
)
from holdfast.bookings.models import Booking, Request
from holdfast.bookings.queries import booking_by_id, manage_token
from holdfast.core import clock
from holdfast.lib.actors import Actor, Role
from tests.bookings.artist import ERIN, Studio, make_studio
from tests.cast import PASSWORD, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


@pytest.fixture
def visitor() -> Client:
    return Client()


def typed(studio: Studio, **more: str) -> dict[str, str]:
    return {
        "service": str(studio.service_id),
        "date": studio.on().isoformat(),
        "from": "20:00",
        "until": "01:00",
        "venue_name": "The Vault",
        "venue_address": "1 Mill Lane, Leeds",
        "details": "Opening night",
        "fee": "800",
        "name": "Dana Guest",
        "email": "dana@example.org",
        "phone": "",
        "notes": "",
        "idempotency_key": "key1",
    } | more


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_the_front_door_of_an_artist_leads_to_the_form(studio: Studio, visitor: Client) -> None:
    page = visitor.get("/b/mara/", follow=True)
    assert page.redirect_chain[-1][0] == "/b/mara/request"
    for words in ("Make a request", "Two hotel rooms", "Mara Sound answers by", "Usually 800.00."):
        assert words in text_of(page)


def test_a_business_without_requests_has_no_form(shop: Shop, visitor: Client) -> None:
    assert visitor.get("/b/fenwick/request").status_code == 404


def test_the_question_comes_before_sending_and_sending_leads_to_the_request(
    studio: Studio, visitor: Client
) -> None:
    asked = visitor.post("/b/mara/request", typed(studio))
    assert asked.status_code == 200
    assert "Send this request to Mara Sound?" in text_of(asked)
    assert Booking.objects.count() == 0
    sent = visitor.post("/b/mara/request/send", typed(studio, **{"rider-0": "yes", "instead-1": "Buffet"}))
    assert sent.status_code == 303
    page = visitor.get(sent["Location"])
    for words in ("Requested", "The Vault", "£800.00", "20:00 to 01:00"):
        assert words in text_of(page), words
    booking = Booking.objects.get()
    assert booking.ends_at - booking.starts_at == timedelta(hours=5)
    assert page["Referrer-Policy"] == "same-origin"
    assert list(Request.objects.get().rider.values_list("answer", flat=True)) == ["yes", "", ""]


def test_a_form_sent_twice_makes_one_request(studio: Studio, visitor: Client) -> None:
    first, second = (visitor.post("/b/mara/request/send", typed(studio)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"date": ""}, "Choose the date of the event."),
        ({"date": "2027-02-30"}, "Write a date that exists, like 2027-05-29."),
        ({"date": "2020-05-29"}, "This date has passed. Choose a later one."),
        ({"from": "25:99"}, "Write a time of day, like 20:00."),
        ({"from": "", "until": "23:00"}, "Add when it begins, or leave out when it ends."),
        ({"venue_name": ""}, "Add the name of the venue."),
        ({"venue_address": " "}, "Add the address of the venue."),
        ({"details": ""}, "Tell something about the event."),
        ({"fee": ""}, "Add the fee you offer, 0 if none."),
        ({"fee": "-5"}, "The fee cannot be negative, nor that high."),
        ({"fee": "lots"}, "Write an amount, like 800 or 800.50."),
        ({"email": "nonsense"}, "Write the whole email address"),
        ({"name": ""}, "Add your name."),
    ],
)
def test_each_mistake_is_said_and_the_form_is_kept(
    studio: Studio, visitor: Client, change: dict[str, str], sentence: str
) -> None:
    for path in ("", "/send"):
        page = visitor.post(f"/b/mara/request{path}", typed(studio, **change))
        assert page.status_code == 422
        assert sentence in text_of(page)
        assert "One thing to fix" in text_of(page)
        if "details" not in change:
            assert "Opening night" in text_of(page)
    assert Booking.objects.count() == 0


def test_a_taken_date_offers_free_ones_and_keeps_the_form(studio: Studio, visitor: Client) -> None:
    booking = studio.ask(contact=ERIN)
    accept_request(actor=studio.actor(), timetable=studio.timetable, booking_id=booking.id, now=clock.now())
    page = visitor.post("/b/mara/request/send", typed(studio))
    assert page.status_code == 409
    assert "This date is taken." in text_of(page)
    assert "Opening night" in text_of(page)
    other = (studio.on() + timedelta(days=1)).isoformat()
    assert f'name="other" value="{other}"' in text_of(page)
    again = visitor.post("/b/mara/request/edit", typed(studio, other=other))
    assert f'value="{other}"' in text_of(again)
    assert visitor.post("/b/mara/request/send", typed(studio, date=other)).status_code == 303
    empty = visitor.get(f"/b/mara/request?date={studio.on()}")
    assert "<b>Taken</b>" in text_of(empty)


def link(booking_id: Any) -> str:
    return f"/r/{manage_token(booking_id=booking_id)}"


def test_a_counter_offer_is_answered_on_the_page(studio: Studio, visitor: Client) -> None:
    booking = studio.ask()
    counter_request(
        actor=studio.actor(),
        timetable=studio.timetable,
        booking_id=booking.id,
        fee_minor=95_000,
        message="For a longer set",
        now=clock.now(),
    )
    page = visitor.get(link(booking.id))
    for words in ("Another offer, Dana", "For a longer set", "Accept £950.00"):
        assert words in text_of(page)
    answered = visitor.post(f"{link(booking.id)}/answer", {"do": "accept"}, follow=True)
    assert "It is a date, Dana" in text_of(answered)
    assert booking_by_id(business_id=studio.business_id, booking_id=booking.id).price_minor == 95_000
    late = visitor.post(f"{link(booking.id)}/answer", {"do": "decline"})
    assert late.status_code == 409


def test_a_challenged_option_is_confirmed_or_let_go(studio: Studio, visitor: Client) -> None:
    first, second = studio.ask(), studio.ask(contact=ERIN)
    for booking in (first, second):
        give_option(actor=studio.actor(), timetable=studio.timetable, booking_id=booking.id, now=clock.now())
    assert "First option" in text_of(visitor.get(link(first.id)))
    challenge_option(actor=studio.actor(), timetable=studio.timetable, booking_id=second.id, now=clock.now())
    assert "Will you take the date?" in text_of(visitor.get(link(first.id)))
    gone = visitor.post(f"{link(first.id)}/answer", {"do": "decline"}, follow=True)
    assert "Declined" in text_of(gone)
    assert "First option" in text_of(visitor.get(link(second.id)))


def test_the_rider_is_answered_and_the_request_withdrawn(studio: Studio, visitor: Client) -> None:
    booking = studio.ask()
    line = studio.read(booking).rider[0]
    saved = visitor.post(
        f"{link(booking.id)}/rider",
        {f"rider-{line.id}": "different", f"instead-{line.id}": "Mono only"},
        follow=True,
    )
    assert "Your answers are saved." in text_of(saved)
    assert "Mono only" in text_of(saved)
    off = visitor.post(f"{link(booking.id)}/withdraw", follow=True)
    assert "Withdrawn" in text_of(off)
    assert "Save answers" not in text_of(off)


def test_the_last_request_and_templates_fill_the_form(studio: Studio, visitor: Client) -> None:
    booking = studio.ask()
    page = visitor.get(f"/b/mara/request?again={manage_token(booking_id=booking.id)}")
    for words in ("The Vault", "Opening night, 300 people", 'value="20:00"', "dana@example.org"):
        assert words in text_of(page)
    assert visitor.get("/b/mara/request?again=nonsense").status_code == 404
    dana = create_account(email="dana@example.org", name="Dana Guest", password=PASSWORD)
    template = save_template(
        actor=Actor(Role.CUSTOMER, account_id=dana.id),
        business_id=studio.business_id,
        wanted={"name": "Our club", "venue_name": "Club Nine", "from_time": "22:00"},
        now=clock.now(),
    )
    address = f"/b/mara/request?template={template.id}"
    assert "Club Nine" not in text_of(visitor.get(address))
    visitor.force_login(dana, backend="holdfast.accounts.backends.SignInBackend")
    filled = text_of(visitor.get(address))
    assert "Club Nine" in filled
    assert "Our club" in filled
    kept = visitor.post(f"{link(booking.id)}/keep", {"name": "The Vault again"}, follow=True)
    assert "Saved as a template." in text_of(kept)
    assert "The Vault again" in text_of(visitor.get("/b/mara/request"))


def test_the_manage_link_of_a_request_leads_to_its_own_page(studio: Studio, visitor: Client) -> None:
    booking = studio.ask()
    answer = visitor.get(f"/m/{manage_token(booking_id=booking.id)}")
    assert answer["Location"] == link(booking.id)


def test_a_wrong_link_finds_nothing_and_an_ordinary_booking_is_no_request(
    studio: Studio, shop: Shop, visitor: Client
) -> None:
    assert visitor.get("/r/nonsense").status_code == 404
    assert visitor.get(link(shop.book().id)).status_code == 404

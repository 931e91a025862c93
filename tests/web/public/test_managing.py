"""The page behind a personal link: see, add to a calendar, move, cancel, take it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client, override_settings
from icalendar import Calendar
from time_machine import Traveller

from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts, manage_token
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from tests.cast import Shop
from tests.web.public.visitor import reserve, said, stamp, values


@pytest.fixture
def booking(shop: Shop) -> BookingFacts:
    """Dana's, with Theo, in three days at ten."""
    return shop.book("10:00", resource=shop.theo, notes="Long on top")


@pytest.fixture
def url(booking: BookingFacts) -> str:
    """Dana's personal link."""
    return f"/m/{manage_token(booking_id=booking.id)}"


@pytest.fixture
def later(shop: Shop) -> Iterator[Traveller]:
    """A clock that the test can move; it starts now."""
    with time_machine.travel(clock.now(), tick=False) as clock_of_the_test:
        yield clock_of_the_test


def test_the_page_says_what_is_booked_and_on_which_terms(
    client: Client, url: str, booking: BookingFacts
) -> None:
    words = said(client.get(url))
    for part in (
        "You're booked, Dana",
        "10:00",
        "30 minutes, ends 10:30",
        "London time",
        "Classic cut",
        "£26.00",
    ):
        assert part in words
    for part in (
        "Theo Marsh",
        "Long on top",
        booking.shown_reference,
        "Move or cancel free",
        "After that",
        "Booked",
    ):
        assert part in words


def test_the_calendar_file_is_the_booking_and_rises_with_each_change(
    client: Client, url: str, booking: BookingFacts, shop: Shop
) -> None:
    answer = client.get(f"{url}.ics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    assert "no-store" in answer["Cache-Control"]
    first = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert first.decoded("dtstart") == booking.starts_at
    client.post(f"{url}/move", {"at": stamp(shop, "12:00")})
    second = Calendar.from_ical(client.get(f"{url}.ics").content).walk("VEVENT")[0]
    assert second["uid"] == first["uid"]
    assert int(second.decoded("sequence")) > int(first.decoded("sequence"))


def test_cancelling_asks_first_then_can_be_taken_back_for_two_minutes(
    client: Client, url: str, booking: BookingFacts
) -> None:
    question = client.get(f"{url}/cancel")
    assert "at 10:00?" in said(question)
    assert "for 2 minutes" in said(question)
    done = client.post(f"{url}/cancel", {"sequence": values(question, "sequence")[0]})
    assert done.status_code == 303
    page = client.get(done["Location"])
    assert "Cancelled" in said(page)
    assert "Changed your mind?" in said(page)
    assert Claim.objects.filter(booking_id=booking.id).exists(), "the time is kept while it can be taken back"
    back = client.post(f"{url}/undo")
    assert back.status_code == 303
    assert "You're still booked, Dana" in said(client.get(back["Location"]))
    assert Booking.objects.get().state == "confirmed"
    assert not OutboxEvent.objects.filter(kind="BookingCancelled").exists(), (
        "nobody hears of what was taken back"
    )


def test_a_cancellation_sent_twice_is_not_refused_by_its_own_success(client: Client, url: str) -> None:
    key = {"idempotency_key": "c1"}
    assert [client.post(f"{url}/cancel", key).status_code for _ in range(2)] == [303, 303]
    assert [client.post(f"{url}/undo", {"idempotency_key": "u1"}).status_code for _ in range(2)] == [303, 303]
    assert Booking.objects.get().state == "confirmed"


def test_taking_back_too_late_says_so(client: Client, url: str, later: Traveller) -> None:
    client.post(f"{url}/cancel")
    later.shift(timedelta(minutes=3))
    assert "Changed your mind?" not in said(client.get(url))
    answer = client.post(f"{url}/undo")
    assert answer.status_code == 409
    assert "The time to undo has passed." in said(answer)
    assert Booking.objects.get().state == "cancelled"


def test_cancelling_twice_says_how_it_stands(client: Client, url: str) -> None:
    client.post(f"{url}/cancel")
    answer = client.post(f"{url}/cancel")
    assert answer.status_code == 409
    assert "the booking is cancelled" in said(answer)


def test_after_the_notice_the_page_offers_neither_and_refuses_both(
    client: Client, shop: Shop, url: str, later: Traveller
) -> None:
    later.move_to(shop.at("10:00") - timedelta(hours=2))
    page = client.get(url)
    assert f"{url}/cancel" not in page.content.decode()
    assert f"{url}/move" not in page.content.decode()
    assert client.get(f"{url}/cancel").status_code == 302
    assert client.get(f"{url}/move").status_code == 302
    answer = client.post(f"{url}/cancel")
    assert answer.status_code == 409
    assert "too late to change this online" in said(answer)
    assert Booking.objects.get().state == "confirmed"


def test_moving_keeps_the_old_time_until_the_new_one_is_taken(client: Client, url: str, shop: Shop) -> None:
    page = client.get(f"{url}/move")
    assert "until you confirm the new time" in said(page)
    assert "Your time now" in said(page)
    done = client.post(f"{url}/move", {"at": stamp(shop, "12:00"), "sequence": values(page, "sequence")[0]})
    assert done.status_code == 303
    words = said(client.get(done["Location"]))
    assert "Moved to" in words
    assert "12:00" in words
    assert "Moved from" in words, "the history tells both times"
    assert Booking.objects.get().starts_at == shop.at("12:00")
    assert Claim.objects.get().starts_at == shop.at("12:00")


def test_moving_to_a_time_that_has_gone_keeps_the_booking_and_offers_others(
    client: Client, url: str, shop: Shop
) -> None:
    shop.book("12:00", resource=shop.theo)
    page = client.post(f"{url}/move", {"at": stamp(shop, "12:00")})
    assert page.status_code == 409
    assert "Someone booked 12:00 a moment ago." in said(page)
    assert Booking.objects.get(contact__isnull=False, starts_at=shop.at("10:00")).state == "confirmed"
    other = values(page, "choice")[0]
    assert client.post(f"{url}/move", {"choice": other}).status_code == 303


@pytest.mark.parametrize("at", ["", "soon", "2026-02-30T10:00Z", "9" * 300])
def test_moving_to_no_time_is_refused_on_the_same_page(client: Client, url: str, shop: Shop, at: str) -> None:
    page = client.post(f"{url}/move", {"at": at})
    assert page.status_code == 422
    assert "Choose a time first." in said(page)
    assert Booking.objects.get().starts_at == shop.at("10:00")


@pytest.mark.parametrize(("hhmm", "days"), [("10:07", 3), ("22:00", 3), ("10:00", -3), ("10:00", 400)])
def test_moving_to_a_time_that_may_not_be_booked_is_refused_on_the_same_page(
    client: Client, url: str, shop: Shop, hhmm: str, days: int
) -> None:
    assert client.post(f"{url}/move", {"at": stamp(shop, hhmm, days)}).status_code == 422
    assert Booking.objects.get().starts_at == shop.at("10:00")


def test_a_form_made_before_a_change_does_not_overwrite_it(client: Client, url: str, shop: Shop) -> None:
    old = values(client.get(f"{url}/cancel"), "sequence")[0]
    client.post(f"{url}/move", {"at": stamp(shop, "12:00")})
    answer = client.post(f"{url}/cancel", {"sequence": old})
    assert answer.status_code == 409
    assert "was changed in the meantime" in said(answer)
    assert Booking.objects.get().state == "confirmed"


def test_the_same_move_sent_twice_moves_once(client: Client, url: str, shop: Shop) -> None:
    fields = {"at": stamp(shop, "12:00"), "idempotency_key": "k9"}
    first, second = (client.post(f"{url}/move", fields) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert "Moved from" in said(client.get(url))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("checked_in", "You are checked in."),
        ("completed", "Thank you for coming, Dana"),
        ("no_show", "We missed you, Dana"),
        ("cancelled", "Cancelled"),
        ("declined", "Declined"),
        ("expired", "This hold has ended"),
    ],
)
def test_every_state_has_its_words_and_only_what_is_ahead_can_be_changed(
    client: Client, url: str, state: str, words: str
) -> None:
    Booking.objects.update(state=state)
    page = client.get(url)
    assert words in said(page)
    assert f"{url}/cancel" not in page.content.decode()
    assert client.get(f"{url}/move").status_code == 302


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "A" * 5000])
@pytest.mark.parametrize("page", ["", ".ics", "/move", "/cancel"])
def test_a_wrong_link_is_not_found(client: Client, db: None, token: str, page: str) -> None:
    assert client.get(f"/m/{token}{page}").status_code == 404


@override_settings(RATE_LIMIT_MAX_REQUESTS=3)
def test_guessing_links_is_stopped_and_a_right_one_still_opens(client: Client, url: str) -> None:
    answers = [client.get(f"/m/{'A' * 42}{n}").status_code for n in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    assert client.get(url).status_code == 200


def test_reading_pages_changes_nothing(client: Client, url: str) -> None:
    assert client.get(f"{url}/undo")["Location"] == url
    for page in ("", ".ics", "/move", "/cancel"):
        client.get(f"{url}{page}")
    assert Booking.objects.get().sequence == 0


def test_the_way_from_the_page_leads_through_the_whole_life_of_a_booking(client: Client, shop: Shop) -> None:
    page = reserve(client, shop)
    client.post(f"{page}/move", {"at": stamp(shop, "14:00")})
    client.post(f"{page}/cancel")
    client.post(f"{page}/undo")
    words = said(client.get(page))
    order = (
        [words.rindex(part) for part in ("Booked Fri", "Moved from", "Taken back")]
        if "Booked Fri" in words
        else []
    )
    assert order == sorted(order)
    assert [part in words for part in ("Moved from", "Cancelled", "Taken back")] == [True, True, True]

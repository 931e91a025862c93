"""The artist's inbox at the desk: what it shows, each answer, options, the checklist, riders (S1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from holdfast.accounts.commands import create_account
from holdfast.bookings.commands import accept_request, give_option
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.businesses.commands import add_member
from holdfast.catalog.queries.riders import riders_of
from holdfast.core import clock
from holdfast.lib.actors import Role
from tests.bookings.artist import ERIN, FRAN, Studio, make_studio
from tests.cast import OPERATOR, PASSWORD, Shop, join

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


def member(studio: Studio, role: Role) -> Client:
    account = create_account(email=f"{role}@mara.example", name=f"The {role}", password=PASSWORD)
    add_member(actor=OPERATOR, business_id=studio.business_id, account_id=account.id, role=role)
    client = Client()
    client.force_login(account, backend="holdfast.accounts.backends.SignInBackend")
    return client


@pytest.fixture
def desk(studio: Studio) -> Client:
    return member(studio, Role.STAFF)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def act(client: Client, booking: BookingFacts, name: str, **fields: str) -> Any:
    address = f"/desk/mara/requests/{booking.reference}/{name}"
    return client.post(address, fields, follow=True)


def now_of(studio: Studio, booking: BookingFacts) -> BookingFacts:
    return booking_by_id(business_id=studio.business_id, booking_id=booking.id)


def test_the_inbox_says_what_waits_and_shows_all_that_is_needed(studio: Studio, desk: Client) -> None:
    assert "Nothing to answer" in text_of(desk.get("/desk/mara/requests"))
    booking = studio.ask()
    page = text_of(desk.get("/desk/mara/requests"))
    assert "To answer 1" in page
    for words in (
        "The Vault", "1 Mill Lane, Leeds", "Opening night, 300 people", "£800.00", "Dana Guest",
        "dana@example.org", "Stereo line at the stage", "The date is free.", "Accept £800.00", "20:00 to 23:00",
    ):  # fmt: skip
        assert words in page, words
    alone = text_of(desk.get(f"/desk/mara/requests/{booking.reference}"))
    assert "Answer by" in alone
    assert '<span class="count">' in text_of(desk.get("/desk/mara/bookings"))


def test_accepting_and_declining_at_the_desk(studio: Studio, desk: Client) -> None:
    first, second = studio.ask(), studio.ask(contact=ERIN)
    page = act(desk, first, "accept", sequence=str(first.sequence))
    assert "Agreed. The customer is told by mail." in text_of(page)
    taken = desk.get(f"/desk/mara/requests/{second.reference}")
    assert "The date is taken." in text_of(taken)
    refused = act(desk, second, "accept")
    assert refused.status_code == 409
    assert "The date is taken by a booking that is agreed." in text_of(refused)
    declined = act(desk, second, "decline", reason="The date is gone")
    assert "The date is gone" in text_of(declined)
    assert [now_of(studio, each).state for each in (first, second)] == ["confirmed", "declined"]
    day = text_of(desk.get(f"/desk/mara/?date={first.local_on.isoformat()}"))
    assert "Dana Guest" in day
    assert "Declined" in text_of(desk.get("/desk/mara/requests?show=all"))


def test_a_counter_offer_from_the_desk(studio: Studio, desk: Client) -> None:
    booking = studio.ask()
    for fields, sentence in (
        ({}, "Offer another fee"),
        ({"fee": "lots"}, "amount"),
        ({"date": "2027-02-30"}, "date"),
        ({"date": "2020-02-03"}, "pass"),
    ):
        page = act(desk, booking, "counter", **fields)
        assert page.status_code == 422, fields
        assert sentence.lower() in text_of(page).lower()
        assert "<details open>" in text_of(page)
    other = studio.on(32).isoformat()
    page = act(desk, booking, "counter", fee="950", date=other, message="A Friday would suit us")
    assert "Sent. The customer can answer by their link." in text_of(page)
    counter = studio.read(now_of(studio, booking)).counter
    assert counter is not None
    assert (counter.fee_minor, counter.starts_at) == (95_000, studio.at("20:00", 32))
    assert "They answer by" in text_of(page)


def test_a_stale_answer_is_refused(studio: Studio, desk: Client) -> None:
    booking = studio.ask()
    act(desk, booking, "counter", fee="1")
    page = act(desk, booking, "accept", sequence=str(booking.sequence))
    assert page.status_code == 409
    assert now_of(studio, booking).state == "requested"


def test_options_are_given_challenged_and_taken_back(studio: Studio, desk: Client) -> None:
    first, second, third = (studio.ask(contact=c) for c in (ERIN, FRAN, ERIN))
    act(desk, first, "option")
    page = act(desk, second, "option")
    assert "Second option" in text_of(page)
    assert "Erin Other" in text_of(page)
    page = act(desk, third, "accept")
    assert "Another request has the first option on this date." in text_of(page)
    assert act(desk, second, "challenge", hours="999").status_code == 422
    page = act(desk, second, "challenge", hours="24")
    assert "Asked. The first option has to confirm or goes." in text_of(page)
    assert "The holder of the first option is being asked already." in text_of(act(desk, second, "challenge"))
    page = act(desk, first, "no-option")
    assert "Option taken back." in text_of(page)
    assert "First option" in text_of(desk.get(f"/desk/mara/requests/{second.reference}"))


def test_the_rider_is_checked_off_line_by_line(studio: Studio, desk: Client) -> None:
    booking = studio.ask()
    line = studio.read(booking).rider[1]
    page = act(desk, booking, "check", line=str(line.id))
    assert "1 of 3 checked off" in text_of(page)
    page = act(desk, booking, "check", line=str(line.id), do="uncheck")
    assert "0 of 3 checked off" in text_of(page)
    assert act(desk, booking, "check", line="nonsense").status_code == 422


def test_the_request_is_there_when_no_mail_could_be_sent(studio: Studio, desk: Client) -> None:
    booking = studio.ask()
    from holdfast.notifications.commands.requests import announce_request
    from holdfast.notifications.models import Message

    announce_request(booking_id=booking.id, now=clock.now())
    Message.objects.update(state="failed", last_error="SMTPServerDisconnected")
    page = text_of(desk.get(f"/desk/mara/requests/{booking.reference}"))
    assert "Opening night, 300 people" in page
    assert "Failed" in page


def test_riders_are_edited_by_managers_one_requirement_a_line(studio: Studio, desk: Client) -> None:
    assert "Live rider" in text_of(desk.get("/desk/mara/settings/riders"))
    assert desk.post("/desk/mara/settings/riders/new", {"name": "Mine"}).status_code == 404
    manager = member(studio, Role.MANAGER)
    fields = {
        "name": "Tour",
        "technical": "Two monitors\r\n\r\nA stereo line",
        "hospitality": "",
        "travel": "A van",
        "services": [str(studio.service_id)],
    }
    page = manager.post("/desk/mara/settings/riders/new", fields, follow=True)
    assert "Saved." in text_of(page)
    tour = next(rider for rider in riders_of(business_id=studio.business_id) if rider.name == "Tour")
    assert [(line.section, line.text) for line in tour.lines] == [
        ("technical", "Two monitors"), ("technical", "A stereo line"), ("travel", "A van"),
    ]  # fmt: skip
    address = f"/desk/mara/settings/riders/{tour.id}"
    long = manager.post(address, fields | {"travel": "v" * 301})
    assert long.status_code == 422
    assert "f-travel-error" in text_of(long)
    assert manager.post(address, fields | {"name": ""}).status_code == 422
    manager.post(address, {"do": "delete"})
    assert [rider.name for rider in riders_of(business_id=studio.business_id)] == ["Live rider"]


def test_nothing_of_the_inbox_is_there_for_strangers_and_without_requests(
    studio: Studio, shop: Shop, other_shop: Shop
) -> None:
    booking = studio.ask()
    bob = join(shop, "bob@example.org", "Bob", Role.ADMIN)
    client = Client()
    client.force_login(bob, backend="holdfast.accounts.backends.SignInBackend")
    for path in ("requests", f"requests/{booking.reference}", "settings/riders"):
        assert client.get(f"/desk/mara/{path}").status_code == 404
    assert client.get(f"/desk/fenwick/requests/{booking.reference}").status_code == 404
    assert act(client, booking, "accept").status_code == 404
    assert "/requests" not in text_of(client.get("/desk/fenwick/bookings"))
    assert "Nothing to answer" in text_of(client.get("/desk/fenwick/requests"))


def test_a_confirmed_request_shows_its_option_is_over(studio: Studio, desk: Client) -> None:
    booking = studio.ask()
    for command in (give_option, accept_request):
        command(actor=studio.actor(), timetable=studio.timetable, booking_id=booking.id, now=clock.now())
    page = text_of(desk.get(f"/desk/mara/requests/{booking.reference}"))
    assert "Agreed" in page
    assert "Options on this date" not in page

"""From an empty installation to the first bookable time, by what is written on the pages alone: at most 15 inputs for each
kind of business, on a phone and on a desk, with script and without (SPEC A1, L5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from holdfast.blueprints.queries import set_up_code
from holdfast.bookings.models import Booking
from holdfast.businesses.models import Business, Member
from holdfast.core import clock
from tests.cast import PASSWORD
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast

MOST_INPUTS = 15
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
TITLES = {
    "barbershop": "Staff and services",
    "venue": "Tables for a night",
    "waitlist": "Walk-in queue",
    "artist": "Requests and offers",
    "counter": "Counter with places",
}
OpenContext = Callable[..., BrowserContext]


class Hand:
    """Somebody who reads labels, and counts what they type, choose and press."""

    def __init__(self, page: Page) -> None:
        self.page, self.inputs = page, 0
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def writes(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)
        self.inputs += 1

    def chooses(self, label: str) -> None:
        self.page.get_by_role("radio", name=label).check()
        self.inputs += 1

    def presses(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).click()
        self.inputs += 1

    def reads(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)


@pytest.fixture
def code(live_holdfast: LiveHoldfast) -> str:
    """The code of the running, empty installation."""
    return set_up_code()


def set_up(hand: Hand, kind: str, code: str, name: str = "Fenwick & Rowe") -> None:
    """All four pages of the set-up."""
    hand.page.goto("/")
    hand.reads("Welcome. Who are you?")
    hand.writes("Email", "alice@example.org")
    hand.writes("Password", PASSWORD)
    hand.writes("Set-up code", code)
    hand.presses("Continue")
    hand.reads("What do people book with you?")
    hand.chooses(TITLES[kind])
    hand.presses("Continue")
    hand.reads("Name and hours")
    hand.writes("Name of your business", name)
    hand.chooses("Every day, 9 to 5")
    hand.presses("Continue")
    hand.reads("People and services")
    hand.presses("Open for bookings")
    hand.reads("You are open")


@pytest.mark.parametrize("kind", sorted(TITLES))
def test_each_kind_of_business_is_set_up_in_fifteen_inputs(
    browser_context: OpenContext, code: str, kind: str
) -> None:
    hand = Hand(browser_context(viewport=DESK, timezone_id="Europe/Berlin").new_page())
    set_up(hand, kind, code)
    assert hand.inputs <= MOST_INPUTS
    made = Business.objects.get()
    assert (made.slug, made.blueprint, made.timezone, made.currency) == (
        "fenwick-and-rowe",
        kind,
        "Europe/Berlin",
        "EUR",
    )
    assert Member.objects.get(business=made).account.email == "alice@example.org"
    page = hand.page
    expect(page.get_by_role("img", name="Code of your booking page")).to_be_visible()
    page.get_by_role("link", name="Go to your desk").click()
    expect(page.get_by_role("heading", name="You are open for bookings")).to_be_visible()
    page.get_by_role("link", name="See what customers see").click()
    expect(page.get_by_text("Fenwick & Rowe").first).to_be_visible()
    assert hand.complaints == []


def choose_third_day(page: Page) -> None:
    """Not today, when the business may have closed."""
    day = page.get_by_role("link", name="free").filter(visible=True).nth(2)
    day.click()
    expect(day).to_have_attribute("aria-current", "date")


def choose_appointment(page: Page) -> None:
    page.get_by_role("button", name="See times").click()
    choose_third_day(page)
    page.get_by_role("group", name="Morning").get_by_role("radio", name="10:00").check()
    page.get_by_role("button", name="Continue").click()


def choose_place(page: Page) -> None:
    page.get_by_role("link", name="One place more").click()
    page.wait_for_url("**n=2**")  # the days are drawn anew for two
    choose_third_day(page)
    page.get_by_role("radio", name="10:00").check()
    page.get_by_role("button", name="Continue").click()


def choose_table(page: Page) -> None:
    night = page.get_by_role("link", name="times").filter(visible=True).nth(2)
    night.click()
    expect(night).to_have_attribute("aria-current", "date")
    arrival = page.get_by_role("link", name="10:00", exact=True)
    arrival.click()
    expect(arrival).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Hold it").click()


@pytest.mark.parametrize(
    ("kind", "choose"),
    [
        ("barbershop", choose_appointment),
        ("waitlist", choose_appointment),
        ("counter", choose_place),
        ("venue", choose_table),
    ],
)
def test_the_first_customer_books(
    browser_context: OpenContext, code: str, kind: str, choose: Callable[[Page], None]
) -> None:
    owner = Hand(browser_context(viewport=DESK, timezone_id="Europe/London").new_page())
    set_up(owner, kind, code)
    address = owner.page.get_by_role("link", name="See what customers see").get_attribute("href")
    assert address is not None
    page = browser_context(viewport=PHONE, timezone_id="Europe/London").new_page()
    page.goto(address)
    choose(page)
    page.get_by_label("Full name").fill("Dana Guest")
    page.get_by_label("Email").fill("dana@example.org")
    page.get_by_role("button", name="Book it").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    booking = Booking.objects.get()
    assert booking.state == "confirmed"
    assert booking.business.blueprint == kind


def test_the_first_request_reaches_the_artist(browser_context: OpenContext, code: str) -> None:
    owner = Hand(browser_context(viewport=DESK, timezone_id="Europe/London").new_page())
    set_up(owner, "artist", code)
    address = owner.page.get_by_role("link", name="See what customers see").get_attribute("href")
    assert address is not None
    page = browser_context(viewport=PHONE, timezone_id="Europe/London").new_page()
    page.goto(address)
    page.get_by_label("Date").fill((clock.now() + timedelta(days=20)).date().isoformat())
    page.get_by_label("From").fill("10:00")
    page.get_by_label("Until").fill("12:00")
    page.get_by_label("Venue", exact=True).fill("The old mill")
    page.get_by_label("Address of the venue").fill("1 River Lane, Leeds")
    page.get_by_label("About the event").fill("A garden party for sixty")
    page.get_by_label("Fee you offer, GBP").fill("800")
    page.get_by_label("Your name").fill("Dana Guest")
    page.get_by_label("Email").fill("dana@example.org")
    page.get_by_role("button", name="Send request").click()
    page.get_by_role("dialog").get_by_role("button", name="Send request").click()
    page.wait_for_url("**/r/**")
    asked = Booking.objects.get()
    assert (asked.state, asked.business.blueprint) == ("requested", "artist")


def test_it_works_without_script_and_nothing_is_lost_on_the_way_back(
    browser_context: OpenContext, code: str
) -> None:
    hand = Hand(browser_context(viewport=PHONE, java_script_enabled=False).new_page())
    page = hand.page
    page.goto("/")
    hand.writes("Email", "alice@example.org")
    hand.writes("Password", PASSWORD)
    hand.writes("Set-up code", code)
    hand.presses("Continue")
    hand.chooses("Tables for a night")
    hand.presses("Continue")
    hand.writes("Name of your business", "Fenwick & Rowe")
    page.get_by_label("Time zone").select_option(label="Paris")
    hand.chooses("Our own hours")
    page.get_by_label("Monday opens").fill("18:00")
    page.get_by_label("Monday closes").fill("02:00")
    hand.presses("Continue")
    hand.presses("Add a table")
    page.get_by_role("group", name="Table 6").get_by_label("Name").fill("The long one")
    page.get_by_role("group", name="Table 6").get_by_label("Seats").fill("12")
    page.get_by_role("button", name="Remove Table 1").click()
    hand.presses("Back")
    expect(page.get_by_label("Name of your business")).to_have_value("Fenwick & Rowe")
    expect(page.get_by_label("Monday closes")).to_have_value("02:00")
    hand.presses("Continue")
    expect(page.get_by_role("group", name="Table 5").get_by_label("Name")).to_have_value("The long one")
    hand.presses("Open for bookings")
    hand.reads("You are open")
    made = Business.objects.get()
    assert (made.timezone, made.currency) == ("Europe/Paris", "EUR")
    assert made.resources.count() == 5
    assert made.resources.filter(name="The long one", seats_max=12).exists()


@LOOKS
def test_every_page_of_the_set_up_is_accessible(
    browser_context: OpenContext, code: str, size: dict[str, int], scheme: Any
) -> None:
    page = browser_context(
        viewport=size, color_scheme=scheme, reduced_motion="reduce", timezone_id="Europe/London"
    ).new_page()
    hand = Hand(page)

    def check() -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url

    page.goto("/")
    check()
    hand.presses("Continue")
    check()  # with mistakes
    hand.writes("Email", "alice@example.org")
    hand.writes("Password", PASSWORD)
    hand.writes("Set-up code", code)
    hand.presses("Continue")
    check()
    hand.chooses("Counter with places")
    check()
    hand.presses("Continue")
    check()
    hand.chooses("Our own hours")
    hand.presses("Continue")
    check()
    hand.writes("Name of your business", "Fenwick & Rowe")
    hand.presses("Continue")
    check()
    hand.presses("Add a visit")
    hand.presses("Open for bookings")
    check()
    page.get_by_role("button", name="Remove Visit 2").click()
    hand.presses("Open for bookings")
    hand.reads("You are open")
    check()
    page.goto("/desk/")
    expect(page.get_by_role("heading", name="Before your first customer")).to_be_visible()
    check()

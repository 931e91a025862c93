"""An artist's date is asked for and answered in a real browser: every failure on the way leaves the form as it was (S1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import BrowserContext, Page, Route, expect

from holdfast.accounts.commands import create_account
from holdfast.bookings.commands import accept_request, counter_request, save_template
from holdfast.bookings.models import Booking, Request
from holdfast.bookings.queries import manage_token
from holdfast.businesses.commands import add_member
from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.lib.actors import Actor, Role
from tests.bookings.artist import ERIN, Studio, make_studio
from tests.cast import OPERATOR, PASSWORD
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
OpenContext = Callable[..., BrowserContext]
SEND = "**/b/mara/request/send"


@pytest.fixture
def studio(live_holdfast: LiveHoldfast) -> Studio:
    """Mara on the running server, with Bob at her desk."""
    studio = make_studio()
    bob = create_account(email="bob@example.org", name="Bob Agent", password=PASSWORD)
    add_member(actor=OPERATOR, business_id=studio.business_id, account_id=bob.id, role=Role.STAFF)
    return studio


@pytest.fixture
def visit(browser_context: OpenContext) -> Callable[..., Page]:
    """Open a page; what its console complains about is collected on ``page.complaints``."""

    def open_page(**options: Any) -> Page:
        page = browser_context(reduced_motion="reduce", timezone_id="Europe/London", **options).new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints  # type: ignore[attr-defined]
        return page

    return open_page


def fill(page: Page, studio: Studio, **more: str) -> None:
    values = {
        "Date": studio.on().isoformat(),
        "From": "20:00",
        "Until": "23:00",
        "Venue": "The Vault",
        "Address of the venue": "1 Mill Lane, Leeds",
        "About the event": "Opening night",
        "Fee you offer, GBP": "800",
        "Your name": "Dana Guest",
        "Email": "dana@example.org",
    } | more
    for label, value in values.items():
        page.get_by_label(re.compile(f"^{label}")).fill(value)


def send(page: Page) -> None:
    page.locator("#request .call").get_by_role("button", name="Send request").click()
    page.get_by_role("dialog").get_by_role("button", name="Send request").click()


def sign_in(page: Page, path: str, email: str = "bob@example.org") -> None:
    page.goto(f"/accounts/login/?next={path}")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"**{path}")


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


@SIZES
def test_a_date_is_asked_for_accepted_at_the_desk_and_agreed(
    visit: Callable[..., Page], studio: Studio, size: dict[str, int]
) -> None:
    page = visit(viewport=size)
    page.goto("/b/mara/")
    expect(heading(page)).to_have_text("Make a request")
    fill(page, studio)
    line = page.locator(".ask", has_text="Hot vegan meal for three")
    line.get_by_label("Different", exact=True).check()
    line.get_by_role("textbox").fill("A cold buffet")
    page.locator("#request .call").get_by_role("button", name="Send request").click()
    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text("Send this request to Mara Sound?")
    assert not Booking.objects.exists(), "asking whether is not asking"
    page.get_by_role("dialog").get_by_role("button", name="Send request").click()
    expect(heading(page)).to_have_text("Requested")
    drain()
    to_artist = next(sent for sent in mail.outbox if sent.to == ["bookings@mara.example"])
    for words in ("The Vault", "Opening night", "£800.00", "dana@example.org", "A cold buffet"):
        assert words in to_artist.body

    desk = visit(viewport=size)
    sign_in(desk, "/desk/mara/requests")
    desk.get_by_role("link", name="The Vault").first.click()
    expect(desk.get_by_text("A cold buffet")).to_be_visible()
    desk.get_by_role("button", name="Check off: Two hotel rooms").click()
    expect(desk.get_by_text("1 of 3 checked off")).to_be_visible()
    desk.get_by_role("button", name="Accept £800.00").click()
    expect(desk.get_by_text("Agreed. The customer is told by mail.")).to_be_visible()

    page.reload()
    expect(heading(page)).to_have_text("It is a date, Dana")
    expect(page.get_by_text("Checked off", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Venue", exact=True)).to_have_value("")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_mistakes_are_named_and_a_taken_date_is_exchanged_for_a_free_one(
    visit: Callable[..., Page], studio: Studio
) -> None:
    taken = studio.ask(contact=ERIN)
    accept_request(actor=studio.actor(), timetable=studio.timetable, booking_id=taken.id, now=clock.now())
    page = visit(viewport=PHONE)
    page.goto("/b/mara/request")
    fill(page, studio, Venue="", Date="2020-02-03", **{"Fee you offer, GBP": "-5"})
    page.locator("#request .call").get_by_role("button", name="Send request").click()
    alert = page.get_by_role("alert").filter(has_text="thing")
    expect(alert).to_be_focused()
    for words in (
        "Add the name of the venue.",
        "This date has passed. Choose a later one.",
        "The fee cannot be negative, nor that high.",
    ):
        expect(alert).to_contain_text(words)
    expect(page.get_by_label("About the event")).to_have_value("Opening night")

    fill(page, studio)
    send(page)
    expect(page.get_by_role("alert").filter(has_text="This date is taken")).to_be_visible()
    expect(page.get_by_label("About the event")).to_have_value("Opening night")
    page.get_by_role("group", name="Free dates nearby").get_by_role("button").first.click()
    expect(page.get_by_label("About the event")).to_have_value("Opening night")
    send(page)
    expect(heading(page)).to_have_text("Requested")
    assert Booking.objects.filter(state="requested").count() == 1


def test_a_lost_connection_or_a_fault_keeps_the_form_and_trying_again_asks_once(
    visit: Callable[..., Page], studio: Studio
) -> None:
    page = visit(viewport=DESK)
    page.goto("/b/mara/request")
    fill(page, studio)
    page.route(SEND, lambda route: route.abort("connectionfailed"))
    send(page)
    note = page.get_by_role("alert").filter(has_text="Your request was not sent")
    expect(note).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_focused()
    expect(page.get_by_label("About the event")).to_have_value("Opening night")
    assert_accessible(page)

    page.unroute(SEND)
    page.route(SEND, lambda route: route.fulfill(status=500, body="<main>fault</main>"))
    page.get_by_role("button", name="Try again").click()
    expect(note).to_be_visible()
    expect(page.get_by_label("About the event")).to_have_value("Opening night")

    # The request arrives, its answer does not.
    page.unroute(SEND)

    def cut(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route(SEND, cut)
    page.get_by_role("button", name="Try again").click()
    expect(note).to_be_visible()
    assert Booking.objects.count() == 1
    page.unroute(SEND)
    page.get_by_role("button", name="Try again").click()
    expect(heading(page)).to_have_text("Requested")
    assert Booking.objects.count() == 1


def test_while_it_is_being_sent_nothing_can_be_sent_again(visit: Callable[..., Page], studio: Studio) -> None:
    page = visit(viewport=DESK)
    page.goto("/b/mara/request")
    fill(page, studio)
    waiting: list[Route] = []
    page.route(SEND, lambda route: waiting.append(route))
    send(page)
    final = page.get_by_role("dialog").get_by_role("button", name="Send request")
    expect(final).to_have_class("button button-primary is-busy")
    expect(final).to_have_attribute("aria-disabled", "true")
    for _ in range(3):
        final.click(force=True)
    assert len(waiting) == 1
    waiting[0].continue_()
    expect(heading(page)).to_have_text("Requested")
    assert Booking.objects.count() == 1


@SIZES
def test_the_whole_way_works_without_script(
    visit: Callable[..., Page], studio: Studio, size: dict[str, int]
) -> None:
    page = visit(viewport=size, java_script_enabled=False)
    page.goto("/b/mara/request")
    fill(page, studio)
    page.locator(".ask", has_text="Two hotel rooms").get_by_label("Yes").check()
    page.get_by_role("button", name="Send request").first.click()
    expect(heading(page)).to_have_text("Send this request to Mara Sound?")
    page.get_by_role("button", name="Change the request").click()
    expect(page.get_by_label("Venue", exact=True)).to_have_value("The Vault")
    page.get_by_role("button", name="Send request").first.click()
    page.get_by_role("button", name="Send request").click()
    expect(heading(page)).to_have_text("Requested")
    assert list(Request.objects.get().rider.values_list("answer", flat=True)) == ["", "", "yes"]
    page.get_by_text("Withdraw the request").click()
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(heading(page)).to_have_text("Withdrawn")


def test_a_counter_offer_is_accepted_by_link_and_a_template_fills_the_form(
    visit: Callable[..., Page], studio: Studio
) -> None:
    booking = studio.ask()
    counter_request(
        actor=studio.actor(),
        timetable=studio.timetable,
        booking_id=booking.id,
        fee_minor=95_000,
        starts_at=booking.starts_at + timedelta(days=1),
        message="A day later would suit us",
        now=clock.now(),
    )
    page = visit(viewport=PHONE)
    page.goto(f"/r/{manage_token(booking_id=booking.id)}")
    expect(heading(page)).to_have_text("Another offer, Dana")
    page.get_by_role("button", name="Accept £950.00").click()
    expect(heading(page)).to_have_text("It is a date, Dana")
    page.get_by_role("link", name="Use this for a new request").click()
    expect(page.get_by_label("Venue", exact=True)).to_have_value("The Vault")

    dana = create_account(email="dana@example.org", name="Dana Guest", password=PASSWORD)
    save_template(
        actor=Actor(Role.CUSTOMER, account_id=dana.id),
        business_id=studio.business_id,
        wanted={"name": "Our club", "venue_name": "Club Nine", "details": "The Friday night"},
        now=clock.now(),
    )
    sign_in(page, "/b/mara/request", "dana@example.org")
    page.get_by_role("link", name="Our club").click()
    expect(page.get_by_label("Venue", exact=True)).to_have_value("Club Nine")
    fill(page, studio, Venue="Club Nine", Date=studio.on(40).isoformat())
    send(page)
    expect(heading(page)).to_have_text("Requested")


@LOOKS
def test_every_page_of_a_request_is_accessible(
    visit: Callable[..., Page], studio: Studio, size: dict[str, int], scheme: str
) -> None:
    first = studio.ask()
    counter_request(
        actor=studio.actor(), timetable=studio.timetable, booking_id=first.id, fee_minor=1, now=clock.now()
    )
    studio.ask(days=31, contact=ERIN)
    page = visit(viewport=size, color_scheme=scheme)

    def check() -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url

    page.goto("/b/mara/request")
    check()
    page.locator("#request .call").get_by_role("button", name="Send request").click()
    expect(page.get_by_role("alert").filter(has_text="things to fix")).to_be_focused()
    check()
    fill(page, studio)
    page.locator("#request .call").get_by_role("button", name="Send request").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check()
    page.goto(f"/r/{manage_token(booking_id=first.id)}")
    check()
    sign_in(page, "/desk/mara/requests")
    check()
    page.goto(f"/desk/mara/requests/{first.reference}?show=all")
    page.locator("summary", has_text="Another offer").click()
    check()
    page.goto("/desk/mara/settings/riders")
    check()
    page.get_by_role("link", name="Live rider").click()
    check()

"""A party books a table at a club in a real browser: the best table, tables together, past midnight; and what may go wrong.

SPEC §1, row ``venue``, without payment and the second factor.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from holdfast.bookings.models import Booking, Claim
from tests.club import Club, make_club
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])

OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def live_club(live_holdfast: LiveHoldfast) -> Club:
    """Alice's club on the running server."""
    return make_club()


@pytest.fixture
def visit(browser_context: OpenContext) -> Callable[..., Page]:
    """Open a page; what its console complains about is collected on ``page.complaints``."""

    def open_page(**options: Any) -> Page:
        page = browser_context(reduced_motion="reduce", timezone_id="Europe/London", **options).new_page()
        complaints: list[str] = []
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints  # type: ignore[attr-defined]
        return page

    return open_page


def choose_night(page: Page, club: Club, party: int, hhmm: str = "22:00", days: int = 3) -> None:
    """From the business's address to its tables, by the links of the page: party, night, arrival."""
    page.goto(f"/b/{club.slug}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Book a table")
    stepper = page.locator(".stepper output")
    while (now := int(stepper.inner_text())) != party:
        page.get_by_role("link", name="One more" if now < party else "One fewer").click()
        expect(stepper).to_have_text(str(now + (1 if now < party else -1)))
    night = page.locator(f"#night-{club.night('22:00', days).date().isoformat()}")
    choose(night, "date")
    clock = hhmm.replace(":", "")
    arrival = page.locator(f".arrivals a[id$='T{club.night(hhmm, days):%H%M}']")
    choose(arrival, "true")
    expect(arrival).to_have_text(f"{clock[:2]}:{clock[2:]}")


def choose(link: Locator, current: str) -> None:
    """Follow a link of the picker unless it is the one chosen: then nothing would tell when the picker is drawn anew."""
    if link.get_attribute("aria-current") != current:
        link.click()
        expect(link).to_have_attribute("aria-current", current)


def hold(page: Page) -> None:
    page.locator("button[form=choice]:visible").click()
    page.wait_for_url("**/h/**")


def fill(page: Page) -> None:
    page.get_by_label("Full name").fill("Dana Guest")
    page.get_by_label("Email").fill("dana@example.org")


def book(page: Page) -> None:
    fill(page)
    page.locator("#details .call").get_by_role("button", name="Book it").click()
    page.get_by_role("dialog").get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")


def only_booking(club: Club) -> tuple[Booking, list[str]]:
    booking = Booking.objects.get(state="confirmed")
    claims = Claim.objects.filter(booking=booking).values_list("resource_id", flat=True)
    return booking, sorted(club.named(list(claims)))


@SIZES
def test_a_party_gets_the_best_table_for_a_night_past_midnight(
    visit: Callable[..., Page], live_club: Club, size: dict[str, int]
) -> None:
    page = visit(viewport=size)
    choose_night(page, live_club, 4, "00:30")
    expect(page.locator("#tables")).to_contain_text("We choose: T3")
    hold(page)
    expect(page.locator("main")).to_contain_text("4 people")
    book(page)
    booking, tables = only_booking(live_club)
    assert tables == ["T3"]
    assert (booking.party_size, booking.local_start[11:]) == (4, "00:30")
    assert booking.local_on == live_club.night("22:00").date(), "the night it belongs to"
    assert re.fullmatch(r"[0-9A-HJ-NP-Z]{10}", booking.reference)
    expect(page.locator("main")).to_contain_text("the night of")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_large_party_gets_tables_together_and_may_choose_its_own(
    visit: Callable[..., Page], live_club: Club
) -> None:
    page = visit(viewport=DESK)
    choose_night(page, live_club, 10)
    expect(page.get_by_role("radio", name=re.compile("^B2 [+] B3"))).to_be_attached()
    hold(page)
    book(page)
    assert only_booking(live_club)[1] == ["B2", "B3"]

    page.goto("about:blank")
    choose_night(page, live_club, 5)
    expect(page.get_by_role("link", name="B2, seats 4–8, taken")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("link", name="T1, seats 1–2, not for 5")).to_be_visible()
    page.get_by_role("link", name="B1, seats 3–6, free").click()
    expect(page.get_by_role("radio", name=re.compile("^B1 "))).to_be_checked()
    hold(page)
    expect(page.locator("main")).to_contain_text("B1")


def test_a_party_too_large_is_told_whom_to_call(visit: Callable[..., Page], live_club: Club) -> None:
    page = visit(viewport=PHONE)
    page.goto(f"/b/{live_club.slug}/tables?n=99")
    expect(page.locator(".stepper output")).to_have_text("14")
    expect(page.get_by_role("link", name="One more")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("main")).to_contain_text("14 people at most")


def test_a_full_night_leads_to_the_next_one(visit: Callable[..., Page], live_club: Club) -> None:
    for hhmm in ("22:00", "01:00"):
        live_club.party(10, hhmm)
    on = live_club.night().date().isoformat()
    page = visit(viewport=PHONE)
    page.goto(f"/b/{live_club.slug}/tables?n=10&date={on}")
    expect(page.locator(f"#night-{on}")).to_contain_text("Full")
    expect(page.locator(".empty")).to_contain_text("No table for 10 people")
    page.locator("#next-free").click()
    expect(page.locator("#picker .arrivals a").first).to_be_visible()
    hold(page)


def test_a_table_that_has_just_gone_brings_others_near(visit: Callable[..., Page], live_club: Club) -> None:
    page = visit(viewport=DESK)
    choose_night(page, live_club, 5)
    page.locator("label", has=page.locator("[data-table=B1]")).click()
    live_club.party(5, table="B1")
    page.locator("button[form=choice]:visible").click()
    expect(page.get_by_role("alert")).to_contain_text("Someone booked 22:00 a moment ago.")
    other = page.get_by_role("button", name="Same time, another table")
    expect(other).to_contain_text("at B2")
    other.click()
    page.wait_for_url("**/h/**")
    assert live_club.named([Booking.objects.get(state="held").resource_id]) == ["B2"]  # type: ignore[list-item]


def test_a_form_sent_twice_books_once(visit: Callable[..., Page], live_club: Club) -> None:
    page = visit(viewport=DESK)
    choose_night(page, live_club, 10)
    hold(page)
    fill(page)
    page.locator("#details .call").get_by_role("button", name="Book it").click()
    page.get_by_role("dialog").get_by_role("button", name="Book it").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    assert Booking.objects.filter(state="confirmed").count() == 1
    assert Claim.objects.count() == 2


def test_what_was_chosen_survives_a_network_that_is_gone(visit: Callable[..., Page], live_club: Club) -> None:
    page = visit(viewport=PHONE)
    choose_night(page, live_club, 4)
    page.context.set_offline(True)
    page.get_by_role("link", name="One more").click()
    expect(page.locator("#picker-failed")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".stepper output")).to_have_text("5", timeout=15_000)  # it tries again by itself
    hold(page)
    assert Booking.objects.get(state="held").party_size == 5


def test_it_all_works_without_script(visit: Callable[..., Page], live_club: Club) -> None:
    page = visit(viewport=PHONE, java_script_enabled=False)
    choose_night(page, live_club, 5, "01:00")
    page.get_by_role("link", name="B3, seats 4–8, free").click()
    hold(page)
    fill(page)
    page.locator("#details .call").get_by_role("button", name="Book it").click()
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    assert only_booking(live_club)[1] == ["B3"]


@LOOKS
def test_the_page_of_tables_is_accessible(
    visit: Callable[..., Page], live_club: Club, size: dict[str, int], scheme: str
) -> None:
    live_club.party(10)
    page = visit(viewport=size, color_scheme=scheme)
    choose_night(page, live_club, 5)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    on = live_club.night().date().isoformat()
    page.goto(f"/b/{live_club.slug}/tables?n=14&date={on}")
    assert_accessible(page)

"""The waitlist in a real browser: joined from a full day, an offer that appears by itself, one tap; passed; too late; no script."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.waitlist.models import Offer
from holdfast.waitlist.queries import entry_token
from tests.cast import Shop
from tests.journeys.test_barbershop_public import DESK, PHONE, live_shop, visit
from tests.support.accessibility import assert_accessible
from tests.waitlist.line import cancel_one, day_of, fill, offers, person, wait, work

__all__ = ["live_shop", "visit"]

OpenPage = Callable[..., Page]


def look(page: Page) -> None:
    """Come back to the page, which then asks at once instead of within its fifteen seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def check(page: Page) -> None:
    assert_accessible(page)
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} is too wide"


def waiting_with_offer(shop: Shop, *others: str) -> str:
    """Somebody has an offer of ten o'clock; the address of their page."""
    booked = fill(shop)
    entry = wait(shop, now=clock.now() - timedelta(days=2))
    for name in others:
        wait(shop, person(name), now=clock.now() - timedelta(days=1))
    cancel_one(shop, booked["theo 10:00"])
    work()
    return f"/w/{entry_token(entry_id=entry.id)}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_a_full_day_to_a_place_that_came_free(visit: OpenPage, live_shop: Shop, scheme: str) -> None:
    booked = fill(live_shop)
    page = visit(viewport=PHONE, color_scheme=scheme)
    page.goto(f"/b/{live_shop.slug}/times?service={live_shop.cut.id}&who=any&date={day_of(live_shop)}")
    page.get_by_role("link", name="Tell me if a time comes free").click()
    page.get_by_label("Full name").fill("Dana Guest")
    page.get_by_role("button", name="Join the waitlist").last.click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page)
    page.get_by_label("Email").fill("dana@example.org")
    page.get_by_role("button", name="Join the waitlist").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("1st.*in line, Dana", re.DOTALL))
    expect(page.get_by_text("We will mail you at")).to_be_visible()
    check(page)

    page.locator("#leave").focus()
    cancel_one(live_shop, booked["theo 10:00"])
    work()
    look(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("10:00 is free for you")
    expect(page).to_have_title(re.compile(r"^\(\d+:\d\d\) "))
    expect(page.locator("#announcer")).to_contain_text("is free for you, until")
    expect(page.locator("#leave")).to_be_focused()
    check(page)
    page.get_by_role("button", name="Accept and book it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    assert Booking.objects.filter(state="confirmed", starts_at=live_shop.at("10:00")).count() == 2
    page.wait_for_load_state("networkidle")
    complaints = [one for one in page.complaints if "422" not in one]  # type: ignore[attr-defined]
    assert complaints == []


def test_passing_and_leaving_and_coming_back(visit: OpenPage, live_shop: Shop) -> None:
    page = visit(viewport=DESK)
    page.goto(waiting_with_offer(live_shop, "Ada") + "#accept")
    expect(page.locator("#accept")).to_be_focused()
    page.get_by_role("button", name="Pass, keep my place").click()
    expect(page.get_by_text(re.compile(r"You passed it at \d+:\d\d\. You are 1st\."))).to_be_visible()
    check(page)
    page.get_by_role("button", name="Leave the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You left the list")
    check(page)
    page.get_by_role("button", name="Undo, keep my place").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("in line")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_too_late_is_said_with_the_place_one_keeps(visit: OpenPage, live_shop: Shop) -> None:
    page = visit(viewport=PHONE)
    page.goto(waiting_with_offer(live_shop, "Ada"))
    expect(page.get_by_role("button", name="Accept and book it")).to_be_visible()
    (offer,) = offers(live_shop)
    Offer.objects.filter(id=offer.id).update(expires_at=clock.now() - timedelta(seconds=1))
    work()
    page.get_by_role("button", name="Accept and book it").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"It went on at \d+:\d\d\. You are 1st\."))
    expect(page.get_by_role("alert")).to_be_focused()
    check(page)


def test_all_of_it_without_script(visit: OpenPage, live_shop: Shop) -> None:
    booked = fill(live_shop)
    page = visit(viewport=PHONE, java_script_enabled=False)
    page.goto(f"/b/{live_shop.slug}/list?service={live_shop.cut.id}&date={day_of(live_shop)}")
    page.get_by_role("button", name="Add other dates").click()
    expect(page.get_by_role("group", name="Dates 2")).to_be_visible()
    page.get_by_role("button", name="Take dates 2 away").click()
    page.get_by_text("Only some of them").click()
    page.get_by_label("Theo Marsh").check()
    page.get_by_label("Full name").fill("Dana Guest")
    page.get_by_label("Email").fill("dana@example.org")
    page.get_by_role("button", name="Join the waitlist").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("in line")
    cancel_one(live_shop, booked["theo 10:00"])
    work()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Accept and book it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")

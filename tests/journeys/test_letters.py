"""Mona words a letter and sees it as it will be; Dana says that she comes, and how it was: on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from holdfast.bookings.models import Booking
from holdfast.bookings.queries import manage_token
from holdfast.lib.actors import Role
from tests.cast import Shop, join, make_shop
from tests.journeys.test_check_in_code import open_page, sign_in
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast


@pytest.fixture
def live_shop(live_holdfast: LiveHoldfast) -> Shop:
    """Alice's barbershop on the running server, with Mona who manages it."""
    shop = make_shop("fenwick")
    join(shop, "mona@example.org", "Mona Manager", Role.MANAGER)
    return shop


@LOOKS
def test_a_letter_is_worded_and_a_visit_is_confirmed_and_rated(
    size: Any, scheme: str, live_shop: Shop, browser_context: Callable[..., BrowserContext]
) -> None:
    def check(page: Page, look: str) -> None:
        """Each page in one of the two looks: axe takes seconds."""
        if look == scheme:
            assert_accessible(page)

    page = open_page(browser_context, size, scheme)
    page.goto(f"/desk/{live_shop.slug}/settings/letters")
    sign_in(page, "mona@example.org")
    expect(page.get_by_role("heading", name="What each letter says")).to_be_visible()
    check(page, "dark")
    page.get_by_role("link", name="Booked", exact=True).click()
    frame = page.frame_locator("iframe[name=preview]")
    expect(frame.get_by_role("heading", name="You're booked, Dana")).to_be_visible()
    page.get_by_label("Letter", exact=True).fill("<h1>Hello {{ name }}</h1>\n<p>{{ soon }}</p>\n{{ button }}")
    expect(frame.get_by_role("heading", name="Hello Dana")).to_be_visible()  # while it is typed
    page.get_by_text("Phone", exact=True).click()
    box = page.locator("iframe[name=preview]").bounding_box()
    assert box is not None
    assert box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check(page, "light")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("button", name="Reset to default")).to_be_visible()

    booking = live_shop.book("10:00", resource=live_shop.theo)
    link = f"/m/{manage_token(booking_id=booking.id)}"
    page.goto(f"{link}/coming")
    check(page, "light")
    page.get_by_role("button", name="Yes, I am coming").click()
    expect(page.get_by_role("heading", name="See you then")).to_be_visible()
    Booking.objects.filter(id=booking.id).update(state="completed")
    page.goto(f"{link}/rating")
    check(page, "dark")
    page.get_by_text("Very good").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.goto(f"/desk/{live_shop.slug}/ratings")
    expect(page.get_by_role("heading", name="5.0 of 5")).to_be_visible()
    check(page, "light")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.complaints == []  # type: ignore[attr-defined]

"""Dana shows her code, Bob scans it: on a phone and on a desk, in light and dark; and the operator's pages beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from holdfast.accounts.commands import create_operator
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, booking_by_id, manage_token
from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.web.qr import check_in_url
from tests.cast import OPERATOR, PASSWORD, Shop, join, make_shop
from tests.support.accessibility import assert_accessible
from tests.support.live import LiveHoldfast

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
VIEWS = pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")],
    ids=lambda v: str(v)[:14],
)
OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def live_shop(live_holdfast: LiveHoldfast) -> Shop:
    """Alice's barbershop on the running server, with Bob at its desk."""
    shop = make_shop("fenwick")
    join(shop, "bob@example.org", "Bob Barber", Role.STAFF)
    return shop


@pytest.fixture
def booking(live_shop: Shop) -> BookingFacts:
    """Dana's booking, in half an hour whatever the time is now."""
    made = live_shop.book("09:00", days=1, actor=live_shop.actor(Role.STAFF))
    soon = (clock.now() + timedelta(minutes=30)).replace(second=0, microsecond=0)
    Booking.objects.filter(pk=made.id).update(starts_at=soon, ends_at=soon + timedelta(minutes=30))
    return booking_by_id(business_id=live_shop.business_id, booking_id=made.id)


def open_page(browser_context: OpenContext, size: Any, scheme: str = "light") -> Page:
    """A page; what its console complains about is collected on ``page.complaints``."""
    context = browser_context(reduced_motion="reduce", viewport=size, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(_complaint(said)) if _complaint(said) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


def _complaint(said: ConsoleMessage) -> str:
    """What the console says is wrong. The stock admin names no icon, so the browser looks for one in vain."""
    is_icon = str(said.location.get("url", "")).endswith("/favicon.ico")
    return said.text if said.type == "error" and not is_icon else ""


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@VIEWS
def test_the_ticket_shows_a_code_on_white(
    size: Any, scheme: str, booking: BookingFacts, browser_context: OpenContext
) -> None:
    page = open_page(browser_context, size, scheme)
    page.goto(f"/m/{manage_token(booking_id=booking.id)}")
    code = page.get_by_alt_text("QR code for checking in")
    expect(code).to_be_visible()
    box = code.bounding_box()
    assert box is not None
    assert 150 <= box["width"] == box["height"] <= 216
    assert code.evaluate("image => image.complete && image.naturalWidth > 0")
    assert code.evaluate("image => getComputedStyle(image).backgroundColor") == "rgb(255, 255, 255)"
    assert_accessible(page)
    assert page.complaints == []  # type: ignore[attr-defined]


@VIEWS
def test_a_scan_signs_staff_in_and_checks_in_with_one_button(
    size: Any, scheme: str, live_shop: Shop, booking: BookingFacts, browser_context: OpenContext
) -> None:
    page = open_page(browser_context, size, scheme)
    path = "/desk/" + check_in_url(slug=live_shop.slug, booking_id=booking.id).partition("/desk/")[2]
    page.goto(path)
    expect(page.get_by_role("heading", name="Show this code at the desk")).to_be_visible()
    assert "Dana" not in page.content()
    assert_accessible(page)
    page.get_by_role("link", name="Staff sign-in").click()
    sign_in(page, "bob@example.org")
    page.wait_for_url(f"**{path}")
    expect(page.get_by_role("heading", name="Dana Guest")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_text("Dana Guest is checked in.").first).to_be_visible()
    assert Booking.objects.get(pk=booking.id).state == "checked_in"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_operators_pages_keep_to_the_content_policy(
    booking: BookingFacts, browser_context: OpenContext
) -> None:
    create_operator(actor=OPERATOR, email="olga@example.org", name="Olga", password=PASSWORD)
    page = open_page(browser_context, DESK)
    page.goto("/admin/")
    sign_in(page, "olga@example.org")
    expect(page.get_by_role("heading", name="Everything on this installation")).to_be_visible()
    for path in (
        "bookings/booking/", "schedule/weeklyhours/add/", "schedule/slot/add/", "catalog/service/add/",
        f"bookings/booking/{booking.id}/change/",
    ):  # fmt: skip
        page.goto(f"/admin/{path}")
        expect(page.locator("#content h1")).to_be_visible()
    page.goto("/admin/bookings/booking/")
    page.get_by_label("Select this object for an action").first.check()
    page.get_by_label("Action:").select_option("cancel")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("Done for 1.")).to_be_visible()
    assert Booking.objects.get(pk=booking.id).state == "cancelled"
    assert page.complaints == []  # type: ignore[attr-defined]

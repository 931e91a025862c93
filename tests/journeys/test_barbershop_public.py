"""A stranger books a barber in a real browser: on a phone and on a desk, with script and without, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from holdfast.bookings.models import Booking, Claim
from holdfast.core.worker import drain
from tests.bookings.money import takes_money
from tests.cast import Shop, make_shop
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast
from tests.web.public.visitor import stamp

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])

OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def live_shop(live_holdfast: LiveHoldfast) -> Shop:
    """Alice's barbershop on the running server."""
    return make_shop("fenwick")


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


def choose_time(page: Page, shop: Shop, hhmm: str = "10:00", days: int = 3) -> None:
    """From the first page to the details form."""
    page.goto(f"/b/{shop.slug}/")
    page.get_by_role("button", name="See times").click()
    on = shop.at(hhmm, days).date().isoformat()
    page.locator(f".day[id$='{on}']:visible").click()
    expect(page.locator(".day[aria-current=date]:visible")).to_have_attribute("id", _ends_with(on))
    page.locator(f"input[value='{stamp(shop, hhmm, days)}']").check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/h/**")


def _ends_with(text: str) -> re.Pattern[str]:
    return re.compile(f"{re.escape(text)}$")


def fill(page: Page) -> None:
    page.get_by_label("Full name").fill("Dana Guest")
    page.get_by_label("Email").fill("dana@example.org")


@SIZES
def test_a_stranger_books_moves_cancels_and_takes_it_back(
    visit: Callable[..., Page], live_shop: Shop, size: dict[str, int]
) -> None:
    page = visit(viewport=size)
    choose_time(page, live_shop)
    fill(page)
    page.locator("#details .call").get_by_role("button", name="Book it").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_contain_text("Book Classic cut with ")
    assert not Booking.objects.filter(state="confirmed").exists(), "asking is not booking"
    dialog.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")

    page.get_by_role("link", name="Move").click()
    page.locator(f"input[value='{stamp(live_shop, '12:00')}']").check()
    page.get_by_role("button", name="Move", exact=False).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("12:00")

    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep my booking").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're still booked, Dana")
    assert Booking.objects.get().state == "confirmed"
    assert page.complaints == []  # type: ignore[attr-defined]


@LOOKS
def test_every_page_on_the_way_is_accessible(
    visit: Callable[..., Page], live_shop: Shop, size: dict[str, int], scheme: str
) -> None:
    page = visit(viewport=size, color_scheme=scheme)

    def check() -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (
            f"{page.url} is too wide"
        )

    page.goto("/")
    check()
    page.goto(f"/b/{live_shop.slug}/")
    check()
    choose_time(page, live_shop)
    check()
    page.go_back()
    page.wait_for_load_state("networkidle")  # the hold is let go, and the times are asked for again
    check()
    choose_time(page, live_shop)
    page.locator("#details .call").get_by_role("button", name="Book it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check()
    fill(page)
    page.locator("#details .call").get_by_role("button", name="Book it").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check()
    page.get_by_role("dialog").get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("booked")
    check()
    page.get_by_role("button", name="Cancel").click()
    check()
    page.get_by_role("dialog").get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    check()
    for path in (f"/b/{live_shop.slug}/find", "/accounts/login/", "/nothing"):
        page.goto(path)
        check()


@SIZES
def test_the_whole_way_works_without_script(
    visit: Callable[..., Page], live_shop: Shop, size: dict[str, int]
) -> None:
    page = visit(viewport=size, java_script_enabled=False)
    choose_time(page, live_shop)
    fill(page)
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Book Classic cut with ")
    page.get_by_role("button", name="Change my details").click()
    expect(page.get_by_label("Full name")).to_have_value("Dana Guest")
    page.get_by_role("button", name="Book it").click()
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel booking").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're still booked, Dana")


def test_days_are_walked_with_arrows_and_the_focus_stays(visit: Callable[..., Page], live_shop: Shop) -> None:
    page = visit(viewport=DESK)
    page.goto(f"/b/{live_shop.slug}/times?service={live_shop.cut.id}&who=any")
    grid = page.locator("#weeks")
    chosen = grid.locator("[aria-current=date]")
    assert grid.locator("[data-day][tabindex='0']").count() == 1, "one stop for the tab key"
    chosen.focus()
    start = page.evaluate("document.activeElement.id")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    below = page.evaluate("document.activeElement.id")
    assert below > start
    page.keyboard.press("Enter")
    expect(grid.locator("[aria-current=date]")).to_have_attribute("id", below)
    expect(page.locator(f"#{below}")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("free")
    page.keyboard.press("PageDown")
    expect(page.locator("#weeks")).not_to_contain_text("Today")
    expect(page.locator(f"#{below}")).to_have_count(0)
    assert page.evaluate("document.activeElement.closest('#weeks') !== null"), (
        "the focus lands in the new weeks"
    )
    page.keyboard.press("Home")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.column") == "6"


def test_the_back_button_goes_back_a_day(visit: Callable[..., Page], live_shop: Shop) -> None:
    page = visit(viewport=DESK)
    page.goto(f"/b/{live_shop.slug}/times?service={live_shop.cut.id}&who=any")
    first = page.locator("#times-title").inner_text()
    page.locator("#weeks a[href]").nth(5).click()
    expect(page.locator("#times-title")).not_to_have_text(first)
    page.go_back()
    expect(page.locator("#times-title")).to_have_text(first)


def test_the_summary_follows_what_is_chosen(visit: Callable[..., Page], live_shop: Shop) -> None:
    page = visit(viewport=DESK)
    page.goto(f"/b/{live_shop.slug}/")
    page.get_by_role("radio", name="Amara Osei").check()
    expect(page.locator(".summary [data-shows='with']")).to_have_text("Amara Osei")
    page.get_by_role("button", name="See times").click()
    page.locator(".time input").first.check()
    time = page.locator(".time input").first.get_attribute("data-time")
    assert time
    expect(page.locator(".summary [data-shows-time]")).to_have_text(time)


@SIZES
def test_two_want_one_time_and_the_slower_is_one_tap_from_the_next(
    visit: Callable[..., Page], live_shop: Shop, size: dict[str, int]
) -> None:
    page = visit(viewport=size)
    theo = str(live_shop.theo.id)
    on = live_shop.at().date().isoformat()
    page.goto(f"/b/{live_shop.slug}/times?service={live_shop.cut.id}&who={theo}&date={on}")
    page.locator(f"input[value='{stamp(live_shop)}']").check()
    live_shop.book("10:00", resource=live_shop.theo)
    page.get_by_role("button", name="Continue").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Someone booked 10:00 a moment ago.")
    expect(alert).to_be_focused()
    assert_accessible(page)
    page.locator(".alternative").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your details")


def test_leaving_the_form_lets_the_time_go(visit: Callable[..., Page], live_shop: Shop) -> None:
    page = visit(viewport=DESK)
    choose_time(page, live_shop)
    assert Claim.objects.count() == 1
    page.goto(f"/b/{live_shop.slug}/find")
    for _ in range(50):
        if not Claim.objects.exists():
            break
        page.wait_for_timeout(100)
    assert not Claim.objects.exists()


def test_a_chosen_theme_is_remembered(visit: Callable[..., Page], live_shop: Shop) -> None:
    page = visit(viewport=DESK, color_scheme="light")
    page.goto(f"/b/{live_shop.slug}/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.goto(f"/b/{live_shop.slug}/find")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_times_that_did_not_load_are_said_and_can_be_asked_for_again(
    visit: Callable[..., Page], live_shop: Shop
) -> None:
    page = visit(viewport=DESK)
    page.goto(f"/b/{live_shop.slug}/times?service={live_shop.cut.id}&who=any")
    page.route("**/times?**", lambda route: route.abort())
    page.locator("#weeks a[href]").nth(5).click()
    expect(page.locator("#picker-failed")).to_contain_text("Your choices are kept.")
    page.unroute("**/times?**")
    page.get_by_role("link", name="Try now").click()
    expect(page.locator("#picker-failed")).to_be_hidden()
    expect(page.locator("#weeks [aria-current=date]")).to_be_visible()


def test_a_cut_that_is_prepaid_is_paid_on_the_providers_page_and_stands_when_it_is(
    visit: Callable[..., Page], live_shop: Shop
) -> None:
    takes_money(live_shop, {"prepay": True}, tax_basis_points=2000)
    page = visit(viewport=PHONE)
    choose_time(page, live_shop)
    fill(page)
    assert_accessible(page)
    page.locator("#details .call").get_by_role("button", name="Pay £26 and confirm").click()
    page.get_by_role("dialog").get_by_role("button", name="Pay £26 and confirm").click()
    expect(page.get_by_text("Demo: no money moves.")).to_be_visible()
    page.get_by_role("button", name="Go back without paying").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nearly there, Dana")
    expect(page.get_by_text("It was not paid.")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Pay £26").click()
    page.get_by_role("button", name="Pay with the demo card").click()
    expect(page.get_by_role("heading", name="We are checking your payment")).to_be_visible()
    assert Booking.objects.get().state == "awaiting_payment", "coming back is not paying"
    drain()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    expect(page.get_by_text("£26.00, paid")).to_be_visible()
    page.get_by_role("link", name="See it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
    assert_accessible(page)
    assert page.complaints == []  # type: ignore[attr-defined]

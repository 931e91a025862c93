"""A guest proves the address of a booking in a real browser, says yes to news, and takes it back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from holdfast.bookings.models import Booking
from holdfast.catalog.commands import change_service
from holdfast.core.worker import drain
from holdfast.customers.models import Consent
from holdfast.notifications.models import Message
from tests.cast import OPERATOR, Shop, make_shop
from tests.journeys.test_barbershop_public import SIZES, choose_time
from tests.support.accessibility import assert_accessible
from tests.support.live import LiveHoldfast


def proven_shop() -> Shop:
    shop = make_shop("fenwick")
    wanted = {"who_may_book": "verified_email"}
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)
    return shop


def fill_details(page: Page) -> None:
    page.get_by_label("Full name").fill("Dana Guest")
    page.get_by_label("Email").fill("dana@example.org")
    page.get_by_label("Tell me about news and offers").check()
    page.locator("#details .button-primary").click()
    page.get_by_role("dialog").get_by_role("button", name="Book it").click()


@SIZES
def test_the_code_from_the_mail_books_and_news_can_be_stopped(
    live_holdfast: LiveHoldfast, browser_context: Callable[..., BrowserContext], size: dict[str, int]
) -> None:
    shop = proven_shop()
    page = browser_context(viewport=size, reduced_motion="reduce", timezone_id="Europe/London").new_page()
    choose_time(page, shop)
    assert_accessible(page)
    fill_details(page)
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Code", exact=True).fill("1")
    page.get_by_role("button", name="Book it").last.click()
    expect(page.get_by_role("link", name="This is not the code we sent. Check its digits.")).to_be_visible()
    assert_accessible(page)
    drain()
    context = Message.objects.get(kind="code").context
    page.get_by_label("Code", exact=True).fill(context["code"])
    page.get_by_role("button", name="Book it").last.click()
    page.wait_for_url("**/m/**")
    assert Booking.objects.get().state == "confirmed"
    assert_accessible(page)
    page.get_by_role("button", name="Stop them").click()
    expect(page.get_by_text("No more news and offers will come.")).to_be_visible()
    assert Consent.objects.filter(kind="news", withdrawn_at__isnull=False).count() == 1
    page.get_by_role("link", name="Privacy").click()
    expect(page.get_by_role("heading", name="Privacy notice")).to_be_visible()
    assert_accessible(page)

"""Leaving the details lets the time go, reloading them does not: in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from holdfast.bookings.models import Booking
from tests.cast import Shop
from tests.journeys.test_barbershop_public import choose_time, live_shop, visit
from tests.support.servers import wait_until

__all__ = ["live_shop", "visit"]


def state() -> str:
    return Booking.objects.get().state


def test_a_reload_keeps_the_time(visit, live_shop: Shop) -> None:  # type: ignore[no-untyped-def]
    page = visit()
    choose_time(page, live_shop)
    for _ in range(2):
        page.reload()
        expect(page.locator("[data-clock]")).to_be_visible()
        page.wait_for_load_state("networkidle")
    assert state() == "held"


def test_going_back_lets_the_time_go_and_offers_it_again(visit, live_shop: Shop) -> None:  # type: ignore[no-untyped-def]
    page = visit()
    choose_time(page, live_shop)
    page.go_back()
    assert wait_until(lambda: state() == "expired", 10)
    expect(page.locator("input[name=at]").first).to_be_attached()


def test_a_link_away_lets_the_time_go(visit, live_shop: Shop) -> None:  # type: ignore[no-untyped-def]
    page = visit()
    choose_time(page, live_shop)
    page.locator("a[href]:visible").last.click()
    assert wait_until(lambda: state() == "expired", 10)

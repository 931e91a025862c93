"""The walk-in business (SPEC §1, ``waitlist``) in a real browser and through the API: the state of the day, the next free
time, a nurse called away and what becomes of those who are booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from holdfast.blueprints.commands import create_from_blueprint
from holdfast.bookings.models import Booking
from holdfast.businesses.models import Business
from holdfast.core import clock
from holdfast.schedule.queries import load_timetable
from tests.cast import OPERATOR, Shop
from tests.journeys.test_barbershop_desk import at_desk, live_shop
from tests.journeys.test_barbershop_public import DESK, PHONE, fill, visit
from tests.support.accessibility import assert_accessible
from tests.support.live import LiveHoldfast

__all__ = ["at_desk", "live_shop", "visit"]


@pytest.fixture
def clinic(live_holdfast: LiveHoldfast) -> Business:
    """A clinic that never closes, so that the test may run at any hour."""
    return create_from_blueprint(
        actor=OPERATOR,
        blueprint="waitlist",
        slug="harbour",
        name="Harbour Clinic",
        timezone="Europe/London",
        currency="GBP",
        hours="24_7",
    )


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_stranger_sees_the_state_of_the_day_and_takes_the_next_free_time(
    visit: Callable[..., Page], clinic: Business, size: dict[str, int]
) -> None:
    page = visit(viewport=size)
    page.goto(f"/b/{clinic.slug}/")
    panel = page.get_by_role("region", name="Open now")
    expect(panel).to_contain_text("Room 1: Free now")
    expect(panel).to_contain_text("0 people are still expected today.")
    assert_accessible(page)
    page.get_by_role("button", name="See times").click()
    page.locator("input[name=at]").first.check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/h/**")
    fill(page)
    page.locator("#details .call").get_by_role("button", name="Book it").click()
    page.get_by_role("dialog").get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_same_through_the_api(clinic: Business, live_holdfast: LiveHoldfast) -> None:
    base = f"{live_holdfast.url}/api/v1/businesses/{clinic.slug}"
    today = requests.get(f"{base}/today", timeout=10).json()
    assert today["open"] is True
    assert [each["status"] for each in today["staff"]] == ["free", "free"]
    service = today["services"][0]["service"]
    on = (clock.now() + timedelta(days=1)).date().isoformat()
    free = requests.get(f"{base}/availability", {"service": service, "from": on, "to": on}, timeout=10).json()
    time = free["days"][0]["times"][0]
    wanted: dict[str, Any] = {
        "service": service,
        "starts_at": time["starts_at"],
        "customer": {"name": "Dana Guest", "email": "dana@example.org"},
    }
    taken = [requests.post(f"{base}/bookings", json=wanted, timeout=10) for _ in range(3)]
    assert [answer.status_code for answer in taken] == [201, 201, 409], "two rooms, then nobody is left"
    assert taken[2].json()["code"] == "time_taken"
    assert taken[2].json()["alternatives"]


def test_calling_somebody_away_asks_what_becomes_of_the_booked(
    at_desk: Callable[..., Page], live_shop: Shop
) -> None:
    booking = live_shop.book("10:00", resource=live_shop.theo)
    page = at_desk("mona@example.org", viewport=PHONE)
    page.goto(f"/desk/{live_shop.slug}/settings/resources/{live_shop.theo.id}")
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 booking would lose its time")
    expect(page.get_by_text("Theo Marsh would no longer be on offer.")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_label("What becomes of Dana Guest").select_option(
        label="Let the customer choose another time"
    )
    page.get_by_role("button", name="Make the change").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert Booking.objects.get(id=booking.id).proposed is not None
    assert not load_timetable(business_id=live_shop.business_id).resource(live_shop.theo.id).is_active

    page.goto(f"/desk/{live_shop.slug}/why?service={live_shop.cut.id}&date={booking.local_on}&time=10:07")
    expect(page.get_by_text("Bookings do not start then.")).to_be_visible()
    assert_accessible(page)
